"""The server of a test suite: an ordinary one in a folder that it removes when whoever started it is gone.

    python -m cognomen.testing.child FOLDER REGION

Its standard input says how long: it ends when that does, which it also does when the tests are killed.
"""

from __future__ import annotations

import os
import sys
import threading

REMOVE = "import shutil, sys; shutil.rmtree(sys.argv[1], ignore_errors=True)"
PATIENCE_S = 60  # the tests may stop halfway through a request, on a machine that runs many


def main(folder: str, region: str) -> None:
    ending = threading.Thread(target=_end_with_input, args=(folder,), daemon=True)
    ending.start()
    os.umask(0o077)
    from cognomen import app, settings  # noqa: PLC0415  so that the end is noticed from the start

    try:
        given = {
            "data": folder,
            "port": 0,
            "region": region,
            "log_level": "warning",
            "request_timeout_s": PATIENCE_S,
        }
        app.serve(settings.load(given, {}))
    except BrokenPipeError:  # the tests were killed while the server told them where it listens
        ending.join()


def _end_with_input(folder: str) -> None:
    """Turn into what removes the folder, so that nothing of the server is left which could write into it."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.execv(sys.executable, [sys.executable, "-I", "-c", REMOVE, folder])  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
