"""REFRESH_TOKEN_AUTH."""

from __future__ import annotations

from typing import Any

from cognomen.clock import DAY, MINUTE
from tests.held_clock import HeldClock
from tests.operations.sign_in.conftest import Cognito, Make, claims_of, refresh, secret_hash, sign_in
from tests.refused import refused


def test_a_refresh_token_gives_new_tokens_of_the_same_sign_in(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, tokens: Any, clock: HeldClock
) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id, Username="anna", UserAttributes=[{"Name": "given_name", "Value": "Ann"}]
    )
    clock.advance(10 * MINUTE)
    answer = refresh(anonymous, client_id, tokens["RefreshToken"])
    result = answer["AuthenticationResult"]
    assert result.keys() == {"AccessToken", "ExpiresIn", "IdToken", "TokenType"}
    assert answer["ChallengeParameters"] == {}
    old, new = claims_of(tokens["AccessToken"]), claims_of(result["AccessToken"])
    assert (new["origin_jti"], new["auth_time"]) == (old["origin_jti"], old["auth_time"])
    assert new["jti"] != old["jti"]
    assert new["iat"] == old["iat"] + 600
    old, new = claims_of(tokens["IdToken"]), claims_of(result["IdToken"])
    assert (new["origin_jti"], new["auth_time"]) == (old["origin_jti"], old["auth_time"])
    assert new["jti"] != old["jti"]
    assert (old["given_name"], new["given_name"]) == ("Anna", "Ann")


def test_the_old_name_of_the_flow_and_the_admin_s_operation_refresh_too(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, tokens: Any
) -> None:
    given = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    anonymous.initiate_auth(AuthFlow="REFRESH_TOKEN", ClientId=client_id, AuthParameters=given)
    cognito.admin_initiate_auth(
        UserPoolId=pool_id, AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client_id, AuthParameters=given
    )


def test_a_refresh_token_is_needed(anonymous: Cognito, client_id: str) -> None:
    with refused("InvalidParameterException", "Missing required parameter REFRESH_TOKEN"):
        anonymous.initiate_auth(AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client_id)


def test_what_is_no_refresh_token_of_this_client(
    anonymous: Cognito, pool_id: str, client_id: str, tokens: Any, make_client: Make, make_pool: Make
) -> None:
    token = tokens["RefreshToken"]
    for other in ("garbage", tokens["AccessToken"], token[:-1], token[:60] + "A" + token[61:], "x" * 100_000):
        with refused("NotAuthorizedException", "Invalid Refresh Token"):
            refresh(anonymous, client_id, other)
    for other_pool in (pool_id, make_pool()["Id"]):
        with refused("NotAuthorizedException", "Invalid Refresh Token"):
            refresh(anonymous, make_client(other_pool)["ClientId"], token)


def test_a_refresh_token_expires(anonymous: Cognito, client_id: str, tokens: Any, clock: HeldClock) -> None:
    clock.advance(30 * DAY - 1)
    refresh(anonymous, client_id, tokens["RefreshToken"])
    clock.advance(1)
    with refused("NotAuthorizedException", "Refresh Token has expired"):
        refresh(anonymous, client_id, tokens["RefreshToken"])


def test_a_user_who_is_disabled_or_gone_gets_no_tokens(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, tokens: Any
) -> None:
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        refresh(anonymous, client_id, tokens["RefreshToken"])
    cognito.admin_enable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        refresh(anonymous, client_id, tokens["RefreshToken"])
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    with refused("UserNotFoundException", "User does not exist."):
        refresh(anonymous, client_id, tokens["RefreshToken"])


def test_a_client_with_rotation_refreshes_elsewhere(
    anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    client_id = make_client(
        pool_id,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )["ClientId"]
    with refused("UnsupportedOperationException", "This API does not support refresh token rotation"):
        refresh(anonymous, client_id, "anything")


def test_refreshing_proves_the_client_s_secret(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    client = make_client(pool_id, GenerateSecret=True)
    client_id, right = client["ClientId"], secret_hash("anna", client)
    token = sign_in(anonymous, client_id, "anna", SECRET_HASH=right)["AuthenticationResult"]["RefreshToken"]
    refresh(anonymous, client_id, token, SECRET_HASH=right)
    with refused(
        "NotAuthorizedException",
        f"Client {client_id} is configured with secret but SECRET_HASH was not received",
    ):
        refresh(anonymous, client_id, token)
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"):
        refresh(anonymous, client_id, token, SECRET_HASH=secret_hash("bert", client))
