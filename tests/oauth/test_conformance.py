"""What the OpenID Foundation's plan for a basic provider asks, where no other test here tells it; docs/openid-conformance.md."""

from __future__ import annotations

import json

import pytest

from cognomen.clock import SECOND
from tests.browser import Browser
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, App, claims, code_for, exchange, tokens_of


@pytest.mark.parametrize(
    "more",
    [
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
        {"extra": "foobar"},
        {"login_hint": "ada"},
        {"claims": json.dumps({"userinfo": {"name": {"essential": True}}})},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_request_with_a_parameter_that_means_nothing_here_succeeds(
    browser: Browser, app: App, more: dict[str, str]
) -> None:
    browser.sign_in(app.sub, **app.asks())
    assert set(browser.get("/oauth2/authorize", **app.asks(**more)).told) == {"code", "state"}


def test_a_hint_at_the_user_who_is_signed_in_succeeds_in_silence(browser: Browser, app: App) -> None:
    hint = tokens_of(browser, app)["id_token"]
    answer = browser.get("/oauth2/authorize", **app.asks(prompt="none", id_token_hint=hint))
    assert "code" in answer.told


def test_the_order_of_scopes_does_not_matter(browser: Browser, app: App) -> None:
    for scope in ("email openid", "profile email openid"):
        assert "email" in claims(tokens_of(browser, app, scope=scope)["id_token"])


def test_the_scopes_profile_and_email_show_their_claims(browser: Browser, app: App) -> None:
    of_email = claims(tokens_of(browser, app, scope="openid email")["id_token"])
    assert (of_email["email"], of_email["email_verified"]) == ("ada@example.com", True)
    assert "email" not in claims(tokens_of(browser, app, scope="openid profile")["id_token"])


def test_without_a_nonce_there_is_none(browser: Browser, app: App) -> None:
    assert "nonce" not in claims(tokens_of(browser, app)["id_token"])


@pytest.mark.parametrize("max_age", ["1", "10000"])
def test_the_age_of_the_sign_in_is_told(browser: Browser, app: App, clock: HeldClock, max_age: str) -> None:
    first = claims(tokens_of(browser, app, max_age=max_age)["id_token"])
    clock.advance(2 * SECOND)
    answer = browser.get("/oauth2/authorize", **app.asks(max_age=max_age))
    if max_age == "1":
        assert "/login?" in answer.location
        second = claims(tokens_of(browser, app, max_age=max_age)["id_token"])
        assert second["auth_time"] == first["auth_time"] + 2
    else:
        second = claims(exchange(browser, app, answer.told["code"]).document["id_token"])
        assert second["auth_time"] == first["auth_time"]


@pytest.mark.parametrize("name", ["request", "request_uri"])
def test_a_request_in_a_token_is_refused_and_not_passed_over(browser: Browser, app: App, name: str) -> None:
    answer = browser.get("/oauth2/authorize", **app.asks(**{name: "eyJhbGciOiJub25lIn0.e30."}))
    assert answer.location.startswith(CALLBACK)
    assert answer.told["error"] == f"{name}_not_supported"


def test_an_authorization_request_is_no_post(browser: Browser, app: App) -> None:
    assert browser.post("/oauth2/authorize", **app.asks()).status == 405


def test_a_code_that_comes_again_half_a_minute_later_ends_the_access_token(
    browser: Browser, app: App, clock: HeldClock
) -> None:
    code = code_for(browser, app)
    bearer = {"authorization": f"Bearer {exchange(browser, app, code).document['access_token']}"}
    clock.advance(30 * SECOND)
    assert browser.send("GET", "/oauth2/userInfo", bearer).status == 200
    assert exchange(browser, app, code).status == 400
    assert browser.send("GET", "/oauth2/userInfo", bearer).status == 401
