"""What users and administrators see of sessions, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import UNSIGNED

from cognomen.clock import HOUR, MINUTE
from cognomen.crypto import hashes
from cognomen.store import users
from cognomen.tokens import minting
from tests.calls import call_of
from tests.conftest import PASSWORD, connect
from tests.held_clock import HeldClock
from tests.operations.user_sessions.conftest import TRACKING_OFF, Cognito, Make, listed, session_of, track
from tests.refused import refused
from tests.server import Server
from tests.watched_store import WatchedStore

# -- what there is of them ---------------------------------------------------------------------------------------------


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
            "IpAddress": "2001:db8::7",
            "ServerName": "shop",
            "ServerPath": "/",
            "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "A" * 5_000}, {}],
        },
    )["AuthenticationResult"]
    (session,) = listed(anonymous, tokens)
    assert (session["LastIPAddress"], session["DeviceType"]) == ("2001:db8::7", "A" * 64)


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
