"""The head of a request has its limits: tried over a socket, against the server that has them."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from cognomen.wire import protocol
from cognomen.wire.bodies import hang_up
from cognomen.wire.protocol import HEAD_LIMIT, LimitedProtocol

OK = b"HTTP/1.1 200 OK"
KEEP_SECONDS = 600  # so long that no machine is busy for the rest of it
LARGE = 20_000_000  # bytes, more than the operating system keeps for a caller who does not read
BODIES = {"/large": bytes(LARGE), "/said": b"said", "/head": b"HTTP/1.1 is no head"}


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        if scope["path"] == "/late":
            hang_up(scope)
        more = scope["method"] == "POST"  # as the front does; what answers a GET reads no body
        while more:
            more = (await receive()).get("more_body", False)
        body = BODIES.get(scope["path"], b"")
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})


class MovedLoop(asyncio.SelectorEventLoop):
    """A loop whose time can be moved ahead, and with it all that waits for a time."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


@dataclass
class Served:
    """A server that runs in a thread of its own."""

    address: tuple[str, int]
    loop: MovedLoop
    server: uvicorn.Server

    def pass_seconds(self, seconds: float) -> None:
        """Returns when what was due by then is done."""

        async def move() -> None:
            self.loop.ahead += seconds
            for _ in range(5):
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(move(), self.loop).result(30)

    def wait_for_begun_request(self) -> None:
        connections: set[Any] = self.server.server_state.connections
        while not any(connection._in_head for connection in connections):
            self.pass_seconds(0)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application,
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=KEEP_SECONDS,
    )
    server, loop = uvicorn.Server(config), MovedLoop()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=run)
    thread.start()
    yield Served(listener.getsockname(), loop, server)
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def address(served: Served) -> tuple[str, int]:
    return served.address


def is_open(connection: socket.socket) -> bool:
    """Whether the other side has neither closed the connection nor said anything."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    finally:
        connection.settimeout(30)
    return False


def exchange(address: tuple[str, int], sent: bytes) -> bytes:
    """What comes back; empty when the server closes without a word."""
    with socket.create_connection(address, timeout=30) as connection:
        try:
            connection.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            return b""
        try:
            return connection.recv(65536)
        except ConnectionResetError:
            return b""


def test_an_ordinary_request_is_served(address: tuple[str, int]) -> None:
    assert exchange(address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").startswith(OK)


def test_several_requests_on_one_connection_are_served(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        for _ in range(3):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
            assert connection.recv(65536).startswith(OK)


@pytest.mark.parametrize("size", [HEAD_LIMIT - 100, HEAD_LIMIT + 100, 300_000, 3_000_000])
def test_a_body_is_no_head_however_large(address: tuple[str, int], size: int) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        for _ in range(2):
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
            connection.sendall(b"x" * size)
            assert connection.recv(65536).startswith(OK)


def test_a_connection_between_two_requests_is_kept(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is the server's keep-alive timeout, not that of a head."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", KEEP_SECONDS / 2)
    with socket.create_connection(served.address, timeout=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        assert connection.recv(65536).startswith(OK)
        served.pass_seconds(KEEP_SECONDS * 2 / 3)
        assert is_open(connection)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(65536).startswith(OK)


def test_an_idle_connection_is_closed_when_its_time_since_the_last_answer_is_up(served: Served) -> None:
    with socket.create_connection(served.address, timeout=30) as connection:
        for _ in range(2):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(65536).startswith(OK)
            served.pass_seconds(KEEP_SECONDS * 2 / 3)
            assert is_open(connection)
        served.pass_seconds(KEEP_SECONDS / 3)
        assert connection.recv(1) == b""


def test_a_connection_is_not_idle_while_a_request_comes(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", KEEP_SECONDS * 2)
    with socket.create_connection(served.address, timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(65536).startswith(OK)
        connection.sendall(b"GET / HTTP/1.1\r\nHo")
        served.wait_for_begun_request()
        served.pass_seconds(KEEP_SECONDS)
        assert is_open(connection)
        connection.sendall(b"st: a\r\n\r\n")
        assert connection.recv(65536).startswith(OK)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n", id="many headers"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 500_000, id="headers without end"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * (HEAD_LIMIT + 1) + b"\r\n\r\n", id="a large header"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * 5_000_000, id="a header without end"),
        pytest.param(b"GET /" + b"a" * 5_000_000, id="an address without end"),
        pytest.param(
            b"GET / HTTP/1.1\r\n" + b"".join(b"X: %s\r\n" % (b"a" * 1000) for _ in range(90)) + b"\r\n",
            id="large in sum",
        ),
    ],
)
def test_a_head_that_is_too_large_is_refused_at_once(address: tuple[str, int], head: bytes) -> None:
    answer = exchange(address, head)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert exchange(address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").startswith(OK)


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("body", [1, 1_000_000])
@pytest.mark.parametrize("trailers", [b"X: " + b"a" * 20_000_000, b"a:\r\n" * 500_000, b"a:\r\n" * 102])
def test_what_follows_a_body_is_no_way_around_the_limits_of_a_head(
    address: tuple[str, int], body: int, trailers: bytes
) -> None:
    """However large the body: what frames it may grow with it, what follows it may not."""
    answer = exchange(address, CHUNKED + b"%x\r\n%s\r\n0\r\n" % (body, b"a" * body) + trailers)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_a_body_may_come_in_many_small_pieces(address: tuple[str, int]) -> None:
    answer = exchange(address, CHUNKED + b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n")
    assert answer.startswith(OK)


def test_an_answer_is_one_packet(address: tuple[str, int]) -> None:
    assert exchange(address, b"GET /said HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"\r\n\r\nsaid")


@pytest.mark.parametrize("asked", [b"HEAD / HTTP/1.1", b"GET /head HTTP/1.1"])
def test_an_answer_without_a_body_or_one_that_looks_like_a_head_is_sent(
    address: tuple[str, int], asked: bytes
) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(asked + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    assert data.startswith(OK)
    assert data.endswith(b"HTTP/1.1 is no head" if b"/head" in asked else b"\r\n\r\n")


def read_after(address: tuple[str, int], lost: queue.SimpleQueue[Any]) -> int:
    """Ask for much, read nothing until the server has closed the connection, then what there is."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        while lost.get(timeout=30) != connection.getsockname():
            pass
        read = 0
        try:
            while data := connection.recv(1_000_000):
                read += len(data)
        except ConnectionResetError:
            pass
        return read


