"""The end of tokens: sign-outs and revocation, and what an access token must be to count."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any
from urllib.request import urlopen

import jwt
import pytest
from botocore.exceptions import ClientError
from sqlalchemy import insert, update
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import HOUR, SECOND
from cognomen.crypto import jws, rsa_keys
from cognomen.operations import dispatch
from cognomen.operations.user_pools import _sealed
from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.user_pools import signing_keys
from tests import late
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

ACCESS_REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
REFRESH_REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
INVALID = ("NotAuthorizedException", "Invalid Access Token")
UNAUTHORIZED = ("UnauthorizedException", "Unauthorized client.")


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    """A pool in which anna is."""
    made = str(make_pool()["Id"])
    make_user(made, "anna")
    return made


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def sign_in(anonymous: Cognito, client_id: str) -> Callable[..., Any]:
    """Sign anna in."""

    def sign_in(client_id: str = client_id) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": "anna", "PASSWORD": "Passw0rd!"},
        )["AuthenticationResult"]

    return sign_in


@pytest.fixture
def refresh(anonymous: Cognito, client_id: str) -> Callable[..., Any]:
    def refresh(tokens: Any, client_id: str = client_id) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=client_id,
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )["AuthenticationResult"]

    return refresh


# -- signing out everywhere -------------------------------------------------------------------------------------------


def test_a_global_sign_out_ends_every_sign_in(anonymous: Cognito, sign_in: Make, refresh: Make) -> None:
    first, second = sign_in(), sign_in()
    refreshed = refresh(first)
    anonymous.global_sign_out(AccessToken=first["AccessToken"])
    for tokens in (first, second, refreshed):
        with refused(*ACCESS_REVOKED):
            anonymous.get_user(AccessToken=tokens["AccessToken"])
    for tokens in (first, second):
        with refused(*REFRESH_REVOKED):
            refresh(tokens)
    with refused(*ACCESS_REVOKED):
        anonymous.global_sign_out(AccessToken=first["AccessToken"])


def test_a_sign_in_right_after_a_sign_out_counts(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make, refresh: Make, clock: HeldClock
) -> None:
    """All of it happens within the same millisecond: time stands still."""
    at = clock.now
    for _ in range(3):
        tokens = sign_in()
        anonymous.get_user(AccessToken=tokens["AccessToken"])
        refresh(tokens)
        cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
        with refused(*ACCESS_REVOKED):
            anonymous.get_user(AccessToken=tokens["AccessToken"])
        with refused(*REFRESH_REVOKED):
            refresh(tokens)
    assert clock.now == at
    assert jwt.decode(tokens["AccessToken"], options={"verify_signature": False})["iat"] == at // SECOND


def test_a_sign_out_reaches_tokens_without_an_origin(
    anonymous: Cognito, cognito: Cognito, pool_id: str, make_client: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_client(pool_id, EnableTokenRevocation=False)["ClientId"]
    tokens = sign_in(client_id)
    refreshed = refresh(tokens, client_id)
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
    for ended in (tokens, refreshed):
        with refused(*ACCESS_REVOKED):
            anonymous.get_user(AccessToken=ended["AccessToken"])
    with refused(*REFRESH_REVOKED):
        refresh(tokens, client_id)
    anonymous.get_user(AccessToken=sign_in(client_id)["AccessToken"])


def test_a_sign_out_leaves_other_users_alone(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make, make_user: Make
) -> None:
    tokens = sign_in()
    make_user(pool_id, "bert")
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="bert")
    anonymous.get_user(AccessToken=tokens["AccessToken"])


def test_nobody_to_sign_out(cognito: Cognito, pool_id: str) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="nobody")


def test_a_user_who_is_disabled_keeps_no_token(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make
) -> None:
    tokens = sign_in()
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        anonymous.get_user(AccessToken=tokens["AccessToken"])
    cognito.admin_enable_user(UserPoolId=pool_id, Username="anna")
    with refused(*ACCESS_REVOKED):
        anonymous.get_user(AccessToken=tokens["AccessToken"])


# -- revoking one sign-in ---------------------------------------------------------------------------------------------


def test_revoking_a_refresh_token_ends_its_sign_in_alone(
    anonymous: Cognito, client_id: str, sign_in: Make, refresh: Make
) -> None:
    one, other = sign_in(), sign_in()
    refreshed = refresh(one)
    anonymous.revoke_token(Token=one["RefreshToken"], ClientId=client_id)
    with refused(*REFRESH_REVOKED):
        refresh(one)
    for tokens in (one, refreshed):
        with refused(*ACCESS_REVOKED):
            anonymous.get_user(AccessToken=tokens["AccessToken"])
    anonymous.get_user(AccessToken=other["AccessToken"])
    refresh(other)


def test_revoking_twice_or_what_nobody_knows_is_well(
    anonymous: Cognito, client_id: str, sign_in: Make, make_pool: Make, make_client: Make
) -> None:
    tokens = sign_in()
    for token in (tokens["RefreshToken"], tokens["RefreshToken"], "garbage", "a.b.c.d.e"):
        answer = anonymous.revoke_token(Token=token, ClientId=client_id)
        assert answer.keys() == {"ResponseMetadata"}
    foreign = make_client(make_pool()["Id"])["ClientId"]
    anonymous.revoke_token(Token=sign_in()["RefreshToken"], ClientId=foreign)


def test_only_refresh_tokens_are_revoked(anonymous: Cognito, client_id: str, sign_in: Make) -> None:
    tokens = sign_in()
    for token in (tokens["AccessToken"], tokens["IdToken"]):
        with refused("UnsupportedTokenTypeException", "Only refresh tokens can be revoked."):
            anonymous.revoke_token(Token=token, ClientId=client_id)


def test_a_client_may_revoke_its_own_tokens_only(
    anonymous: Cognito, pool_id: str, sign_in: Make, refresh: Make, make_client: Make
) -> None:
    tokens = sign_in()
    other = make_client(pool_id)["ClientId"]
    with refused(*UNAUTHORIZED):
        anonymous.revoke_token(Token=tokens["RefreshToken"], ClientId=other)
    with refused(*UNAUTHORIZED):
        anonymous.revoke_token(Token=tokens["RefreshToken"], ClientId="1nothing")
    refresh(tokens)


def test_revoking_proves_the_client_s_secret(anonymous: Cognito, pool_id: str, make_client: Make) -> None:
    client = make_client(pool_id, GenerateSecret=True)
    for secret in ({}, {"ClientSecret": "x" * 51}):
        with refused(*UNAUTHORIZED):
            anonymous.revoke_token(Token="anything", ClientId=client["ClientId"], **secret)
    anonymous.revoke_token(Token="anything", ClientId=client["ClientId"], ClientSecret=client["ClientSecret"])


def test_a_client_without_a_secret_has_none_to_prove(anonymous: Cognito, client_id: str) -> None:
    with refused(*UNAUTHORIZED):
        anonymous.revoke_token(Token="anything", ClientId=client_id, ClientSecret="x" * 51)


def test_a_client_may_do_without_revocation(
    anonymous: Cognito, pool_id: str, make_client: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_client(pool_id, EnableTokenRevocation=False)["ClientId"]
    tokens = sign_in(client_id)
    with refused("UnsupportedOperationException", "Token revocation is not enabled for this client."):
        anonymous.revoke_token(Token=tokens["RefreshToken"], ClientId=client_id)
    refresh(tokens, client_id)


def test_the_access_log_has_pool_and_client_of_a_revocation(
    server: Server, pool_id: str, client_id: str
) -> None:
    asked = late.received("RevokeToken", {"Token": "anything", "ClientId": client_id})
    server.run(dispatch.run(server.node, asked))
    assert (asked.about.pool_id, asked.about.client_id) == (pool_id, client_id)


def test_nothing_is_refreshed_after_a_revocation_was_answered(
    anonymous: Cognito, client_id: str, sign_in: Make, refresh: Make
) -> None:
    def refresh_and_tell(tokens: Any) -> str:
        try:
            refresh(tokens)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "refreshed"

    for _ in range(5):
        tokens = sign_in()
        with ThreadPoolExecutor(4) as threads:
            refreshed = [threads.submit(refresh_and_tell, tokens) for _ in range(6)]
            anonymous.revoke_token(Token=tokens["RefreshToken"], ClientId=client_id)
            after = refresh_and_tell(tokens)
        assert {told.result() for told in refreshed} <= {"refreshed", REFRESH_REVOKED[1]}
        assert after == REFRESH_REVOKED[1]


# -- what an access token must be -------------------------------------------------------------------------------------


def test_what_is_no_access_token(
    anonymous: Cognito, sign_in: Make, server: Server, pool_id: str, client_id: str
) -> None:
    tokens = sign_in()
    header, payload, _ = tokens["AccessToken"].split(".")
    unsigned = f"{header}.{payload}."
    for text in ("garbage", "a.b.c", tokens["IdToken"], tokens["RefreshToken"], "x" * 50_000, "e30.e30.e30"):
        with refused(*INVALID):
            anonymous.get_user(AccessToken=text)
    with refused("NotAuthorizedException", "Could not verify signature for Access Token"):
        anonymous.get_user(AccessToken=unsigned)


def test_a_token_that_someone_else_signed(anonymous: Cognito, sign_in: Make) -> None:
    parsed = jws.parse(sign_in()["AccessToken"])
    foreign = rsa_keys.generate()
    with refused("NotAuthorizedException", "Could not verify signature for Access Token"):
        anonymous.get_user(AccessToken=jws.sign(foreign, parsed.header["kid"], parsed.claims))
    with refused(*INVALID):
        anonymous.get_user(AccessToken=jws.sign(foreign, "another key", parsed.claims))


def test_an_access_token_signed_with_the_key_of_id_tokens(
    anonymous: Cognito, sign_in: Make, server: Server, pool_id: str
) -> None:
    claims = jws.parse(sign_in()["AccessToken"]).claims
    key = server.run(call_of(server.node, pool_id)).configuration.signing["id"]
    with refused(*INVALID):
        anonymous.get_user(AccessToken=jws.sign(key.private, key.kid, claims))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"token_use": "id"}, "Invalid Access Token"),
        ({"client_id": "1nothing"}, "Invalid Access Token"),
        ({"client_id": 7}, "Invalid Access Token"),
        ({"scope": "openid"}, "Access Token does not have required scopes"),
        ({"scope": ""}, "Access Token does not have required scopes"),
        ({"exp": 1}, "Access Token has expired"),
    ],
)
def test_a_token_of_ours_that_says_something_else(
    anonymous: Cognito, sign_in: Make, server: Server, pool_id: str, changed: dict[str, Any], message: str
) -> None:
    claims = jws.parse(sign_in()["AccessToken"]).claims | changed
    key = server.run(call_of(server.node, pool_id)).configuration.signing["access"]
    with refused("NotAuthorizedException", message):
        anonymous.get_user(AccessToken=jws.sign(key.private, key.kid, claims))


def test_an_access_token_expires(anonymous: Cognito, sign_in: Make, clock: HeldClock) -> None:
    clock.advance(SECOND - clock.now % SECOND)
    token = sign_in()["AccessToken"]
    clock.advance(HOUR - 1)
    anonymous.get_user(AccessToken=token)
    clock.advance(1)
    with refused("NotAuthorizedException", "Access Token has expired"):
        anonymous.get_user(AccessToken=token)


def test_a_token_of_a_user_who_is_gone(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make, make_user: Make
) -> None:
    token = sign_in()["AccessToken"]
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    with refused("UserNotFoundException", "User does not exist."):
        anonymous.get_user(AccessToken=token)
    make_user(pool_id, "anna")
    with refused("UserNotFoundException", "User does not exist."):
        anonymous.get_user(AccessToken=token)


def test_a_token_of_a_client_that_is_gone(
    anonymous: Cognito, cognito: Cognito, pool_id: str, client_id: str, sign_in: Make
) -> None:
    token = sign_in()["AccessToken"]
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)
    with refused(*INVALID):
        anonymous.get_user(AccessToken=token)


def test_a_retired_key_still_verifies(
    anonymous: Cognito, sign_in: Make, server: Server, pool_id: str
) -> None:
    token = sign_in()["AccessToken"]
    call = server.run(call_of(server.node, pool_id))
    new_key = _sealed(call, pool_id, "access", rsa_keys.generate())
    former = signing_keys.c.pool_id == pool_id, signing_keys.c.token_use == "access"

    def rotate(db: Db) -> None:
        db.run(update(signing_keys).where(*former).values(retired_at=call.now))
        db.run(insert(signing_keys), **asdict(new_key))
        user_pools.touch(db, pool_id)

    server.run(server.store.write(rotate))
    assert jws.parse(sign_in()["AccessToken"]).header["kid"] == new_key.kid, "requests have seen it"
    anonymous.get_user(AccessToken=token)
    with urlopen(f"{server.endpoint}/{pool_id}/.well-known/jwks.json") as answer:
        published = {key["kid"] for key in json.loads(answer.read())["keys"]}
    assert {jws.parse(token).header["kid"], new_key.kid} < published
