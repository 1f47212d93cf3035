"""The part of a pool's settings that SetUserPoolMfaConfig sets and GetUserPoolMfaConfig tells.

    changed(settings, request)      the settings after a checked SetUserPoolMfaConfig
    sent(request)                   which settings the request is about
    told(settings)                  what both operations answer

SMS and the mode are also CreateUserPool's and UpdateUserPool's, and are kept in one place with them; the other factors
are set here alone. Whether the settings go together is judged in rules.py and plans.py as for every change of a pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cognomen import errors
from cognomen.pools import turned_on
from cognomen.store.user_pool_settings import UserPoolSettings

_WEB_AUTHN_DEFAULTS = {"UserVerification": "preferred"}


def changed(settings: UserPoolSettings, request: Mapping[str, Any]) -> UserPoolSettings:
    """The settings of a pool after the request; raises MFA_OFF_WITH_FACTOR, MFA_WITHOUT_FACTOR, MFA_ALL_DISABLED.

    The mode and the factors are replaced as a whole: a mode that is not sent is OFF, and OFF drops every factor but SMS,
    which the pool may need for other messages (measured, github.com/go-to-k/cdkd, issue 1923 and pull request 1929).
    Passkeys are no factor of MFA and stay as they are unless they are sent.
    """
    mode = request.get("MfaConfiguration", "OFF")
    changes: dict[str, Any] = {
        "mfa_configuration": mode,
        "software_token_mfa_configuration": None,
        "email_mfa_configuration": None,
    }
    if "WebAuthnConfiguration" in request:
        given = request["WebAuthnConfiguration"]
        changes["web_authn_configuration"] = {**_WEB_AUTHN_DEFAULTS, **given} if given else None
    if mode == "OFF":
        if "MfaConfiguration" in request and _names_factor(request):
            raise errors.MFA_OFF_WITH_FACTOR()
        return msgspec.structs.replace(settings, **changes)
    changes["software_token_mfa_configuration"] = request.get("SoftwareTokenMfaConfiguration")
    changes["email_mfa_configuration"] = request.get("EmailMfaConfiguration")
    sms = request.get("SmsMfaConfiguration")
    if sms is not None:
        changes["sms_authentication_message"] = sms.get("SmsAuthenticationMessage")
        changes["sms_configuration"] = sms.get("SmsConfiguration") or settings.sms_configuration
    new = msgspec.structs.replace(settings, **changes)
    if not turned_on.second_factors(new):
        if "SoftwareTokenMfaConfiguration" in request:
            raise errors.MFA_ALL_DISABLED()
        raise errors.MFA_WITHOUT_FACTOR()
    return new


def sent(request: Mapping[str, Any]) -> set[str]:
    """The members of a pool's settings that a SetUserPoolMfaConfig names."""
    return {*request, *request.get("SmsMfaConfiguration", {})}


def told(settings: UserPoolSettings) -> dict[str, Any]:
    """The members of the answer; what is not configured is None."""
    sms = None
    if settings.sms_configuration or settings.sms_authentication_message:
        sms = {
            "SmsAuthenticationMessage": settings.sms_authentication_message,
            "SmsConfiguration": settings.sms_configuration,
        }
    return {
        "SmsMfaConfiguration": sms,
        "SoftwareTokenMfaConfiguration": settings.software_token_mfa_configuration,
        "EmailMfaConfiguration": settings.email_mfa_configuration,
        "MfaConfiguration": settings.mfa_configuration,
        "WebAuthnConfiguration": settings.web_authn_configuration,
    }


def _names_factor(request: Mapping[str, Any]) -> bool:
    """Whether a factor is to be configured. A software token says itself whether it is."""
    software_token = request.get("SoftwareTokenMfaConfiguration", {})
    named = request.keys() & {"SmsMfaConfiguration", "EmailMfaConfiguration"}
    return bool(named) or software_token.get("Enabled", False)
