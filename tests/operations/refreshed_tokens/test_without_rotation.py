"""GetTokensFromRefreshToken of a client that does not rotate its refresh tokens."""

from __future__ import annotations

from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY, HOUR, SECOND
from cognomen.store import users
from cognomen.tokens import minting
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.operations.refreshed_tokens.conftest import REVOKED, Make, said
from tests.refused import refused
from tests.server import Server

INVALID = ("NotAuthorizedException", "Invalid Refresh Token.")
WRONG_SECRET = "x" * 52


def test_without_rotation_the_refresh_token_stays(
    pool_id: str, make_client: Make, sign_in: Make, refresh: Make, clock: HeldClock
) -> None:
    client_id = make_client(pool_id)["ClientId"]
    tokens = sign_in(client_id)
    clock.advance(HOUR)
    for _ in range(2):
        refreshed = refresh(tokens, client_id)
        assert refreshed.keys() == {"AccessToken", "IdToken", "ExpiresIn", "TokenType"}
    before, after = said(tokens["AccessToken"]), said(refreshed["AccessToken"])
    assert after["iat"] == before["iat"] + 3600
    for claim in ("auth_time", "origin_jti", "scope", "username", "sub"):
        assert before[claim] == after[claim]
    assert before["jti"] != after["jti"]
    assert said(refreshed["IdToken"])["aud"] == client_id


def test_what_is_no_refresh_token_of_the_client(
    pool_id: str, make_pool: Make, make_client: Make, make_user: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_client(pool_id)["ClientId"]
    tokens = sign_in(client_id)
    for text in ("garbage", "a.b.c.d.e", tokens["AccessToken"], tokens["RefreshToken"] + "="):
        with refused(*INVALID):
            refresh({"RefreshToken": text}, client_id)
    elsewhere = make_pool()["Id"]
    make_user(elsewhere, "anna")
    for foreign in (make_client(pool_id)["ClientId"], make_client(elsewhere)["ClientId"]):
        with refused(*INVALID):
            refresh(sign_in(foreign), client_id)
    with refused("ResourceNotFoundException", "User pool client 1nobody does not exist."):
        refresh(tokens, "1nobody")


def test_a_refresh_token_expires(
    pool_id: str, make_client: Make, sign_in: Make, refresh: Make, clock: HeldClock
) -> None:
    client_id = make_client(pool_id, RefreshTokenValidity=1)["ClientId"]
    tokens = sign_in(client_id)
    clock.advance(DAY - 1)
    refresh(tokens, client_id)
    clock.advance(1)
    with refused("NotAuthorizedException", "Refresh Token has expired"):
        refresh(tokens, client_id)


def test_a_user_who_is_signed_out_disabled_or_gone(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, sign_in: Make, refresh: Make
) -> None:
    client_id = make_client(pool_id)["ClientId"]
    tokens = sign_in(client_id)
    anonymous.revoke_token(Token=tokens["RefreshToken"], ClientId=client_id)
    with refused(*REVOKED):
        refresh(tokens, client_id)
    tokens = sign_in(client_id)
    cognito.admin_user_global_sign_out(UserPoolId=pool_id, Username="anna")
    with refused(*REVOKED):
        refresh(tokens, client_id)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        refresh(tokens, client_id)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    with refused("UserNotFoundException", "User does not exist."):
        refresh(tokens, client_id)


def test_a_client_with_a_secret_proves_it(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make, refresh: Make
) -> None:
    client = make_client(pool_id, GenerateSecret=True)
    client_id = client["ClientId"]
    added = cognito.add_user_pool_client_secret(UserPoolId=pool_id, ClientId=client_id)
    tokens = {"RefreshToken": "garbage"}
    for secret in (client["ClientSecret"], added["ClientSecretDescriptor"]["ClientSecretValue"]):
        with refused(*INVALID):
            refresh(tokens, client_id, ClientSecret=secret)
    with refused(
        "NotAuthorizedException", f"Client {client_id} is configured for secret but secret was not received"
    ):
        refresh(tokens, client_id)
    with refused("NotAuthorizedException", f"Unable to verify secret for client {client_id}"):
        refresh(tokens, client_id, ClientSecret=WRONG_SECRET)
    public = make_client(pool_id)["ClientId"]
    with refused("NotAuthorizedException", f"Unable to verify secret for client {public}"):
        refresh(tokens, public, ClientSecret=WRONG_SECRET)


def test_a_token_given_to_a_device_is_of_no_use_to_another(
    server: Server, anonymous: Cognito, pool_id: str, make_client: Make, refresh: Make, sign_in: Make
) -> None:
    client_id = make_client(pool_id)["ClientId"]
    key, other = (f"us-east-1_{'0' * 8}-{digit * 4}" for digit in "12")
    call = server.run(call_of(server.node, pool_id, client_id))
    sub = said(sign_in(client_id)["AccessToken"])["sub"]
    anna = server.run(server.store.read(users.by_sub, pool_id, sub))
    assert anna is not None
    issued = server.run(minting.after_sign_in(call, anna, device_key=key))
    tokens = {"RefreshToken": issued.refresh}
    assert said(refresh(tokens, client_id, DeviceKey=key)["AccessToken"])["device_key"] == key
    for wrong in ({}, {"DeviceKey": other}):
        with refused(*INVALID):
            refresh(tokens, client_id, **wrong)
    given: Any = {"REFRESH_TOKEN": issued.refresh}
    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        anonymous.initiate_auth(AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client_id, AuthParameters=given)
    anonymous.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client_id, AuthParameters=given | {"DEVICE_KEY": key}
    )


@pytest.mark.parametrize(
    ("unit", "access", "identity", "refreshing", "seconds"),
    [
        ("seconds", 300, 400, 3_600, (300, 400, 3_600)),
        ("minutes", 5, 10, 90, (300, 600, 5_400)),
        ("hours", 2, 3, 4, (7_200, 10_800, 14_400)),
        ("days", 1, 1, 2, (86_400, 86_400, 172_800)),
    ],
)
def test_tokens_live_as_long_as_the_client_says_in_its_units(
    pool_id: str,
    make_client: Make,
    sign_in: Make,
    refresh: Make,
    clock: HeldClock,
    unit: str,
    access: int,
    identity: int,
    refreshing: int,
    seconds: tuple[int, int, int],
) -> None:
    client_id = make_client(
        pool_id,
        AccessTokenValidity=access,
        IdTokenValidity=identity,
        RefreshTokenValidity=refreshing,
        TokenValidityUnits=dict.fromkeys(("AccessToken", "IdToken", "RefreshToken"), unit),
    )["ClientId"]
    signed_in = sign_in(client_id)
    for tokens in (signed_in, refresh(signed_in, client_id)):
        of_access, of_id = said(tokens["AccessToken"]), said(tokens["IdToken"])
        assert tokens["ExpiresIn"] == of_access["exp"] - of_access["iat"] == seconds[0]
        assert of_id["exp"] - of_id["iat"] == seconds[1]
    clock.advance(seconds[2] * SECOND - 1)
    refresh(signed_in, client_id)
    clock.advance(1)
    with refused("NotAuthorizedException", "Refresh Token has expired"):
        refresh(signed_in, client_id)
