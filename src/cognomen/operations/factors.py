"""The second factors of a user: which are enabled, and which is preferred. The rules are in users/factors.py.

SetUserSettings is the older way, for SMS alone. Software tokens themselves are in software_tokens.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from cognomen.operations.registry import operation
from cognomen.store.users import User
from cognomen.users import factors, names, rows, status
from cognomen.users.factors import Setting

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminSetUserMFAPreferenceRequestTypeDef,
        AdminSetUserSettingsRequestTypeDef,
        SetUserMFAPreferenceRequestTypeDef,
        SetUserSettingsRequestTypeDef,
    )

_BY_SMS = {"DeliveryMedium": "SMS", "AttributeName": names.PHONE_NUMBER}


@operation("SetUserMFAPreference", "AdminSetUserMFAPreference")
async def set_user_mfa_preference(
    call: Call, request: SetUserMFAPreferenceRequestTypeDef | AdminSetUserMFAPreferenceRequestTypeDef
) -> None:
    """What is said of a factor replaces what was set of it: without Enabled it is disabled."""
    given = {
        SMS_MFA: request.get("SMSMfaSettings"),
        SOFTWARE_TOKEN_MFA: request.get("SoftwareTokenMfaSettings"),
        EMAIL_OTP: request.get("EmailMfaSettings"),
    }
    settings = {
        factor: Setting(said.get("Enabled", False), said.get("PreferredMfa", False))
        for factor, said in given.items()
        if said is not None
    }
    of_passkeys = request.get("WebAuthnMfaSettings")
    passkeys = None if of_passkeys is None else of_passkeys.get("Enabled", False)
    await _change(call, lambda user: factors.changed(call.pool, user, settings, call.now, passkeys=passkeys))


@operation("SetUserSettings", "AdminSetUserSettings")
async def set_user_settings(
    call: Call, request: SetUserSettingsRequestTypeDef | AdminSetUserSettingsRequestTypeDef
) -> None:
    """MFA by SMS, or none where the list is empty."""
    options = request["MFAOptions"]
    if any(option != _BY_SMS for option in options):
        raise errors.OPTIONS_BEYOND_SMS()
    await _change(call, lambda user: factors.by_options(call.pool, user, call.now, sms=bool(options)))


async def _change(call: Call, edit: Callable[[User], User]) -> None:
    def guarded(user: User) -> User:
        # AdminSetUserSettings does not declare the error.
        if user.status == status.UNCONFIRMED and call.operation != "AdminSetUserSettings":
            raise errors.USER_NOT_CONFIRMED()
        return edit(user)

    await rows.write(call.store, rows.change, call.pool, call.user.sub, guarded)
