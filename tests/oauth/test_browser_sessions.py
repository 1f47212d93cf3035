"""The session of a browser: what is listed of it where the pool tracks sessions, and what tokens that come through it tell."""

from __future__ import annotations

from typing import Any

from tests.browser import Browser
from tests.oauth_app import App, claims, tokens_of

Cognito = Any  # the types of boto3 do not have these operations yet


def test_a_browser_s_session_is_listed_and_ends_with_its_revocation(
    cognito: Cognito, browser: Browser, app: App
) -> None:
    cognito.set_user_pool_session_configuration(
        UserPoolId=app.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )
    browser.sign_in(app.sub, **app.asks())

    def listed() -> Any:
        return cognito.admin_list_user_sessions(UserPoolId=app.pool_id, Username="ada")["Sessions"]

    (session,) = listed()
    assert (session["SessionType"], session["ClientId"]) == ("SSO", app.client_id)
    assert session["LastIPAddress"] == "127.0.0.1"
    assert browser.get("/oauth2/authorize", **app.asks(prompt="none")).told["code"]
    cognito.admin_revoke_user_session(UserPoolId=app.pool_id, Username="ada", SessionId=session["SessionId"])
    assert listed() == []
    assert browser.get("/oauth2/authorize", **app.asks(prompt="none")).told["error"] == "login_required"


def test_the_tokens_of_a_code_tell_through_which_browser_they_came(
    cognito: Cognito, anonymous: Cognito, browser: Browser, app: App
) -> None:
    cognito.set_user_pool_session_configuration(
        UserPoolId=app.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )
    tokens = tokens_of(browser, app)
    sessions = anonymous.list_user_sessions(AccessToken=tokens["access_token"])["Sessions"]
    found = {session["SessionType"]: session for session in sessions}
    assert found.keys() == {"TOKEN", "SSO"}
    assert found["TOKEN"]["IsCurrentSession"]
    assert found["TOKEN"]["OriginSessionId"] == found["SSO"]["SessionId"]


def test_tokens_of_a_code_tell_what_was_proven_when_the_session_began(browser: Browser, app: App) -> None:
    tokens = tokens_of(browser, app)
    for token in (tokens["access_token"], tokens["id_token"]):
        assert claims(token).items() >= {"acr": "urn:cognito:loa:1", "amr": ["pwd"]}.items()


def test_where_nothing_is_tracked_nothing_is_written_of_it(
    cognito: Cognito, browser: Browser, app: App
) -> None:
    browser.sign_in(app.sub, **app.asks())
    cognito.set_user_pool_session_configuration(
        UserPoolId=app.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )
    seen = cognito.admin_list_user_sessions(UserPoolId=app.pool_id, Username="ada")["Sessions"]
    assert seen == []
