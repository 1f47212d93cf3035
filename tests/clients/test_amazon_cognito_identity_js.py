"""amazon-cognito-identity-js (npm), which most web applications were written with: SRP, refresh, sign-out, custom challenges, devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.conftest import PASSWORD
from tests.processes import Running
from tests.second_factors import BY_FACTOR

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("settings", "username"),
    [
        pytest.param({}, "anna", id="a plain pool"),
        pytest.param({"UsernameAttributes": ["email"]}, "anna@example.com", id="a pool of addresses"),
    ],
)
@pytest.mark.parametrize("permanent", [True, False], ids=["a password", "a temporary password"])
def test_a_web_application_signs_in_refreshes_and_signs_out(
    running: Running,
    cognito: Cognito,
    make_pool: Make,
    make_user: Make,
    run_script: Make,
    settings: dict[str, Any],
    username: str,
    permanent: bool,
) -> None:
    pool_id = make_pool(**settings)["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web")["UserPoolClient"]
    sub = make_user(pool_id, username, permanent=permanent)
    told = run_script(
        "identity.js",
        endpoint=running.endpoint,
        pool=pool_id,
        client=client["ClientId"],
        username=username,
        password=PASSWORD,
        wrongPassword="wr0ng-Passw0rd!",
        newPassword=None if permanent else "N3w-Passw0rd!",
    )
    assert told["wrong"] == "NotAuthorizedException: Incorrect username or password."
    assert ("asked" in told) is not permanent
    access = jwt.decode(told["access"], options={"verify_signature": False})
    refreshed = jwt.decode(told["refreshedAccess"], options={"verify_signature": False})
    assert access["sub"] == refreshed["sub"] == told["attributes"]["sub"] == sub
    assert access["origin_jti"] == refreshed["origin_jti"]
    assert access["jti"] != refreshed["jti"]
    assert told["username"] == access["username"] == (sub if settings else username)
    assert told["isValid"] is True
    assert told["signedOut"] == "SUCCESS"
    assert told["afterSignOut"] == "NotAuthorizedException: Refresh Token has been revoked"


def test_a_person_signs_up_and_later_forgets_the_password(
    running: Running, cognito: Cognito, make_pool: Make, run_script: Make
) -> None:
    pool_id = make_pool(AutoVerifiedAttributes=["email"])["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web")["UserPoolClient"]
    told = run_script(
        "registration.js",
        endpoint=running.endpoint,
        pool=pool_id,
        client=client["ClientId"],
        username="anna",
        email="anna@example.com",
        password=PASSWORD,
        newPassword="N3w-Passw0rd!",
    )
    delivery = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert told.pop("sub")
    assert told == {
        "userConfirmed": False,
        "delivery": delivery,
        "taken": "UsernameExistsException: User already exists",
        "early": "UserNotConfirmedException: User is not confirmed.",
        "resent": {"CodeDeliveryDetails": delivery},
        "wrong": "CodeMismatchException: Invalid verification code provided, please try again.",
        "confirmed": "SUCCESS",
        "signedIn": True,
        "forgot": {"CodeDeliveryDetails": delivery},
        "reset": "SUCCESS",
        "signedInAnew": True,
    }


def test_a_person_who_must_have_a_second_factor_sets_one_up_and_chooses_another(
    running: Running, cognito: Cognito, make_pool: Make, make_user: Make, run_script: Make
) -> None:
    pool_id = make_pool()["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web")["UserPoolClient"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        MfaConfiguration="ON",
        **BY_FACTOR["SOFTWARE_TOKEN_MFA"],
        **BY_FACTOR["SMS_MFA"],
    )
    make_user(pool_id, "anna")
    told = run_script(
        "second_factor.js",
        endpoint=running.endpoint,
        pool=pool_id,
        client=client["ClientId"],
        username="anna",
        password=PASSWORD,
    )
    sent = {"asked": "SMS_MFA", "sentTo": "+*******0839"}
    assert told == {
        "first": {"asked": "MFA_SETUP", "canSetUp": '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'},
        "setUp": {"signedIn": True},
        "second": {"asked": "SOFTWARE_TOKEN_MFA"},
        "wrong": {"error": "CodeMismatchException: Invalid code received for user"},
        "right": {"signedIn": True},
        "number": "SUCCESS",
        "third": {"asked": "SELECT_MFA_TYPE", "canChoose": '["SMS_MFA","SOFTWARE_TOKEN_MFA"]'},
        "chosen": sent,
        "bySms": {"signedIn": True},
        "preferred": "SUCCESS",
        "data": ["SMS_MFA", ["SMS_MFA"]],
        "fourth": sent,
    }


@pytest.mark.parametrize(
    ("flow", "answers", "anew"),
    [
        ("USER_SRP_AUTH", [], (True, True)),
        # Here the library does not try again without the device; Amplify does.
        ("USER_PASSWORD_AUTH", [], ("ResourceNotFoundException: Device does not exist.", None)),
        ("CUSTOM_AUTH", ["wrong", "42"], (True, True)),
    ],
)
def test_a_web_application_signs_in_on_a_device_of_its_own(
    on_devices: Any, run_script: Make, flow: str, answers: list[str], anew: tuple[Any, Any]
) -> None:
    told = run_script("devices.js", **on_devices, flow=flow, answers=answers)
    device = told.pop("device")
    assert told == {
        "confirm": True,
        "isRemembered": "SUCCESS",
        "refreshed": True,
        "sameDevice": True,
        "shown": True,
        "listed": [device],
        "forgotten": "SUCCESS",
        "afterForgetting": "NotAuthorizedException: Invalid Refresh Token",
        "onNewDevice": anew[0],
        "refreshedAnew": anew[1],
    }
