"""MFA_SETUP by e-mail; with an app it is told in tests/operations/test_software_tokens.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.codes import messages_of, newest_code, wrong
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import OWN_SENDER, Client
from tests.server import Server

Make = Callable[..., Any]


def recover_by(client: Client, *mechanisms: str) -> None:
    described = client.cognito.describe_user_pool(UserPoolId=client.pool_id)["UserPool"]
    setting: Any = {
        "RecoveryMechanisms": [
            {"Name": name, "Priority": place} for place, name in enumerate(mechanisms, start=1)
        ]
    }
    client.cognito.update_user_pool(
        UserPoolId=client.pool_id,
        MfaConfiguration=described["MfaConfiguration"],
        EmailConfiguration=described["EmailConfiguration"],
        SmsConfiguration=described["SmsConfiguration"],
        AccountRecoverySetting=setting if mechanisms else {},
    )


@pytest.fixture
def required(client: Client, make_user: Make) -> Client:
    """Second factors are required, passwords are recovered as of old, and carl has no address."""
    make_user(client.pool_id, "carl")
    recover_by(client)
    client.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP", mode="ON")
    return client


def email_of(client: Client, username: str) -> dict[str, str]:
    user = client.cognito.admin_get_user(UserPoolId=client.pool_id, Username=username)
    found = {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}
    return {name: found[name] for name in ("email", "email_verified") if name in found}


def test_all_that_the_pool_offers_can_be_set_up(required: Client) -> None:
    asked = required.sign_in("carl")
    assert asked["ChallengeName"] == "MFA_SETUP"
    can_set_up = json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"])
    assert can_set_up == ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]


def test_an_address_is_the_user_s_with_the_code_that_was_sent_there(required: Client, server: Server) -> None:
    asked = required.answer("carl", required.sign_in("carl"), EMAIL="carl@example.com")
    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "c***@e***"
    message = messages_of(server, required.pool_id)[0]
    assert message["destination"] == "carl@example.com"
    assert email_of(required, "carl") == {}
    with refused("CodeMismatchException"):
        required.answer("carl", asked, EMAIL_OTP_CODE=wrong(message["code"]))
    assert email_of(required, "carl") == {}
    answer = required.answer("carl", asked, EMAIL_OTP_CODE=message["code"])
    assert "AuthenticationResult" in answer
    assert email_of(required, "carl") == {"email": "carl@example.com", "email_verified": "true"}
    assert required.sign_in("carl")["ChallengeName"] == "EMAIL_OTP"


def test_what_is_no_address_can_be_mended(required: Client) -> None:
    asked = required.sign_in("carl")
    with refused("InvalidParameterException", "Invalid email address format."):
        required.answer("carl", asked, EMAIL="carl")
    assert required.answer("carl", asked, EMAIL="carl@example.com")["ChallengeName"] == "EMAIL_OTP"


def test_a_user_who_got_an_address_meanwhile_is_not_signed_in_by_another(
    required: Client, server: Server
) -> None:
    asked = required.answer("carl", required.sign_in("carl"), EMAIL="eve@example.com")
    code = newest_code(server, required.pool_id)
    required.cognito.admin_update_user_attributes(
        UserPoolId=required.pool_id,
        Username="carl",
        UserAttributes=[{"Name": "phone_number", "Value": "+17755550841"}],
    )
    with refused("NotAuthorizedException", "Invalid session for the user."):
        required.answer("carl", asked, EMAIL_OTP_CODE=code)
    assert required.sign_in("carl")["ChallengeName"] == "SMS_MFA"


def test_an_address_that_is_another_s_name_is_refused(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    server: Server,
    clock: HeldClock,
) -> None:
    pool_id = make_pool(EmailConfiguration=OWN_SENDER, AliasAttributes=["email"], AccountRecoverySetting={})[
        "Id"
    ]
    client = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    client.offer("EMAIL_OTP", mode="ON")
    make_user(pool_id, "anna", email="anna@example.com", email_verified="true")
    make_user(pool_id, "carl")
    asked = client.answer("carl", client.sign_in("carl"), EMAIL="anna@example.com")
    with refused("AliasExistsException"):
        client.answer("carl", asked, EMAIL_OTP_CODE=newest_code(server, pool_id))
    assert email_of(client, "carl") == {}


def test_the_address_that_passwords_are_recovered_by_cannot_be_set_up(
    required: Client, clock: HeldClock
) -> None:
    recover_by(required, "verified_email", "verified_phone_number")
    asked = required.sign_in("carl")
    assert json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]
    with refused("MFAMethodNotFoundException"):
        required.answer("carl", asked, EMAIL="carl@example.com")
