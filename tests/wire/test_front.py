"""The front, called as a server calls it: a scope, a way to receive, a way to send."""

from __future__ import annotations

import asyncio
import http.client
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import msgspec
import pytest
import uvicorn

from cognomen import errors
from cognomen.wire.front import BODY_LIMIT, PLAIN_BODY_LIMIT, Application, WireRequest, front
from cognomen.wire.watching import About, Message, all_of

TARGET = "AWSCognitoIdentityProviderService."
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PAGE = {"origin": "https://app.example.com"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return msgspec.json.decode(self.body)


async def call(
    application: Application,
    operation: str | None = "GetUser",
    chunks: Sequence[bytes] = (b"{}",),
    *,
    method: str = "POST",
    query: bytes = b"",
    client: tuple[str, int] | None = ("198.51.100.7", 4711),
    ends: str = "http.request",
    headers: dict[str, str] | None = None,
    more_headers: Sequence[tuple[bytes, bytes]] = (),
    received: list[Message] | None = None,
) -> Answer | None:
    """One request; None when nothing was answered. `ends` is the last thing the server has to tell.

    What the application asked for is put in `received`.
    """
    sent: list[Message] = []
    target = {} if operation is None else {"x-amz-target": TARGET + operation}
    all_headers = {"host": "localhost:9229", **target, **(headers or {})}
    pending: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if ends == "http.request":
        pending[-1]["more_body"] = False
    elif ends == "http.disconnect":
        pending.append({"type": "http.disconnect"})

    async def receive() -> Message:
        if not pending:
            await asyncio.Event().wait()  # the caller says no more and does not hang up
        if received is not None:
            received.append(pending[0])
        return pending.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "raw_path": b"/",
        "query_string": query,
        "scheme": "http",
        "client": client,
        "headers": [
            *((name.encode(), value.encode("latin-1")) for name, value in all_headers.items()),
            *more_headers,
        ],
    }
    await application(scope, receive, send)
    if not sent:
        return None
    start, body = sent
    answered = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    assert int(answered["content-length"]) == len(body["body"])
    return Answer(start["status"], answered, body["body"])


async def answered(application: Application, *args: Any, **more: Any) -> Answer:
    answer = await call(application, *args, **more)
    assert answer is not None
    return answer


class Ran:
    """A `run` that keeps what it was handed."""

    def __init__(self, outcome: bytes | Exception = b'{"Username":"maria"}') -> None:
        self.requests: list[WireRequest] = []
        self.outcome = outcome

    async def __call__(self, request: WireRequest) -> bytes:
        self.requests.append(request)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


# -- a request and its answer ---------------------------------------------------------------------------------------


async def test_a_request_is_handed_over_and_its_answer_sent() -> None:
    run = Ran()
    answer = await answered(front(run), "GetUser", [b'{"Acc', b'essToken":', b'"x"}'], query=b"a=b")
    assert (answer.status, answer.body) == (200, b'{"Username":"maria"}')
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert UUID4.fullmatch(answer.headers["x-amzn-requestid"])
    (request,) = run.requests
    assert request.request_id == answer.headers["x-amzn-requestid"]
    assert (request.operation, request.body, request.query) == ("GetUser", b'{"AccessToken":"x"}', "a=b")
    assert (request.client_ip, request.host) == ("198.51.100.7", "localhost:9229")


async def test_a_header_sent_twice_is_joined() -> None:
    run = Ran()
    await answered(front(run), client=None, more_headers=[(b"x-note", b"a"), (b"x-note", b"b\xe9")])
    assert run.requests[0].headers["x-note"] == "a,bé"
    assert run.requests[0].client_ip is None


async def test_a_header_sent_a_hundred_thousand_times_is_joined_at_once() -> None:
    run = Ran()
    many = [(b"x-note", b"x" * 49)] * 100_000
    began = time.process_time()
    await answered(front(run), more_headers=many)
    assert time.process_time() - began < 1
    assert len(run.requests[0].headers["x-note"]) == 4_999_999


@pytest.mark.parametrize(
    "name", ["Authorization", "Host", "X-Amz-Date", "X-Amz-Target", "Content-Length", "Content-Type"]
)
@pytest.mark.parametrize("second", [b"2", b"1"])
async def test_a_header_that_two_could_read_differently_is_not_taken_twice(name: str, second: bytes) -> None:
    run = Ran()
    twice = [(name.lower().encode(), b"1"), (name.lower().encode(), second)]
    answer = await answered(front(run), more_headers=twice)
    assert answer.status == 400
    assert answer.document == {
        "__type": "MalformedHttpRequestException",
        "message": f"The header {name.lower()} was sent more than once.",
    }
    assert not run.requests


