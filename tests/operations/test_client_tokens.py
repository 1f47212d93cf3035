"""Tokens that an app client gets for itself (GetClientToken)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

WRONG_SECRET = "x" * 52


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make) -> str:
    """A pool with two resource servers."""
    made = str(make_pool()["Id"])
    for identifier in ("shop", "bank"):
        cognito.create_resource_server(
            UserPoolId=made,
            Identifier=identifier,
            Name=identifier,
            Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")],
        )
    return made


@pytest.fixture
def machine(pool_id: str, make_client: Make) -> Any:
    """A client of its own that may read and write in the shop."""
    return make_client(
        pool_id,
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"],
        AllowedOAuthScopes=["shop/read", "shop/write"],
    )


def ask(cognito: Cognito, client: Any, *scopes: str, **more: Any) -> Any:
    given: Any = {"Scopes": list(scopes)} if scopes else {}
    return cognito.get_client_token(
        **{"ClientId": client["ClientId"], "Secret": client["ClientSecret"]} | given | more
    )["ClientAuthenticationResult"]


def said(token: str) -> Any:
    return jwt.decode(token, options={"verify_signature": False})


def test_a_client_gets_a_token_with_all_its_scopes(
    anonymous: Cognito, machine: Any, server: Server, pool_id: str, clock: HeldClock
) -> None:
    answer = ask(anonymous, machine)
    assert answer.keys() == {"AccessToken", "ExpiresIn", "TokenType"}
    assert (answer["ExpiresIn"], answer["TokenType"]) == (3600, "Bearer")
    claims, now = said(answer["AccessToken"]), clock.now // SECOND
    assert claims.pop("jti") != said(ask(anonymous, machine)["AccessToken"])["jti"]
    assert claims == {
        "sub": machine["ClientId"],
        "client_id": machine["ClientId"],
        "token_use": "access",
        "scope": "shop/read shop/write",
        "iss": f"{server.settings.own_url}/{pool_id}",
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        "version": 2,
    }


def test_a_signature_is_not_asked_for_and_not_looked_at(cognito: Cognito, machine: Any) -> None:
    assert ask(cognito, machine)["AccessToken"]


def test_the_token_lives_as_long_as_access_tokens_of_the_client(
    cognito: Cognito, anonymous: Cognito, machine: Any, pool_id: str
) -> None:
    flows: Any = ["ALLOW_CLIENT_TOKEN_AUTH"]  # the types of boto3 do not have it
    cognito.update_user_pool_client(
        UserPoolId=pool_id,
        ClientId=machine["ClientId"],
        ExplicitAuthFlows=flows,
        AccessTokenValidity=5,
        TokenValidityUnits={"AccessToken": "minutes"},
    )
    answer = ask(anonymous, machine)
    claims = said(answer["AccessToken"])
    assert (answer["ExpiresIn"], claims["exp"] - claims["iat"], claims["scope"]) == (300, 300, "")


def test_scopes_are_those_asked_for(anonymous: Cognito, machine: Any) -> None:
    assert said(ask(anonymous, machine, "shop/write")["AccessToken"])["scope"] == "shop/write"


@pytest.mark.parametrize(
    ("scope", "error", "message"),
    [
        ("bank/read", "NotAuthorizedException", "The scope bank/read is not allowed for this client."),
        ("shop/steal", "InvalidParameterException", "Invalid scope requested: shop/steal"),
        ("openid", "InvalidParameterException", "Invalid scope requested: openid"),
    ],
)
def test_scopes_the_client_does_not_have_are_refused(
    anonymous: Cognito, machine: Any, scope: str, error: str, message: str
) -> None:
    with refused(error, message):
        ask(anonymous, machine, "shop/read", scope)


def test_a_scope_that_goes_away_is_inactive_until_it_comes_back(
    cognito: Cognito, anonymous: Cognito, machine: Any, pool_id: str
) -> None:
    def set_scopes(*names: str) -> None:
        cognito.update_resource_server(
            UserPoolId=pool_id,
            Identifier="shop",
            Name="shop",
            Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in names],
        )

    ask(anonymous, machine)
    set_scopes("read")
    assert said(ask(anonymous, machine)["AccessToken"])["scope"] == "shop/read"
    assert said(ask(anonymous, machine, "shop/write", "shop/read")["AccessToken"])["scope"] == "shop/read"
    set_scopes("read", "write")
    assert said(ask(anonymous, machine, "shop/write")["AccessToken"])["scope"] == "shop/write"
    cognito.delete_resource_server(UserPoolId=pool_id, Identifier="shop")
    assert said(ask(anonymous, machine)["AccessToken"])["scope"] == ""


def test_either_secret_of_the_client_proves_it(
    cognito: Cognito, anonymous: Cognito, machine: Any, pool_id: str
) -> None:
    added = cognito.add_user_pool_client_secret(UserPoolId=pool_id, ClientId=machine["ClientId"])[
        "ClientSecretDescriptor"
    ]["ClientSecretValue"]
    for secret in (machine["ClientSecret"], added):
        ask(anonymous, machine, Secret=secret)
    with refused("NotAuthorizedException", f"Unable to verify secret for client {machine['ClientId']}"):
        ask(anonymous, machine, Secret=WRONG_SECRET)


def test_a_client_for_users_gets_no_token_for_itself(
    anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    confidential = make_client(pool_id, GenerateSecret=True)
    with refused(
        "NotAuthorizedException",
        f"ALLOW_CLIENT_TOKEN_AUTH is not enabled for client {confidential['ClientId']}",
    ):
        ask(anonymous, confidential)
    public = make_client(pool_id)
    with refused("NotAuthorizedException"):
        ask(anonymous, public | {"ClientSecret": WRONG_SECRET})
    with refused("ResourceNotFoundException", "User pool client 1nobody does not exist."):
        ask(anonymous, public | {"ClientId": "1nobody", "ClientSecret": WRONG_SECRET})


def test_the_token_opens_nothing_of_the_api(anonymous: Cognito, machine: Any) -> None:
    with refused("NotAuthorizedException", "Access Token does not have required scopes"):
        anonymous.get_user(AccessToken=ask(anonymous, machine)["AccessToken"])