def test_who_does_not_take_the_answer_is_cut_off(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: queue.SimpleQueue[Any] = queue.SimpleQueue()
    connection_lost = LimitedProtocol.connection_lost

    def noted(self: LimitedProtocol, exc: Exception | None) -> None:
        connection_lost(self, exc)
        lost.put(self.client)

    monkeypatch.setattr(protocol, "TAKE_SECONDS", 0.1)
    monkeypatch.setattr(LimitedProtocol, "connection_lost", noted)
    assert read_after(address, lost) < LARGE


def test_who_takes_a_large_answer_gets_all_of_it(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "TAKE_SECONDS", 5)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        read = 0
        while data := connection.recv(100_000):
            read += len(data)
    assert read > LARGE


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
def test_a_connection_that_says_nothing_more_is_closed(
    address: tuple[str, int], begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    started = time.monotonic()
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(begun)
        assert connection.recv(100) == b""
    assert time.monotonic() - started < 10


def test_half_a_second_request_on_a_kept_connection_is_closed(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(65536).startswith(OK)
        connection.sendall(b"GET / HTTP/1.1\r\nHost")
        assert connection.recv(100) == b""


def test_bytes_that_are_no_request_do_not_keep_a_connection(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parser skips line ends between requests, but they stop the server's keep-alive timer."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(65536).startswith(OK)
        connection.sendall(b"\r\n")
        assert connection.recv(100) == b""


def test_a_body_that_nobody_reads_ends_the_connection(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000000\r\n\r\n")
        assert connection.recv(65536).startswith(OK)
        connection.sendall(b"x")
        assert connection.recv(100) == b""


def test_a_body_that_is_not_waited_for_ends_the_connection_with_the_answer(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(b"GET /late HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx")
        answer = connection.recv(65536)
        assert answer.startswith(OK)
        assert b"\r\nconnection: close\r\n" in answer
        assert connection.recv(100) == b""


def test_the_request_after_one_whose_body_came_late_is_not_cut_off(address: tuple[str, int]) -> None:
    late = b"POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
    other = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(late + other)
        answers = b""
        while answers.count(b"\r\n\r\n") < 2:
            came = connection.recv(65536)
            assert came
            answers += came
        connection.sendall(other)
        assert connection.recv(65536).startswith(OK)


def test_who_asks_for_another_protocol_is_answered_without_a_word_in_the_log(
    address: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    asked = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert exchange(address, asked).startswith(OK)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []
