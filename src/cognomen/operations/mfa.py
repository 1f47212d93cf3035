"""GetUserPoolMfaConfig, SetUserPoolMfaConfig: the factors a pool offers, and whether they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import mfa_settings, plans, replicas, rules
from cognomen.store.database import Db

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        GetUserPoolMfaConfigRequestTypeDef,
        SetUserPoolMfaConfigRequestTypeDef,
    )


@operation("GetUserPoolMfaConfig")
async def get_user_pool_mfa_config(
    call: Call, _request: GetUserPoolMfaConfigRequestTypeDef
) -> dict[str, Any]:
    return mfa_settings.told(call.pool.settings)


@operation("SetUserPoolMfaConfig")
async def set_user_pool_mfa_config(call: Call, request: SetUserPoolMfaConfigRequestTypeDef) -> dict[str, Any]:
    def change(db: Db) -> dict[str, Any]:
        pool = replicas.locked(db, call)
        settings = mfa_settings.changed(pool.settings, request)
        settings = replicas.unless_sent(call, settings, pool.settings, mfa_settings.sent(request))
        rules.check(settings, call.settings.region)
        plans.check_pool(settings)
        replicas.write(db, call, replace(pool, settings=settings))
        return mfa_settings.told(settings)

    return await call.configurations.write(call.pool.id, change)
