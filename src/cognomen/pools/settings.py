"""The settings of a pool as a request gives them: defaults filled in, and what the API says twice said once.

    settings_of(request, former)    the settings that CreateUserPool or UpdateUserPool asks for
    sent(request)                   which of them the request names

Some members are mirrors of others, kept for clients of earlier years: the three verification texts, PreTokenGeneration,
UnusedAccountValidityDays. Either may be given and both are in the answer. Whether the settings make sense together is
judged in rules.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cognomen import errors
from cognomen.challenge_names import PASSWORD
from cognomen.store.user_pool_settings import (
    TEMPORARY_PASSWORD_DAYS,
    AccountRecoverySetting,
    Policies,
    RecoveryMechanism,
    UserPoolSettings,
)

VERIFICATION_TEXTS = (
    ("SmsVerificationMessage", "SmsMessage"),
    ("EmailVerificationMessage", "EmailMessage"),
    ("EmailVerificationSubject", "EmailSubject"),
)
"""Legacy members of the request and of the answer, and their mirrors in VerificationMessageTemplate."""

# Doubtful: outputs of 2019 have none, while current acceptance tests of Terraform see one block though nothing was set.
# An empty object keeps the behaviour of old: verified phone number first, then verified e-mail.
DEFAULT_RECOVERY = AccountRecoverySetting(
    recovery_mechanisms=(
        RecoveryMechanism(priority=1, name="verified_email"),
        RecoveryMechanism(priority=2, name="verified_phone_number"),
    )
)
_default_recovery = msgspec.to_builtins(DEFAULT_RECOVERY)

# UpdateUserPool resets what is not sent, with these exceptions. UserPoolTier and DcrConfiguration are documented;
# MfaConfiguration and both parts of Policies were measured to stay (github.com/go-to-k/cdkd, pull requests 1965 and
# 1982, August 2026). KeyConfiguration and IssuerConfiguration are younger than most clients, and one that does not know
# of them must not move a pool to another key or issuer.
_KEPT_WHEN_OMITTED = {
    "MfaConfiguration": "mfa_configuration",
    "DcrConfiguration": "dcr_configuration",
    "UserPoolTier": "user_pool_tier",
    "KeyConfiguration": "key_configuration",
    "IssuerConfiguration": "issuer_configuration",
}

# Only CreateUserPool sets the first three, only SetUserPoolMfaConfig the others.
_NEVER_UPDATED = (
    "alias_attributes",
    "username_attributes",
    "username_configuration",
    "software_token_mfa_configuration",
    "email_mfa_configuration",
    "web_authn_configuration",
)


def settings_of(request: Mapping[str, Any], former: UserPoolSettings | None = None) -> UserPoolSettings:
    """The settings asked for by a checked CreateUserPool request, or by UpdateUserPool on top of `former` ones.

    What is not sent goes to its default, not to its former value (developer guide, "Updating a user pool"), but for the
    few members that stay. Raises VERIFICATION_TEXTS_DIFFER, PRE_TOKEN_GENERATION_ARNS_DIFFER,
    UNUSED_ACCOUNT_VALIDITY_RETIRED.
    """
    new = msgspec.convert(dict(request) | _completed(request), UserPoolSettings)
    if former is not None:
        omitted = [name for member, name in _KEPT_WHEN_OMITTED.items() if member not in request]
        kept = {name: getattr(former, name) for name in (*omitted, *_NEVER_UPDATED)}
        policies = _policies_on_top(request, new, former)
        days = policies.password_policy.temporary_password_validity_days
        admin_creates = msgspec.structs.replace(
            new.admin_create_user_config, unused_account_validity_days=days
        )
        new = msgspec.structs.replace(new, policies=policies, admin_create_user_config=admin_creates, **kept)
    return _without_sign_in_policy_of_lite(new)


def sent(request: Mapping[str, Any]) -> set[str]:
    """The settings that a request of UpdateUserPool names, be it by a mirror."""
    is_mirrored = any(legacy in request for legacy, _ in VERIFICATION_TEXTS)
    return {*request, *(("VerificationMessageTemplate",) if is_mirrored else ())}


def _completed(request: Mapping[str, Any]) -> dict[str, Any]:
    """The members that need more than the defaults of their struct."""
    days = _temporary_password_days(request)
    admin_creates = dict(request.get("AdminCreateUserConfig", {})) | {"UnusedAccountValidityDays": days}
    return {
        "Policies": _policies(request, days),
        "LambdaConfig": _triggers(request.get("LambdaConfig", {})),
        "VerificationMessageTemplate": _verification_template(request),
        "AdminCreateUserConfig": admin_creates,
        "AccountRecoverySetting": request.get("AccountRecoverySetting", _default_recovery),
        "AutoVerifiedAttributes": _set_or_none(request.get("AutoVerifiedAttributes")),
        "AliasAttributes": _set_or_none(request.get("AliasAttributes")),
        "UsernameAttributes": _set_or_none(request.get("UsernameAttributes")),
        "DeviceConfiguration": _with_defaults(
            request.get("DeviceConfiguration"),
            ChallengeRequiredOnNewDevice=False,
            DeviceOnlyRememberedOnUserPrompt=False,
        ),
        "UserPoolAddOns": _with_defaults(request.get("UserPoolAddOns"), AdvancedSecurityAdditionalFlows={}),
        "DcrConfiguration": _registration(request.get("DcrConfiguration")),
        "SmsConfiguration": request.get("SmsConfiguration") or None,
        "KeyConfiguration": request.get("KeyConfiguration") or None,
        "IssuerConfiguration": request.get("IssuerConfiguration") or None,
        "AcrConfiguration": request.get("AcrConfiguration") or None,
    }


def _policies(request: Mapping[str, Any], temporary_password_days: int) -> dict[str, Any]:
    given = request.get("Policies", {})
    policies: dict[str, Any] = msgspec.to_builtins(Policies())
    if "PasswordPolicy" in given:
        # A given policy is the whole policy: a requirement it does not name is not made. [unsure]
        unnamed = {name: False for name, value in policies["PasswordPolicy"].items() if value is True}
        policies["PasswordPolicy"] |= unnamed | given["PasswordPolicy"]
        policies["PasswordPolicy"]["PasswordHistorySize"] = (
            given["PasswordPolicy"].get("PasswordHistorySize") or None
        )
    policies["PasswordPolicy"]["TemporaryPasswordValidityDays"] = temporary_password_days
    factors = given.get("SignInPolicy", {}).get("AllowedFirstAuthFactors")
    if factors:
        policies["SignInPolicy"]["AllowedFirstAuthFactors"] = _set_or_none(factors)
    return policies


def _policies_on_top(request: Mapping[str, Any], new: UserPoolSettings, former: UserPoolSettings) -> Policies:
    """Each part of Policies that is not sent stays; days given under their former name count all the same."""
    given = request.get("Policies", {})
    password, sign_in = new.policies.password_policy, new.policies.sign_in_policy
    if "PasswordPolicy" not in given:
        password = former.policies.password_policy
        if request.get("AdminCreateUserConfig", {}).get("UnusedAccountValidityDays"):
            password = msgspec.structs.replace(
                password,
                temporary_password_validity_days=new.policies.password_policy.temporary_password_validity_days,
            )
    if "SignInPolicy" not in given and former.policies.sign_in_policy is not None:
        sign_in = former.policies.sign_in_policy
    return Policies(password_policy=password, sign_in_policy=sign_in)


def _temporary_password_days(request: Mapping[str, Any]) -> int:
    """The days a temporary password is valid, given under its present or its former name; 0 counts as not given."""
    present = (
        request.get("Policies", {}).get("PasswordPolicy", {}).get("TemporaryPasswordValidityDays") or None
    )
    former = request.get("AdminCreateUserConfig", {}).get("UnusedAccountValidityDays") or None
    if present is not None and former is not None:
        raise errors.UNUSED_ACCOUNT_VALIDITY_RETIRED()
    return present or former or TEMPORARY_PASSWORD_DAYS


def _triggers(given: Mapping[str, Any]) -> dict[str, Any]:
    arn, versioned = given.get("PreTokenGeneration"), given.get("PreTokenGenerationConfig")
    if versioned is None and arn is not None:
        versioned = {"LambdaVersion": "V1_0", "LambdaArn": arn}
    if versioned is None:
        return dict(given)
    if arn is not None and arn != versioned["LambdaArn"]:
        raise errors.PRE_TOKEN_GENERATION_ARNS_DIFFER()
    return {**given, "PreTokenGeneration": versioned["LambdaArn"], "PreTokenGenerationConfig": versioned}


def _verification_template(request: Mapping[str, Any]) -> dict[str, Any]:
    template = dict(request.get("VerificationMessageTemplate", {}))
    for legacy, member in VERIFICATION_TEXTS:
        text = request.get(legacy)
        if text is not None and template.setdefault(member, text) != text:
            raise errors.VERIFICATION_TEXTS_DIFFER(legacy=legacy, member=member)
    return template


def _registration(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Dynamic client registration; giving the member at all turns it on, unless it says Disabled."""
    if given is None:
        return None
    return {"EnableStatus": "Enabled", "OpenDcrEnabled": False, **given}


def _with_defaults(given: Mapping[str, Any] | None, **defaults: Any) -> dict[str, Any] | None:
    return {**defaults, **given} if given else None


def _set_or_none(given: list[str] | None) -> list[str] | None:
    """Lists of names are sets; an empty one is as good as none."""
    return list(dict.fromkeys(given)) if given else None


def _without_sign_in_policy_of_lite(settings: UserPoolSettings) -> UserPoolSettings:
    """LITE knows no sign-in policy. One that asks for more than a password stays, for the rules to refuse."""
    policy = settings.policies.sign_in_policy
    if (
        settings.user_pool_tier != "LITE"
        or policy is None
        or policy.allowed_first_auth_factors != (PASSWORD,)
    ):
        return settings
    policies = msgspec.structs.replace(settings.policies, sign_in_policy=None)
    return msgspec.structs.replace(settings, policies=policies)
