"""`cognomen serve` as a process of its own, as an operator starts it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load, measure
from cognomen.settings import Settings

PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its first process, its port, and the seconds to its first answer, on the wall and of CPU."""

    pid: int
    port: int
    start: float
    start_cpu: float


@contextmanager
def serving(given: Settings, workers: int, probe: bytes) -> Iterator[Server]:
    """Serve until the block ends; `probe` is the request whose answer says that it is up."""
    port = _free_port()
    command = [sys.executable, "-m", "cognomen", "serve"]
    command += [
        f"--data={given.data}",
        f"--database={given.database}",
        f"--workers={workers}",
        f"--port={port}",
    ]
    started = time.perf_counter()
    with (
        Path(given.data, "server.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        try:
            _first_answer(process, port, probe)
            start, start_cpu = time.perf_counter() - started, measure.cpu_seconds(process.pid)
            _wait_until_idle(process.pid)
            yield Server(process.pid, port, start, start_cpu)
        finally:
            process.terminate()


def _first_answer(process: subprocess.Popen[bytes], port: int, probe: bytes) -> None:
    deadline = time.perf_counter() + PATIENCE_S
    while True:
        try:
            load.send_all(port, iter([probe]), 1)
        except ConnectionError:
            if process.poll() is not None or time.perf_counter() > deadline:
                raise RuntimeError("the server did not start; server.log says why") from None
            time.sleep(0.002)
        else:
            return


def _wait_until_idle(pid: int) -> None:
    """The other workers start meanwhile, and would be found in the figures."""
    before, now = -1.0, measure.cpu_seconds(pid)
    while now - before > measure.TICK:
        time.sleep(0.3)
        before, now = now, measure.cpu_seconds(pid)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
