"""pycognito (PyPI), with which Python programs sign up and in: SRP with and without a client secret, refresh, sign-out, devices."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError
from pycognito import Cognito as Program
from pycognito import aws_srp
from pycognito.exceptions import (
    ForceChangePasswordException,
    SMSMFAChallengeException,
    SoftwareTokenMFAChallengeException,
)
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.testing import Cognomen
from tests.conftest import PASSWORD
from tests.processes import Running
from tests.second_factors import BY_FACTOR

Make = Callable[..., Any]


@pytest.fixture(params=[False, True], ids=["public", "with a secret"])
def client(request: pytest.FixtureRequest, cognito: Cognito, make_pool: Make) -> Any:
    pool_id = make_pool(AutoVerifiedAttributes=["email"])["Id"]
    return cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="program", GenerateSecret=request.param
    )["UserPoolClient"]


@pytest.fixture
def program(running: Running, client: Any) -> Program:
    return Program(
        client["UserPoolId"],
        client["ClientId"],
        client_secret=client.get("ClientSecret"),
        username="anna",
        boto3_client_kwargs={"endpoint_url": running.endpoint},
        user_pool_region="us-east-1",
    )


def test_a_program_signs_in_refreshes_and_signs_out(client: Any, program: Program, make_user: Make) -> None:
    sub = make_user(client["UserPoolId"], "anna", email="anna@example.com")
    with pytest.raises(ClientError, match="Incorrect username or password"):
        program.authenticate("wr0ng-Passw0rd!")
    program.authenticate(PASSWORD)
    assert program.get_user(attr_map={}).sub == sub
    first = program.access_token
    program.renew_access_token()
    assert program.access_token != first
    refresh_token = program.refresh_token
    program.logout()
    program.refresh_token = refresh_token
    with pytest.raises(ClientError, match="Refresh Token has been revoked"):
        program.renew_access_token()


def test_a_program_replaces_a_temporary_password(client: Any, program: Program, make_user: Make) -> None:
    make_user(client["UserPoolId"], "anna", permanent=False)
    with pytest.raises(ForceChangePasswordException):
        program.authenticate(PASSWORD)
    program.new_password_challenge(PASSWORD, "N3w-Passw0rd!")
    program.authenticate("N3w-Passw0rd!")
    assert program.access_token


def test_a_program_signs_a_user_up_and_replaces_a_forgotten_password(
    running: Running, client: Any, program: Program
) -> None:
    def code() -> str:
        (newest, *_) = Cognomen(running.endpoint).inbox(client["UserPoolId"], user="anna")
        return str(newest["code"])

    program.set_base_attributes(email="anna@example.com")
    program.register("anna", PASSWORD)
    with pytest.raises(ClientError, match="User is not confirmed"):
        program.authenticate(PASSWORD)
    program.resend_confirmation_code("anna")
    program.confirm_sign_up(code(), "anna")
    program.authenticate(PASSWORD)
    program.update_profile({"email": "new@example.com"})
    program.validate_verification(code())
    assert program.get_user(attr_map={}).email_verified is True
    program.initiate_forgot_password()
    program.confirm_forgot_password(code(), "N3w-Passw0rd!")
    program.authenticate("N3w-Passw0rd!")
    assert program.access_token


def test_a_program_sets_up_an_app_and_signs_in_with_its_codes(
    cognito: Cognito, client: Any, program: Program, make_user: Make
) -> None:
    pool_id = client["UserPoolId"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        MfaConfiguration="OPTIONAL",
        **BY_FACTOR["SOFTWARE_TOKEN_MFA"],
        **BY_FACTOR["SMS_MFA"],
    )
    make_user(pool_id, "anna", phone_number="+17755550839")
    program.authenticate(PASSWORD)
    app = pyotp.TOTP(program.associate_software_token())
    assert program.verify_software_token(app.now(), "a phone")
    program.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")
    with pytest.raises(SoftwareTokenMFAChallengeException):
        program.authenticate(PASSWORD)
    with pytest.raises(ClientError, match="Invalid code received for user"):
        program.respond_to_software_token_mfa_challenge("000000")
    program.respond_to_software_token_mfa_challenge(app.at(int(time.time()) + 30))
    assert program.access_token
    program.set_user_mfa_preference(sms_mfa=True, software_token_mfa=True, preferred="SMS")
    with pytest.raises(SMSMFAChallengeException):
        program.authenticate(PASSWORD)
    with pytest.raises(ClientError, match="Invalid code or auth state for the user"):
        program.respond_to_sms_mfa_challenge("none")


def test_a_program_signs_in_on_a_device_of_its_own(
    running: Running, cognito: Cognito, make_pool: Make, make_user: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
    pool_id = make_pool(DeviceConfiguration=devices)["Id"]
    client_id = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="program")["UserPoolClient"][
        "ClientId"
    ]
    make_user(pool_id, "anna")
    # What it does about devices it sends to Amazon's own address, whatever it was told.
    post = aws_srp.requests.post
    monkeypatch.setattr(aws_srp.requests, "post", lambda _url, **given: post(running.endpoint, **given))

    def program(**device: str) -> aws_srp.AWSSRP:
        return aws_srp.AWSSRP("anna", PASSWORD, pool_id, client_id, client=cognito, **device)

    first = program()
    tokens = first.authenticate_user()
    confirmed, secret = first.confirm_device(tokens, "laptop")
    assert confirmed.json() == {"UserConfirmationNecessary": False}
    device = {
        "device_key": first.device_key,
        "device_group_key": first.device_group_key,
        "device_password": secret,
    }
    second = program(**device).authenticate_user()["AuthenticationResult"]
    assert "NewDeviceMetadata" not in second
    with pytest.raises(ClientError, match="Incorrect username or password"):
        program(**device | {"device_password": "another"}).authenticate_user()
    first.update_device_status(False, second["AccessToken"], first.device_key)
    third = program(**device).authenticate_user()["AuthenticationResult"]
    assert third["NewDeviceMetadata"]["DeviceKey"] != first.device_key
    first.forget_device(second["AccessToken"], first.device_key)
    with pytest.raises(ClientError, match="Device does not exist"):
        program(**device).authenticate_user()
