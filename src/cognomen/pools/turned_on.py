"""What the settings of a pool turn on, whoever asks: rules, plans, sign-ins, what decoys look like.

first_factors, is_passwordless      what a sign-in may begin with, and whether that need not be a password
second_factors                      what a sign-in may ask for besides
passkeys_stand_for_mfa              whether a passkey proves two factors at once
recovery                            what helps whoever forgot a password, by priority
sends_sms                           whether it is said how SMS messages are sent
registers_clients                   whether apps may register themselves
"""

from __future__ import annotations

from cognomen.challenge_names import EMAIL_OTP, PASSWORD, SMS_MFA, SOFTWARE_TOKEN_MFA
from cognomen.store.user_pool_settings import UserPoolSettings

_PASSWORD_ALONE = (PASSWORD,)


def first_factors(settings: UserPoolSettings) -> tuple[str, ...]:
    policy = settings.policies.sign_in_policy
    return policy.allowed_first_auth_factors if policy else _PASSWORD_ALONE


def is_passwordless(settings: UserPoolSettings) -> bool:
    """Whether a user of the pool can sign in without a password."""
    return set(first_factors(settings)) != set(_PASSWORD_ALONE)


def second_factors(settings: UserPoolSettings) -> frozenset[str]:
    """The second factors that a sign-in may ask for, whether or not the pool asks for any. Passkeys are none.

    A pool that sends SMS has that factor always (developer guide, "MFA").
    """
    software_token = settings.software_token_mfa_configuration or {}
    there_is = {
        SMS_MFA: sends_sms(settings),
        SOFTWARE_TOKEN_MFA: software_token.get("Enabled", False),
        EMAIL_OTP: settings.email_mfa_configuration is not None,
    }
    return frozenset(factor for factor, is_there in there_is.items() if is_there)


def passkeys_stand_for_mfa(settings: UserPoolSettings) -> bool:
    configured = settings.web_authn_configuration or {}
    return configured.get("FactorConfiguration") == "MULTI_FACTOR_WITH_USER_VERIFICATION"


def recovery(settings: UserPoolSettings) -> tuple[str, ...]:
    """The names of the mechanisms, the first one first; empty where the pool does not say."""
    setting = settings.account_recovery_setting
    mechanisms = sorted(setting.recovery_mechanisms if setting else (), key=lambda each: each.priority)
    return tuple(each.name for each in mechanisms)


def sends_sms(settings: UserPoolSettings) -> bool:
    sms = settings.sms_configuration or {}
    return bool(sms.get("SnsCallerArn") or sms.get("EumsSms"))


def registers_clients(settings: UserPoolSettings) -> bool:
    return (settings.dcr_configuration or {}).get("EnableStatus") == "Enabled"
