"""Tokens as OAuth clients get them: what was granted decides which there are and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Call
from cognomen.clock import HOUR, SECOND
from cognomen.store import users
from cognomen.store.users import User
from cognomen.tokens import minting
from cognomen.tokens.claims import at_hash
from cognomen.tokens.minting import Tokens
from cognomen.tokens.scopes import Grant
from cognomen.triggers import pre_token_generation
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def sub(pool_id: str, make_user: Make) -> str:
    return str(make_user(pool_id, "anna", email="anna@example.com", given_name="Anna"))


@pytest.fixture
def call(server: Server, pool_id: str, client_id: str) -> Call:
    return server.run(call_of(server.node, pool_id, client_id))


@pytest.fixture
def anna(server: Server, pool_id: str, sub: str) -> User:
    user = server.run(server.store.read(users.by_sub, pool_id, sub))
    assert user is not None
    return user


@pytest.fixture
def grant_to(server: Server, call: Call, anna: User) -> Callable[..., Tokens]:
    """The tokens of anna when an OAuth client was granted these scopes."""

    def grant_to(scope: str, resource: str | None = None, **more: Any) -> Tokens:
        grant = Grant(scope, is_oauth=True, resource=resource)
        return server.run(
            minting.after_sign_in(call, anna, source=pre_token_generation.HOSTED, grant=grant, **more)
        )

    return grant_to


def said(token: str | None) -> Any:
    assert token is not None
    return jwt.decode(token, options={"verify_signature": False})


def test_an_id_token_comes_with_openid_alone(grant_to: Callable[..., Tokens]) -> None:
    without = grant_to("email shop/read")
    assert without.id is None
    assert said(without.access)["scope"] == "email shop/read"
    assert grant_to("openid").id is not None


def test_the_id_token_shows_what_the_scopes_show(grant_to: Callable[..., Tokens]) -> None:
    everything, mail = said(grant_to("openid").id), said(grant_to("openid email").id)
    assert everything["given_name"] == "Anna"
    assert mail["email"] == "anna@example.com"
    assert "given_name" not in mail


def test_the_id_token_is_bound_to_its_request_and_its_access_token(grant_to: Callable[..., Tokens]) -> None:
    tokens = grant_to("openid", nonce="n-0S6_WzA2Mj")
    of_id = said(tokens.id)
    assert (of_id["nonce"], of_id["at_hash"]) == ("n-0S6_WzA2Mj", at_hash(tokens.access))


def test_a_grant_stays_as_long_as_its_tokens_are_refreshed(
    anonymous: Cognito, grant_to: Callable[..., Tokens], client_id: str, clock: HeldClock
) -> None:
    signed_in_at = clock.now
    tokens = grant_to(
        "openid email", "https://shop.example.com", nonce="n", auth_time=signed_in_at - HOUR, device_key=None
    )
    refreshed = anonymous.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client_id,
        AuthParameters={"REFRESH_TOKEN": tokens.refresh or ""},
    )["AuthenticationResult"]
    first, second = said(tokens.access), said(refreshed["AccessToken"])
    for name in ("scope", "aud", "version", "auth_time", "origin_jti"):
        assert first[name] == second[name], name
    assert first["aud"] == "https://shop.example.com"
    assert first["auth_time"] == (signed_in_at - HOUR) // SECOND
    of_id = said(refreshed["IdToken"])
    assert "given_name" not in of_id
    assert "nonce" not in of_id
    assert of_id["at_hash"] == at_hash(refreshed["AccessToken"])


def test_without_openid_a_refresh_gives_no_id_token(
    anonymous: Cognito, grant_to: Callable[..., Tokens], client_id: str
) -> None:
    refreshed = anonymous.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client_id,
        AuthParameters={"REFRESH_TOKEN": grant_to("shop/read").refresh or ""},
    )["AuthenticationResult"]
    assert refreshed.keys() == {"AccessToken", "ExpiresIn", "TokenType"}


def test_tokens_may_come_without_a_refresh_token(grant_to: Callable[..., Tokens]) -> None:
    assert grant_to("openid", with_refresh=False).refresh is None


def test_a_sign_out_reaches_tokens_that_were_promised_before_it(
    server: Server, cognito: Cognito, anonymous: Cognito, call: Call, anna: User, pool_id: str, client_id: str
) -> None:
    origin = minting.new_origin(call, anna)
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
    tokens = server.run(minting.after_sign_in(call, anna, origin=origin))
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        anonymous.get_user(AccessToken=tokens.access)
