"""AWS Amplify (npm), version 6, with which most web applications are written now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.conftest import PASSWORD
from tests.processes import Running
from tests.second_factors import BY_FACTOR, OWN_SENDER

Make = Callable[..., Any]


def test_a_person_signs_up_and_in_with_an_app_and_by_e_mail(
    running: Running, cognito: Cognito, make_pool: Make, run_script: Make
) -> None:
    pool_id = make_pool(
        AutoVerifiedAttributes=["email"],
        EmailConfiguration=OWN_SENDER,
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]},
    )["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web")["UserPoolClient"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        MfaConfiguration="OPTIONAL",
        **BY_FACTOR["SOFTWARE_TOKEN_MFA"],
        **BY_FACTOR["EMAIL_OTP"],
    )
    told = run_script(
        "amplify.js",
        endpoint=running.endpoint,
        pool=pool_id,
        client=client["ClientId"],
        username="anna",
        email="anna@example.com",
        password=PASSWORD,
    )
    sub = told["attributes"].pop("sub")
    assert sub
    delivery = {"deliveryMedium": "EMAIL", "destination": "a***@e***"}
    assert told == {
        "signUp": ["CONFIRM_SIGN_UP", delivery | {"attributeName": "email"}],
        "confirmed": True,
        "wrong": "NotAuthorizedException: Incorrect username or password.",
        "signedIn": "DONE",
        "preference": {"enabled": ["TOTP", "EMAIL"], "preferred": "TOTP"},
        "withApp": "CONFIRM_SIGN_IN_WITH_TOTP_CODE",
        "wrongCode": "CodeMismatchException: Invalid code received for user",
        "byApp": "DONE",
        "none": {"enabled": ["TOTP", "EMAIL"]},
        "choice": "CONTINUE_SIGN_IN_WITH_MFA_SELECTION",
        "chosen": ["CONFIRM_SIGN_IN_WITH_EMAIL_CODE", delivery],
        "byMail": "DONE",
        "user": "anna",
        "attributes": {"email": "anna@example.com", "email_verified": "true"},
        "refreshed": True,
        "signedOut": "UserUnAuthenticatedException: User needs to be authenticated to call this API.",
    }


def test_an_application_lets_its_users_choose(
    running: Running, cognito: Cognito, make_pool: Make, make_user: Make, run_script: Make
) -> None:
    pool_id = make_pool(
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
        AutoVerifiedAttributes=["email"],
    )["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    make_user(pool_id, "anna", email="anna@example.com")
    told = run_script(
        "choices.js",
        endpoint=running.endpoint,
        pool=pool_id,
        client=client["ClientId"],
        username="anna",
        password=PASSWORD,
        newcomer="newcomer",
    )
    anna = {"username": "anna", "tokenUse": "access"}
    assert told == {
        "choice": {
            "step": "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION",
            "available": ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"],
        },
        "chosenPassword": "CONFIRM_SIGN_IN_WITH_PASSWORD",
        "password": "DONE",
        "byPassword": anna,
        "chosenSrp": "CONFIRM_SIGN_IN_WITH_PASSWORD",
        "srp": "DONE",
        "bySrp": anna,
        "preferredSrp": "DONE",
        "byPreferredSrp": anna,
        "code": {"step": "CONFIRM_SIGN_IN_WITH_EMAIL_CODE", "destination": "a***@e***"},
        "wrongCode": "CodeMismatchException",
        "rightCode": "DONE",
        "verified": "true",
        "byCode": anna,
        "signedUp": "CONFIRM_SIGN_UP",
        "confirmed": "COMPLETE_AUTO_SIGN_IN",
        "signedInAtOnce": "DONE",
        "byConfirmation": {"username": "newcomer", "tokenUse": "access"},
    }
