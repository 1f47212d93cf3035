"""What a user can sign in with, as the user and an administrator are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.store import users
from cognomen.store.factors import Factors
from cognomen.users import rows
from tests.authenticator import Authenticator
from tests.calls import call_of
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

PASSWORD = "Passw0rd!"
FACTORS = ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]


@pytest.fixture
def pool_id(cognito: Cognito, make_pool: Make) -> str:
    id = str(make_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}})["Id"])
    cognito.set_user_pool_mfa_config(UserPoolId=id, WebAuthnConfiguration={"RelyingPartyId": "example.com"})
    return id


@pytest.fixture
def anna(anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make) -> str:
    """An access token of hers."""
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "anna", email="anna@example.com")
    parameters = {"USERNAME": "anna", "PASSWORD": PASSWORD}
    done = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH", ClientId=client_id, AuthParameters=parameters
    )
    return done["AuthenticationResult"]["AccessToken"]


@pytest.fixture
def told(cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str) -> Callable[[], dict[str, Any]]:
    """The same from both operations."""

    def told() -> dict[str, Any]:
        own: Any = anonymous.get_user_auth_factors(AccessToken=anna)
        by_admin: Any = cognito.admin_get_user_auth_factors(UserPoolId=pool_id, Username="anna")
        del own["ResponseMetadata"], by_admin["ResponseMetadata"]
        assert own == by_admin
        return dict(own)

    return told


def test_factors_are_told_as_they_come_and_go(
    cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str, told: Callable[[], dict[str, Any]]
) -> None:
    assert told() == {"Username": "anna", "ConfiguredUserAuthFactors": ["PASSWORD", "EMAIL_OTP"]}
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id,
        Username="anna",
        UserAttributes=[
            {"Name": "email", "Value": ""},
            {"Name": "phone_number", "Value": "+15550001234"},
        ],
    )
    options: Any = anonymous.start_web_authn_registration(AccessToken=anna)["CredentialCreationOptions"]
    made: Any = Authenticator().create(options, "https://example.com")
    anonymous.complete_web_authn_registration(AccessToken=anna, Credential=made)
    assert told()["ConfiguredUserAuthFactors"] == ["PASSWORD", "SMS_OTP", "WEB_AUTHN"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, WebAuthnConfiguration={"RelyingPartyId": "example.org"}
    )
    assert told()["ConfiguredUserAuthFactors"] == ["PASSWORD", "SMS_OTP"]
    cognito.update_user_pool(
        UserPoolId=pool_id, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    )
    assert told()["ConfiguredUserAuthFactors"] == ["PASSWORD"]


def test_second_factors_are_told_as_they_are_set(
    server: Server, pool_id: str, told: Callable[[], dict[str, Any]]
) -> None:
    call = server.run(call_of(server.node, pool_id))
    factors = Factors(enabled=("SMS_MFA", "SOFTWARE_TOKEN_MFA"), preferred="SMS_MFA")
    (anna,) = server.run(server.store.read(users.all_of_pool, pool_id, "", 2))

    def edit(user: Any) -> Any:
        return structs.replace(user, factors=factors, sealed_totp_secret=b"sealed")

    server.run(server.store.write(rows.change, call.pool, anna.sub, edit))
    assert told() == {
        "Username": "anna",
        "PreferredMfaSetting": "SMS_MFA",
        "UserMFASettingList": ["SMS_MFA", "SOFTWARE_TOKEN_MFA"],
        "ConfiguredUserAuthFactors": ["PASSWORD", "EMAIL_OTP", "SOFTWARE_TOKEN"],
    }


def test_a_user_without_a_password_is_told_so(cognito: Cognito, pool_id: str) -> None:
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="bert",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": "bert@example.com"}],
    )
    told = cognito.admin_get_user_auth_factors(UserPoolId=pool_id, Username="bert")
    assert told["ConfiguredUserAuthFactors"] == ["EMAIL_OTP"]


def test_who_is_not_there_is_not_found(cognito: Cognito, pool_id: str) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user_auth_factors(UserPoolId=pool_id, Username="nobody")


def test_a_user_whose_password_was_reset_is_told_so(
    cognito: Cognito, anonymous: Cognito, pool_id: str, anna: str
) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id, Username="anna", UserAttributes=[{"Name": "email_verified", "Value": "true"}]
    )
    cognito.admin_reset_user_password(UserPoolId=pool_id, Username="anna")
    with refused("PasswordResetRequiredException"):
        anonymous.get_user_auth_factors(AccessToken=anna)
    assert cognito.admin_get_user_auth_factors(UserPoolId=pool_id, Username="anna")["Username"] == "anna"
