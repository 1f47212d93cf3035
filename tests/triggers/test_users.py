"""AdminCreateUser: PreSignUp before it, CustomMessage for the invitation, and what stays when one fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.messages import inbox
from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

METADATA = {"hint": "from the administrator"}
EMAIL = "ada@example.com"
ATTRIBUTES: Any = [{"Name": "email", "Value": EMAIL}]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool()["Id"]
    return id


def create(cognito: Cognito, pool_id: str, **more: Any) -> Any:
    usual = {"UserAttributes": ATTRIBUTES, "ClientMetadata": METADATA, "TemporaryPassword": PASSWORD}
    return cognito.admin_create_user(**{"UserPoolId": pool_id, "Username": "ada"} | usual | more)["User"]


def messages(server: Server, pool_id: str) -> list[dict[str, Any]]:
    return server.run(inbox.newest(server.store, server.node.vault, pool_id, 10))


def fail(_: Event) -> object:
    raise Failure("no")


def test_a_new_user_is_asked_about_and_invited_in_the_owner_s_words(
    server: Server, cognito: Cognito, pool_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "PreSignUp", "CustomMessage", "PostConfirmation")
    functions.answer_with(
        "CustomMessage", emailSubject="Welcome!", emailMessage="{username}, take {####}", smsMessage=None
    )
    functions.answer_with("PreSignUp", autoConfirmUser=True, autoVerifyEmail=True, autoVerifyPhone=True)
    user = create(cognito, pool_id, ValidationData=[{"Name": "ticket", "Value": "42"}, {"Name": "bare"}])
    sub = user["Attributes"][0]["Value"]
    common = {
        "version": "1",
        "region": "us-east-1",
        "userPoolId": pool_id,
        "userName": "ada",
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": "CLIENT_ID_NOT_APPLICABLE",
        },
    }
    assert functions.events == [
        common
        | {
            "triggerSource": "PreSignUp_AdminCreateUser",
            "request": {
                "userAttributes": {"email": EMAIL},
                "validationData": {"ticket": "42", "bare": ""},
                "clientMetadata": METADATA,
            },
            "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        },
        common
        | {
            "triggerSource": "CustomMessage_AdminCreateUser",
            "request": {
                "userAttributes": {
                    "sub": sub,
                    "cognito:user_status": "FORCE_CHANGE_PASSWORD",
                    "email": EMAIL,
                },
                "codeParameter": "{####}",
                "linkParameter": "{##Click Here##}",
                "usernameParameter": "{username}",
                "clientMetadata": METADATA,
            },
            "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
        },
    ]
    assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"  # what PreSignUp says does not count here
    assert [attribute["Name"] for attribute in user["Attributes"]] == ["sub", "email"]
    (message,) = messages(server, pool_id)
    assert (message["subject"], message["body"]) == ("Welcome!", f"ada, take {PASSWORD}")


def test_what_is_not_said_is_not_in_the_event(
    cognito: Cognito, pool_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "PreSignUp")
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    assert functions.events[0]["request"] == {"userAttributes": {}, "validationData": None}


def test_a_user_who_is_refused_is_not_made(
    server: Server, cognito: Cognito, pool_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "PreSignUp", "CustomMessage")
    functions.does["PreSignUp"] = fail
    with refused("UserLambdaValidationException", "PreSignUp failed with error no."):
        create(cognito, pool_id)
    assert functions.sources() == ["PreSignUp_AdminCreateUser"]
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    assert messages(server, pool_id) == []


def test_a_user_stays_whose_invitation_could_not_be_worded(
    server: Server, cognito: Cognito, pool_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "CustomMessage")
    functions.does["CustomMessage"] = fail
    with refused("UserLambdaValidationException", "CustomMessage failed with error no."):
        create(cognito, pool_id)
    found = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    assert found["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert messages(server, pool_id) == []


def test_an_invitation_once_more_asks_for_its_words_alone(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    make_client: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    create(cognito, pool_id, MessageAction="SUPPRESS")
    set_triggers(pool_id, "PreSignUp", "CustomMessage")
    functions.does["CustomMessage"] = fail
    with refused("UserLambdaValidationException"):
        create(cognito, pool_id, MessageAction="RESEND", TemporaryPassword="0ther-Passw0rd!")
    assert functions.sources() == ["CustomMessage_AdminCreateUser"]
    assert messages(server, pool_id) == []
    asked = anonymous.initiate_auth(  # the former password is still the one
        ClientId=make_client(pool_id)["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    functions.clear()
    functions.answer_with("CustomMessage", emailMessage="Again: {username} {####}")
    create(cognito, pool_id, MessageAction="RESEND")
    (message,) = messages(server, pool_id)
    assert message["subject"] == "Your temporary password"
    assert message["body"] == f"Again: ada {PASSWORD}"


def test_no_words_are_asked_for_where_nothing_is_sent(
    cognito: Cognito, pool_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "CustomMessage")
    create(cognito, pool_id, MessageAction="SUPPRESS")
    create(cognito, pool_id, Username="bob", UserAttributes=[])
    assert functions.events == []


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"emailMessage": "{username}"}, "emailMessage must contain {####}"),
        ({"emailMessage": "{####}"}, "emailMessage must contain {username}"),
        ({"smsMessage": "{username}"}, "smsMessage must contain {####}"),
        ({"smsMessage": "{username}{####}" + "x" * 140}, "smsMessage is longer than 140 characters"),
        (
            {"emailMessage": "{username}{####}" + "x" * 20_000},
            "emailMessage is longer than 20000 characters",
        ),
        ({"emailSubject": "x" * 141}, "emailSubject is longer than 140 characters"),
    ],
)
def test_words_that_cannot_be_used(
    cognito: Cognito,
    pool_id: str,
    functions: Functions,
    set_triggers: Make,
    texts: dict[str, str],
    reason: str,
) -> None:
    set_triggers(pool_id, "CustomMessage")
    functions.answer_with("CustomMessage", **texts)
    with refused("InvalidLambdaResponseException", f"CustomMessage: {reason}."):
        create(cognito, pool_id)


@pytest.mark.parametrize(
    ("trigger", "response"),
    [
        ("PreSignUp", {"autoConfirmUser": "perhaps"}),
        ("PreSignUp", []),
        ("CustomMessage", {"emailMessage": ["a", "list"]}),
    ],
)
def test_an_answer_of_another_shape(
    cognito: Cognito,
    pool_id: str,
    functions: Functions,
    set_triggers: Make,
    trigger: str,
    response: Any,
) -> None:
    set_triggers(pool_id, trigger)
    functions.does[trigger] = lambda event: event | {"response": response}
    with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
        create(cognito, pool_id)


def test_the_user_name_is_the_sub_where_users_sign_in_with_an_address(
    cognito: Cognito, make_pool: Make, functions: Functions, set_triggers: Make
) -> None:
    pool_id = make_pool(UsernameAttributes=["email"])["Id"]
    set_triggers(pool_id, "PreSignUp")
    user = create(cognito, pool_id, Username=EMAIL, UserAttributes=[], MessageAction="SUPPRESS")
    assert functions.events[0]["userName"] == user["Username"]
    assert functions.events[0]["request"]["userAttributes"] == {"email": EMAIL}
