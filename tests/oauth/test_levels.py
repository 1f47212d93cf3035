"""`acr_values`: how surely an app wants its person to be known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cognomen.oauth.authorization import SentBack
from tests.browser import Browser
from tests.oauth_app import CALLBACK, App, claims, exchange

ONE, THREE, FOUR = (f"urn:cognito:loa:{level}" for level in (1, 3, 4))


def is_asked(browser: Browser, app: App, acr_values: str) -> bool:
    return "/login?" in browser.get("/oauth2/authorize", **app.asks(acr_values=acr_values)).location


def test_a_session_does_that_reaches_the_first_level_that_is_known(browser: Browser, app: App) -> None:
    browser.sign_in(app.sub, **app.asks())
    assert not is_asked(browser, app, ONE)
    assert not is_asked(browser, app, f"urn:of:another {ONE} {FOUR}")
    assert is_asked(browser, app, THREE)
    assert is_asked(browser, app, f"{FOUR} {ONE}")
    browser.sign_in(app.sub, ("PASSWORD", "SOFTWARE_TOKEN_MFA"), **app.asks())
    for level in (ONE, THREE, FOUR):
        assert not is_asked(browser, app, level)


def test_a_sign_in_that_reaches_one_of_the_levels_says_which(browser: Browser, app: App) -> None:
    finished = browser.sign_in(app.sub, ("PASSWORD", "SMS_MFA"), **app.asks(acr_values=f"{FOUR} {THREE}"))
    code = finished.location.partition("code=")[2].partition("&")[0]
    said = claims(exchange(browser, app, code).document["id_token"])
    assert (said["acr"], said["amr"]) == (THREE, ["pwd", "sms", "mfa"])


def test_one_that_reaches_none_is_told_to_the_app(browser: Browser, app: App) -> None:
    with pytest.raises(SentBack) as back:
        browser.sign_in(app.sub, **app.asks(acr_values=f"{FOUR} {THREE}"))
    assert back.value.location == f"{CALLBACK}?state=the+state&error=unmet_authentication_requirements"
    assert browser.cookies == {}


def test_a_plan_without_levels_passes_them_over(browser: Browser, make_app: Callable[..., App]) -> None:
    app = make_app(pool={"UserPoolTier": "LITE"})
    browser.sign_in(app.sub, **app.asks(acr_values=FOUR))
    assert not is_asked(browser, app, FOUR)


def test_levels_have_the_names_that_the_pool_gives_them(
    browser: Browser, make_app: Callable[..., App]
) -> None:
    app = make_app(pool={"AcrConfiguration": {"Level4": {"AcrValue": "sure"}}})
    browser.sign_in(app.sub, **app.asks())
    assert is_asked(browser, app, "sure")
    assert not is_asked(browser, app, FOUR), "a name that means nothing any more"
