"""How many sessions a user may have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cognomen.call import Call
from cognomen.clock import DAY, MINUTE
from cognomen.errors import Refusal
from cognomen.tokens import refresh_tokens
from cognomen.tokens import user_sessions as token_sessions
from cognomen.tokens.refresh_tokens import RefreshToken
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.operations.user_sessions.conftest import (
    ACCESS_REVOKED,
    NOT_FOUND,
    REFRESH_REVOKED,
    Cognito,
    Make,
    listed,
    session_of,
    track,
)
from tests.refused import refused
from tests.server import Server


def test_at_the_limit_the_session_unused_the_longest_makes_room(
    anonymous: Cognito,
    tracked: str,
    client_id: str,
    make_client: Make,
    sign_in: Make,
    refresh: Make,
    clock: HeldClock,
) -> None:
    other_client = make_client(tracked)["ClientId"]
    sessions = []
    for client in (client_id, other_client, client_id):
        clock.advance(MINUTE)
        sessions.append(sign_in(client))
    clock.advance(MINUTE)
    refresh(sessions[0], client_id)
    latest = sign_in(client_id)
    with refused(*REFRESH_REVOKED):
        refresh(sessions[1], other_client)
    with refused(*ACCESS_REVOKED):
        anonymous.get_user(AccessToken=sessions[1]["AccessToken"])
    left = {found["SessionId"] for found in listed(anonymous, latest)}
    assert left == {session_of(tokens) for tokens in (sessions[0], sessions[2], latest)}
    for tokens in (sessions[0], sessions[2], latest):
        refresh(tokens, client_id)


def test_a_lower_limit_ends_sessions_at_the_next_sign_in(
    anonymous: Cognito, cognito: Cognito, tracked: str, client_id: str, sign_in: Make, clock: HeldClock
) -> None:
    sessions = []
    for _ in range(3):
        clock.advance(MINUTE)
        sessions.append(sign_in(client_id))
    track(cognito, tracked, per_user=1)
    assert len(listed(anonymous, sessions[0])) == 3
    latest = sign_in(client_id)
    assert [found["SessionId"] for found in listed(anonymous, latest)] == [session_of(latest)]
    for tokens in sessions:
        with refused(*ACCESS_REVOKED):
            anonymous.get_user(AccessToken=tokens["AccessToken"])


def test_sessions_that_are_over_leave_room(
    anonymous: Cognito,
    cognito: Cognito,
    tracked: str,
    client_id: str,
    make_client: Make,
    sign_in: Make,
    refresh: Make,
    clock: HeldClock,
) -> None:
    """One has expired and one was revoked; both were active after the one that stays."""
    short = make_client(tracked, RefreshTokenValidity=1)["ClientId"]
    stays = sign_in(client_id)
    clock.advance(MINUTE)
    sign_in(short)
    clock.advance(DAY)
    over = sign_in(client_id)
    anonymous.revoke_token(Token=over["RefreshToken"], ClientId=client_id)
    latest = sign_in(client_id), sign_in(client_id)
    left = {found["SessionId"] for found in listed(anonymous, latest[0])}
    assert left == {session_of(tokens) for tokens in (stays, *latest)}
    refresh(stays, client_id)


def test_of_sign_ins_that_come_together_no_more_stay_than_may(
    cognito: Cognito, tracked: str, client_id: str, sign_in: Make
) -> None:
    with ThreadPoolExecutor(6) as threads:
        for signed_in in [threads.submit(sign_in, client_id) for _ in range(9)]:
            signed_in.result()
    assert len(cognito.admin_list_user_sessions(UserPoolId=tracked, Username="anna")["Sessions"]) == 3


@pytest.fixture
def refreshing(server: Server, pool_id: str, client_id: str) -> Callable[..., tuple[Call, RefreshToken]]:
    """What a refresh with these tokens has found by the time that it writes."""

    def refreshing(tokens: Any) -> tuple[Call, RefreshToken]:
        call = server.run(call_of(server.node, pool_id, client_id))
        token, _, _ = server.run(refresh_tokens.verify(call, tokens["RefreshToken"]))
        return call, token

    return refreshing


def test_sign_ins_of_before_tracking_come_in_at_the_cost_of_those_unused_the_longest(
    anonymous: Cognito,
    cognito: Cognito,
    pool_id: str,
    client_id: str,
    sign_in: Make,
    refresh: Make,
    make_user: Make,
    clock: HeldClock,
) -> None:
    make_user(pool_id, "anna")
    before = [sign_in(client_id) for _ in range(5)]
    track(cognito, pool_id, per_user=3)
    for tokens in before:
        clock.advance(MINUTE)
        refreshed = refresh(tokens, client_id)
    left = [found["SessionId"] for found in listed(anonymous, refreshed)]
    assert left == [session_of(tokens) for tokens in reversed(before[2:])]
    with refused(*REFRESH_REVOKED):
        refresh(before[0], client_id)


def test_of_two_refreshes_that_bring_sign_ins_in_together_no_more_stay_than_may(
    server: Server,
    cognito: Cognito,
    pool_id: str,
    client_id: str,
    sign_in: Make,
    make_user: Make,
    refreshing: Make,
) -> None:
    make_user(pool_id, "anna")
    one, other = sign_in(client_id), sign_in(client_id)
    track(cognito, pool_id, per_user=1)
    call, token = refreshing(other)
    first = refreshing(one)

    async def meet() -> None:
        behind = server.store.write(token_sessions.refreshed, call, token)
        await overtaken(server.store, lambda db: token_sessions.refreshed(db, *first), behind)

    asyncio.run(meet())
    (stays,) = cognito.admin_list_user_sessions(UserPoolId=pool_id, Username="anna")["Sessions"]
    assert stays["SessionId"] == session_of(other)


def test_two_refreshes_of_one_sign_in_bring_one_session_in(
    server: Server,
    cognito: Cognito,
    pool_id: str,
    client_id: str,
    sign_in: Make,
    make_user: Make,
    refreshing: Make,
    clock: HeldClock,
) -> None:
    make_user(pool_id, "anna")
    tokens = sign_in(client_id)
    track(cognito, pool_id, per_user=2)
    sign_in(client_id)
    call, token = refreshing(tokens)

    async def meet() -> None:
        behind = server.store.write(token_sessions.refreshed, call, token)
        await overtaken(server.store, lambda db: token_sessions.refreshed(db, call, token), behind)

    asyncio.run(meet())
    assert len(cognito.admin_list_user_sessions(UserPoolId=pool_id, Username="anna")["Sessions"]) == 2


def test_a_sign_in_that_is_over_by_the_time_it_comes_in_ends_no_other(
    server: Server,
    cognito: Cognito,
    pool_id: str,
    client_id: str,
    sign_in: Make,
    make_user: Make,
    refreshing: Make,
) -> None:
    make_user(pool_id, "anna")
    tokens = sign_in(client_id)
    track(cognito, pool_id, per_user=1)
    call, token = refreshing(tokens)
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
    stays = sign_in(client_id)
    with pytest.raises(Refusal, match="revoked"):
        server.run(server.store.write(token_sessions.refreshed, call, token))
    (session,) = cognito.admin_list_user_sessions(UserPoolId=pool_id, Username="anna")["Sessions"]
    assert session["SessionId"] == session_of(stays)


def test_users_have_sessions_of_their_own(
    anonymous: Cognito, tracked: str, client_id: str, sign_in: Make, make_user: Make
) -> None:
    make_user(tracked, "bert")
    annas = sign_in(client_id)
    for _ in range(4):
        berts = sign_in(client_id, "bert")
    assert [found["SessionId"] for found in listed(anonymous, annas)] == [session_of(annas)]
    with refused(*NOT_FOUND):
        anonymous.revoke_user_session(AccessToken=berts["AccessToken"], SessionId=session_of(annas))
