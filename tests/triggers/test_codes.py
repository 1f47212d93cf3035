"""Messages with codes in the words of the pool's owner, and what stays when the function fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from tests.codes import messages_of, newest_code
from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions, arn
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import OWN_SENDER, Client
from tests.server import Server

Make = Callable[..., Any]

EMAIL = "ada@example.com"
METADATA = {"hint": "from the client"}
TEXTS = {"emailSubject": "Hello", "emailMessage": "{username}: your code is {####}!"}


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool(
        AutoVerifiedAttributes=["email"], LambdaConfig={"CustomMessage": arn("api", "CustomMessage")}
    )["Id"]
    return id


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    id: str = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    return id


def sign_up(anonymous: Cognito, client_id: str) -> Any:
    return anonymous.sign_up(
        ClientId=client_id,
        Username="ada",
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": EMAIL}],
        ClientMetadata=METADATA,
    )


def test_the_codes_that_a_sign_in_asks_for_are_the_owner_s(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    make_client: Make,
    make_pool: Make,
    make_user: Make,
    functions: Functions,
    clock: HeldClock,
) -> None:
    """It is asked with what the client says in the answer before; what it says at the beginning is for others."""
    pool_id = make_pool(
        EmailConfiguration=OWN_SENDER, LambdaConfig={"CustomMessage": arn("api", "CustomMessage")}
    )["Id"]
    client = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    client.offer("SMS_MFA", "EMAIL_OTP")
    make_user(pool_id, "ada", email=EMAIL, phone_number="+17755550839")
    client.prefer("ada", "SMS_MFA", "EMAIL_OTP")
    functions.answer_with("CustomMessage", **TEXTS)
    asked = client.sign_in("ada")
    client.anonymous.respond_to_auth_challenge(
        ChallengeName="SELECT_MFA_TYPE",
        ClientId=client.client_id,
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "ada", "ANSWER": "EMAIL_OTP"},
        ClientMetadata=METADATA,
    )
    (event,) = functions.events
    assert event["triggerSource"] == "CustomMessage_Authentication"
    assert event["request"]["clientMetadata"] == METADATA
    assert event["request"]["usernameParameter"] is None
    message = messages_of(server, pool_id)[0]
    assert (message["subject"], message["body"]) == ("Hello", f"ada: your code is {message['code']}!")


def test_a_function_that_fails_lets_no_code_out(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    make_client: Make,
    make_pool: Make,
    make_user: Make,
    functions: Functions,
    clock: HeldClock,
) -> None:
    pool_id = make_pool(LambdaConfig={"CustomMessage": arn("api", "CustomMessage")})["Id"]
    client = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    client.offer("SMS_MFA")
    make_user(pool_id, "ada", phone_number="+17755550839")
    client.prefer("ada", "SMS_MFA")
    functions.does["CustomMessage"] = fail
    with refused("UserLambdaValidationException", "CustomMessage failed with error no."):
        client.sign_in("ada")
    assert messages_of(server, pool_id) == []


def fail(_: Event) -> object:
    raise Failure("no")


def test_every_message_with_a_code_is_the_owner_s(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    clock: HeldClock,
) -> None:
    functions.answer_with("CustomMessage", **TEXTS)

    def code() -> str:
        newest = messages_of(server, pool_id)[0]
        assert newest["subject"] == "Hello"
        assert newest["body"].startswith("ada: your code is ")
        return newest_code(server, pool_id)

    sign_up(anonymous, client_id)
    clock.advance(SECOND)  # so that it is clear which message is the newest
    anonymous.resend_confirmation_code(ClientId=client_id, Username="ada", ClientMetadata=METADATA)
    anonymous.confirm_sign_up(ClientId=client_id, Username="ada", ConfirmationCode=code())
    clock.advance(SECOND)
    anonymous.forgot_password(ClientId=client_id, Username="ada", ClientMetadata=METADATA)
    anonymous.confirm_forgot_password(
        ClientId=client_id, Username="ada", ConfirmationCode=code(), Password="N3w-Passw0rd!"
    )
    tokens = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "N3w-Passw0rd!"},
    )["AuthenticationResult"]
    clock.advance(SECOND)
    anonymous.update_user_attributes(
        AccessToken=tokens["AccessToken"],
        UserAttributes=[{"Name": "email", "Value": "ada@example.org"}],
        ClientMetadata=METADATA,
    )
    clock.advance(SECOND)
    anonymous.get_user_attribute_verification_code(
        AccessToken=tokens["AccessToken"], AttributeName="email", ClientMetadata=METADATA
    )
    anonymous.verify_user_attribute(AccessToken=tokens["AccessToken"], AttributeName="email", Code=code())
    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="ada", ClientMetadata=METADATA)
    assert functions.sources() == [
        "CustomMessage_SignUp",
        "CustomMessage_ResendCode",
        "CustomMessage_ForgotPassword",
        "CustomMessage_UpdateUserAttribute",
        "CustomMessage_VerifyUserAttribute",
        "CustomMessage_ForgotPassword",
    ]
    for event in functions.events:
        assert event["request"]["codeParameter"] == "{####}"
        assert event["request"]["clientMetadata"] == METADATA


def test_a_function_that_says_nothing_leaves_the_pool_s_words(
    server: Server, anonymous: Cognito, pool_id: str, client_id: str, functions: Functions
) -> None:
    sign_up(anonymous, client_id)
    assert messages_of(server, pool_id)[0]["subject"] == "Your verification code"
    assert functions.sources() == ["CustomMessage_SignUp"]


@pytest.mark.parametrize(
    ("does", "error"),
    [
        (fail, ("UserLambdaValidationException", "CustomMessage failed with error no.")),
        (
            lambda event: event | {"response": {"emailMessage": "no code"}},
            ("InvalidLambdaResponseException", "CustomMessage: emailMessage must contain {####}."),
        ),
    ],
)
def test_where_the_function_fails_nothing_was_done(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    does: Callable[[Event], object],
    error: tuple[str, str],
) -> None:
    functions.does["CustomMessage"] = does
    with refused(*error):
        sign_up(anonymous, client_id)
    assert messages_of(server, pool_id) == []
    functions.clear()
    sign_up(anonymous, client_id)


def test_the_function_is_not_asked_about_strangers(
    anonymous: Cognito, client_id: str, functions: Functions
) -> None:
    told = anonymous.forgot_password(ClientId=client_id, Username="nobody")
    assert told["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    assert functions.events == []


def test_the_function_is_asked_only_as_often_as_codes_are_sent(
    anonymous: Cognito, client_id: str, functions: Functions
) -> None:
    limit = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
    sign_up(anonymous, client_id)
    for _ in range(5):
        anonymous.resend_confirmation_code(ClientId=client_id, Username="ada")
    for _ in range(3):
        with refused(*limit):
            anonymous.resend_confirmation_code(ClientId=client_id, Username="ada")
    assert functions.sources().count("CustomMessage_ResendCode") == 5


def test_a_forgotten_password_asks_the_function_ten_times_an_hour(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, make_user: Make, functions: Functions
) -> None:
    make_user(pool_id, "eve", email="eve@example.com", email_verified="true")
    functions.clear()
    outcomes = []
    for _ in range(13):
        try:
            anonymous.forgot_password(ClientId=client_id, Username="eve")
        except anonymous.exceptions.LimitExceededException:
            outcomes.append("refused")
    assert len(outcomes) == 3
    assert functions.sources() == 10 * ["CustomMessage_ForgotPassword"]


def test_a_code_asked_for_again_forgets_no_address_that_came_meanwhile(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    functions: Functions,
) -> None:
    pool_id = make_pool(
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
        LambdaConfig={"CustomMessage": arn("api", "CustomMessage")},
    )["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "ada", email=EMAIL, email_verified="true")
    token = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]

    def change(address: str) -> None:
        anonymous.update_user_attributes(
            AccessToken=token, UserAttributes=[{"Name": "email", "Value": address}]
        )

    def change_meanwhile(event: Event) -> object:
        if functions.sources() == ["CustomMessage_VerifyUserAttribute"]:
            change("meanwhile@example.org")
        return event

    change("first@example.net")
    functions.clear()
    functions.does["CustomMessage"] = change_meanwhile
    told = anonymous.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    assert told["CodeDeliveryDetails"]["Destination"] == "m***@e***"
    assert functions.sources().count("CustomMessage_VerifyUserAttribute") == 2
    (sent,) = (each for each in messages_of(server, pool_id) if each["purpose"] == "verify-attribute")
    anonymous.verify_user_attribute(AccessToken=token, AttributeName="email", Code=sent["code"])
    ada = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserAttributes"]
    assert {"Name": "email", "Value": "meanwhile@example.org"} in ada
