"""Clients that rotate their refresh tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import DAY, HOUR, MINUTE, SECOND
from cognomen.errors import Refusal
from cognomen.store import users
from cognomen.store.groups import Group
from cognomen.store.users import User
from cognomen.tokens import minting, refresh_tokens
from cognomen.tokens.refresh_tokens import RefreshToken
from tests.calls import call_of
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.operations.refreshed_tokens.conftest import REVOKED, Make, said
from tests.refused import refused
from tests.server import Server, running
from tests.watched_store import WatchedStore

REUSED = ("RefreshTokenReuseException", "Refresh Token has been invalidated by refresh token rotation")
RACERS = 12


def rotation(seconds: int = 0) -> Any:
    return {"Feature": "ENABLED", "RetryGracePeriodSeconds": seconds}


@pytest.fixture
def make_rotating(pool_id: str, make_client: Make) -> Callable[..., str]:
    """The id of a client that rotates its refresh tokens, with so many seconds for retries."""

    def make(seconds: int = 0, **settings: Any) -> str:
        client = make_client(
            pool_id,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            RefreshTokenRotation=rotation(seconds),
            **settings,
        )
        return str(client["ClientId"])

    return make


def test_a_refresh_token_is_replaced_each_time(
    make_rotating: Make, sign_in: Make, refresh: Make, clock: HeldClock
) -> None:
    client_id = make_rotating()
    signed_in = tokens = sign_in(client_id)
    for _ in range(3):
        clock.advance(HOUR)
        former, tokens = tokens, refresh(tokens, client_id)
        assert tokens["RefreshToken"] != former["RefreshToken"]
        with refused(*REUSED):
            refresh(former, client_id)
    with refused(*REUSED):
        refresh(signed_in, client_id)
    refresh(tokens, client_id)
    first, last = said(signed_in["AccessToken"]), said(tokens["AccessToken"])
    assert first["origin_jti"] == last["origin_jti"]
    assert first["jti"] != last["jti"]


def test_a_token_used_again_does_not_end_its_sign_in(
    anonymous: Cognito, make_rotating: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_rotating()
    signed_in = sign_in(client_id)
    tokens = refresh(signed_in, client_id)
    with refused(*REUSED):
        refresh(signed_in, client_id)
    anonymous.get_user(AccessToken=tokens["AccessToken"])
    refresh(tokens, client_id)


@pytest.fixture(scope="module")
def severe(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    """A server whose operator has set `revoke_on_reuse`."""
    data = tmp_path_factory.mktemp("severe")
    with (
        empty_database(engine, Path(data)) as url,
        running(str(data), url, held_clock, revoke_on_reuse=True) as served,
    ):
        yield served


@pytest.fixture
def with_retries(severe: Server) -> Callable[..., Any]:
    """How to refresh at that server, as a client that has so many seconds for retries; called without a token it signs in."""
    at = connect(severe.endpoint)
    pool_id = at.create_user_pool(PoolName="a pool")["UserPool"]["Id"]
    at.admin_create_user(UserPoolId=pool_id, Username="anna", MessageAction="SUPPRESS")
    at.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password="Passw0rd!", Permanent=True)

    def make(seconds: int) -> Callable[..., Any]:
        client_id = at.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="c",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            RefreshTokenRotation=rotation(seconds),
        )["UserPoolClient"]["ClientId"]

        def tokens(of: Any = None) -> Any:
            if of is not None:
                given = {"RefreshToken": of["RefreshToken"], "ClientId": client_id}
                return at.get_tokens_from_refresh_token(**given)["AuthenticationResult"]
            who = {"USERNAME": "anna", "PASSWORD": "Passw0rd!"}
            return at.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=who)[
                "AuthenticationResult"
            ]

        return tokens

    return make


def test_a_token_used_again_ends_its_sign_in_where_the_operator_wants_that(
    severe: Server, with_retries: Make, clock: HeldClock
) -> None:
    tokens = with_retries(10)
    other, stolen = tokens(), tokens()
    newer = tokens(stolen)
    clock.advance(10 * SECOND - 1)
    tokens(stolen)  # a retry
    clock.advance(1)
    with refused(*REUSED):
        tokens(stolen)
    for each in (stolen, newer):
        with refused(*REVOKED):
            tokens(each)
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        connect(severe.endpoint).get_user(AccessToken=newer["AccessToken"])
    tokens(other)  # another sign-in is no concern of it


def test_of_requests_that_come_together_the_second_is_a_reuse_too(with_retries: Make) -> None:
    """The one that was faster gave its answer to whoever that was."""
    tokens = with_retries(0)
    signed_in = tokens()

    def refresh_and_tell() -> Any:
        try:
            return tokens(signed_in)
        except ClientError as error:
            return error.response["Error"]["Code"]

    with ThreadPoolExecutor(6) as threads:
        found = [told.result() for told in [threads.submit(refresh_and_tell) for _ in range(6)]]
    refreshed = [told for told in found if not isinstance(told, str)]
    assert len(refreshed) == 1
    with refused(*REVOKED):
        tokens(refreshed[0])


def test_without_time_for_retries_one_is_first_whenever_the_others_began(
    severe: Server, clock: HeldClock
) -> None:
    """All have found the token good before the first replaces it; each began a little later than the one before."""
    at = connect(severe.endpoint)
    pool_id = at.create_user_pool(PoolName="a pool")["UserPool"]["Id"]
    made = at.admin_create_user(UserPoolId=pool_id, Username="anna", MessageAction="SUPPRESS")["User"]
    client_id = at.create_user_pool_client(
        UserPoolId=pool_id, ClientName="c", RefreshTokenRotation=rotation()
    )["UserPoolClient"]["ClientId"]
    sub = next(each["Value"] for each in made["Attributes"] if each["Name"] == "sub")
    anna = severe.run(severe.store.read(users.by_sub, pool_id, sub))
    assert anna is not None

    async def race() -> list[str | Refusal]:
        first = await call_of(severe.node, pool_id, client_id)
        text = (await minting.after_sign_in(first, anna)).refresh
        assert text is not None
        calls = [await call_of(severe.node, pool_id, client_id) for _ in range(RACERS)]
        for earlier, call in enumerate(calls):
            call.now -= earlier
        found = [await refresh_tokens.verify(call, text) for call in calls]

        async def refresh(
            call: Call, token: RefreshToken, user: User, its_groups: list[Group]
        ) -> str | Refusal:
            try:
                return (await minting.after_refresh(call, token, user, its_groups)).refresh or ""
            except Refusal as refusal:
                return refusal

        racing = (refresh(call, *seen) for call, seen in zip(calls, found, strict=True))
        return await asyncio.gather(*racing)

    told = severe.run(race())
    successors = [each for each in told if isinstance(each, str)]
    assert len(successors) == 1
    assert all(each.is_(errors.REFRESH_TOKEN_REUSED) for each in told if not isinstance(each, str))
    with refused(*REVOKED):
        at.get_tokens_from_refresh_token(RefreshToken=successors[0], ClientId=client_id)


def test_a_clock_that_is_behind_makes_the_time_for_retries_little_longer(
    server: Server, pool_id: str, make_rotating: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_rotating(10)
    signed_in = sign_in(client_id)
    refresh(signed_in, client_id)
    call = server.run(call_of(server.node, pool_id, client_id))
    replaced_at = call.now
    for began, counts in (
        (-MINUTE - 1, False),
        (-MINUTE, True),
        (10 * SECOND - 1, True),
        (10 * SECOND, False),
    ):
        call.now = replaced_at + began
        verifying = refresh_tokens.verify(call, signed_in["RefreshToken"])
        if counts:
            server.run(verifying)
        else:
            with pytest.raises(Refusal, match=REUSED[1]):
                server.run(verifying)


def test_a_replaced_token_counts_a_little_longer(
    make_rotating: Make, sign_in: Make, refresh: Make, clock: HeldClock
) -> None:
    client_id = make_rotating(10)
    signed_in = sign_in(client_id)
    lost = refresh(signed_in, client_id)
    clock.advance(10 * SECOND - 1)
    again = refresh(signed_in, client_id)
    clock.advance(1)
    with refused(*REUSED):
        refresh(signed_in, client_id)
    next_one = refresh(again, client_id)
    refresh(lost, client_id)  # as good as the one that was given for the retry, and within its own time
    clock.advance(10 * SECOND)
    for spent in (lost, again):
        with refused(*REUSED):
            refresh(spent, client_id)
    refresh(next_one, client_id)


def test_a_token_of_two_generations_ago_is_spent_at_once(
    make_rotating: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_rotating(60)
    signed_in = sign_in(client_id)
    refresh(refresh(signed_in, client_id), client_id)
    with refused(*REUSED):
        refresh(signed_in, client_id)


def test_a_replacement_expires_when_the_first_one_would_have(
    make_rotating: Make, sign_in: Make, refresh: Make, clock: HeldClock
) -> None:
    client_id = make_rotating(RefreshTokenValidity=2)
    tokens = sign_in(client_id)
    for _ in range(2):
        clock.advance(DAY - 1)
        tokens = refresh(tokens, client_id)
    clock.advance(2)
    with refused("NotAuthorizedException", "Refresh Token has expired"):
        refresh(tokens, client_id)


def test_a_client_that_rotates_has_no_other_way_to_refresh(
    anonymous: Cognito, cognito: Cognito, pool_id: str, make_rotating: Make, sign_in: Make
) -> None:
    client_id = make_rotating()
    given = {"REFRESH_TOKEN": sign_in(client_id)["RefreshToken"]}
    unsupported = ("UnsupportedOperationException", "This API does not support refresh token rotation")
    with refused(*unsupported):
        anonymous.initiate_auth(AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client_id, AuthParameters=given)
    with refused(*unsupported):
        cognito.admin_initiate_auth(
            UserPoolId=pool_id, AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client_id, AuthParameters=given
        )


def test_revoking_any_of_its_tokens_ends_the_sign_in(
    anonymous: Cognito, make_rotating: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_rotating()
    for place in (0, 1):
        signed_in = sign_in(client_id)
        tokens = refresh(signed_in, client_id)
        anonymous.revoke_token(Token=(signed_in, tokens)[place]["RefreshToken"], ClientId=client_id)
        with refused(*REVOKED):
            refresh(tokens, client_id)
        with refused("NotAuthorizedException", "Access Token has been revoked"):
            anonymous.get_user(AccessToken=tokens["AccessToken"])


def test_tokens_are_traced_where_they_rotate_though_they_cannot_be_revoked(
    make_rotating: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_rotating(EnableTokenRevocation=False)
    for tokens in (sign_in(client_id), refresh(sign_in(client_id), client_id)):
        for token in (tokens["AccessToken"], tokens["IdToken"]):
            assert said(token).keys() >= {"origin_jti", "jti"}


def test_a_token_of_before_rotation_is_replaced_at_its_next_refresh(
    cognito: Cognito, pool_id: str, make_client: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["ClientId"]
    signed_in = sign_in(client_id)
    rotate: Any = {"UserPoolId": pool_id, "ClientId": client_id, "RefreshTokenRotation": rotation()}
    cognito.update_user_pool_client(**rotate, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    tokens = refresh(signed_in, client_id)
    with refused(*REUSED):
        refresh(signed_in, client_id)
    assert refresh(tokens, client_id)["RefreshToken"]


def test_a_spent_token_stays_spent_when_rotation_is_turned_off(
    cognito: Cognito, pool_id: str, make_rotating: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_rotating()
    signed_in = sign_in(client_id)
    tokens = refresh(signed_in, client_id)
    cognito.update_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    with refused(*REUSED):
        refresh(signed_in, client_id)
    for _ in range(2):
        assert "RefreshToken" not in refresh(tokens, client_id)


@pytest.mark.parametrize("seconds", [0, 60])
def test_of_requests_that_come_together_one_is_first(
    make_rotating: Make, sign_in: Make, refresh: Make, seconds: int
) -> None:
    client_id = make_rotating(seconds)
    tokens = sign_in(client_id)

    def refresh_and_tell() -> Any:
        try:
            return refresh(tokens, client_id)
        except ClientError as error:
            return error.response["Error"]["Code"]

    for _ in range(3):
        with ThreadPoolExecutor(6) as threads:
            found = [told.result() for told in [threads.submit(refresh_and_tell) for _ in range(6)]]
        refreshed = [told for told in found if not isinstance(told, str)]
        assert len(refreshed) == (6 if seconds else 1)
        assert {told for told in found if isinstance(told, str)} <= {REUSED[0]}
        tokens = refreshed[0]


@pytest.mark.parametrize(("rotates", "transactions"), [(False, ["read"]), (True, ["read", "write"])])
def test_only_who_rotates_pays_for_it(
    server: Server,
    pool_id: str,
    make_client: Make,
    make_rotating: Make,
    sign_in: Make,
    rotates: bool,
    transactions: list[str],
) -> None:
    client_id = make_rotating() if rotates else make_client(pool_id)["ClientId"]
    text = sign_in(client_id)["RefreshToken"]
    call = server.run(call_of(server.node, pool_id, client_id))
    watched = WatchedStore(server.store)
    call.store = watched

    async def refresh() -> None:
        token, user, its_groups = await refresh_tokens.verify(call, text)
        await minting.after_refresh(call, token, user, its_groups)

    server.run(refresh())
    assert watched.transactions == transactions
    statements = [ran for ran in watched.ran if ran not in transactions]
    assert len(statements) == (4 if rotates else 1)
