"""Signing out: the browser's session ends, and the browser goes where it may."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.browser import Browser
from tests.oauth_app import CALLBACK, SIGNED_OUT, App, refresh, tokens_of


def is_signed_in(browser: Browser, app: App) -> bool:
    return browser.get("/oauth2/authorize", **app.asks()).location.startswith(CALLBACK)


def test_a_session_ends_and_the_browser_goes_to_a_sign_out_url(browser: Browser, app: App) -> None:
    browser.sign_in(app.sub, **app.asks())
    former = dict(browser.cookies)
    answer = browser.get(
        "/logout", client_id=app.client_id, logout_uri=SIGNED_OUT, state="s", redirect_uri="x"
    )
    assert (answer.status, answer.location) == (302, SIGNED_OUT)
    assert "Max-Age=0;" in answer.headers["set-cookie"]
    assert browser.cookies == {}
    browser.cookies = former
    assert not is_signed_in(browser, app), "and not in the browser alone"


def test_whoever_signs_in_anew_is_led_to_the_page(browser: Browser, app: App) -> None:
    browser.sign_in(app.sub, **app.asks())
    asked = app.asks(nonce="n")
    answer = browser.get("/logout", **asked, identity_provider="COGNITO", idp_identifier="x")
    scope = "openid email profile aws.cognito.signin.user.admin"
    assert answer.location.startswith(f"http://{browser.host}/login?")
    assert answer.told == asked | {"scope": answer.told["scope"]}
    assert set(answer.told["scope"].split()) == set(scope.split())
    assert not is_signed_in(browser, app)


def test_tokens_go_on(browser: Browser, app: App) -> None:
    tokens = tokens_of(browser, app)
    browser.get("/logout", client_id=app.client_id, logout_uri=SIGNED_OUT)
    assert refresh(browser, app, tokens["refresh_token"]).status == 200


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "Required String parameter 'client_id' is not present"),
        ({"client_id": "{id}"}, "Required String parameter 'redirect_uri' is not present"),
        ({"client_id": "nobody", "logout_uri": SIGNED_OUT}, "Client nobody does not exist."),
        ({"client_id": "{id}", "logout_uri": CALLBACK}, None),
        ({"client_id": "{id}", "logout_uri": SIGNED_OUT + "/"}, None),
        ({"client_id": "{id}", "logout_uri": "https://evil.example"}, None),
        ({"client_id": "{id}", "redirect_uri": "https://evil.example", "response_type": "code"}, None),
        (
            {"client_id": "{id}", "redirect_uri": CALLBACK},
            "Required String parameter 'response_type' is not present",
        ),
    ],
)
def test_a_request_that_leads_nowhere_ends_nothing(
    browser: Browser, app: App, asked: dict[str, str], told: str | None
) -> None:
    browser.sign_in(app.sub, **app.asks())
    answer = browser.get("/logout", **{name: value.format(id=app.client_id) for name, value in asked.items()})
    assert answer.location.startswith(f"http://{browser.host}/error?")
    assert answer.told["error"] == ("redirect_mismatch" if told is None else "invalid_request")
    assert answer.told.get("error_description") == told
    assert is_signed_in(browser, app)


def test_two_sign_out_urls_are_none(browser: Browser, app: App) -> None:
    query = urlencode(
        [("client_id", app.client_id), ("logout_uri", SIGNED_OUT), ("logout_uri", "https://evil.example")]
    )
    answer = browser.send("GET", f"/logout?{query}")
    assert answer.told["error"] == "invalid_request"


def test_a_session_at_one_domain_is_none_at_another_address(
    browser: Browser, app: App, at_domain: Callable[[App], Browser]
) -> None:
    there = at_domain(app)
    there.sign_in(app.sub, **app.asks())
    browser.get("/logout", client_id=app.client_id, logout_uri=SIGNED_OUT)
    assert is_signed_in(there, app)
    there.get("/logout", client_id=app.client_id, logout_uri=SIGNED_OUT)
    assert not is_signed_in(there, app)
