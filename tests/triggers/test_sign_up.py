"""Sign-up and recovery: what functions are told, and what they decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions
from tests.refused import refused

Make = Callable[..., Any]

METADATA = {"hint": "from the client"}


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])["Id"]
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    id: str = make_client(pool_id)["ClientId"]
    return id


def sign_up(anonymous: Cognito, client_id: str, email: str = "ada@example.com") -> Any:
    attributes: Any = [{"Name": "email", "Value": email}] if email else []
    return anonymous.sign_up(
        ClientId=client_id,
        Username="ada",
        Password=PASSWORD,
        UserAttributes=attributes,
        ValidationData=[{"Name": "ticket", "Value": "42"}],
        ClientMetadata=METADATA,
    )


def fail(_: Event) -> object:
    raise Failure("no")


def test_a_function_may_refuse_a_sign_up(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    set_triggers(pool_id, "PreSignUp", "PostConfirmation")
    functions.does["PreSignUp"] = fail
    with refused("UserLambdaValidationException", "PreSignUp failed with error no."):
        sign_up(anonymous, client_id)
    assert functions.events[0]["request"] == {
        "userAttributes": {"email": "ada@example.com"},
        "validationData": {"ticket": "42"},
        "clientMetadata": METADATA,
    }
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")


def test_a_function_may_confirm_and_verify_and_the_address_moves(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    make_user: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    make_user(pool_id, "former", email="ada@example.com", email_verified="true")
    set_triggers(pool_id, "PreSignUp", "PostConfirmation")
    functions.answer_with("PreSignUp", autoConfirmUser=True, autoVerifyEmail=True)
    answer = sign_up(anonymous, client_id)
    assert answer["UserConfirmed"] is True
    assert "CodeDeliveryDetails" not in answer
    assert functions.sources() == ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]
    assert functions.events[1]["request"] == {
        "userAttributes": {
            "sub": answer["UserSub"],
            "cognito:user_status": "CONFIRMED",
            "email": "ada@example.com",
            "email_verified": "true",
        },
        "clientMetadata": METADATA,
    }
    former = cognito.admin_get_user(UserPoolId=pool_id, Username="former")["UserAttributes"]
    assert {"Name": "email_verified", "Value": "false"} in former
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada@example.com")["Username"] == "ada"


def test_an_address_that_is_not_there_cannot_be_verified(
    anonymous: Cognito, pool_id: str, client_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "PreSignUp")
    functions.answer_with("PreSignUp", autoVerifyEmail=True)
    with refused("InvalidParameterException"):
        sign_up(anonymous, client_id, email="")


def test_a_confirmation_is_told_of_and_stays_when_that_fails(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    sign_up(anonymous, client_id)
    set_triggers(pool_id, "PostConfirmation")
    functions.does["PostConfirmation"] = fail
    with refused("UserLambdaValidationException", "PostConfirmation failed with error no."):
        cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username="ada", ClientMetadata=METADATA)
    assert functions.sources() == ["PostConfirmation_ConfirmSignUp"]
    assert functions.events[0]["request"]["clientMetadata"] == METADATA
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserStatus"] == "CONFIRMED"


def test_a_user_of_the_old_directory_may_have_forgotten_the_password(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    set_triggers(pool_id, "UserMigration")
    attributes = {"email": "ada@example.com", "email_verified": "true"}
    functions.answer_with("UserMigration", userAttributes=attributes, messageAction="SUPPRESS")
    answer = anonymous.forgot_password(ClientId=client_id, Username="ada", ClientMetadata=METADATA)
    assert answer["CodeDeliveryDetails"]["Destination"] == "a***@e***"
    assert functions.sources() == ["UserMigration_ForgotPassword"]
    assert functions.events[0]["request"]["clientMetadata"] == METADATA
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserStatus"] == "RESET_REQUIRED"
    anonymous.forgot_password(ClientId=client_id, Username="ada")
    assert len(functions.events) == 1
