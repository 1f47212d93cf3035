"""Which second factors are enabled and preferred: set by users and administrators, in the new way and in the old, and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import OWN_SENDER, Client

Make = Callable[..., Any]

OPTIONS = [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]
ON, OFF, PREFERRED = {"Enabled": True}, {"Enabled": False}, {"Enabled": True, "PreferredMfa": True}


class Setter:
    """A user, or an administrator, who sets something of anna."""

    def __init__(self, client: Client, *, admin: bool) -> None:
        self.client, self.admin = client, admin
        if admin:
            self.who: Any = {"UserPoolId": client.pool_id, "Username": "anna"}
        else:
            self.who = {"AccessToken": client.tokens("anna")["AccessToken"]}

    def prefer(self, **settings: Any) -> None:
        cognito: Any = self.client.cognito
        if self.admin:
            cognito.admin_set_user_mfa_preference(**self.who, **settings)
        else:
            cognito.set_user_mfa_preference(**self.who, **settings)

    def options(self, *options: dict[str, str]) -> None:
        cognito: Any = self.client.cognito
        if self.admin:
            cognito.admin_set_user_settings(**self.who, MFAOptions=list(options))
        else:
            cognito.set_user_settings(**self.who, MFAOptions=list(options))


@pytest.fixture
def client(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Client:
    pool_id = make_pool(EmailConfiguration=OWN_SENDER)["Id"]
    made = Client(cognito, anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    made.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    make_user(pool_id, "anna", email="anna@example.com", phone_number="+17755550839")
    return made


@pytest.fixture(params=[False, True], ids=["user", "administrator"])
def setter(request: pytest.FixtureRequest, client: Client) -> Setter:
    return Setter(client, admin=request.param)


def told(client: Client, token: str | None = None) -> dict[str, Any]:
    """What both operations that tell of a user say of its factors."""
    by_admin: Any = client.cognito.admin_get_user(UserPoolId=client.pool_id, Username="anna")
    members = ("MFAOptions", "PreferredMfaSetting", "UserMFASettingList")
    found = {name: by_admin[name] for name in members if name in by_admin}
    if token is not None:
        by_user: Any = client.anonymous.get_user(AccessToken=token)
        assert found == {name: by_user[name] for name in members if name in by_user}
    return found


def test_nothing_is_told_of_a_user_without_factors(client: Client) -> None:
    assert told(client, client.tokens("anna")["AccessToken"]) == {}


def test_what_is_set_is_told_and_asked_for(client: Client, setter: Setter) -> None:
    token = client.tokens("anna")["AccessToken"]
    setter.prefer(SMSMfaSettings=ON, EmailMfaSettings=PREFERRED)
    assert told(client, token) == {
        "UserMFASettingList": ["SMS_MFA", "EMAIL_OTP"],
        "PreferredMfaSetting": "EMAIL_OTP",
    }
    assert client.sign_in("anna")["ChallengeName"] == "EMAIL_OTP"
    setter.prefer(EmailMfaSettings=OFF)
    assert told(client, token) == {"UserMFASettingList": ["SMS_MFA"]}
    assert client.sign_in("anna")["ChallengeName"] == "SMS_MFA"
    setter.prefer(SMSMfaSettings={})  # without Enabled it is not
    assert told(client, token) == {}
    assert "AuthenticationResult" in client.sign_in("anna")


def test_what_is_not_there_is_refused(client: Client, setter: Setter) -> None:
    with refused("InvalidParameterException", "User has not set up software token mfa"):
        setter.prefer(SoftwareTokenMfaSettings=ON)
    with refused("InvalidParameterException", "Only one MFA method can be preferred."):
        setter.prefer(SMSMfaSettings=PREFERRED, EmailMfaSettings=PREFERRED)
    with refused("InvalidParameterException"):
        setter.prefer(SMSMfaSettings=ON, WebAuthnMfaSettings=ON)
    assert told(client) == {}


def test_the_old_way_sets_sms_alone_and_is_told_as_such(client: Client, setter: Setter) -> None:
    setter.options(*OPTIONS)
    assert told(client) == {"MFAOptions": OPTIONS}
    assert client.sign_in("anna")["ChallengeName"] == "SMS_MFA"
    setter.prefer(SMSMfaSettings=ON)
    assert told(client) == {"UserMFASettingList": ["SMS_MFA"]}
    setter.options()
    assert told(client) == {}
    assert "AuthenticationResult" in client.sign_in("anna")
    for option in ({"DeliveryMedium": "EMAIL", "AttributeName": "email"}, {"DeliveryMedium": "SMS"}):
        with refused("InvalidParameterException", _BEYOND_SMS):
            setter.options(option)


_BEYOND_SMS = "MFAOptions can only set DeliveryMedium SMS with AttributeName phone_number."


def test_what_was_set_in_the_old_way_is_disabled_in_the_new(client: Client, setter: Setter) -> None:
    setter.options(*OPTIONS)
    setter.prefer(SMSMfaSettings=OFF)
    assert told(client) == {}


def test_sms_needs_a_phone_number_in_the_old_way_too(client: Client, setter: Setter) -> None:
    client.cognito.admin_delete_user_attributes(
        UserPoolId=client.pool_id, Username="anna", UserAttributeNames=["phone_number"]
    )
    with refused("InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA"):
        setter.options(*OPTIONS)


def test_nothing_is_set_of_a_user_who_is_not_confirmed_or_not_there(client: Client) -> None:
    client.anonymous.sign_up(ClientId=client.client_id, Username="carl", Password="Passw0rd!")
    cognito: Any = client.cognito
    for username, error in (("carl", "UserNotConfirmedException"), ("nobody", "UserNotFoundException")):
        who = {"UserPoolId": client.pool_id, "Username": username}
        with refused(error):
            cognito.admin_set_user_mfa_preference(**who, SMSMfaSettings=ON)
    with refused("UserNotFoundException"):
        cognito.admin_set_user_settings(UserPoolId=client.pool_id, Username="nobody", MFAOptions=[])


def test_whose_password_waits_to_be_reset_only_an_administrator_prepares(client: Client) -> None:
    user, admin = Setter(client, admin=False), Setter(client, admin=True)
    client.cognito.admin_update_user_attributes(
        UserPoolId=client.pool_id,
        Username="anna",
        UserAttributes=[{"Name": "email_verified", "Value": "true"}],
    )
    client.cognito.admin_reset_user_password(UserPoolId=client.pool_id, Username="anna")
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        user.prefer(SMSMfaSettings=ON)
    with refused("PasswordResetRequiredException"):
        user.options(*OPTIONS)
    admin.prefer(SMSMfaSettings=ON)
    admin.options(*OPTIONS)
