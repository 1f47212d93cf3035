"""How sessions end."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from cognomen.clock import DAY
from cognomen.errors import Refusal
from cognomen.store import user_sessions
from cognomen.tokens import minting, refresh_tokens
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.operations.user_sessions.conftest import (
    ACCESS_REVOKED,
    NOT_FOUND,
    REFRESH_REVOKED,
    Cognito,
    Make,
    listed,
    session_of,
)
from tests.refused import refused
from tests.server import Server


def test_a_user_ends_another_session_of_hers(
    anonymous: Cognito, tracked: str, client_id: str, sign_in: Make, refresh: Make
) -> None:
    lost, here = sign_in(client_id), sign_in(client_id)
    refreshed = refresh(lost, client_id)
    answer = anonymous.revoke_user_session(AccessToken=here["AccessToken"], SessionId=session_of(lost))
    assert answer.keys() == {"ResponseMetadata"}
    for tokens in (lost, refreshed):
        with refused(*ACCESS_REVOKED):
            anonymous.get_user(AccessToken=tokens["AccessToken"])
    with refused(*REFRESH_REVOKED):
        refresh(lost, client_id)
    assert [found["SessionId"] for found in listed(anonymous, here)] == [session_of(here)]
    for unknown in (session_of(lost), "tkn" + "0" * 25, "sso" + "z" * 25):
        with refused(*NOT_FOUND):
            anonymous.revoke_user_session(AccessToken=here["AccessToken"], SessionId=unknown)


def test_a_user_does_not_end_the_session_she_asks_from(
    anonymous: Cognito, tracked: str, client_id: str, sign_in: Make
) -> None:
    tokens = sign_in(client_id)
    with refused(
        "InvalidParameterException", "The session that the access token belongs to cannot be revoked."
    ):
        anonymous.revoke_user_session(AccessToken=tokens["AccessToken"], SessionId=session_of(tokens))
    anonymous.get_user(AccessToken=tokens["AccessToken"])


def test_an_administrator_ends_a_session(
    anonymous: Cognito, cognito: Cognito, tracked: str, client_id: str, sign_in: Make, make_user: Make
) -> None:
    make_user(tracked, "bert")
    tokens = sign_in(client_id)
    session: Any = {"UserPoolId": tracked, "SessionId": session_of(tokens)}
    with refused(*NOT_FOUND):
        cognito.admin_revoke_user_session(**session, Username="bert")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_revoke_user_session(**session, Username="nobody")
    cognito.admin_revoke_user_session(**session, Username="anna")
    with refused(*ACCESS_REVOKED):
        anonymous.get_user(AccessToken=tokens["AccessToken"])
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_list_user_sessions(UserPoolId=tracked, Username="nobody")


def test_sessions_end_with_whatever_ends_their_tokens(
    anonymous: Cognito, cognito: Cognito, tracked: str, client_id: str, sign_in: Make, clock: HeldClock
) -> None:
    def count() -> int:
        return len(cognito.admin_list_user_sessions(UserPoolId=tracked, Username="anna")["Sessions"])

    revoked, _ = sign_in(client_id), sign_in(client_id)
    anonymous.revoke_token(Token=revoked["RefreshToken"], ClientId=client_id)
    assert count() == 1
    cognito.admin_user_global_sign_out(UserPoolId=tracked, Username="anna")
    assert count() == 0
    sign_in(client_id)
    assert count() == 1, "of the same moment, and after the sign-out"
    cognito.admin_disable_user(UserPoolId=tracked, Username="anna")
    assert count() == 0
    cognito.admin_enable_user(UserPoolId=tracked, Username="anna")
    assert count() == 0
    sign_in(client_id)
    clock.advance(30 * DAY)
    assert count() == 0


def test_nothing_is_left_of_a_user_who_is_gone(
    server: Server, cognito: Cognito, tracked: str, client_id: str, sign_in: Make
) -> None:
    tokens = sign_in(client_id)
    sub = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})["sub"]
    assert server.run(server.store.read(user_sessions.all_of_user, tracked, sub))
    cognito.admin_delete_user(UserPoolId=tracked, Username="anna")
    assert server.run(server.store.read(user_sessions.all_of_user, tracked, sub)) == []


def test_a_session_ended_during_a_refresh_is_not_begun_again(
    server: Server, anonymous: Cognito, tracked: str, client_id: str, sign_in: Make
) -> None:
    tokens, here = sign_in(client_id), sign_in(client_id)
    call = server.run(call_of(server.node, tracked, client_id))
    token, user, its_groups = server.run(refresh_tokens.verify(call, tokens["RefreshToken"]))
    anonymous.revoke_user_session(AccessToken=here["AccessToken"], SessionId=session_of(tokens))
    with pytest.raises(Refusal, match="revoked"):
        server.run(minting.after_refresh(call, token, user, its_groups))
    assert len(listed(anonymous, here)) == 1
