"""The session of a browser: what is listed of it where the pool tracks sessions, and what tokens that come through it tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cognomen.clock import HOUR, MINUTE, SECOND
from cognomen.oauth.finishing import Finished
from tests.browser import Answer, Browser
from tests.held_clock import HeldClock
from tests.oauth_app import App, claims, code_for, exchange, tokens_of
from tests.oauth_app import refused as refused_by_oauth
from tests.refused import refused

Cognito = Any  # the types of boto3 do not have these operations yet

ACCESS_REVOKED = ("NotAuthorizedException", "Access Token has been revoked")


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


@pytest.mark.parametrize("linked", [False, True])
def test_a_code_that_is_out_ends_with_its_browser_s_session_where_all_is_to_end(
    cognito: Cognito, browser: Browser, app: App, linked: bool
) -> None:
    cognito.set_user_pool_session_configuration(
        UserPoolId=app.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )
    code = code_for(browser, app)
    (session,) = cognito.admin_list_user_sessions(UserPoolId=app.pool_id, Username="ada")["Sessions"]
    cognito.admin_revoke_user_session(
        UserPoolId=app.pool_id,
        Username="ada",
        SessionId=session["SessionId"],
        RevokeAssociatedSessions="LINKED" if linked else "NONE",
    )
    answer = exchange(browser, app, code)
    if linked:
        assert refused_by_oauth(answer) == (400, "invalid_grant", None)
    else:
        assert answer.document["access_token"]


# -- the implicit grant, which gives no refresh token ------------------------------------------------------------------


@pytest.fixture
def implicit(cognito: Cognito, make_app: Callable[..., App]) -> App:
    """An app that gets its tokens at once, in a pool that tracks up to two sessions of a user."""
    app = make_app(AllowedOAuthFlows=["implicit"], AccessTokenValidity=2)
    cognito.set_user_pool_session_configuration(
        UserPoolId=app.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 2}
    )
    return app


def token_of(answer: Answer | Finished) -> str:
    """The access token, as the app finds it at its redirect URL."""
    return parse_qs(urlsplit(answer.location).fragment)["access_token"][0]


def sessions_of(anonymous: Cognito, token: str) -> list[Any]:
    """Those of tokens, the latest first."""
    found: list[Any] = anonymous.list_user_sessions(AccessToken=token)["Sessions"]
    return [session for session in found if session["SessionType"] == "TOKEN"]


def test_a_sign_in_by_the_implicit_grant_has_a_session_as_long_as_its_token_counts(
    cognito: Cognito, anonymous: Cognito, browser: Browser, implicit: App, clock: HeldClock
) -> None:
    token = token_of(browser.sign_in(implicit.sub, **implicit.asks(response_type="token")))
    found = anonymous.list_user_sessions(AccessToken=token)["Sessions"]
    by_type = {session["SessionType"]: session for session in found}
    assert by_type.keys() == {"TOKEN", "SSO"}
    assert by_type["TOKEN"]["IsCurrentSession"]
    assert by_type["TOKEN"]["OriginSessionId"] == by_type["SSO"]["SessionId"]

    def left() -> set[str]:
        seen = cognito.admin_list_user_sessions(UserPoolId=implicit.pool_id, Username="ada")["Sessions"]
        return {session["SessionType"] for session in seen}

    clock.advance(2 * HOUR - SECOND)
    assert left() == {"TOKEN"}
    clock.advance(SECOND)
    assert left() == set()


def test_a_session_of_the_implicit_grant_can_be_ended_alone_and_with_its_browser_s(
    anonymous: Cognito, browser: Browser, implicit: App
) -> None:
    one = token_of(browser.sign_in(implicit.sub, **implicit.asks(response_type="token")))
    other = token_of(browser.get("/oauth2/authorize", **implicit.asks(response_type="token")))
    its_own = {session["IsCurrentSession"]: session for session in sessions_of(anonymous, one)}
    anonymous.revoke_user_session(AccessToken=one, SessionId=its_own[False]["SessionId"])
    with refused(*ACCESS_REVOKED):
        anonymous.get_user(AccessToken=other)
    anonymous.revoke_user_session(
        AccessToken=one, SessionId=its_own[True]["OriginSessionId"], RevokeAssociatedSessions="LINKED"
    )
    with refused(*ACCESS_REVOKED):
        anonymous.get_user(AccessToken=one)


def test_sign_ins_by_the_implicit_grant_count_for_the_limit(
    anonymous: Cognito, browser: Browser, implicit: App, clock: HeldClock
) -> None:
    tokens = [token_of(browser.sign_in(implicit.sub, **implicit.asks(response_type="token")))]
    for _ in range(2):
        clock.advance(MINUTE)
        tokens.append(token_of(browser.get("/oauth2/authorize", **implicit.asks(response_type="token"))))
    with refused(*ACCESS_REVOKED):
        anonymous.get_user(AccessToken=tokens[0])
    for token in tokens[1:]:
        anonymous.get_user(AccessToken=token)
    assert len(sessions_of(anonymous, tokens[-1])) == 2


# -- what tokens tell of it --------------------------------------------------------------------------------------------


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
