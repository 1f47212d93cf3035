from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.settings import Settings, SettingsError
from cognomen.triggers import targets
from cognomen.triggers.functions import Functions
from cognomen.triggers.targets import LambdaApi, PythonFunction, Url
from tests.functions import arn


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


def test_lambda_is_asked_in_the_region_of_the_arn() -> None:
    asked = LambdaApi(None).endpoint_of("arn:aws:lambda:eu-west-1:000000000000:function:f")
    assert asked == "https://lambda.eu-west-1.amazonaws.com"


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
