"""Revoking a refresh token, and with it all that comes of its sign-in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser import Answer, Browser
from tests.oauth_app import App, basic, proof, refresh, refused, tokens_of


def revoke(browser: Browser, app: App, token: str) -> Answer:
    return browser.post("/oauth2/revoke", token=token, **proof(app))


@pytest.mark.parametrize("secret", [False, True])
def test_nothing_of_a_revoked_sign_in_counts_any_more(
    browser: Browser, make_app: Callable[..., App], secret: bool
) -> None:
    app = make_app(GenerateSecret=secret)
    tokens, other = tokens_of(browser, app), tokens_of(browser, app)
    answer = revoke(browser, app, tokens["refresh_token"])
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert refused(refresh(browser, app, tokens["refresh_token"])) == (400, "invalid_grant", None)
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    assert browser.send("GET", "/oauth2/userInfo", bearer).status == 401
    assert refresh(browser, app, other["refresh_token"]).status == 200
    assert revoke(browser, app, tokens["refresh_token"]).status == 200, "again"


def test_what_nobody_issued_is_as_good_as_revoked(browser: Browser, app: App) -> None:
    answer = revoke(browser, app, "anything")
    assert (answer.status, answer.body) == (200, b"")


def test_only_refresh_tokens_are_revoked(browser: Browser, app: App) -> None:
    tokens = tokens_of(browser, app)
    for name in ("access_token", "id_token"):
        assert refused(revoke(browser, app, tokens[name])) == (400, "unsupported_token_type", None)


def test_a_request_without_a_token_or_of_a_client_that_does_not_revoke(
    browser: Browser, app: App, make_app: Callable[..., App]
) -> None:
    assert refused(browser.post("/oauth2/revoke", **proof(app))) == (400, "invalid_request", None)
    without = make_app(EnableTokenRevocation=False)
    token = tokens_of(browser, without)["refresh_token"]
    assert refused(revoke(browser, without, token)) == (400, "invalid_request", None)


def test_a_client_must_prove_itself_and_own_the_token(
    browser: Browser, confidential: App, make_app: Callable[..., App]
) -> None:
    token = tokens_of(browser, confidential)["refresh_token"]
    answer = browser.post("/oauth2/revoke", basic(confidential, secret="wrong"), token=token)
    assert refused(answer)[:2] == (401, "invalid_client")
    assert answer.headers["www-authenticate"] == "Basic"
    other = make_app()
    assert revoke(browser, other, token).status == 200, "a token of another pool is unknown"
    assert refresh(browser, confidential, token).status == 200
