from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cognomen.errors import Refusal
from cognomen.pools.settings import DEFAULT_RECOVERY, settings_of
from cognomen.store.user_pool_settings import AccountRecoverySetting, PasswordPolicy, UserPoolSettings

ARN = "arn:aws:lambda:us-east-1:000000000000:function:tokens"
OTHER_ARN = "arn:aws:lambda:us-east-1:000000000000:function:others"


def refusal_of(request: dict[str, Any]) -> str | None:
    with pytest.raises(Refusal) as refusal:
        settings_of(request)
    assert refusal.value.type == "InvalidParameterException"
    return refusal.value.message


def test_without_members_everything_is_at_its_default() -> None:
    assert settings_of({}) == UserPoolSettings(account_recovery_setting=DEFAULT_RECOVERY)


@pytest.mark.parametrize(
    ("legacy", "member", "text"),
    [
        ("SmsVerificationMessage", "SmsMessage", "Code {####}"),
        ("EmailVerificationMessage", "EmailMessage", "Your code {####}"),
        ("EmailVerificationSubject", "EmailSubject", "Code"),
    ],
)
def test_a_legacy_verification_text_is_the_one_of_the_template(legacy: str, member: str, text: str) -> None:
    by_legacy = settings_of({legacy: text})
    assert by_legacy == settings_of({"VerificationMessageTemplate": {member: text}})
    assert by_legacy == settings_of({legacy: text, "VerificationMessageTemplate": {member: text}})
    assert msgspec.to_builtins(by_legacy.verification_message_template)[member] == text
    assert refusal_of({legacy: text, "VerificationMessageTemplate": {member: text + "!"}}) == (
        f"{legacy} and VerificationMessageTemplate.{member} cannot have different values."
    )


def test_the_legacy_token_trigger_becomes_one_of_the_first_version() -> None:
    assert settings_of({"LambdaConfig": {"PreTokenGeneration": ARN}}).lambda_config == {
        "PreTokenGeneration": ARN,
        "PreTokenGenerationConfig": {"LambdaVersion": "V1_0", "LambdaArn": ARN},
    }


def test_a_versioned_token_trigger_fills_the_legacy_member() -> None:
    versioned = {"LambdaVersion": "V2_0", "LambdaArn": ARN}
    assert settings_of({"LambdaConfig": {"PreTokenGenerationConfig": versioned}}).lambda_config == {
        "PreTokenGeneration": ARN,
        "PreTokenGenerationConfig": versioned,
    }
    both = {"PreTokenGeneration": ARN, "PreTokenGenerationConfig": versioned}
    assert settings_of({"LambdaConfig": both}).lambda_config == both


def test_two_token_triggers_are_refused() -> None:
    versioned = {"LambdaVersion": "V2_0", "LambdaArn": OTHER_ARN}
    request = {"LambdaConfig": {"PreTokenGeneration": ARN, "PreTokenGenerationConfig": versioned}}
    assert refusal_of(request) == (
        "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's"
    )


