"""GetUserAuthFactors, AdminGetUserAuthFactors: what a user can sign in with, and its second factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.users import factors, first_factors, passkeys

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import GetUserAuthFactorsRequestTypeDef


@operation("GetUserAuthFactors", "AdminGetUserAuthFactors")
async def get_user_auth_factors(call: Call, _request: GetUserAuthFactorsRequestTypeDef) -> dict[str, Any]:
    has_passkey = await passkeys.has_any(call, call.user.sub, passkeys.relying_party(call))
    return {
        "Username": call.user.username,
        "PreferredMfaSetting": call.user.factors.preferred,
        "UserMFASettingList": factors.told(call.user) or None,
        "ConfiguredUserAuthFactors": first_factors.configured(call.pool, call.user, has_passkey=has_passkey),
    }
