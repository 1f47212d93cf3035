"""Signing in with a password, and with the secret of a client."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from tests.operations.sign_in.conftest import (
    INCORRECT,
    PASSWORD,
    Cognito,
    Make,
    claims_of,
    refresh,
    secret_hash,
    set_new_password,
    sign_in,
)
from tests.refused import refused

# -- with a password ---------------------------------------------------------------------------------------------------


def test_a_right_password_gives_three_tokens(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    sub = make_user(pool_id, "anna", email="anna@example.com", email_verified="true")
    answer = sign_in(anonymous, client_id, "anna")
    result = answer["AuthenticationResult"]
    assert result.keys() == {"AccessToken", "ExpiresIn", "IdToken", "RefreshToken", "TokenType"}
    assert (result["ExpiresIn"], result["TokenType"]) == (3600, "Bearer")
    assert answer["ChallengeParameters"] == {}
    assert not {"ChallengeName", "Session"} & answer.keys()
    access, identity = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    assert (access["sub"], access["username"], access["client_id"]) == (sub, "anna", client_id)
    assert (identity["sub"], identity["cognito:username"], identity["aud"]) == (sub, "anna", client_id)
    assert (identity["email"], identity["email_verified"]) == ("anna@example.com", True)
    assert "email" not in access
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert access["origin_jti"] == identity["origin_jti"]
    assert access["jti"] != identity["jti"]
    assert access["auth_time"] == access["iat"] == access["exp"] - 3600
    assert list(jwt.get_unverified_header(result["AccessToken"])) == ["kid", "alg"]


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_an_administrator_s_program_signs_a_user_in(
    cognito: Cognito, pool_id: str, client_id: str, make_user: Make, flow: Any
) -> None:
    make_user(pool_id, "anna")
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow=flow,
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
    )
    assert claims_of(answer["AuthenticationResult"]["AccessToken"])["username"] == "anna"


def test_in_a_pool_of_addresses_the_user_name_is_the_sub(
    anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    client_id = make_client(pool_id)["ClientId"]
    sub = make_user(pool_id, "anna@example.com")
    for name in ("anna@example.com", sub):
        tokens = sign_in(anonymous, client_id, name)["AuthenticationResult"]
        assert claims_of(tokens["AccessToken"])["username"] == sub
        assert claims_of(tokens["IdToken"])["cognito:username"] == sub


def test_an_alias_signs_in(anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make) -> None:
    pool_id = make_pool(AliasAttributes=["email"])["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "anna", email="anna@example.com", email_verified="true")
    tokens = sign_in(anonymous, client_id, "anna@example.com")["AuthenticationResult"]
    assert claims_of(tokens["AccessToken"])["username"] == "anna"


def test_a_plain_pool_does_not_take_the_sub_for_a_name(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    sub = make_user(pool_id, "anna")
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(anonymous, client_id, sub)


def test_two_sign_ins_have_different_origins(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    first, second = (
        claims_of(sign_in(anonymous, client_id, "anna")["AuthenticationResult"]["AccessToken"]) for _ in "12"
    )
    assert first["origin_jti"] != second["origin_jti"]


def test_the_id_token_tells_what_the_client_may_read(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna", email="anna@example.com", given_name="Anna")
    client_id = make_client(pool_id, ReadAttributes=["given_name"])["ClientId"]
    identity = claims_of(sign_in(anonymous, client_id, "anna")["AuthenticationResult"]["IdToken"])
    assert identity["given_name"] == "Anna"
    assert "email" not in identity


def test_tokens_live_as_long_as_the_client_says(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    client = make_client(
        pool_id,
        AccessTokenValidity=10,
        IdTokenValidity=20,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "minutes"},
    )
    result = sign_in(anonymous, client["ClientId"], "anna")["AuthenticationResult"]
    access, identity = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    assert result["ExpiresIn"] == access["exp"] - access["iat"] == 600
    assert identity["exp"] - identity["iat"] == 1200


def test_a_client_without_revocation_has_no_origin_in_its_tokens(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    client_id = make_client(pool_id, EnableTokenRevocation=False)["ClientId"]
    result = sign_in(anonymous, client_id, "anna")["AuthenticationResult"]
    access, identity = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    assert "jti" in access
    assert not {"origin_jti"} & access.keys()
    assert not {"origin_jti", "jti"} & identity.keys()


def test_a_wrong_password_is_refused(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    with refused(*INCORRECT):
        sign_in(anonymous, client_id, "anna", "wrong")


def test_a_name_that_nobody_has(anonymous: Cognito, pool_id: str, make_client: Make) -> None:
    tells = make_client(pool_id)["ClientId"]
    hides = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(anonymous, tells, "nobody")
    with refused(*INCORRECT):
        sign_in(anonymous, hides, "nobody")


def test_a_disabled_user(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        sign_in(anonymous, client_id, "anna", "even with a wrong password")
    cognito.admin_enable_user(UserPoolId=pool_id, Username="anna")
    sign_in(anonymous, client_id, "anna")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Missing required parameter USERNAME"),
        ({"PASSWORD": PASSWORD}, "Missing required parameter USERNAME"),
        ({"USERNAME": "anna"}, "Missing required parameter PASSWORD"),
    ],
)
def test_what_the_flow_needs_must_be_there(
    anonymous: Cognito, client_id: str, given: dict[str, str], message: str
) -> None:
    with refused("InvalidParameterException", message):
        anonymous.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=given)


def test_a_client_that_does_not_exist(anonymous: Cognito) -> None:
    with refused("ResourceNotFoundException", "User pool client 1nothing does not exist."):
        sign_in(anonymous, "1nothing", "anna")


def test_a_flow_that_the_client_does_not_allow_comes_before_what_is_missing(
    anonymous: Cognito, cognito: Cognito, pool_id: str, make_client: Make
) -> None:
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"])["ClientId"]
    with refused("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client"):
        anonymous.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id)
    with refused("InvalidParameterException", "Auth flow not enabled for this client"):
        cognito.admin_initiate_auth(
            UserPoolId=pool_id, ClientId=client_id, AuthFlow="ADMIN_USER_PASSWORD_AUTH"
        )


def test_a_pool_that_requires_a_second_factor_gives_no_tokens_without_one(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna", "Temp-Passw0rd!", permanent=False)
    cognito.update_user_pool(
        UserPoolId=pool_id,
        MfaConfiguration="ON",
        SmsConfiguration={"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "id"},
        AutoVerifiedAttributes=["phone_number"],
    )
    session = sign_in(anonymous, client_id, "anna", "Temp-Passw0rd!")["Session"]
    answer = set_new_password(anonymous, client_id, "anna", session)
    assert "AuthenticationResult" not in answer
    assert (answer["ChallengeName"], answer["ChallengeParameters"]["MFAS_CAN_SETUP"]) == (
        "MFA_SETUP",
        '["SMS_MFA"]',
    )


# -- the secret of a client --------------------------------------------------------------------------------------------


def test_a_client_with_a_secret_must_prove_it(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    client = make_client(pool_id, GenerateSecret=True)
    client_id = client["ClientId"]
    sign_in(anonymous, client_id, "anna", SECRET_HASH=secret_hash("anna", client))
    with refused(
        "NotAuthorizedException",
        f"Client {client_id} is configured with secret but SECRET_HASH was not received",
    ):
        sign_in(anonymous, client_id, "anna")
    for wrong in ("", "wrong", secret_hash("Anna", client), secret_hash("anna", client, "another")):
        with refused("NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"):
            sign_in(anonymous, client_id, "anna", SECRET_HASH=wrong)


def test_the_hash_is_over_the_name_as_it_is_typed(
    anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    client = make_client(pool_id, GenerateSecret=True)
    sub = make_user(pool_id, "anna@example.com")
    hashed = secret_hash("anna@example.com", client)
    tokens = sign_in(anonymous, client["ClientId"], "anna@example.com", SECRET_HASH=hashed)
    refresh_token = tokens["AuthenticationResult"]["RefreshToken"]
    with refused("NotAuthorizedException"):
        refresh(anonymous, client["ClientId"], refresh_token, SECRET_HASH=hashed)
    refresh(anonymous, client["ClientId"], refresh_token, SECRET_HASH=secret_hash(sub, client))


def test_a_client_without_a_secret_has_no_hash(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {client_id}"):
        sign_in(anonymous, client_id, "anna", SECRET_HASH="anything")


def test_an_administrator_s_program_proves_the_secret_too(
    cognito: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    client = make_client(pool_id, GenerateSecret=True)
    with refused("NotAuthorizedException"):
        cognito.admin_initiate_auth(
            UserPoolId=pool_id,
            ClientId=client["ClientId"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
        )
