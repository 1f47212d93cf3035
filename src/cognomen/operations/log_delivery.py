"""GetLogDeliveryConfiguration and SetLogDeliveryConfiguration; what is delivered, and how, is log_delivery/'s."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import log_delivery as rules
from cognomen.pools import lookup, replicas
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
    return _answer(call, await call.store.read(_present, call))


@operation("SetLogDeliveryConfiguration")
async def set_log_delivery_configuration(
    call: Call, request: SetLogDeliveryConfigurationRequestTypeDef
) -> dict[str, Any]:
    """Full replacement; an empty list ends all delivery."""
    configurations: list[dict[str, Any]] = [{**each} for each in request["LogConfigurations"]]

    def put(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        rules.check(configurations, pool.settings)
        replica = replicas.served(db, call)
        wanted = rules.with_later(configurations, _present(db, call))
        if replica is None:
            log_delivery.put(db, pool.id, wanted)
        else:
            replicas.change(db, replica, log_configurations=wanted)

    await call.configurations.write(call.pool.id, put)
    return _answer(call, configurations)


def _present(db: Db, call: Call) -> list[dict[str, Any]]:
    replica = replicas.served(db, call)
    return log_delivery.of_pool(db, call.pool.id) if replica is None else replica.settings.log_configurations


def _answer(call: Call, configurations: list[dict[str, Any]]) -> dict[str, Any]:
    known = [each for each in configurations if rules.is_known(each)]
    return {"LogDeliveryConfiguration": {"UserPoolId": call.pool.id, "LogConfigurations": known}}
