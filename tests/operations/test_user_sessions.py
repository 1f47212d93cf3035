"""Sessions of users: how a pool is set to track them, and what users and administrators then see and end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from botocore import UNSIGNED

from cognomen.call import Call
from cognomen.clock import DAY, HOUR, MINUTE
from cognomen.crypto import hashes
from cognomen.errors import Refusal
from cognomen.store import browser_sessions, user_sessions, users
from cognomen.store.browser_sessions import BrowserSession
from cognomen.tokens import minting, refresh_tokens
from cognomen.tokens import user_sessions as token_sessions
from cognomen.tokens.refresh_tokens import RefreshToken
from tests.calls import call_of
from tests.conftest import PASSWORD, connect
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server
from tests.watched_store import WatchedStore

Make = Callable[..., Any]
Cognito = Any  # the types of boto3 do not have these operations yet

NOT_IN_PLAN = (
    "FeatureUnavailableInTierException",
    "The following feature is not available for the LITE pricing tier configured: User Session Tracking",
)
TRACKING_OFF = ("OperationNotEnabledException", "User session tracking is not enabled for this user pool.")


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


def track(cognito: Cognito, pool_id: str, state: Any = "ENABLED", per_user: int = 3) -> Any:
    return cognito.set_user_pool_session_configuration(
        UserPoolId=pool_id, UserSessionTracking=state, TokenSession={"MaxPerUser": per_user}
    )


def reuse(cognito: Cognito, pool_id: str, client_id: str, minutes: int = 90) -> Any:
    return cognito.set_user_pool_client_session_configuration(
        UserPoolId=pool_id, ClientId=client_id, SSOSession={"MaxValidityMinutes": minutes}
    )


# -- how they are configured -------------------------------------------------------------------------------------------


def told(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_without_configuration_nothing_is_tracked(cognito: Cognito, pool_id: str, client_id: str) -> None:
    of_pool = told(cognito.get_user_pool_session_configuration(UserPoolId=pool_id))
    assert of_pool == {
        "UserPoolId": pool_id,
        "UserSessionTracking": "DISABLED",
        "TokenSession": {"MaxPerUser": 20},
    }
    of_client = told(
        cognito.get_user_pool_client_session_configuration(UserPoolId=pool_id, ClientId=client_id)
    )
    assert of_client == {
        "UserPoolId": pool_id,
        "ClientId": client_id,
        "SSOSession": {"MaxValidityMinutes": 60},
    }


def test_what_was_set_comes_back(cognito: Cognito, pool_id: str, client_id: str) -> None:
    given = told(track(cognito, pool_id))
    assert given["TokenSession"] == {"MaxPerUser": 3}
    assert told(cognito.get_user_pool_session_configuration(UserPoolId=pool_id)) == given
    for minutes in (0, 129_600):
        given = told(reuse(cognito, pool_id, client_id, minutes))
        assert given["SSOSession"] == {"MaxValidityMinutes": minutes}
        found = cognito.get_user_pool_client_session_configuration(UserPoolId=pool_id, ClientId=client_id)
        assert told(found) == given


def test_a_client_is_configured_only_while_its_pool_tracks_sessions(
    cognito: Cognito, pool_id: str, client_id: str
) -> None:
    with refused(*TRACKING_OFF):
        reuse(cognito, pool_id, client_id)
    track(cognito, pool_id)
    reuse(cognito, pool_id, client_id, 5)
    track(cognito, pool_id, "DISABLED")
    with refused(*TRACKING_OFF):
        reuse(cognito, pool_id, client_id, 6)
    kept = cognito.get_user_pool_client_session_configuration(UserPoolId=pool_id, ClientId=client_id)
    assert kept["SSOSession"] == {"MaxValidityMinutes": 5}, "it stays, dormant"


def test_the_plan_must_have_it(cognito: Cognito, make_pool: Make, make_client: Make) -> None:
    pool_id = make_pool(UserPoolTier="LITE")["Id"]
    client_id = make_client(pool_id)["ClientId"]
    with refused(*NOT_IN_PLAN):
        track(cognito, pool_id)
    with refused(*NOT_IN_PLAN):
        reuse(cognito, pool_id, client_id)


def test_a_pool_that_tracks_sessions_keeps_its_plan(cognito: Cognito, pool_id: str) -> None:
    track(cognito, pool_id)
    with refused("TierChangeNotAllowedException"):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")
    track(cognito, pool_id, "DISABLED")
    cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="LITE")


def test_what_is_not_there_is_told(cognito: Cognito, pool_id: str) -> None:
    with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
        track(cognito, "us-east-1_nobody")
    with refused("ResourceNotFoundException", "User pool client unknown does not exist."):
        reuse(cognito, pool_id, "unknown")


def test_with_a_client_goes_its_configuration(
    server: Server, cognito: Cognito, pool_id: str, client_id: str
) -> None:
    track(cognito, pool_id)
    reuse(cognito, pool_id, client_id, 5)
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    assert server.run(server.store.read(user_sessions.reuse_minutes, pool_id, client_id)) == 60


# -- what there is of them ---------------------------------------------------------------------------------------------

ACCESS_REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
REFRESH_REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
NOT_FOUND = ("ResourceNotFoundException", "Session not found.")
FAR = 10**15


@pytest.fixture
def tracked(cognito: Cognito, pool_id: str, make_user: Make) -> str:
    """A pool that tracks up to three sessions of a user, and in which anna is."""
    track(cognito, pool_id, per_user=3)
    make_user(pool_id, "anna")
    return pool_id


@pytest.fixture
def sign_in(anonymous: Cognito) -> Callable[..., Any]:
    """Sign somebody in."""

    def sign_in(client_id: str, name: str = "anna", **more: Any) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
            **more,
        )["AuthenticationResult"]

    return sign_in


@pytest.fixture
def refresh(anonymous: Cognito) -> Callable[..., Any]:
    def refresh(tokens: Any, client_id: str) -> Any:
        return anonymous.get_tokens_from_refresh_token(
            RefreshToken=tokens["RefreshToken"], ClientId=client_id
        )["AuthenticationResult"]

    return refresh


def listed(anonymous: Cognito, tokens: Any) -> Any:
    answer = anonymous.list_user_sessions(AccessToken=tokens["AccessToken"])
    assert "NextToken" not in answer
    return answer["Sessions"]


def session_of(tokens: Any) -> str:
    claims = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})
    return token_sessions.id_of(claims["origin_jti"])


def at(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, UTC)


def test_a_sign_in_begins_a_session(
    server: Server, tracked: str, client_id: str, sign_in: Make, clock: HeldClock
) -> None:
    phone = connect(server.endpoint, signature_version=UNSIGNED, user_agent="Shop/7 (iPhone; iOS 17.1)")
    tokens = phone.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    (session,) = listed(phone, tokens)
    assert re.fullmatch("tkn[a-z0-9]{25}", session["SessionId"])
    assert session == {
        "SessionId": session_of(tokens),
        "SessionType": "TOKEN",
        "ClientId": client_id,
        "CreateDate": at(clock.now),
        "LastActiveDate": at(clock.now),
        "DeviceType": "iOS Shop",
        "LastIPAddress": "127.0.0.1",
        "LastLocation": {"Country": "unknown"},
        "IsCurrentSession": True,
    }


def test_the_latest_sessions_come_first_and_a_refresh_makes_one_the_latest(
    anonymous: Cognito,
    cognito: Cognito,
    tracked: str,
    client_id: str,
    sign_in: Make,
    refresh: Make,
    clock: HeldClock,
) -> None:
    began = clock.now
    one = sign_in(client_id)
    clock.advance(MINUTE)
    two = sign_in(client_id)
    assert [found["SessionId"] for found in listed(anonymous, two)] == [session_of(two), session_of(one)]
    clock.advance(MINUTE)
    refresh(one, client_id)
    assert [found["IsCurrentSession"] for found in listed(anonymous, two)] == [False, True]
    seen = cognito.admin_list_user_sessions(UserPoolId=tracked, Username="anna")["Sessions"]
    assert [found["SessionId"] for found in seen] == [session_of(one), session_of(two)]
    assert not any(found["IsCurrentSession"] for found in seen)
    assert (seen[0]["CreateDate"], seen[0]["LastActiveDate"]) == (at(began), at(clock.now))


def test_where_nothing_is_tracked_nothing_is_there(
    anonymous: Cognito, cognito: Cognito, pool_id: str, client_id: str, sign_in: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    tokens = sign_in(client_id)
    session = session_of(tokens)
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: listed(anonymous, tokens),
        lambda: anonymous.revoke_user_session(AccessToken=tokens["AccessToken"], SessionId=session),
        lambda: cognito.admin_list_user_sessions(UserPoolId=pool_id, Username="anna"),
        lambda: cognito.admin_revoke_user_session(UserPoolId=pool_id, Username="anna", SessionId=session),
    )
    for attempt in attempts:
        with refused(*TRACKING_OFF):
            attempt()


def test_a_sign_in_of_before_tracking_gets_its_session_at_its_next_refresh(
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
    began = clock.now
    tokens = sign_in(client_id)
    track(cognito, pool_id)
    assert listed(anonymous, tokens) == []
    clock.advance(HOUR)
    refreshed = refresh(tokens, client_id)
    (session,) = listed(anonymous, refreshed)
    assert session["SessionId"] == session_of(tokens)
    assert (session["CreateDate"], session["LastActiveDate"]) == (at(began), at(clock.now))


def test_tokens_are_traced_where_sessions_are(
    anonymous: Cognito, tracked: str, make_client: Make, sign_in: Make
) -> None:
    tokens = sign_in(make_client(tracked, EnableTokenRevocation=False)["ClientId"])
    (session,) = listed(anonymous, tokens)
    assert session["IsCurrentSession"]


def test_a_backend_tells_of_the_device_before_it(
    cognito: Cognito, anonymous: Cognito, tracked: str, make_client: Make
) -> None:
    client_id = make_client(tracked)["ClientId"]
    tokens = cognito.admin_initiate_auth(
        UserPoolId=tracked,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
        ContextData={
            "IpAddress": "192.0.2.7",
            "ServerName": "shop",
            "ServerPath": "/",
            "HttpHeaders": [
                {"headerName": "User-Agent", "headerValue": "Mozilla/5.0 (X11; Linux) Firefox/121.0"}
            ],
        },
    )["AuthenticationResult"]
    (session,) = listed(anonymous, tokens)
    assert (session["LastIPAddress"], session["DeviceType"]) == ("192.0.2.7", "Linux Firefox")


def test_what_a_backend_tells_is_kept_as_far_as_it_may_be_told_again(
    cognito: Cognito, anonymous: Cognito, tracked: str, client_id: str
) -> None:
    tokens = cognito.admin_initiate_auth(
        UserPoolId=tracked,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
        ContextData={
            "IpAddress": "x" * 5_000,
            "ServerName": "shop",
            "ServerPath": "/",
            "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "A" * 5_000}, {}],
        },
    )["AuthenticationResult"]
    (session,) = listed(anonymous, tokens)
    assert (len(session["LastIPAddress"]), session["DeviceType"]) == (128, "A" * 64)


@pytest.mark.parametrize(("propagates", "address"), [(True, "192.0.2.7"), (False, "127.0.0.1")])
def test_the_word_of_a_public_client_counts_where_its_owner_said_so(
    anonymous: Cognito, cognito: Cognito, tracked: str, make_client: Make, propagates: bool, address: str
) -> None:
    client = make_client(tracked, GenerateSecret=True, EnablePropagateAdditionalUserContextData=propagates)
    proof = hashes.secret_hash(client["ClientSecret"], "anna", client["ClientId"])
    tokens = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client["ClientId"],
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD, "SECRET_HASH": proof},
        UserContextData={"IpAddress": "192.0.2.7"},
    )["AuthenticationResult"]
    (session,) = listed(anonymous, tokens)
    assert session["LastIPAddress"] == address


# -- how many there may be ---------------------------------------------------------------------------------------------


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


# -- how they end ------------------------------------------------------------------------------------------------------


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


# -- sessions of browsers ----------------------------------------------------------------------------------------------


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


# -- what it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tracks", "transactions"), [(False, ["read"]), (True, ["read", "write"])])
def test_only_a_pool_that_tracks_sessions_pays_for_it(
    server: Server,
    cognito: Cognito,
    pool_id: str,
    client_id: str,
    make_user: Make,
    tracks: bool,
    transactions: list[str],
) -> None:
    sub = make_user(pool_id, "anna")
    track(cognito, pool_id, "ENABLED" if tracks else "DISABLED")
    call = server.run(call_of(server.node, pool_id, client_id))
    anna = server.run(server.store.read(users.by_sub, pool_id, sub))
    assert anna is not None
    watched = WatchedStore(server.store)
    call.store = watched
    server.run(minting.after_sign_in(call, anna))
    assert watched.transactions == transactions
