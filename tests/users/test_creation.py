"""What a file or a function may say of a user, which is what a request for a user may say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cognomen.errors import Refusal
from cognomen.users import creation
from cognomen.wire import checks, model

NAME, VALUE = "cognito:username must have 1 to 128", "nickname must have at most 2048"
TEXTS = (
    "ada",
    "ada@example.com",
    "\u0301clair",  # a mark comes first
    "\u0663+\u20ac",  # a digit and a symbol
    "\U0001f600" * 64,
    "\U0001f600" * 65,
    "a" * 128,
    "a" * 129,
    "",
    "ada lovelace",
    "\u00a0",
    "ada\t",
    "\u200b",  # a format character
    "\ue000",  # one for private use
    "ada\0",
    "\u00e9" * 2_048,
    "\U0001f600" * 1_024,
    "\U0001f600" * 1_025,
    "a" * 2_049,
)


def takes(request: Mapping[str, object]) -> bool:
    """Whether AdminCreateUser would take it."""
    try:
        checks.compile_input(model.load().operations["AdminCreateUser"].input)(request)
    except Refusal:
        return False
    return True


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_whoever_describes_a_user_may_say_what_a_request_may(text: str) -> None:
    named = {"UserPoolId": "us-east-1_abc", "Username": text}
    with_value = {
        "UserPoolId": "us-east-1_abc",
        "Username": "ada",
        "UserAttributes": [{"Name": "nickname", "Value": text}],
    }
    assert told(text, {}) == ("" if takes(named) else NAME)
    assert told("ada", {"nickname": text}) == ("" if takes(with_value) else VALUE)


def told(username: str, given: dict[str, str]) -> str:
    try:
        creation.check_form(username, given)
    except Refusal as refusal:
        return (refusal.message or "").partition(" characters")[0]
    return ""
