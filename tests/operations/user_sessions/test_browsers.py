"""Sessions of browsers, and what came through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from cognomen.store import browser_sessions, users
from cognomen.store.browser_sessions import BrowserSession
from cognomen.tokens import minting
from cognomen.tokens import user_sessions as token_sessions
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.operations.user_sessions.conftest import REFRESH_REVOKED, Cognito, Make, listed, session_of
from tests.refused import refused
from tests.server import Server

FAR = 10**15


@pytest.fixture
def through_browser(server: Server, tracked: str, client_id: str, sign_in: Make) -> Callable[..., Any]:
    """Begin a browser's session of anna, and sessions of tokens that come through it; its id, and the tokens."""
    made = iter(range(100))

    def begin(count: int) -> tuple[str, list[Any]]:
        call = server.run(call_of(server.node, tracked, client_id))
        sub = jwt.decode(sign_in(client_id)["AccessToken"], options={"verify_signature": False})["sub"]
        anna = server.run(server.store.read(users.by_sub, tracked, sub))
        assert anna is not None
        number = next(made)
        session = BrowserSession(
            digest=f"digest {number}",
            id=f"sso{number:025}",
            sub=sub,
            provider="COGNITO",
            proven=("PASSWORD",),
            credential_version=anna.credential_version,
            authenticated_at=call.now,
            moment=call.now,
            expires_at=FAR,
        )

        def put(db: Any) -> None:
            browser_sessions.add(db, tracked, session)
            token_sessions.began_in_browser(db, call, session)

        server.run(server.store.write(put))
        issued = [
            server.run(minting.after_sign_in(call, anna, browser_session=session.id)) for _ in range(count)
        ]
        return session.id, [
            {"AccessToken": tokens.access, "RefreshToken": tokens.refresh} for tokens in issued
        ]

    return begin


def test_tokens_say_through_which_browser_they_came(
    anonymous: Cognito,
    cognito: Cognito,
    tracked: str,
    client_id: str,
    through_browser: Make,
    clock: HeldClock,
) -> None:
    browser, (tokens,) = through_browser(1)
    sessions = {found["SessionId"]: found for found in listed(anonymous, tokens)}
    assert sessions[browser]["SessionType"] == "SSO"
    assert "OriginSessionId" not in sessions[browser]
    assert sessions[session_of(tokens)]["OriginSessionId"] == browser
    assert not sessions[browser]["IsCurrentSession"]


@pytest.mark.parametrize("linked", [False, True])
def test_a_browser_s_session_ends_alone_or_with_what_came_through_it(
    server: Server,
    anonymous: Cognito,
    tracked: str,
    client_id: str,
    sign_in: Make,
    refresh: Make,
    through_browser: Make,
    linked: bool,
) -> None:
    browser, (tokens,) = through_browser(1)
    here = sign_in(client_id)
    more = {"RevokeAssociatedSessions": "LINKED"} if linked else {}
    anonymous.revoke_user_session(AccessToken=here["AccessToken"], SessionId=browser, **more)
    assert server.run(server.store.read(browser_sessions.holder, tracked, "digest 0")) is None
    left = {found["SessionId"] for found in listed(anonymous, here)}
    assert browser not in left
    assert (session_of(tokens) in left) is not linked
    if linked:
        with refused(*REFRESH_REVOKED):
            refresh(tokens, client_id)
    else:
        refresh(tokens, client_id)


@pytest.mark.parametrize("way", ["revoke_user_session", "revoke_token"])
def test_with_a_session_of_tokens_the_browser_s_may_end_and_its_siblings_stay(
    anonymous: Cognito,
    tracked: str,
    client_id: str,
    through_browser: Make,
    way: str,
) -> None:
    browser, (one, other) = through_browser(2)

    def end(**more: Any) -> None:
        if way == "revoke_token":
            anonymous.revoke_token(Token=one["RefreshToken"], ClientId=client_id, **more)
        else:
            anonymous.revoke_user_session(AccessToken=other["AccessToken"], SessionId=session_of(one), **more)

    end(RevokeAssociatedSessions="LINKED")
    left = {found["SessionId"] for found in listed(anonymous, other)}
    assert browser not in left
    assert session_of(one) not in left
    assert session_of(other) in left


def test_a_browser_s_session_that_is_over_is_not_listed(
    anonymous: Cognito, cognito: Cognito, tracked: str, through_browser: Make
) -> None:
    browser, (tokens,) = through_browser(1)
    cognito.admin_set_user_password(
        UserPoolId=tracked, Username="anna", Password="N3w!Passw0rd", Permanent=True
    )
    assert browser not in {found["SessionId"] for found in listed(anonymous, tokens)}


def test_the_oldest_session_of_a_browser_makes_room(
    cognito: Cognito, tracked: str, through_browser: Make, clock: HeldClock
) -> None:
    first, _ = through_browser(0)
    for _ in range(token_sessions.BROWSERS_MAX):
        clock.advance(1)
        through_browser(0)
    seen = cognito.admin_list_user_sessions(UserPoolId=tracked, Username="anna")["Sessions"]
    browsers = [found["SessionId"] for found in seen if found["SessionType"] == "SSO"]
    assert len(browsers) == token_sessions.BROWSERS_MAX
    assert first not in browsers
