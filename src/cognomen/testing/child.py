"""The server of a test suite: an ordinary one in a folder that it removes when whoever started it is gone.

    python -m cognomen.testing.child FOLDER REGION

Its standard input says how long: it ends when that does, which it also does when the tests are killed.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading


def main(folder: str, region: str) -> None:
    threading.Thread(target=_end_with_input, args=(folder,), daemon=True).start()
    os.umask(0o077)
    from cognomen import app, settings  # noqa: PLC0415  so that the end is noticed from the start

    app.serve(settings.load({"data": folder, "port": 0, "region": region, "log_level": "warning"}, {}))


def _end_with_input(folder: str) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # nobody reads what is in flight


if __name__ == "__main__":
    main(*sys.argv[1:])
