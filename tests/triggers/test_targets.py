from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.outgoing import TooSlow
from cognomen.settings import Settings, SettingsError
from cognomen.triggers import targets
from cognomen.triggers.failures import FunctionError, NotInvoked
from cognomen.triggers.functions import Functions
from cognomen.triggers.targets import LambdaApi, PythonFunction, Url
from tests.functions import Event, arn, current


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("lambda", LambdaApi(None)),
        ("lambda:http://localhost:4566", LambdaApi("http://localhost:4566")),
        ("lambda:https://lambda.example.com/", LambdaApi("https://lambda.example.com")),
        ("https://example.com/hook?a=b", Url("https://example.com/hook?a=b")),
        ("http://10.0.0.7:9000/", Url("http://10.0.0.7:9000/")),
        ("python:shop.triggers:pre_sign_up", PythonFunction("shop.triggers", "pre_sign_up")),
    ],
)
def test_a_target_is_known_by_how_it_begins(text: str, target: targets.Target) -> None:
    assert targets.parse(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Lambda",
        "lambda:",
        "lambda:localhost:4566",
        "lambda:http://localhost/path",
        "ftp://example.com",
        "http://",
        "http://user:word@example.com/",
        "http://[::1",
        "http://example.com:port/",
        "python:",
        "python:module",
        "python:mod ule:name",
        "python:module:na.me",
        "python::name",
    ],
)
def test_anything_else_is_no_target(text: str) -> None:
    with pytest.raises(ValueError, match="no target"):
        targets.parse(text)


@given(st.text())
def test_any_text_is_a_target_or_refused(text: str) -> None:
    try:
        targets.parse(text)
    except ValueError:
        return
    assert text.startswith(("lambda", "http", "python:"))


def test_an_arn_counts_before_patterns_and_patterns_in_their_order() -> None:
    exact, first, second = Url("http://exact"), Url("http://first"), Url("http://second")
    table = {"*:function:a*": first, "*": second, arn("api", "b"): exact}
    assert targets.find(table, arn("api", "b")) is exact
    assert targets.find(table, arn("api", "c")) is first
    assert targets.find(table, arn("other", "c")) is second
    assert targets.find({}, arn("api", "b")) is None


@pytest.mark.parametrize(
    ("beginning", "endpoint"),
    [
        ("arn:aws:lambda:eu-west-1", "https://lambda.eu-west-1.amazonaws.com"),
        ("arn:aws-us-gov:lambda:us-gov-west-1", "https://lambda.us-gov-west-1.amazonaws.com"),
        ("arn:aws-cn:lambda:cn-north-1", "https://lambda.cn-north-1.amazonaws.com.cn"),
        ("arn:aws:lambda:example.com/x", None),
        ("arn:aws:lambda:evil@example.com", None),
        ("arn:aws:lambda:", None),
    ],
)
def test_lambda_is_asked_in_the_region_of_the_arn_and_nowhere_else(
    beginning: str, endpoint: str | None
) -> None:
    assert LambdaApi(None).endpoint_of(f"{beginning}:000000000000:function:f") == endpoint


async def test_a_region_that_is_none_is_never_asked() -> None:
    settings = Settings(functions={"*": "lambda"}, aws_access_key_id="a", aws_secret_access_key="b")
    with pytest.raises(NotInvoked, match="ResourceNotFoundException"):
        await Functions(settings).invoke("arn:aws:lambda:example.com/x:000000000000:function:f", b"{}")


async def test_a_function_that_is_busy_in_every_slot_is_not_run_once_more() -> None:
    current.clear()
    functions = one_at_a_time("python:tests.functions:handle")
    current.does["f"] = current.wait
    with pytest.raises(TooSlow):
        await functions.invoke(arn("python", "f"), b"{}")
    with pytest.raises(NotInvoked, match="TooManyRequestsException"):  # its thread is still at it
        await functions.invoke(arn("python", "f"), b"{}")
    current.release.set()


async def test_whoever_gets_no_slot_in_time_is_told_so() -> None:
    current.clear()
    functions = one_at_a_time("python:tests.functions:handle")
    async with functions._slot(arn("async", "f")):
        with pytest.raises(NotInvoked, match="TooManyRequestsException"):
            await functions.invoke(arn("async", "f"), b"{}")


def one_at_a_time(target: str) -> Functions:
    return Functions(
        Settings(functions={"*": target}, function_slots=1, function_timeout_ms=50, function_attempts=1)
    )


async def test_a_function_that_wants_to_end_the_process_only_fails() -> None:
    functions = Functions(Settings(functions={"*": "python:tests.triggers.test_targets:leave"}))
    with pytest.raises(FunctionError) as caught:
        await functions.invoke(arn("python", "f"), b"{}")
    assert caught.value.message == "the function ended with SystemExit"


def leave(_event: Event, _context: object) -> Event:
    raise SystemExit(1)


@pytest.mark.parametrize("returned", [object(), {"a": print}])
async def test_what_a_function_returns_must_be_json(returned: object) -> None:
    current.clear()
    functions = Functions(Settings(functions={"*": "python:tests.functions:handle_async"}))
    current.does["f"] = lambda _: returned
    with pytest.raises(FunctionError) as caught:
        await functions.invoke(arn("async", "f"), b"{}")
    assert caught.value.message == "What the function returned is not JSON"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"functions": {"*": "nonsense"}}, "no target"),
        ({"functions": {"*": "lambda"}}, "aws_access_key_id"),
        ({"functions": {"*": "https://example.com/"}}, "function_secret"),
        ({"functions": {"*": "python:tests.nowhere:f"}}, "cannot be loaded"),
        ({"functions": {"*": "python:tests.functions:nothing"}}, "cannot be loaded"),
        ({"functions": {"*": "python:tests.functions:SECRET"}}, "cannot be called"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_at_the_start(given: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Functions(Settings(**given)).load()


async def test_a_function_may_lie_beside_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "lies_beside.py").write_text("def handle(event, context):\n    return event\n")
    table = {"*": "python:lies_beside:handle"}
    with pytest.raises(SettingsError, match="in the folder of the settings file \\(there is none\\)"):
        Functions(Settings(functions=table)).load()
    beside = Functions(Settings(functions=table, config=str(tmp_path / "cognomen.toml")))
    beside.load()
    assert await beside.invoke(arn("python", "f"), b'{"a":1}') == b'{"a":1}'
    assert sys.path[-1] == str(tmp_path), "a file there takes no installed module's place"
