"""The process of a server that belongs to a test suite."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cognomen.testing.client import Cognomen

START_SECONDS = 60
END_SECONDS = 10
_URL = "Cognomen serves "


class StartError(Exception):
    """The server did not start; the text is what it said."""


@contextmanager
def running(*, region: str = "us-east-1") -> Iterator[Cognomen]:
    """A server on a free port of loopback, with data of its own that are removed at the end. Raises StartError.

    It is a process: what the tests do to theirs (hold its time, block its event loop, patch its sockets) is not felt.
    """
    # Settings in the environment are for another server, whose data no test may touch.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COGNOMEN_")}
    with (
        # The process removes it too: it is the one that is left when the tests are killed.
        tempfile.TemporaryDirectory(prefix="cognomen-", ignore_cleanup_errors=True) as folder,
        Path(folder, "server.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603  our own module, by the Python that runs this
            [sys.executable, "-P", "-m", "cognomen.testing.child", folder, region],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            cwd=folder,
            start_new_session=True,  # an interrupt at the keyboard is for the tests, which end the server in their turn
        ) as process,
    ):
        try:
            yield Cognomen(_url(process, Path(log.name)), region=region)
        finally:
            _end(process)


def _url(process: subprocess.Popen[str], log: Path) -> str:
    """Where the process listens; connections are taken from then on."""
    assert process.stdout  # noqa: S101  it is a pipe
    # Not by a clock, which the tests may be holding: a timer that ends the process ends the reading too.
    too_late = threading.Timer(START_SECONDS, process.kill)
    too_late.daemon = True
    too_late.start()
    try:
        for line in process.stdout:
            if line.startswith(_URL):
                return line.removeprefix(_URL).strip()
    finally:
        too_late.cancel()
    said = log.read_text(errors="replace").strip() if log.exists() else ""
    raise StartError(f"The Cognomen server did not start. It said: {said or 'nothing'}")


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin  # noqa: S101  it is a pipe
    process.stdin.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
