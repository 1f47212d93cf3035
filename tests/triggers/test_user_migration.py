"""A user who is not here is asked for at the owner's function, and is a user from then on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.messages import inbox
from cognomen.sign_in import migration
from tests.calls import call_of
from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

FOUND = {
    "userAttributes": {"email": "bo@example.com", "email_verified": "true"},
    "finalUserStatus": "CONFIRMED",
    "messageAction": "SUPPRESS",
}


@pytest.fixture
def pool_id(make_pool: Make, set_triggers: Make) -> str:
    id: str = make_pool()["Id"]
    set_triggers(id, "UserMigration")
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    id: str = make_client(pool_id, ExplicitAuthFlows=[*flows, "ALLOW_REFRESH_TOKEN_AUTH"])["ClientId"]
    return id


def sign_in(anonymous: Cognito, client_id: str, password: str = PASSWORD, user: str = "bo") -> Any:
    return anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": password},
        ClientMetadata={"from": "the old shop"},
    )


def messages(server: Server, pool_id: str) -> list[dict[str, Any]]:
    return server.run(inbox.newest(server.store, server.node.vault, pool_id, 10))


def fail(_: Event) -> object:
    raise Failure("no")


def test_a_user_is_migrated_at_the_first_sign_in_and_known_at_the_next(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    set_triggers(pool_id, "UserMigration", "PreSignUp", "PreAuthentication", "PostAuthentication")
    functions.answer_with("UserMigration", **FOUND)
    assert "AuthenticationResult" in sign_in(anonymous, client_id)
    assert functions.sources() == [
        "UserMigration_Authentication",
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
    ]
    assert functions.events[0] == {
        "version": "1",
        "triggerSource": "UserMigration_Authentication",
        "region": "us-east-1",
        "userPoolId": pool_id,
        "userName": "bo",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "request": {
            "password": PASSWORD,
            "validationData": {"from": "the old shop"},
            "userAttributes": None,
        },
        "response": {
            "userAttributes": None,
            "finalUserStatus": None,
            "messageAction": None,
            "desiredDeliveryMediums": None,
            "forceAliasCreation": None,
            "enableSMSMFA": None,
        },
    }
    functions.clear()
    sign_in(anonymous, client_id)
    assert "UserMigration_Authentication" not in functions.sources()
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, client_id, "another")
    user = cognito.admin_get_user(UserPoolId=pool_id, Username="bo")
    assert user["UserStatus"] == "CONFIRMED"
    assert {each["Name"]: each["Value"] for each in user["UserAttributes"]}["email"] == "bo@example.com"
    assert messages(server, pool_id) == []


def test_any_password_is_taken_over_and_a_reset_is_the_rule(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, functions: Functions
) -> None:
    functions.answer_with("UserMigration", userAttributes={"name": "Bo"}, messageAction="SUPPRESS")
    with refused("PasswordResetRequiredException"):
        sign_in(anonymous, client_id, "weak")
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="bo")["UserStatus"] == "RESET_REQUIRED"


@pytest.mark.parametrize(
    "act",
    [
        fail,
        lambda event: event,
        lambda event: event | {"response": FOUND | {"userAttributes": {}}},
        lambda event: event | {"response": FOUND | {"userAttributes": {"custom:none": "x"}}},
        lambda event: event | {"response": FOUND | {"userAttributes": {"sub": "x"}}},
        *(
            lambda event, found=found: (
                event | {"response": FOUND | {"userAttributes": {"email": "b@x.org"} | found}}
            )
            for found in (
                {"username": "b" * 129},
                {"username": "b o"},
                {"username": "bo\0"},
                {"name": "b" * 2_049},
                {"name": "bo\0"},
                {"na me": "bo"},
            )
        ),
    ],
)
def test_whoever_the_function_does_not_know_or_describes_wrongly_is_nobody(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    make_client: Make,
    functions: Functions,
    act: Any,
) -> None:
    functions.does["UserMigration"] = act
    with refused("UserNotFoundException", f"Exception migrating user in app client {client_id}"):
        sign_in(anonymous, client_id)
    hiding = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, hiding)
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="bo")


def test_a_fault_of_the_function_is_told_as_it_is(
    anonymous: Cognito, client_id: str, functions: Functions
) -> None:
    functions.does["UserMigration"] = lambda _: None
    with refused("InvalidLambdaResponseException"):
        sign_in(anonymous, client_id)


def test_guesses_at_users_of_the_old_directory_are_counted(
    anonymous: Cognito, client_id: str, functions: Functions
) -> None:
    functions.does["UserMigration"] = fail
    for _ in range(5):
        with refused("UserNotFoundException"):
            sign_in(anonymous, client_id, "wrong")
    functions.events.clear()
    functions.answer_with("UserMigration", **FOUND)
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, client_id)
    assert functions.events == []


def test_srp_asks_nobody_since_it_has_no_password_to_show(
    anonymous: Cognito, client_id: str, functions: Functions
) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        anonymous.initiate_auth(
            ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "bo", "SRP_A": "abc"}
        )
    assert functions.events == []


def test_the_name_may_be_another_than_was_typed(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    pool_id = make_pool(AliasAttributes=["email"])["Id"]
    set_triggers(pool_id, "UserMigration")
    client_id = make_client(pool_id)["ClientId"]
    attributes = {"username": "bo", "email": "bo@example.com", "email_verified": "true"}
    functions.answer_with("UserMigration", **(FOUND | {"userAttributes": attributes}))
    sign_in(anonymous, client_id, user="bo@example.com")
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="bo")["Username"] == "bo"


def test_an_address_is_the_name_where_users_sign_in_with_one(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    set_triggers(pool_id, "UserMigration")
    client_id = make_client(pool_id)["ClientId"]
    functions.answer_with("UserMigration", **(FOUND | {"userAttributes": {"username": "x", "name": "Bo"}}))
    sign_in(anonymous, client_id, user="bo@example.com")
    user = cognito.admin_get_user(UserPoolId=pool_id, Username="bo@example.com")
    values = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
    assert user["Username"] == values["sub"]
    assert values["email"] == "bo@example.com"


@pytest.mark.parametrize(
    ("answer", "mediums"),
    [
        ({}, ["SMS"]),
        ({"desiredDeliveryMediums": ["EMAIL"]}, ["EMAIL"]),
        ({"desiredDeliveryMediums": ["SMS", "EMAIL"]}, ["EMAIL", "SMS"]),
        ({"messageAction": "SUPPRESS"}, []),
    ],
)
def test_a_welcome_goes_out_unless_it_is_suppressed(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    answer: dict[str, Any],
    mediums: list[str],
) -> None:
    attributes = {"email": "bo@example.com", "phone_number": "+15551234567"}
    functions.answer_with("UserMigration", userAttributes=attributes, finalUserStatus="CONFIRMED", **answer)
    sign_in(anonymous, client_id)
    assert sorted(message["medium"] for message in messages(server, pool_id)) == mediums


def test_two_sign_ins_at_once_migrate_one_user(
    anonymous: Cognito, pool_id: str, client_id: str, functions: Functions, cognito: Cognito
) -> None:
    functions.answer_with("UserMigration", **FOUND)
    outcomes: list[Any] = []
    asking = [
        threading.Thread(target=lambda: outcomes.append(sign_in(anonymous, client_id))) for _ in range(4)
    ]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert len(outcomes) == 4
    assert functions.sources() == ["UserMigration_Authentication"]
    assert len(cognito.list_users(UserPoolId=pool_id)["Users"]) == 1


def test_whom_another_node_has_migrated_meanwhile_is_the_one(
    anonymous: Cognito, pool_id: str, client_id: str, functions: Functions, make_user: Make
) -> None:
    def found_elsewhere(event: Event) -> Event:
        make_user(pool_id, "bo")
        return event | {"response": FOUND}

    functions.does["UserMigration"] = found_elsewhere
    assert "AuthenticationResult" in sign_in(anonymous, client_id)


async def test_a_forgotten_password_asks_without_one(
    server: Server, pool_id: str, client_id: str, functions: Functions
) -> None:
    async def ask(name: str) -> Any:
        call = await call_of(server.node, pool_id, client_id)
        return await migration.at_forgot_password(call, name, client_metadata={"from": "here"})

    functions.answer_with("UserMigration", **FOUND)
    user = server.run(ask("bo"))
    assert (user.username, user.status, user.sealed_verifier) == ("bo", "CONFIRMED", None)
    (event,) = functions.events
    assert event["triggerSource"] == "UserMigration_ForgotPassword"
    assert event["request"] == {
        "validationData": None,
        "userAttributes": None,
        "clientMetadata": {"from": "here"},
    }
    functions.does["UserMigration"] = fail
    assert server.run(ask("nobody")) is None


def test_the_function_is_asked_about_a_forgotten_name_ten_times_an_hour(
    anonymous: Cognito, client_id: str, functions: Functions
) -> None:
    functions.does["UserMigration"] = fail
    asked = 0
    for _ in range(13):
        try:
            anonymous.forgot_password(ClientId=client_id, Username="nobody")
        except anonymous.exceptions.UserNotFoundException:
            asked += 1
        except anonymous.exceptions.LimitExceededException:
            pass
    assert asked == 10
    assert functions.sources() == 10 * ["UserMigration_ForgotPassword"]


def test_a_migrated_user_has_sms_as_a_second_factor_where_the_function_says_so_and_there_is_a_number(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, functions: Functions
) -> None:
    with_number = FOUND["userAttributes"] | {"phone_number": "+17755550839"}  # type: ignore[operator]  # a dict
    for username, found, told in (
        ("bo", FOUND | {"userAttributes": with_number, "enableSMSMFA": True}, ["SMS_MFA"]),
        ("cy", FOUND | {"userAttributes": with_number, "enableSMSMFA": False}, None),
        ("di", FOUND | {"enableSMSMFA": True}, None),
    ):
        functions.answer_with("UserMigration", **found)
        sign_in(anonymous, client_id, user=username)
        user = cognito.admin_get_user(UserPoolId=pool_id, Username=username)
        assert user.get("UserMFASettingList") == told
