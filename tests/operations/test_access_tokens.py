"""Access tokens of users whose password waits to be reset: a reset revokes none, and nearly nothing can be done with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore import xform_name
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.operations import dispatch  # noqa: F401  registers them
from cognomen.operations.registry import REGISTRY
from tests.refused import refused
from tests.second_factors import PASSWORD

Make = Callable[..., Any]

DEVICE = "us-east-1_00000000-0000-4000-8000-000000000000"

# What each operation that takes an access token is sent besides.
REFUSED: dict[str, dict[str, Any]] = {
    "ChangePassword": {"PreviousPassword": PASSWORD, "ProposedPassword": "N3w-Passw0rd!"},
    "CompleteWebAuthnRegistration": {"Credential": {}},
    "ConfirmDevice": {"DeviceKey": DEVICE},
    "DeleteUser": {},
    "DeleteUserAttributes": {"UserAttributeNames": ["nickname"]},
    "DeleteWebAuthnCredential": {"CredentialId": "x"},
    "ForgetDevice": {"DeviceKey": DEVICE},
    "GetDevice": {"DeviceKey": DEVICE},
    "GetUser": {},
    "GetUserAttributeVerificationCode": {"AttributeName": "email"},
    "GetUserAuthFactors": {},
    "GlobalSignOut": {},
    "ListDevices": {},
    "ListUserSessions": {},
    "ListWebAuthnCredentials": {},
    "RevokeUserSession": {"SessionId": f"tkn{'0' * 25}"},
    "SetUserMFAPreference": {},
    "SetUserSettings": {"MFAOptions": []},
    "StartWebAuthnRegistration": {},
    "UpdateDeviceStatus": {"DeviceKey": DEVICE},
    "UpdateUserAttributes": {"UserAttributes": [{"Name": "nickname", "Value": "A"}]},
    "VerifySoftwareToken": {"UserCode": "123456"},
    "VerifyUserAttribute": {"AttributeName": "email", "Code": "123456"},
}


def test_the_table_has_every_operation_that_takes_an_access_token() -> None:
    taking = {
        name
        for name, registered in REGISTRY.items()
        if registered.model.auth != "signed" and "AccessToken" in registered.model.input.members
    }
    assert taking == REFUSED.keys() | {"AssociateSoftwareToken"}


def test_whoever_must_set_a_password_does_that_first(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool_id = make_pool(Policies=policy)["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "ada", email="ada@example.com", email_verified="true")
    token = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="ada")

    for name, members in REFUSED.items():
        with refused("PasswordResetRequiredException", "Password reset required for the user"):
            getattr(anonymous, xform_name(name))(AccessToken=token, **members)
    with refused("SoftwareTokenMFANotFoundException"):  # declares no other, and the pool has its MFA off
        anonymous.associate_software_token(AccessToken=token)

    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
    assert anonymous.get_user(AccessToken=token)["Username"] == "ada", "the reset has revoked nothing"