async def test_what_a_request_holds_does_not_show_in_its_repr() -> None:
    run = Ran()
    await answered(front(run), "SignUp", [b'{"Password":"hush"}'], headers={"authorization": "hush"})
    assert repr(run.requests[0]) == f"WireRequest(SignUp, {run.requests[0].request_id})"


async def test_a_trusted_proxy_tells_for_whom_it_asks() -> None:
    run = Ran()
    headers = {
        "x-forwarded-for": "203.0.113.5",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "id.example.com",
    }
    application = front(run, trusted=(ip_network("198.51.100.0/24"),))
    await answered(application, headers=headers)
    (request,) = run.requests
    assert (request.client_ip, request.host) == ("203.0.113.5", "id.example.com")


# -- refusals -------------------------------------------------------------------------------------------------------


async def test_a_refusal_becomes_the_error_document_with_its_headers() -> None:
    answer = await answered(front(Ran(errors.INCORRECT_USERNAME_OR_PASSWORD())), "InitiateAuth")
    assert answer.status == 400
    assert answer.document == {
        "__type": "NotAuthorizedException",
        "message": "Incorrect username or password.",
    }
    assert answer.headers["x-amzn-errortype"] == "NotAuthorizedException:"
    assert answer.headers["x-amzn-errormessage"] == "Incorrect username or password."
    assert UUID4.fullmatch(answer.headers["x-amzn-requestid"])


async def test_an_error_text_cannot_leave_its_header() -> None:
    text = "Größe\r\nSet-Cookie: a=b\x00 \U0001f600 " + "x" * 5_000
    answer = await answered(front(Ran(errors.Refusal("InvalidParameterException", text))))
    header = answer.headers["x-amzn-errormessage"]
    assert header.startswith("Größe Set-Cookie: a=b  ? xxx")
    assert len(header) == 1_024
    assert answer.document["message"] == text


@pytest.mark.parametrize("operation", ["NoSuchOperation", "", "getuser", "GetUser "])
async def test_an_unknown_operation_is_told_without_a_message(operation: str) -> None:
    run = Ran()
    answer = await answered(front(run), operation)
    assert (answer.status, answer.document) == (400, {"__type": "UnknownOperationException"})
    assert "x-amzn-errormessage" not in answer.headers
    assert not run.requests


@pytest.mark.parametrize(
    "target", ["GetUser", "DynamoDB_20120810.GetItem", "awscognitoidentityproviderservice.GetUser"]
)
async def test_a_target_of_no_or_another_service_is_unknown(target: str) -> None:
    answer = await answered(front(Ran()), None, headers={"x-amz-target": target})
    assert answer.document == {"__type": "UnknownOperationException"}
    assert (await answered(front(Ran()), None)).document == {"__type": "UnknownOperationException"}


async def test_a_fault_of_ours_is_told_without_detail_and_logged_without_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run(request: WireRequest) -> bytes:
        try:
            return bytes(request.headers["hush"], "ascii")
        except KeyError as fault:
            raise RuntimeError("hush") from fault

    with caplog.at_level(logging.ERROR, logger="cognomen"):
        answer = await answered(front(run), "SignUp", [b'{"Password":"hush"}'])
    assert (answer.status, answer.document["__type"]) == (500, "InternalErrorException")
    assert "Traceback" not in answer.body.decode()
    (record,) = caplog.records
    assert answer.headers["x-amzn-requestid"] in record.getMessage()
    assert "RuntimeError" in record.getMessage()
    assert "KeyError" in record.getMessage()
    assert "test_front.py" in record.getMessage()
    shown = (
        record.getMessage().replace('request.headers["hush"]', "").replace('raise RuntimeError("hush")', "")
    )
    assert "hush" not in shown, "the lines of code are shown, the texts of the exceptions are not"


# -- limits ---------------------------------------------------------------------------------------------------------


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


# -- web pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["InitiateAuth", "GetUser", "GetClientToken"])
@pytest.mark.parametrize("outcome", [b"{}", errors.USER_NOT_FOUND()])
async def test_a_web_page_may_read_what_users_may_ask(operation: str, outcome: bytes | Exception) -> None:
    answer = await answered(front(Ran(outcome)), operation, headers=PAGE)
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
    assert answer.headers["access-control-expose-headers"] == exposed
    assert "access-control-allow-credentials" not in answer.headers


