"""A temporary password, and the challenge to set one's own."""

from __future__ import annotations

import json

import pytest

from cognomen.clock import DAY
from tests.held_clock import HeldClock
from tests.operations.sign_in.conftest import (
    INCORRECT,
    NEW_PASSWORD,
    PASSWORD,
    Cognito,
    Make,
    claims_of,
    secret_hash,
    set_new_password,
    sign_in,
)
from tests.refused import refused


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
