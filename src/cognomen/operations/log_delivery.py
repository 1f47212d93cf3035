"""GetLogDeliveryConfiguration and SetLogDeliveryConfiguration. Nothing is delivered yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import log_delivery as rules
from cognomen.pools import lookup
from cognomen.store import log_delivery
from cognomen.store.database import Db

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        GetLogDeliveryConfigurationRequestTypeDef,
        SetLogDeliveryConfigurationRequestTypeDef,
    )


@operation("GetLogDeliveryConfiguration")
async def get_log_delivery_configuration(
    call: Call, _request: GetLogDeliveryConfigurationRequestTypeDef
) -> dict[str, Any]:
    return _answer(call, await call.store.read(log_delivery.of_pool, call.pool.id))


@operation("SetLogDeliveryConfiguration")
async def set_log_delivery_configuration(
    call: Call, request: SetLogDeliveryConfigurationRequestTypeDef
) -> dict[str, Any]:
    """Full replacement; an empty list ends all delivery."""
    configurations: list[dict[str, Any]] = [{**each} for each in request["LogConfigurations"]]

    def put(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        rules.check(configurations, pool.settings)
        log_delivery.put(db, pool.id, configurations)

    await call.store.write(put)
    return _answer(call, configurations)


def _answer(call: Call, configurations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"LogDeliveryConfiguration": {"UserPoolId": call.pool.id, "LogConfigurations": configurations}}
