"""How a function is reached, and what a caller is told when it fails: the same by each way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions, Raw, arn
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

ERROR = b'{"errorMessage": "not today", "errorType": "Error"}'
WHOLE = (
    b'{"version":"1","triggerSource":"","region":"","userPoolId":"","userName":"","request":{},"response":%s}'
)


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    id: str = make_pool()["Id"]
    make_user(id, "anna")
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    id: str = make_client(pool_id)["ClientId"]
    return id


def sign_in(anonymous: Cognito, client_id: str, **more: Any) -> Any:
    return anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
        **more,
    )


def fail(_: Event) -> object:
    raise Failure("not today")


def without(*members: str) -> Callable[[Event], object]:
    return lambda event: {name: value for name, value in event.items() if name not in members}


@pytest.mark.parametrize("way", ["api", "url", "python", "async"])
def test_a_function_is_asked_and_its_failure_told(
    anonymous: Cognito, pool_id: str, client_id: str, functions: Functions, set_triggers: Make, way: str
) -> None:
    set_triggers(pool_id, "PreAuthentication", way=way)
    assert "AuthenticationResult" in sign_in(anonymous, client_id)
    assert functions.sources() == ["PreAuthentication_Authentication"]
    functions.does["PreAuthentication"] = fail
    with refused("UserLambdaValidationException", "PreAuthentication failed with error not today."):
        sign_in(anonymous, client_id)
    assert len(functions.events) == 2  # an error is not asked for again


BAD = ("InvalidLambdaResponseException", "Unrecognizable lambda output")
NOT_JSON = ("InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON")


@pytest.mark.parametrize("way", ["api", "url"])
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Raw(b"oops"), NOT_JSON),
        (Raw(b""), NOT_JSON),
        (Raw(b'"\xff"'), NOT_JSON),
        (Raw(b"[" * 100_000), NOT_JSON),
        (Raw(b"null"), BAD),
        (Raw(b"[]"), BAD),
        (Raw(b"{}"), BAD),
        (Raw(WHOLE % b'"none"'), BAD),
        (Raw(WHOLE % b'"%s"' % (b"x" * 1024 * 1024)), BAD),
    ],
)
def test_an_answer_that_cannot_be_read(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
    way: str,
    answer: Raw,
    told: tuple[str, str],
) -> None:
    set_triggers(pool_id, "PreAuthentication", way=way)
    functions.does["PreAuthentication"] = lambda _: answer
    with refused(*told):
        sign_in(anonymous, client_id)


@pytest.mark.parametrize(
    "member", ["version", "triggerSource", "region", "userPoolId", "userName", "request", "response"]
)
@pytest.mark.parametrize("way", ["api", "python"])
def test_a_member_of_the_event_that_does_not_come_back(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
    way: str,
    member: str,
) -> None:
    set_triggers(pool_id, "PreAuthentication", way=way)
    functions.does["PreAuthentication"] = without(member)
    with refused(*BAD):
        sign_in(anonymous, client_id)


@pytest.mark.parametrize("response", [b"{}", b"null", b'{"anything": [1]}'])
def test_what_a_function_changes_elsewhere_is_not_looked_at(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
    response: bytes,
) -> None:
    set_triggers(pool_id, "PreAuthentication")
    functions.does["PreAuthentication"] = lambda _: Raw(WHOLE % response)
    assert "AuthenticationResult" in sign_in(anonymous, client_id)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            Raw(b"{}", 403, {"x-amzn-ErrorType": "AccessDeniedException:http://internal"}),
            "AccessDeniedException",
        ),
        (Raw(b'{"__type": "com.amazon#TooManyRequestsException"}', 429), "TooManyRequestsException"),
        (Raw(b'{"Code": "ResourceNotFoundException"}', 404), "ResourceNotFoundException"),
        (Raw(b"<html>", 502), "ServiceException"),
        (Raw(b"{}", 500, {"x-amzn-ErrorType": "a secret: text"}), "ServiceException"),
        (Raw(b"", 302, {"Location": "/url"}), "ServiceException"),
    ],
)
def test_what_lambda_itself_says_is_told_by_its_name(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
    answer: Raw,
    code: str,
) -> None:
    set_triggers(pool_id, "PreAuthentication")
    functions.does["PreAuthentication"] = lambda _: answer
    with refused("UnexpectedLambdaException", f"PreAuthentication invocation failed due to error {code}."):
        sign_in(anonymous, client_id)
    assert len(functions.events) == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            Raw(ERROR, 400),
            ("UserLambdaValidationException", "PreAuthentication failed with error not today."),
        ),
        (
            Raw(ERROR, 200),
            ("UserLambdaValidationException", "PreAuthentication failed with error not today."),
        ),
        (
            Raw(b'{"errorMessage": null}', 500),
            ("UserLambdaValidationException", "PreAuthentication failed with error null."),
        ),
        (
            Raw(b"oops", 500),
            (
                "UnexpectedLambdaException",
                "PreAuthentication invocation failed due to error ServiceException.",
            ),
        ),
    ],
)
def test_a_receiver_tells_an_error_of_its_own_with_its_message(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
    answer: Raw,
    told: tuple[str, str],
) -> None:
    set_triggers(pool_id, "PreAuthentication", way="url")
    functions.does["PreAuthentication"] = lambda _: answer
    with refused(*told):
        sign_in(anonymous, client_id)


@pytest.fixture
def impatient(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server waits for functions shortly."""
    monkeypatch.setattr(server.node.functions, "_seconds", 0.5)
    monkeypatch.setattr(server.node.functions._outgoing, "seconds", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("way", "times"), [("api", 2), ("url", 2), ("python", 2)])
