"""What web pages of other sites may ask."""

from __future__ import annotations

import pytest

from cognomen import errors
from cognomen.wire.front import front
from tests.wire.front.conftest import Ran, answered

PAGE = {"origin": "https://app.example.com"}


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
