"""The server of a test suite: an ordinary one in a folder that it removes when whoever started it is gone.

    python -m cognomen.testing.child FOLDER REGION

Its standard input says how long: it ends when that does, which it also does when the tests are killed.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path


def main(folder: str, region: str) -> None:
    ending = threading.Thread(target=_end_with_input, args=(folder,), daemon=True)
    ending.start()
    os.umask(0o077)
    from cognomen import app, settings  # noqa: PLC0415  so that the end is noticed from the start

    try:
        app.serve(settings.load({"data": folder, "port": 0, "region": region, "log_level": "warning"}, {}))
    except BrokenPipeError:  # the tests were killed while the server told them where it listens
        ending.join()


def _end_with_input(folder: str) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    # Under another name first: the server still runs, and would put a new file where others have just been removed.
    ended = f"{folder}-ended"
    with suppress(OSError):
        Path(folder).rename(ended)
    shutil.rmtree(ended, ignore_errors=True)
    os._exit(0)  # nobody reads what is in flight


if __name__ == "__main__":
    main(*sys.argv[1:])