def test_a_function_that_does_not_answer_in_time_is_asked_again_and_given_up(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
    way: str,
    times: int,
) -> None:
    set_triggers(pool_id, "PreAuthentication", way=way)
    functions.does["PreAuthentication"] = functions.wait
    with refused(
        "UnexpectedLambdaException",
        f"{arn(way, 'PreAuthentication')} failed with error Socket timeout while invoking Lambda function.",
    ):
        sign_in(anonymous, client_id)
    assert len(functions.events) == times


@pytest.mark.usefixtures("impatient")
def test_a_second_attempt_may_succeed(
    anonymous: Cognito, pool_id: str, client_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "PreAuthentication")
    functions.does["PreAuthentication"] = lambda event: (
        functions.wait(event) if len(functions.events) == 1 else event
    )
    assert "AuthenticationResult" in sign_in(anonymous, client_id)


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (arn("closed", "f"), "ServiceException"),
        (arn("nowhere", "f"), "ResourceNotFoundException"),
    ],
)
def test_a_function_that_cannot_be_reached(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, function: str, code: str
) -> None:
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreAuthentication": function})
    with refused("UnexpectedLambdaException", f"PreAuthentication invocation failed due to error {code}."):
        sign_in(anonymous, client_id)


def test_a_slow_function_keeps_nobody_waiting_but_its_own_sign_in(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    """While it is awaited, others read and write: it holds neither the store's writer nor a transaction."""
    set_triggers(pool_id, "PreAuthentication", "PostAuthentication", "PreTokenGeneration")
    for slow in ("PreAuthentication", "PostAuthentication", "PreTokenGeneration"):
        functions.clear()
        asked = threading.Event()
        outcomes: list[Any] = []

        def wait(event: Event, asked: threading.Event = asked) -> Event:
            asked.set()
            return functions.wait(event)

        def ask(outcomes: list[Any] = outcomes) -> None:
            outcomes.append(sign_in(anonymous, client_id))

        functions.does[slow] = wait
        asking = threading.Thread(target=ask)
        asking.start()
        assert asked.wait(10)
        cognito.create_group(UserPoolId=pool_id, GroupName=slow)
        assert not outcomes
        functions.release.set()
        asking.join()
        assert "AuthenticationResult" in outcomes[0]


@pytest.mark.parametrize(
    ("way", "answer", "reason"),
    [
        ("nowhere", None, "the setting functions does not name it (function {arn}, at nowhere)"),
        ("closed", None, "the connection was refused (function {arn}, at http://127.0.0.1:9)"),
        ("lost", None, "python:tests.nowhere:handle cannot be loaded: No module named 'tests.nowhere'"),
        (
            "url",
            Raw(b"S3cret", 503),
            "it answered with status 503 (function {arn}, at http://127.0.0.1:{port})",
        ),
        (
            "api",
            Raw(b"{}", 403),
            "the Lambda API answered 403 ServiceException (function {arn}, at AWS Lambda at ",
        ),
        ("api", Raw(b"S3cret"), "its answer is not JSON"),
        ("api", Raw(b'["S3cret"]'), "its answer is not an object"),
        ("api", Raw(b'{"version": "1", "request": {}, "S3cret": 1}'), "the whole event: region, response, "),
        ("api", Raw(WHOLE % b'["S3cret"]'), "response in its answer should be object and is array"),
        ("api", Raw(b"x" * 2**21), "its answer is larger than 1048576 bytes"),
    ],
)
def test_the_log_says_why_a_trigger_failed(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    caplog: pytest.LogCaptureFixture,
    way: str,
    answer: Raw | None,
    reason: str,
) -> None:
    function = arn(way, "PreAuthentication")
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreAuthentication": function})
    functions.does["PreAuthentication"] = lambda _: answer
    with pytest.raises(anonymous.exceptions.ClientError):
        sign_in(anonymous, client_id)
    (line,) = [each for each in caplog.records if each.name == "cognomen.triggers.firing"]
    said = line.getMessage()
    assert said.startswith("trigger PreAuthentication_Authentication failed: ")
    assert reason.format(arn=function, port=functions.port) in said
    assert line.__dict__["pool_id"] == pool_id
    assert "S3cret" not in str(line.__dict__)


def test_the_log_names_the_member_that_has_another_type(
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    functions: Functions,
    set_triggers: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    id = make_pool()["Id"]
    set_triggers(id, "PreSignUp")
    functions.answer_with("PreSignUp", autoConfirmUser="S3cret")
    with refused(*BAD):
        anonymous.sign_up(ClientId=make_client(id)["ClientId"], Username="bert", Password=PASSWORD)
    (said,) = [each.getMessage() for each in caplog.records if each.name == "cognomen.triggers.firing"]
    assert "failed: response.autoConfirmUser in its answer should be bool | null and is str (" in said
    assert "S3cret" not in said


def test_each_call_is_logged_and_counted_without_what_it_carried(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_triggers(pool_id, "PreAuthentication")
    before = server.node.functions.counts.copy()
    with caplog.at_level(logging.INFO, logger="cognomen.triggers"):
        sign_in(anonymous, client_id, ClientMetadata={"hint": "a secret hint"})
        functions.does["PreAuthentication"] = fail
        with refused("UserLambdaValidationException"):
            sign_in(anonymous, client_id)
    lines = [record for record in caplog.records if record.name == "cognomen.triggers.firing"]
    function = arn("api", "PreAuthentication")
    raised = f"it raised an error (function {function}, at AWS Lambda at http://127.0.0.1:{functions.port})"
    assert [(line.getMessage(), line.levelname, line.__dict__["outcome"]) for line in lines] == [
        ("trigger PreAuthentication_Authentication", "INFO", "ok"),
        (
            f"trigger PreAuthentication_Authentication failed: {raised}",
            "WARNING",
            "UserLambdaValidationException",
        ),
    ]
    for line in lines:
        assert line.__dict__["operation"] == "InitiateAuth"
        assert line.__dict__["pool_id"] == pool_id
        assert line.__dict__["client_id"] == client_id
        assert line.__dict__["duration_ms"] >= 0
        assert "secret" not in str(line.__dict__)
        assert PASSWORD not in str(line.__dict__)
    assert server.node.functions.counts - before == {
        ("PreAuthentication", "ok"): 1,
        ("PreAuthentication", "UserLambdaValidationException"): 1,
    }
