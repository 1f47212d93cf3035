"""Signing in with a password, the challenge of a temporary one, and refreshing: stories as a client lives them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import DAY, MINUTE, SECOND
from tests.held_clock import HeldClock
from tests.refused import refused

PASSWORD = "Passw0rd!"
NEW_PASSWORD = "N3w-Passw0rd!"
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def secret_hash(username: str, client: dict[str, Any], secret: str | None = None) -> str:
    key = (secret or client["ClientSecret"]).encode()
    message = (username + client["ClientId"]).encode()
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


def sign_in(anonymous: Cognito, client_id: str, username: str, password: str = PASSWORD, **more: str) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": username, "PASSWORD": password, **more},
    )


def refresh(anonymous: Cognito, client_id: str, refresh_token: str, **more: str) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client_id,
        AuthParameters={"REFRESH_TOKEN": refresh_token, **more},
    )


def set_new_password(
    anonymous: Cognito, client_id: str, username: str, session: str, password: str = NEW_PASSWORD, **more: str
) -> Any:
    return anonymous.respond_to_auth_challenge(
        ChallengeName="NEW_PASSWORD_REQUIRED",
        ClientId=client_id,
        Session=session,
        ChallengeResponses={"USERNAME": username, "NEW_PASSWORD": password}
        | {f"userAttributes.{name}": value for name, value in more.items()},
    )


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


# -- with a password --------------------------------------------------------------------------------------------------


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


# -- what is set and not heeded yet -----------------------------------------------------------------------------------

HEEDED_LATER: dict[str, tuple[dict[str, Any], str]] = {
    "threat protection": (
        {"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}, "UserPoolTier": "PLUS"},
        "InvalidUserPoolConfigurationException",
    ),
}


@pytest.mark.parametrize(("settings", "error"), HEEDED_LATER.values(), ids=HEEDED_LATER)
def test_nobody_signs_in_past_what_would_have_a_say_in_it(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    make_user: Make,
    settings: dict[str, Any],
    error: str,
) -> None:
    make_user(pool_id, "anna", permanent=False)
    session = sign_in(anonymous, client_id, "anna")["Session"]
    cognito.update_user_pool(UserPoolId=pool_id, **settings)
    for name, password in (("anna", PASSWORD), ("anna", "wrong"), ("nobody", PASSWORD)):
        with refused(error):
            sign_in(anonymous, client_id, name, password)
        with refused(error):
            cognito.admin_initiate_auth(
                UserPoolId=pool_id,
                ClientId=client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": name, "PASSWORD": password},
            )
    with refused(error):
        set_new_password(anonymous, client_id, "anna", session)
    cognito.update_user_pool(UserPoolId=pool_id)
    set_new_password(anonymous, client_id, "anna", session)


# -- the secret of a client -------------------------------------------------------------------------------------------


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


# -- the lock-out -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exists", [True, False])
def test_five_wrong_passwords_lock_a_user_and_a_stranger_alike(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make, clock: HeldClock, exists: bool
) -> None:
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    if exists:
        make_user(pool_id, "anna")
    for _ in range(5):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, client_id, "anna")
    clock.advance(SECOND)
    with refused(*INCORRECT):
        sign_in(anonymous, client_id, "anna", "wrong")
    clock.advance(2 * SECOND - 1)
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, client_id, "anna")


def test_a_sign_in_after_the_lock_forgets_the_failures(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna")
    for _ in range(5):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    clock.advance(SECOND)
    sign_in(anonymous, client_id, "anna")
    for _ in range(4):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    sign_in(anonymous, client_id, "anna")


def test_failures_count_over_clients_and_ways_to_sign_in(
    anonymous: Cognito, cognito: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna")
    first, second = (make_client(pool_id)["ClientId"] for _ in "12")
    for client_id in (first, second, first):
        with refused(*INCORRECT):
            sign_in(anonymous, client_id, "anna", "wrong")
    for client_id in (first, second):
        with refused(*INCORRECT):
            cognito.admin_initiate_auth(
                UserPoolId=pool_id,
                ClientId=client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "anna", "PASSWORD": "wrong"},
            )
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, second, "anna")


# -- a temporary password ---------------------------------------------------------------------------------------------


def test_a_temporary_password_asks_for_one_s_own(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False, email="anna@example.com")
    asked = sign_in(anonymous, client_id, "anna")
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == "anna"
    assert json.loads(asked["ChallengeParameters"]["requiredAttributes"]) == []
    assert json.loads(asked["ChallengeParameters"]["userAttributes"])["email"] == "anna@example.com"
    assert "sub" not in json.loads(asked["ChallengeParameters"]["userAttributes"])
    assert "AuthenticationResult" not in asked
    answer = set_new_password(anonymous, client_id, "anna", asked["Session"])
    assert answer["AuthenticationResult"].keys() >= {"AccessToken", "IdToken", "RefreshToken"}
    assert answer["ChallengeParameters"] == {}
    with refused(*INCORRECT):
        sign_in(anonymous, client_id, "anna")
    assert "AuthenticationResult" in sign_in(anonymous, client_id, "anna", NEW_PASSWORD)


def test_the_new_password_may_be_the_temporary_one(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False)
    session = sign_in(anonymous, client_id, "anna")["Session"]
    set_new_password(anonymous, client_id, "anna", session, PASSWORD)
    assert "AuthenticationResult" in sign_in(anonymous, client_id, "anna")


def test_an_administrator_s_program_answers_the_challenge(
    cognito: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False)
    asked = cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
    )
    answer = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool_id,
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "anna", "NEW_PASSWORD": NEW_PASSWORD},
    )
    assert "AccessToken" in answer["AuthenticationResult"]


def test_the_answer_may_name_the_user_by_any_of_its_names(
    anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    client_id = make_client(pool_id)["ClientId"]
    for number, by_sub in enumerate((True, False)):
        name = f"anna{number}@example.com"
        sub = make_user(pool_id, name, permanent=False)
        asked = sign_in(anonymous, client_id, name)
        assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == sub
        set_new_password(anonymous, client_id, sub if by_sub else name, asked["Session"])


def test_a_new_password_is_not_taken_before_it_was_asked_for(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False)
    asked = sign_in(anonymous, client_id, "anna", NEW_PASSWORD=NEW_PASSWORD)
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    set_new_password(anonymous, client_id, "anna", asked["Session"], "An0ther-Passw0rd!")


def test_attributes_that_are_owed_come_with_the_new_password(
    anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool(
        Schema=[
            {"Name": "given_name", "Required": True},
            {"Name": "email", "Required": True},
            {"Name": "birthdate", "Required": True, "Mutable": False},
            {"Name": "nick", "AttributeDataType": "String"},
        ]
    )["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "anna", permanent=False, email="anna@example.com")
    asked = sign_in(anonymous, client_id, "anna")
    owed = json.loads(asked["ChallengeParameters"]["requiredAttributes"])
    assert sorted(owed) == ["userAttributes.birthdate", "userAttributes.given_name"]
    with refused("InvalidParameterException", "Invalid attributes given, given_name is missing"):
        set_new_password(anonymous, client_id, "anna", asked["Session"], birthdate="2000-01-01")
    given = {"given_name": "Anna", "birthdate": "2000-01-01"}
    with refused("NotAuthorizedException", "Cannot modify an already provided email"):
        set_new_password(anonymous, client_id, "anna", asked["Session"], **given, email="anna@example.com")
    with refused("InvalidParameterException"):
        set_new_password(anonymous, client_id, "anna", asked["Session"], given_name="Anna", birthdate="never")
    answer = set_new_password(
        anonymous, client_id, "anna", asked["Session"], **given, **{"custom:nick": "an"}
    )
    identity = claims_of(answer["AuthenticationResult"]["IdToken"])
    assert (identity["given_name"], identity["birthdate"], identity["custom:nick"]) == (
        "Anna",
        "2000-01-01",
        "an",
    )


def test_an_attribute_that_the_client_may_not_write_is_refused(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False)
    client_id = make_client(pool_id, WriteAttributes=["given_name"])["ClientId"]
    session = sign_in(anonymous, client_id, "anna")["Session"]
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        set_new_password(anonymous, client_id, "anna", session, family_name="Smith")
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        set_new_password(anonymous, client_id, "anna", session, email_verified="true")
    set_new_password(anonymous, client_id, "anna", session, given_name="Anna")


def test_a_password_unlike_the_policy_leaves_the_session_usable(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False)
    session = sign_in(anonymous, client_id, "anna")["Session"]
    with refused("InvalidPasswordException", "Password does not conform to policy: Password not long enough"):
        set_new_password(anonymous, client_id, "anna", session, "short")
    set_new_password(anonymous, client_id, "anna", session)


def test_a_former_password_leaves_the_session_usable(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool(Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 3}})["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "anna")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password="Temp-Passw0rd!")
    session = sign_in(anonymous, client_id, "anna", "Temp-Passw0rd!")["Session"]
    for former in ("Temp-Passw0rd!", PASSWORD):
        with refused("PasswordHistoryPolicyViolationException"):
            set_new_password(anonymous, client_id, "anna", session, former)
    set_new_password(anonymous, client_id, "anna", session)


def test_a_temporary_password_expires(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, clock: HeldClock
) -> None:
    make_user(pool_id, "anna", permanent=False)
    clock.advance(7 * DAY)
    with refused(
        "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."
    ):
        sign_in(anonymous, client_id, "anna")
    with refused(*INCORRECT):
        sign_in(anonymous, client_id, "anna", "wrong")


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("USERNAME", "Missing required parameter USERNAME"),
        ("NEW_PASSWORD", "Missing required parameter NEW_PASSWORD"),
    ],
)
def test_what_the_answer_needs_must_be_there(
    anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, missing: str, message: str
) -> None:
    make_user(pool_id, "anna", permanent=False)
    given = {"USERNAME": "anna", "NEW_PASSWORD": NEW_PASSWORD}
    del given[missing]
    with refused("InvalidParameterException", message):
        anonymous.respond_to_auth_challenge(
            ChallengeName="NEW_PASSWORD_REQUIRED",
            ClientId=client_id,
            Session=sign_in(anonymous, client_id, "anna")["Session"],
            ChallengeResponses=given,
        )


def test_an_answer_needs_its_session(anonymous: Cognito, client_id: str) -> None:
    with refused("InvalidParameterException", "Missing required parameter Session"):
        anonymous.respond_to_auth_challenge(
            ChallengeName="NEW_PASSWORD_REQUIRED",
            ClientId=client_id,
            ChallengeResponses={"USERNAME": "anna", "NEW_PASSWORD": NEW_PASSWORD},
        )


def test_an_answer_proves_the_client_s_secret(
    anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "anna", permanent=False)
    client = make_client(pool_id, GenerateSecret=True)
    client_id = client["ClientId"]
    session = sign_in(anonymous, client_id, "anna", SECRET_HASH=secret_hash("anna", client))["Session"]
    with refused("NotAuthorizedException"):
        set_new_password(anonymous, client_id, "anna", session)
    anonymous.respond_to_auth_challenge(
        ChallengeName="NEW_PASSWORD_REQUIRED",
        ClientId=client_id,
        Session=session,
        ChallengeResponses={
            "USERNAME": "anna",
            "NEW_PASSWORD": NEW_PASSWORD,
            "SECRET_HASH": secret_hash("anna", client),
        },
    )


def test_the_name_of_a_flow_is_no_challenge(anonymous: Cognito, client_id: str) -> None:
    with refused("InvalidParameterException", "The challenge ADMIN_NO_SRP_AUTH cannot be responded to."):
        anonymous.respond_to_auth_challenge(
            ChallengeName="ADMIN_NO_SRP_AUTH", ClientId=client_id, ChallengeResponses={"USERNAME": "anna"}
        )


# -- sessions ---------------------------------------------------------------------------------------------------------

INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")
NO_USER = ("UserNotFoundException", "User does not exist.")
SPENT_SESSION = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


@pytest.fixture
def session(anonymous: Cognito, pool_id: str, client_id: str, make_user: Make) -> str:
    """The session of anna, who has a temporary password."""
    make_user(pool_id, "anna", permanent=False)
    return str(sign_in(anonymous, client_id, "anna")["Session"])


def test_a_session_is_good_once(anonymous: Cognito, client_id: str, session: str) -> None:
    set_new_password(anonymous, client_id, "anna", session)
    with refused(*SPENT_SESSION):
        set_new_password(anonymous, client_id, "anna", session, "An0ther-Passw0rd!")


def test_a_session_is_good_once_even_for_two_at_the_same_moment(
    anonymous: Cognito, client_id: str, session: str
) -> None:
    def answer(password: str) -> str:
        try:
            set_new_password(anonymous, client_id, "anna", session, password)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return password

    passwords = [f"Passw0rd!{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(answer, passwords))
    assert outcomes.count(SPENT_SESSION[1]) == 7
    won = next(password for password in outcomes if password in passwords)
    assert "AuthenticationResult" in sign_in(anonymous, client_id, "anna", won)


def test_another_session_of_the_user_ends_with_the_new_password(
    anonymous: Cognito, client_id: str, session: str
) -> None:
    other = sign_in(anonymous, client_id, "anna")["Session"]
    set_new_password(anonymous, client_id, "anna", session)
    with refused(*INVALID_SESSION):
        set_new_password(anonymous, client_id, "anna", other)


def test_a_session_expires(anonymous: Cognito, client_id: str, session: str, clock: HeldClock) -> None:
    clock.advance(3 * MINUTE)
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        set_new_password(anonymous, client_id, "anna", session)


def test_a_session_belongs_to_its_user(
    anonymous: Cognito, pool_id: str, client_id: str, session: str, make_user: Make, make_client: Make
) -> None:
    make_user(pool_id, "bert")
    with refused(*INVALID_SESSION):
        set_new_password(anonymous, client_id, "bert", session)
    with refused(*NO_USER):
        set_new_password(anonymous, client_id, "nobody", session)
    discreet = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    session = str(sign_in(anonymous, discreet, "anna")["Session"])
    for name in ("bert", "nobody"):
        with refused(*INVALID_SESSION):
            set_new_password(anonymous, discreet, name, session)


def test_a_session_belongs_to_its_client_and_pool(
    anonymous: Cognito, pool_id: str, session: str, make_client: Make, make_pool: Make, make_user: Make
) -> None:
    other_pool_id = make_pool()["Id"]
    make_user(other_pool_id, "anna", permanent=False)
    for other in (pool_id, other_pool_id):
        with refused(*INVALID_SESSION):
            set_new_password(anonymous, make_client(other)["ClientId"], "anna", session)


def test_a_session_that_was_never_given(anonymous: Cognito, client_id: str, session: str) -> None:
    for other in ("x" * 20, session[:-1], session[:40] + "AAAA" + session[44:], "x" * 4096):
        with refused(*INVALID_SESSION):
            set_new_password(anonymous, client_id, "anna", other)


def test_a_user_who_changes_meanwhile_begins_anew(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, session: str
) -> None:
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password=PASSWORD, Permanent=False)
    with refused(*INVALID_SESSION):
        set_new_password(anonymous, client_id, "anna", session)
    session = sign_in(anonymous, client_id, "anna")["Session"]
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        set_new_password(anonymous, client_id, "anna", session)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    with refused(*NO_USER):
        set_new_password(anonymous, client_id, "anna", session)


# -- refreshing -------------------------------------------------------------------------------------------------------


@pytest.fixture
def tokens(anonymous: Cognito, pool_id: str, client_id: str, make_user: Make) -> Any:
    """The tokens of anna, who has just signed in."""
    make_user(pool_id, "anna", given_name="Anna")
    return sign_in(anonymous, client_id, "anna")["AuthenticationResult"]


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
