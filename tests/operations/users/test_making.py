"""AdminCreateUser: names, aliases, temporary passwords."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.held_clock import HeldClock
from tests.operations.users.conftest import (
    EMAIL,
    PASSWORD,
    PHONE_NUMBER,
    Cognito,
    Make,
    attributes,
    tokens,
    values_of,
)
from tests.refused import refused

# -- AdminCreateUser ---------------------------------------------------------------------------------------------------


def test_a_new_user_must_set_a_password_of_its_own(cognito: Cognito, pool_id: str, clock: HeldClock) -> None:
    user = cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="ada",
        UserAttributes=attributes(email=EMAIL, email_verified="True", birthdate="1815-12-10"),
        ValidationData=attributes(anything="goes"),
        ClientMetadata={"any": "thing"},
        MessageAction="SUPPRESS",
    )["User"]
    assert (user["Username"], user["UserStatus"], user["Enabled"]) == ("ada", "FORCE_CHANGE_PASSWORD", True)
    assert user["UserCreateDate"].timestamp() == pytest.approx(clock.now / 1000)
    assert user["UserLastModifiedDate"] == user["UserCreateDate"]
    assert user["Attributes"][0]["Name"] == "sub"
    found = values_of(user["Attributes"])
    assert str(uuid.UUID(found.pop("sub"))) == user["Attributes"][0]["Value"]
    assert found == {"email": EMAIL, "email_verified": "true", "birthdate": "1815-12-10"}


def test_no_user_is_made_past_a_trigger_that_cannot_be_reached(cognito: Cognito, pool_id: str) -> None:
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreSignUp": function})
    with refused("UnexpectedLambdaException"):
        cognito.admin_create_user(UserPoolId=pool_id, Username="bob", MessageAction="SUPPRESS")
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="bob")
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="RESEND")


def test_a_name_is_given_once(cognito: Cognito, pool_id: str) -> None:
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada")
    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada")
    cognito.admin_create_user(UserPoolId=pool_id, Username="Ada")


def test_a_pool_that_folds_gives_a_name_once_in_whatever_case(cognito: Cognito, make_pool: Make) -> None:
    id = make_pool(UsernameConfiguration={"CaseSensitive": False})["Id"]
    cognito.admin_create_user(UserPoolId=id, Username="Ada")
    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=id, Username="aDA")
    assert cognito.admin_get_user(UserPoolId=id, Username="ADA")["Username"] == "ada"


def test_of_many_who_make_one_user_at_once_one_succeeds(cognito: Cognito, pool_id: str) -> None:
    def create(_: int) -> str:
        try:
            cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "made"

    with ThreadPoolExecutor(8) as threads:
        outcomes = sorted(threads.map(create, range(8)))
    assert outcomes == ["UsernameExistsException"] * 7 + ["made"]
    assert len(cognito.list_users(UserPoolId=pool_id)["Users"]) == 1


def test_where_an_address_is_the_name_the_user_name_is_the_sub(
    cognito: Cognito, address_pool_id: str
) -> None:
    user = cognito.admin_create_user(
        UserPoolId=address_pool_id, Username=EMAIL, UserAttributes=attributes(email="other@example.com")
    )["User"]
    found = values_of(user["Attributes"])
    assert found == {"sub": user["Username"], "email": EMAIL}
    for name in (EMAIL, user["Username"]):
        assert cognito.admin_get_user(UserPoolId=address_pool_id, Username=name)["Username"] == found["sub"]
    with refused("UsernameExistsException", "An account with the given email already exists."):
        cognito.admin_create_user(UserPoolId=address_pool_id, Username=EMAIL)
    cognito.admin_create_user(UserPoolId=address_pool_id, Username=PHONE_NUMBER)
    with refused("UsernameExistsException", "An account with the given phone_number already exists."):
        cognito.admin_create_user(UserPoolId=address_pool_id, Username=PHONE_NUMBER)


@pytest.mark.parametrize(
    ("settings", "username", "message"),
    [
        ({"UsernameAttributes": ["email"]}, "ada", "Username should be an email."),
        ({"UsernameAttributes": ["phone_number"]}, "ada", "Username should be a phone number."),
        (
            {"UsernameAttributes": ["phone_number", "email"]},
            "ada",
            "Username should be either an email or a phone number.",
        ),
        (
            {"AliasAttributes": ["email"]},
            EMAIL,
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
    ],
)
def test_a_name_the_pool_does_not_take(
    cognito: Cognito, make_pool: Make, settings: dict[str, Any], username: str, message: str
) -> None:
    with refused("InvalidParameterException", message):
        cognito.admin_create_user(UserPoolId=make_pool(**settings)["Id"], Username=username)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"Name": "email", "Value": "ada"}, "Invalid email address format."),
        ({"Name": "phone_number", "Value": "555"}, "Invalid phone number format."),
        (
            {"Name": "custom:x", "Value": "1"},
            "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.\n",
        ),
        ({"Name": "sub", "Value": "1"}, "Cannot modify the non-mutable attribute sub"),
        ({"Name": "picture"}, "Attribute value for picture must not be null"),
        ({"Name": "email_verified", "Value": "true"}, "Email is required to verify/un-verify an email"),
    ],
)
def test_an_attribute_that_cannot_be_set(
    cognito: Cognito, pool_id: str, entry: dict[str, str], message: str
) -> None:
    with refused("InvalidParameterException", message):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", UserAttributes=[entry])  # type: ignore[list-item]  # a test says which
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")


def test_what_a_user_must_have_an_administrator_may_leave_out(cognito: Cognito, make_pool: Make) -> None:
    id = make_pool(Schema=[{"Name": "name", "Required": True}])["Id"]
    cognito.admin_create_user(UserPoolId=id, Username="ada")


def test_a_temporary_password_must_conform(cognito: Cognito, pool_id: str) -> None:
    with refused(
        "InvalidPasswordException",
        "Password did not conform with password policy: Password must have numeric characters",
    ):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", TemporaryPassword="Password!")


def test_the_temporary_password_signs_in_to_set_another(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", TemporaryPassword=PASSWORD)
    answer = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=make_client(pool_id)["ClientId"],
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


# -- aliases -----------------------------------------------------------------------------------------------------------


def test_a_verified_address_of_another_is_refused_or_forced(
    cognito: Cognito, anonymous: Cognito, alias_pool_id: str, make_client: Make, make_user: Make
) -> None:
    verified = attributes(email=EMAIL, email_verified="true")
    make_user(alias_pool_id, "ada", email=EMAIL, email_verified="true")
    cognito.admin_create_user(
        UserPoolId=alias_pool_id, Username="bob", UserAttributes=attributes(email=EMAIL)
    )
    with refused("UsernameExistsException", "An account with the given email already exists."):
        cognito.admin_create_user(UserPoolId=alias_pool_id, Username="eve", UserAttributes=verified)
    cognito.admin_create_user(
        UserPoolId=alias_pool_id, Username="eve", UserAttributes=verified, ForceAliasCreation=True
    )
    assert cognito.admin_get_user(UserPoolId=alias_pool_id, Username=EMAIL)["Username"] == "eve"
    former = cognito.admin_get_user(UserPoolId=alias_pool_id, Username="ada")
    assert values_of(former["UserAttributes"])["email_verified"] == "false"
    assert "AccessToken" in tokens(anonymous, make_client(alias_pool_id), "ada")


def test_an_unverified_address_finds_nobody(cognito: Cognito, alias_pool_id: str, make_user: Make) -> None:
    make_user(alias_pool_id, "ada", email=EMAIL, preferred_username="countess")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=alias_pool_id, Username=EMAIL)
    assert cognito.admin_get_user(UserPoolId=alias_pool_id, Username="countess")["Username"] == "ada"
    with refused("UsernameExistsException", "An account with the given preferred_username already exists."):
        cognito.admin_create_user(
            UserPoolId=alias_pool_id,
            Username="eve",
            UserAttributes=attributes(preferred_username="countess"),
            ForceAliasCreation=True,
        )