async def test_without_an_origin_nothing_is_said_of_origins() -> None:
    answer = await answered(front(Ran()), "InitiateAuth")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_web_page_cannot_run_a_signed_operation_not_even_unseen(origin: str) -> None:
    run = Ran()
    signed_in_query = b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"
    answer = await answered(front(run), "AdminCreateUser", query=signed_in_query, headers={"origin": origin})
    assert (answer.status, answer.document["__type"]) == (400, "AccessDeniedException")
    assert "access-control-allow-origin" not in answer.headers
    assert not run.requests


async def test_a_web_page_may_run_signed_operations_where_it_is_allowed() -> None:
    application = front(Ran(), allow_signed_from_browsers=True)
    answer = await answered(application, "AdminCreateUser", headers=PAGE)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")


ASKED = "cache-control,content-type,x-amz-target,x-amz-user-agent"
SIGNING = "Authorization, x-amz-date,X-Amz-Security-Token,x-amz-content-sha256"


@pytest.mark.parametrize(
    ("asked", "allow_signed", "allowed"),
    [
        (ASKED, False, ASKED),
        (f"{ASKED},{SIGNING}", False, ASKED),
        (f"{ASKED},{SIGNING}", True, f"{ASKED},{SIGNING.replace(' ', '')}"),
        ("x-a\r\nb, x-c d,,x-ok", False, "x-ok"),
        ("", False, ""),
    ],
)
async def test_a_preflight_allows_what_was_asked_but_no_signature(
    asked: str, allow_signed: bool, allowed: str
) -> None:
    run = Ran()
    answer = await answered(
        front(run, allow_signed_from_browsers=allow_signed),
        None,
        method="OPTIONS",
        headers={**PAGE, "access-control-request-method": "POST", "access-control-request-headers": asked},
    )
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == allowed
    assert answer.headers["access-control-max-age"] == "172800"
    assert not run.requests


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "BREW"])
async def test_another_method_is_told_which_to_use(method: str) -> None:
    answer = await answered(front(Ran()), method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST, OPTIONS")


# -- who watches ------------------------------------------------------------------------------------------------------


class Kept:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.began_count = 0
        self.told: list[tuple[str, str]] = []

    def began(self) -> None:
        self.began_count += 1

    def ended(self, about: About, seconds: float) -> None:
        assert seconds >= 0
        self.told.append((about.operation, about.outcome))


@pytest.mark.parametrize(
    ("operation", "run", "more", "told"),
    [
        ("GetUser", Ran(), {}, ("GetUser", "ok")),
        ("GetUser", Ran(errors.USER_NOT_FOUND()), {}, ("GetUser", "UserNotFoundException")),
        ("GetUser", Ran(LookupError("ours")), {}, ("GetUser", "InternalErrorException")),
        ("GetUser", Ran(), {"ends": "http.disconnect"}, ("GetUser", "gone")),
        ("MadeUpByACaller", Ran(), {}, ("unknown", "UnknownOperationException")),
        (None, Ran(), {"method": "OPTIONS"}, ("OPTIONS", "ok")),
        (None, Ran(), {"method": "MADEUP"}, ("unknown", "405")),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_watcher_is_told_of_every_request_and_never_what_a_caller_made_up(
    operation: str | None, run: Ran, more: dict[str, Any], told: tuple[str, str]
) -> None:
    kept = Kept()
    await call(front(run, watcher=kept), operation, **more)
    assert kept.told == [told]
    assert kept.began_count == 1


async def test_a_watcher_is_told_of_a_request_that_the_server_gave_up() -> None:
    kept = Kept()
    under_way = asyncio.create_task(call(front(Ran(), watcher=kept), "GetUser", ends="nothing"))
    while not kept.began_count:  # noqa: ASYNC110  told by no event
        await asyncio.sleep(0)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert kept.told == [("GetUser", "gone")]


async def test_several_watchers_are_all_told_and_of_nobody_there_is_none() -> None:
    several = [Kept(), Kept()]
    await call(front(Ran(), watcher=all_of(several)), "GetUser")
    assert [kept.told for kept in several] == [[("GetUser", "ok")]] * 2
    assert all_of([]) is None
