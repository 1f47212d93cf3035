"""What functions say to a person at a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conftest import PASSWORD
from tests.functions import Failure, Functions, arn
from tests.oauth.conftest import at_domain, make_app  # noqa: F401  their fixtures
from tests.oauth_app import App
from tests.pages.conftest import at  # noqa: F401
from tests.person import Person


def refuse(_event: dict[str, Any]) -> None:
    raise Failure("<b>Not on Sundays</b>")


def test_what_a_function_says_is_shown_above_the_form(
    at: Callable[..., Person],  # noqa: F811
    make_app: Callable[..., App],  # noqa: F811
    functions: Functions,
) -> None:
    functions.does["pages"] = refuse
    app = make_app(pool={"LambdaConfig": {"PreAuthentication": arn("python", "pages")}})
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    assert person.notice == "PreAuthentication failed with error <b>Not on Sundays</b>."
    assert "<b>" not in person.page


def test_a_user_whom_a_function_confirms_is_signed_in_at_once(
    at: Callable[..., Person],  # noqa: F811
    make_app: Callable[..., App],  # noqa: F811
    functions: Functions,
) -> None:
    app = make_app(pool={"LambdaConfig": {"PreSignUp": arn("python", "pages")}})
    functions.does["pages"] = lambda event: event | {"response": {"autoConfirmUser": True}}
    person = at(app).open("/signup", **app.asks())
    person.send(username="new", password=PASSWORD, repeated=PASSWORD)
    assert "code" in person.answer.told
