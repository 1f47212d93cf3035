from __future__ import annotations

import subprocess
import sys
from collections.abc import Set as AbstractSet

import pytest

from cognomen.wire import model

OPERATIONS = model.load().operations

ACCESS_TOKEN = {
    "ChangePassword",
    "CompleteWebAuthnRegistration",
    "ConfirmDevice",
    "DeleteUser",
    "DeleteUserAttributes",
    "DeleteWebAuthnCredential",
    "ForgetDevice",
    "GetDevice",
    "GetUser",
    "GetUserAttributeVerificationCode",
    "GetUserAuthFactors",
    "GlobalSignOut",
    "ListDevices",
    "ListUserSessions",
    "ListWebAuthnCredentials",
    "RevokeUserSession",
    "SetUserMFAPreference",
    "SetUserSettings",
    "StartWebAuthnRegistration",
    "UpdateDeviceStatus",
    "UpdateUserAttributes",
    "VerifyUserAttribute",
}
PUBLIC = {
    "AssociateSoftwareToken",
    "VerifySoftwareToken",
    "SignUp",
    "ConfirmSignUp",
    "ResendConfirmationCode",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetTokensFromRefreshToken",
    "RevokeToken",
    "UpdateAuthEventFeedback",
    "GetClientToken",
    "GetDerivedToken",
}


def called_by(auth: str) -> AbstractSet[str]:
    return {name for name, operation in OPERATIONS.items() if operation.auth == auth}


def test_the_service_has_141_operations_each_with_an_input() -> None:
    assert len(OPERATIONS) == 141
    assert all(operation.input.type == "structure" for operation in OPERATIONS.values())


def test_who_may_call_is_as_documented() -> None:
    assert called_by("access_token") == ACCESS_TOKEN
    assert called_by("public") == PUBLIC
    assert called_by("signed") == set(OPERATIONS) - ACCESS_TOKEN - PUBLIC


@pytest.mark.parametrize(
    ("name", "pool", "username"),
    [
        ("AdminGetUser", "UserPoolId", "Username"),
        ("DescribeUserPoolClient", "UserPoolId", None),
        ("TagResource", "ResourceArn", None),
        ("InitiateAuth", None, None),
        ("SignUp", None, "Username"),
        ("GetUser", None, None),
    ],
)
def test_an_operation_knows_which_members_name_things(
    name: str, pool: str | None, username: str | None
) -> None:
    operation = OPERATIONS[name]
    assert (operation.pool_member, operation.username_member) == (pool, username)


def test_an_operation_without_output_has_none() -> None:
    assert OPERATIONS["DeleteUserPool"].output is None
    assert OPERATIONS["DescribeUserPool"].output is not None


def test_a_shape_carries_what_the_description_says() -> None:
    shapes = model.load().shapes
    password = shapes["PasswordType"]
    assert (password.max, password.min, password.sensitive) == (256, None, True)
    assert shapes["ConfirmationCodeType"].pattern == r"[\S]+"
    assert list(shapes["ListUserPoolsRequest"].members) == ["NextToken", "MaxResults"]
    assert shapes["ListUserPoolsRequest"].required == {"MaxResults"}
    assert shapes["Document"].document


def test_the_errors_are_the_declared_ones_and_those_of_the_framework() -> None:
    errors = OPERATIONS["RevokeToken"].errors
    assert {"UnauthorizedException", "UnsupportedTokenTypeException", "SerializationException"} <= errors
    assert "NotAuthorizedException" not in errors


def test_the_model_is_read_once() -> None:
    assert model.load() is model.load()


def test_reading_it_imports_none_of_botocore() -> None:
    code = "import sys; from cognomen.wire import model; model.load(); print('botocore' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
