"""The driver: sends one kind of request over keep-alive connections, in a process of its own (__main__.py).

Each connection has one request under way, and sends the next when it has the answer; so many connections, so many
clients that never pause. The driver reads the account of the server's processes itself, right before the first request
and right after the last answer, and times the unit on both sides.
"""

from __future__ import annotations

import random
import selectors
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks import measure
from benchmarks.fill import Filled
from benchmarks.requests import BY_NAME, Source

WARM_UP = 0.1  # of the measured requests, sent before them


class Job(msgspec.Struct, frozen=True):
    """What to send where, and whose account to read; `filled` names a file, `share` is of the usual number of requests."""

    request: str
    port: int
    server_pid: int
    database_pid: int | None
    filled: str
    connections: int
    share: float = 1.0
    key: tuple[str, str] | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What it took; seconds, for all `count` requests together but for the percentiles and `unit`."""

    count: int
    wall: float
    p50: float
    p99: float
    cpu: float
    database_cpu: float
    driver_cpu: float
    unit: float

    @property
    def milliseconds(self) -> float:
        """CPU of one request."""
        return 1000 * self.cpu / self.count

    @property
    def units(self) -> float:
        """CPU of one request in signatures."""
        return self.cpu / self.count / self.unit


class Answered(Exception):  # noqa: N818  it says what happened
    """A request was not answered with 200; holds the body."""


def send_all(port: int, requests: Iterator[bytes], connections: int) -> tuple[list[float], list[bytes]]:
    """Send the requests; how long each answer took in seconds, and the bodies. Raises Answered for the first refusal."""
    times: list[float] = []
    bodies: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
        started: dict[object, float] = {}
        received: dict[object, bytes] = {}
        idle = [key.fileobj for key in selector.get_map().values()]
        under_way = 0
        try:
            while True:
                while idle and (request := next(requests, None)) is not None:
                    connection = _socket(idle.pop())
                    started[connection] = time.perf_counter()
                    connection.sendall(request)
                    under_way += 1
                if not under_way:
                    return times, bodies
                for key, _ in selector.select():
                    connection = _socket(key.fileobj)
                    data = received.pop(connection, b"") + _received(connection)
                    body = body_of(data)
                    if body is None:
                        received[connection] = data
                        continue
                    times.append(time.perf_counter() - started[connection])
                    bodies.append(body)
                    idle.append(connection)
                    under_way -= 1
        finally:
            for key in list(selector.get_map().values()):
                _socket(key.fileobj).close()


def body_of(data: bytes) -> bytes | None:
    """The body of an answer, None when it is not all there yet. Raises Answered for any but a 200."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return None
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
    if len(body) < length:
        return None
    if not head.startswith(b"HTTP/1.1 200"):
        raise Answered(body.decode())
    return body


def run(job: Job) -> Outcome:
    """Load the server as the job says. Raises Answered where it refuses a request."""
    measured = BY_NAME[job.request]
    filled = msgspec.json.decode(Path(job.filled).read_bytes(), type=Filled)

    def exchange(requests: Iterator[bytes]) -> list[bytes]:
        return send_all(job.port, requests, job.connections)[1]

    source = Source(filled, random.Random(), exchange, job.key)  # noqa: S311  it draws users, no secrets
    count = max(1, round(measured.count * job.share))
    exchange(measured.make(source, max(job.connections, round(count * WARM_UP))))
    made = iter(list(measured.make(source, count)))
    unit = measure.signature_seconds()
    cpu, database_cpu = _accounts(job)
    driver_cpu, wall = time.process_time(), time.perf_counter()
    times, _ = send_all(job.port, made, job.connections)
    wall = time.perf_counter() - wall
    driver_cpu = time.process_time() - driver_cpu
    cpu_after, database_cpu_after = _accounts(job)
    unit = min(unit, measure.signature_seconds())
    times.sort()
    return Outcome(
        count=count,
        wall=wall,
        p50=times[len(times) // 2],
        p99=times[len(times) * 99 // 100],
        cpu=cpu_after - cpu,
        database_cpu=database_cpu_after - database_cpu,
        driver_cpu=driver_cpu,
        unit=unit,
    )


def _accounts(job: Job) -> tuple[float, float]:
    database = measure.cpu_seconds(job.database_pid) if job.database_pid else 0.0
    return measure.cpu_seconds(job.server_pid), database


def _socket(file: object) -> socket.socket:
    if not isinstance(file, socket.socket):
        raise TypeError("only sockets are registered")
    return file


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("the server closed a connection")
    return data
