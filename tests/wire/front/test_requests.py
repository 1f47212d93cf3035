"""Requests handed over, and how they are answered or refused."""

from __future__ import annotations

import logging
import re
import time
from ipaddress import ip_network

import pytest

from cognomen import errors
from cognomen.wire.front import WireRequest, front
from tests.wire.front.conftest import Ran, answered

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


# -- a request and its answer ------------------------------------------------------------------------------------------


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


# -- refusals ----------------------------------------------------------------------------------------------------------


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
    assert "test_requests.py" in record.getMessage()
    shown = (
        record.getMessage().replace('request.headers["hush"]', "").replace('raise RuntimeError("hush")', "")
    )
    assert "hush" not in shown, "the lines of code are shown, the texts of the exceptions are not"
