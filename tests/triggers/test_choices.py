"""Choice-based sign-in: which functions are asked and told, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.codes import newest_code
from tests.conftest import PASSWORD
from tests.functions import Event, Failure, Functions
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    return str(make_pool(Policies=policy, AutoVerifiedAttributes=["email"])["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH"])["ClientId"])


def begin(anonymous: Cognito, client_id: str, username: str = "anna", **more: Any) -> Any:
    parameters = {"USERNAME": username} | more.pop("parameters", {})
    return anonymous.initiate_auth(
        AuthFlow="USER_AUTH", ClientId=client_id, AuthParameters=parameters, **more
    )


def respond(anonymous: Cognito, client_id: str, session: str, code: str, username: str = "anna") -> Any:
    return anonymous.respond_to_auth_challenge(
        ChallengeName="EMAIL_OTP",
        ClientId=client_id,
        Session=session,
        ChallengeResponses={"USERNAME": username, "EMAIL_OTP_CODE": code},
    )


def sources(functions: Functions) -> list[str]:
    return [event["triggerSource"] for event in functions.events]


def fail(_: Event) -> object:
    raise Failure("no")


CODE: dict[str, Any] = {"parameters": {"PREFERRED_CHALLENGE": "EMAIL_OTP"}}


def test_functions_are_asked_before_the_choice_and_told_after_all_is_proven(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    make_user: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    make_user(pool_id, "anna", email="anna@example.com")
    set_triggers(pool_id, "PreAuthentication", "PostAuthentication", "CustomMessage", "PostConfirmation")
    session = begin(anonymous, client_id, **CODE)["Session"]
    assert sources(functions) == ["PreAuthentication_Authentication", "CustomMessage_Authentication"]
    functions.events.clear()
    code = newest_code(server, pool_id)
    assert respond(anonymous, client_id, session, code)["AuthenticationResult"]
    assert sources(functions) == ["PostAuthentication_Authentication"]


def test_a_function_may_refuse_before_a_code_is_sent(
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    make_user: Make,
    functions: Functions,
    set_triggers: Make,
) -> None:
    make_user(pool_id, "anna", email="anna@example.com")
    set_triggers(pool_id, "PreAuthentication", "CustomMessage")
    functions.does["PreAuthentication"] = fail
    with refused("UserLambdaValidationException", "PreAuthentication failed with error no."):
        begin(anonymous, client_id, **CODE)
    assert sources(functions) == ["PreAuthentication_Authentication"]


def test_of_who_confirms_with_a_code_to_sign_in_a_function_is_told(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    clock: HeldClock,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    email = [{"Name": "email", "Value": "new@example.com"}]
    anonymous.sign_up(ClientId=client_id, Username="new", UserAttributes=email)  # type: ignore[arg-type]
    set_triggers(pool_id, "PostConfirmation")
    clock.now += 1
    session = begin(anonymous, client_id, "new", **CODE)["Session"]
    functions.does["PostConfirmation"] = fail
    code = newest_code(server, pool_id)
    with refused("UserLambdaValidationException", "PostConfirmation failed with error no."):
        respond(anonymous, client_id, session, code, "new")
    (event,) = functions.events
    assert event["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert event["request"]["userAttributes"]["email_verified"] == "true"
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="new")["UserStatus"] == "CONFIRMED"


def test_whom_the_function_disables_that_is_told_of_it_is_not_signed_in(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    clock: HeldClock,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    def disable(event: Event) -> Event:
        cognito.admin_disable_user(UserPoolId=pool_id, Username="new")
        return event

    email = [{"Name": "email", "Value": "new@example.com"}]
    anonymous.sign_up(ClientId=client_id, Username="new", UserAttributes=email)  # type: ignore[arg-type]
    set_triggers(pool_id, "PostConfirmation")
    clock.now += 1
    session = begin(anonymous, client_id, "new", **CODE)["Session"]
    functions.does["PostConfirmation"] = disable
    with refused("NotAuthorizedException", "User is disabled."):
        respond(anonymous, client_id, session, newest_code(server, pool_id), "new")


def test_a_function_is_asked_before_who_has_just_confirmed_signs_in(
    server: Server,
    anonymous: Cognito,
    pool_id: str,
    client_id: str,
    functions: Functions,
    set_triggers: Make,
) -> None:
    email = [{"Name": "email", "Value": "new@example.com"}]
    session = anonymous.sign_up(
        ClientId=client_id,
        Username="new",
        UserAttributes=email,  # type: ignore[arg-type]
    )["Session"]
    session = anonymous.confirm_sign_up(
        ClientId=client_id, Username="new", ConfirmationCode=newest_code(server, pool_id), Session=session
    )["Session"]
    set_triggers(pool_id, "PreAuthentication", "PostAuthentication")
    functions.does["PreAuthentication"] = fail
    with refused("UserLambdaValidationException"):
        begin(anonymous, client_id, "new", Session=session)
    del functions.does["PreAuthentication"]
    assert begin(anonymous, client_id, "new", Session=session)["AuthenticationResult"]
    assert sources(functions)[1:] == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
    ]


def test_a_user_who_brings_a_password_may_be_migrated(
    anonymous: Cognito, pool_id: str, client_id: str, functions: Functions, set_triggers: Make
) -> None:
    set_triggers(pool_id, "UserMigration")

    def migrate(event: Event) -> object:
        assert event["request"]["password"] == PASSWORD
        event["response"] = {
            "userAttributes": {"email": "old@example.com"},
            "finalUserStatus": "CONFIRMED",
            "messageAction": "SUPPRESS",
        }
        return event

    functions.does["UserMigration"] = migrate
    with refused("UserNotFoundException", "User does not exist."):
        begin(anonymous, client_id, "old")
    assert functions.events == []
    by_password = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}
    assert begin(anonymous, client_id, "old", parameters=by_password)["AuthenticationResult"]
    assert begin(anonymous, client_id, "old")["AvailableChallenges"]
