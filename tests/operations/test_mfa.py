"""The MFA settings of a pool: what is set is told, and what cannot be is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.refused import refused

MakePool = Callable[..., Any]

SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x", "SnsRegion": "us-east-1"}
OWN_SENDER = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com",
}
NO_OWN_SENDER = (
    "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of "
    "COGNITO_DEFAULT."
)
TOTP = {"Enabled": True}
PASSKEYS = {"RelyingPartyId": "id.example.com", "UserVerification": "required"}
PASSKEY_MFA = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}


def told(cognito: Cognito, pool: Any) -> dict[str, Any]:
    answer: dict[str, Any] = dict(cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"]))
    del answer["ResponseMetadata"]
    return answer


def set_config(cognito: Cognito, pool: Any, **members: Any) -> dict[str, Any]:
    answer: dict[str, Any] = dict(cognito.set_user_pool_mfa_config(UserPoolId=pool["Id"], **members))
    del answer["ResponseMetadata"]
    return answer


def test_a_pool_that_was_never_told_has_mfa_off_and_nothing_else(
    cognito: Cognito, make_pool: MakePool
) -> None:
    assert told(cognito, make_pool()) == {"MfaConfiguration": "OFF"}


def test_everything_that_is_set_is_answered_and_told(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool(EmailConfiguration=OWN_SENDER)
    members = {
        "SmsMfaConfiguration": {"SmsAuthenticationMessage": "Sign in: {####}", "SmsConfiguration": SMS},
        "SoftwareTokenMfaConfiguration": TOTP,
        "EmailMfaConfiguration": {"Message": "Code {####}", "Subject": "Your code"},
        "MfaConfiguration": "OPTIONAL",
        "WebAuthnConfiguration": PASSKEYS | PASSKEY_MFA,
    }
    assert set_config(cognito, pool, **members) == members
    assert told(cognito, pool) == members
    described = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    assert described["MfaConfiguration"] == "OPTIONAL"
    assert described["SmsConfiguration"] == SMS
    assert described["SmsAuthenticationMessage"] == "Sign in: {####}"


def test_what_the_pool_was_created_with_is_told_too(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool(MfaConfiguration="ON", SmsConfiguration=SMS, SmsAuthenticationMessage="Code {####}")
    assert told(cognito, pool) == {
        "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {"SmsAuthenticationMessage": "Code {####}", "SmsConfiguration": SMS},
    }


def test_other_factors_survive_an_update_of_the_pool(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool()
    set_config(
        cognito,
        pool,
        MfaConfiguration="ON",
        SoftwareTokenMfaConfiguration=TOTP,
        WebAuthnConfiguration=PASSKEYS,
    )
    cognito.update_user_pool(UserPoolId=pool["Id"])
    assert told(cognito, pool) == {
        "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": TOTP,
        "WebAuthnConfiguration": PASSKEYS,
    }


def test_a_mode_that_is_not_sent_is_off_and_drops_the_factors(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool(SmsConfiguration=SMS)
    set_config(cognito, pool, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    answer = set_config(cognito, pool, SoftwareTokenMfaConfiguration=TOTP, WebAuthnConfiguration=PASSKEYS)
    assert answer == {
        "MfaConfiguration": "OFF",
        "SmsMfaConfiguration": {"SmsConfiguration": SMS},
        "WebAuthnConfiguration": PASSKEYS,
    }
    assert told(cognito, pool) == answer


def test_a_factor_that_is_not_sent_is_dropped_and_passkeys_stay(
    cognito: Cognito, make_pool: MakePool
) -> None:
    pool = make_pool(EmailConfiguration=OWN_SENDER)
    set_config(
        cognito,
        pool,
        MfaConfiguration="ON",
        EmailMfaConfiguration={},
        SoftwareTokenMfaConfiguration=TOTP,
        WebAuthnConfiguration=PASSKEYS,
    )
    assert set_config(cognito, pool, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP) == {
        "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": TOTP,
        "WebAuthnConfiguration": PASSKEYS,
    }


def test_a_message_alone_keeps_how_the_pool_sends_sms(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool(SmsConfiguration=SMS)
    sms = {"SmsAuthenticationMessage": "Code {####}"}
    answer = set_config(cognito, pool, MfaConfiguration="OPTIONAL", SmsMfaConfiguration=sms)
    assert answer["SmsMfaConfiguration"] == sms | {"SmsConfiguration": SMS}


@pytest.mark.parametrize("software_token", [{}, {"Enabled": False}])
def test_off_may_be_said_of_the_software_token_too(
    cognito: Cognito, make_pool: MakePool, software_token: Any
) -> None:
    pool = make_pool()
    answer = set_config(cognito, pool, MfaConfiguration="OFF", SoftwareTokenMfaConfiguration=software_token)
    assert answer == {"MfaConfiguration": "OFF"}


def test_passkeys_prefer_user_verification_and_go_with_an_empty_configuration(
    cognito: Cognito, make_pool: MakePool
) -> None:
    pool = make_pool()
    answer = set_config(cognito, pool, WebAuthnConfiguration={"RelyingPartyId": "id.example.com"})
    assert answer["WebAuthnConfiguration"] == {
        "RelyingPartyId": "id.example.com",
        "UserVerification": "preferred",
    }
    assert set_config(cognito, pool, WebAuthnConfiguration={}) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize(
    ("of_pool", "members", "type_", "message"),
    [
        (
            {},
            {"MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": TOTP},
            "InvalidParameterException",
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
        ),
        (
            {"EmailConfiguration": OWN_SENDER},
            {"MfaConfiguration": "OFF", "EmailMfaConfiguration": {}},
            "InvalidParameterException",
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
        ),
        (
            {},
            {"MfaConfiguration": "OPTIONAL", "WebAuthnConfiguration": PASSKEYS},
            "InvalidParameterException",
            "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
        ),
        (
            {},
            {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": False}},
            "InvalidParameterException",
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.",
        ),
        (
            {},
            {"MfaConfiguration": "ON", "EmailMfaConfiguration": {}},
            "InvalidParameterException",
            NO_OWN_SENDER,
        ),
        (
            {
                "EmailConfiguration": OWN_SENDER,
                "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
            },
            {"MfaConfiguration": "ON", "EmailMfaConfiguration": {}},
            "InvalidParameterException",
            "Email MFA cannot be used when verified_email is the only account recovery mechanism.",
        ),
        (
            {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}},
            {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": TOTP},
            "InvalidParameterException",
            "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled",
        ),
        (
            {"UserPoolTier": "LITE", "EmailConfiguration": OWN_SENDER},
            {"MfaConfiguration": "ON", "EmailMfaConfiguration": {}},
            "FeatureUnavailableInTierException",
            "The following features need to be disabled for the LITE pricing tier configured: Email MFA",
        ),
        (
            {"UserPoolTier": "LITE"},
            {"WebAuthnConfiguration": PASSKEY_MFA},
            "FeatureUnavailableInTierException",
            "The following features need to be disabled for the LITE pricing tier configured: Passkey MFA",
        ),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_and_changes_nothing(
    cognito: Cognito,
    make_pool: MakePool,
    of_pool: dict[str, Any],
    members: dict[str, Any],
    type_: str,
    message: str,
) -> None:
    pool = make_pool(**of_pool)
    with refused(type_, message):
        set_config(cognito, pool, **members)
    assert told(cognito, pool) == {"MfaConfiguration": "OFF"}


def test_a_plan_is_not_lowered_below_a_factor_in_use(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool()
    set_config(cognito, pool, WebAuthnConfiguration=PASSKEY_MFA)
    with refused(
        "TierChangeNotAllowedException",
        "The following features need to be disabled for the LITE pricing tier configured: Passkey MFA",
    ):
        cognito.update_user_pool(UserPoolId=pool["Id"], UserPoolTier="LITE")


def test_a_pool_that_is_not_there_is_told(cognito: Cognito) -> None:
    for ask in (cognito.get_user_pool_mfa_config, cognito.set_user_pool_mfa_config):
        with refused("ResourceNotFoundException", "User pool us-east-1_Nothing12 does not exist."):
            ask(UserPoolId="us-east-1_Nothing12")