@pytest.mark.parametrize(
    ("request_members", "days"),
    [
        ({"Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 3}}}, 3),
        ({"AdminCreateUserConfig": {"UnusedAccountValidityDays": 3}}, 3),
        ({"Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 0}}}, 7),
        ({"AdminCreateUserConfig": {"UnusedAccountValidityDays": 0}}, 7),
        (
            {
                "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 9}},
                "AdminCreateUserConfig": {"UnusedAccountValidityDays": 0},
            },
            9,
        ),
    ],
)
def test_the_days_of_a_temporary_password_are_said_once(request_members: dict[str, Any], days: int) -> None:
    settings = settings_of(request_members)
    assert settings.policies.password_policy.temporary_password_validity_days == days
    assert settings.admin_create_user_config.unused_account_validity_days == days


def test_both_names_of_the_days_are_refused_even_when_they_agree() -> None:
    request = {
        "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 7}},
        "AdminCreateUserConfig": {"UnusedAccountValidityDays": 7},
    }
    assert refusal_of(request) == (
        "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
    )


def test_a_given_password_policy_makes_only_the_requirements_it_names() -> None:
    given = {"MinimumLength": 10, "RequireNumbers": True, "PasswordHistorySize": 0}
    assert settings_of({"Policies": {"PasswordPolicy": given}}).policies.password_policy == PasswordPolicy(
        minimum_length=10,
        require_uppercase=False,
        require_lowercase=False,
        require_numbers=True,
        require_symbols=False,
        password_history_size=None,
        temporary_password_validity_days=7,
    )


def test_a_sign_in_policy_leaves_the_password_policy_at_its_default() -> None:
    settings = settings_of(
        {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN", "PASSWORD"]}}}
    )
    assert settings.policies.password_policy == PasswordPolicy()
    assert settings.policies.sign_in_policy is not None
    assert settings.policies.sign_in_policy.allowed_first_auth_factors == ("WEB_AUTHN", "PASSWORD")


def test_lite_has_no_sign_in_policy() -> None:
    assert settings_of({"UserPoolTier": "LITE"}).policies.sign_in_policy is None


@pytest.mark.parametrize(
    ("member", "given", "stored"),
    [
        ("AutoVerifiedAttributes", ["email", "email"], ("email",)),
        ("AutoVerifiedAttributes", [], None),
        ("AliasAttributes", [], None),
        ("UsernameAttributes", ["phone_number", "email"], ("phone_number", "email")),
        ("AccountRecoverySetting", {}, AccountRecoverySetting()),
        ("DeviceConfiguration", {}, None),
        (
            "DeviceConfiguration",
            {"ChallengeRequiredOnNewDevice": True},
            {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False},
        ),
        (
            "UserPoolAddOns",
            {"AdvancedSecurityMode": "AUDIT"},
            {"AdvancedSecurityMode": "AUDIT", "AdvancedSecurityAdditionalFlows": {}},
        ),
        ("DcrConfiguration", {}, {"EnableStatus": "Enabled", "OpenDcrEnabled": False}),
        (
            "DcrConfiguration",
            {"EnableStatus": "Disabled", "AuthenticatedGrantTypes": ["code"]},
            {"EnableStatus": "Disabled", "OpenDcrEnabled": False, "AuthenticatedGrantTypes": ["code"]},
        ),
        ("SmsConfiguration", {}, None),
        ("AcrConfiguration", {}, None),
    ],
)
def test_what_is_given_in_part_is_filled_and_what_is_empty_is_none(
    member: str, given: Any, stored: Any
) -> None:
    name = {
        "AutoVerifiedAttributes": "auto_verified_attributes",
        "AliasAttributes": "alias_attributes",
        "UsernameAttributes": "username_attributes",
        "AccountRecoverySetting": "account_recovery_setting",
        "DeviceConfiguration": "device_configuration",
        "UserPoolAddOns": "user_pool_add_ons",
        "DcrConfiguration": "dcr_configuration",
        "SmsConfiguration": "sms_configuration",
        "AcrConfiguration": "acr_configuration",
    }[member]
    assert getattr(settings_of({member: given}), name) == stored


FORMER = UserPoolSettings(
    alias_attributes=("email",),
    mfa_configuration="OPTIONAL",
    user_pool_tags={"team": "a"},
    deletion_protection="ACTIVE",
    auto_verified_attributes=("email",),
    user_pool_tier="PLUS",
    dcr_configuration={"EnableStatus": "Enabled"},
    key_configuration={"KeyType": "AWS_OWNED_KEY"},
    issuer_configuration={"Type": "UPDATED"},
    software_token_mfa_configuration={"Enabled": True},
    web_authn_configuration={"UserVerification": "required"},
    email_mfa_configuration={"Subject": "Code"},
)


def test_an_update_resets_what_it_does_not_send() -> None:
    settings = settings_of({}, FORMER)
    assert settings.user_pool_tags == {}
    assert settings.deletion_protection == "INACTIVE"
    assert settings.auto_verified_attributes is None
    assert settings.account_recovery_setting == DEFAULT_RECOVERY


def test_an_update_keeps_what_it_cannot_say_and_what_older_clients_do_not_know() -> None:
    settings = settings_of({}, FORMER)
    assert settings.alias_attributes == ("email",)
    assert settings.software_token_mfa_configuration == {"Enabled": True}
    assert settings.web_authn_configuration == {"UserVerification": "required"}
    assert settings.email_mfa_configuration == {"Subject": "Code"}
    assert settings.user_pool_tier == "PLUS"
    assert settings.dcr_configuration == {"EnableStatus": "Enabled"}
    assert settings.key_configuration == {"KeyType": "AWS_OWNED_KEY"}
    assert settings.issuer_configuration == {"Type": "UPDATED"}


def test_an_update_keeps_mfa_and_each_part_of_the_policies_that_it_does_not_send() -> None:
    settings = settings_of({}, FORMER)
    assert settings.mfa_configuration == FORMER.mfa_configuration != "OFF"
    strict = {"MinimumLength": 14, "PasswordHistorySize": 3, "TemporaryPasswordValidityDays": 2}
    former = settings_of(
        {
            "Policies": {
                "PasswordPolicy": strict,
                "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]},
            }
        }
    )
    assert settings_of({}, former).policies == former.policies
    assert settings_of({}, former).admin_create_user_config.unused_account_validity_days == 2
    only_sign_in = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}}
    assert settings_of(only_sign_in, former).policies.password_policy == former.policies.password_policy
    only_password = {"Policies": {"PasswordPolicy": {"MinimumLength": 6}}}
    assert settings_of(only_password, former).policies.sign_in_policy == former.policies.sign_in_policy
    assert settings_of(only_password, former).policies.password_policy.minimum_length == 6
    days = {"AdminCreateUserConfig": {"UnusedAccountValidityDays": 5}}
    assert settings_of(days, former).policies.password_policy.temporary_password_validity_days == 5
    assert settings_of(days, former).policies.password_policy.minimum_length == 14


def test_an_update_replaces_what_it_sends() -> None:
    request = {
        "UserPoolTier": "ESSENTIALS",
        "DcrConfiguration": {"EnableStatus": "Disabled"},
        "IssuerConfiguration": {"Type": "ORIGINAL"},
    }
    settings = settings_of(request, FORMER)
    assert settings.user_pool_tier == "ESSENTIALS"
    assert settings.dcr_configuration == {"EnableStatus": "Disabled", "OpenDcrEnabled": False}
    assert settings.issuer_configuration == {"Type": "ORIGINAL"}


def test_settings_come_back_from_the_store_as_they_went() -> None:
    stored = msgspec.json.encode(FORMER)
    assert msgspec.json.decode(stored, type=UserPoolSettings) == FORMER
