"""How large a body may be, and how long it may take."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest
import uvicorn

from cognomen import errors
from cognomen.wire.front import BODY_LIMIT, PLAIN_BODY_LIMIT, WireRequest, front
from cognomen.wire.watching import Message
from tests.wire.front.conftest import TARGET, Ran, answered, call


@pytest.mark.parametrize("chunks", [[b"x" * 11], [b"x" * 6, b"x" * 5]])
async def test_a_body_over_the_limit_is_refused(chunks: list[bytes]) -> None:
    run = Ran()
    answer = await answered(front(run, body_limit=10), "GetUser", chunks)
    assert (answer.status, answer.document["__type"]) == (413, "RequestEntityTooLarge")
    assert answer.headers["connection"] == "close"
    assert not run.requests


@pytest.mark.parametrize("length", ["41", "9" * 5_000])
async def test_a_body_declared_far_too_large_is_not_waited_for(length: str) -> None:
    async with asyncio.timeout(2):
        answer = await answered(
            front(Ran(), body_limit=10), ends="nothing", headers={"content-length": length}
        )
    assert answer.status == 413


async def test_a_body_declared_too_large_is_not_waited_for_when_the_client_waits() -> None:
    headers = {"content-length": "11", "expect": "100-continue"}
    async with asyncio.timeout(2):
        answer = await answered(front(Ran(), body_limit=10), ends="nothing", headers=headers)
    assert answer.status == 413


@pytest.mark.parametrize("headers", [{}, {"content-length": "35"}])
async def test_the_rest_of_a_body_that_is_too_large_is_read_before_the_answer(
    headers: dict[str, str],
) -> None:
    received: list[Message] = []
    chunks = [b"x" * 5] * 7
    answer = await answered(front(Ran(), body_limit=10), chunks=chunks, headers=headers, received=received)
    assert (answer.status, len(received)) == (413, 7)


async def test_a_body_without_end_is_not_read_on_and_on() -> None:
    chunks = [b"x" * 30, b"x" * 11]
    async with asyncio.timeout(2):
        answer = await answered(front(Ran(), body_limit=10), chunks=chunks, ends="nothing")
    assert answer.status == 413


async def test_a_body_that_is_too_large_and_does_not_end_in_time_is_too_large() -> None:
    application = front(Ran(), body_limit=10, body_seconds=0.02)
    assert (await answered(application, chunks=[b"x" * 11], ends="nothing")).status == 413


@pytest.mark.parametrize(
    ("operation", "size", "status"),
    [
        ("SignUp", PLAIN_BODY_LIMIT, 200),
        ("SignUp", PLAIN_BODY_LIMIT + 1, 413),
        ("CompleteWebAuthnRegistration", PLAIN_BODY_LIMIT + 1, 413),
        ("SetUICustomization", BODY_LIMIT, 200),
        ("UpdateIdentityProvider", BODY_LIMIT, 200),
        ("CreateManagedLoginBranding", BODY_LIMIT + 1, 413),
    ],
)
async def test_only_who_has_something_large_to_send_may(operation: str, size: int, status: int) -> None:
    run = Ran()
    answer = await answered(front(run), operation, [b"x" * size])
    assert answer.status == status
    assert len(run.requests) == (status == 200)


async def test_a_large_body_is_not_kept_for_who_may_not_send_much() -> None:
    run = Ran()

    async def nobody(_headers: dict[str, str], _query: str) -> None:
        raise errors.UNRECOGNIZED_CLIENT()

    refused = await answered(front(run, may_send_much=nobody), "SetUICustomization", [b"x" * BODY_LIMIT])
    assert refused.status == 400
    assert b"UnrecognizedClientException" in refused.body
    assert run.requests == []
    small = await answered(front(run, may_send_much=nobody), "SetUICustomization", [b"x" * PLAIN_BODY_LIMIT])
    assert small.status == 200  # it is judged like any other


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where a real server listens."""
    application = front(Ran(), body_seconds=60)
    serving = uvicorn.Server(uvicorn.Config(application, http="httptools", lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        serving.should_exit = True
        thread.join()


@pytest.mark.parametrize("chunked", [False, True])
def test_an_ordinary_client_sees_why_its_body_is_refused(port: int, chunked: bool) -> None:
    size = 11 * 1024 * 1024  # more than the buffers between the two take
    body = iter([b"x" * 65_536] * (size // 65_536)) if chunked else b"x" * size
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", "/", body, {"X-Amz-Target": f"{TARGET}SignUp"}, encode_chunked=chunked)
        response = connection.getresponse()
        assert response.status == 413
        assert msgspec.json.decode(response.read())["__type"] == "RequestEntityTooLarge"


async def test_a_body_of_just_the_limit_is_taken() -> None:
    assert (await answered(front(Ran(), body_limit=10), "GetUser", [b"x" * 5, b"x" * 5])).status == 200


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    run = Ran()
    answer = await answered(front(run, body_seconds=0.02), "GetUser", [b"{"], ends="nothing")
    assert (answer.status, answer.document["__type"]) == (408, "RequestTimeout")
    assert answer.headers["connection"] == "close"
    assert not run.requests


async def test_a_caller_who_hangs_up_gets_nothing_and_starts_nothing() -> None:
    run = Ran()
    assert await call(front(run), "GetUser", [b'{"Acc'], ends="http.disconnect") is None
    assert not run.requests


async def test_a_cancelled_request_is_not_taken_for_a_fault() -> None:
    async def run(request: WireRequest) -> bytes:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await call(front(run))
