"""CreateUserPoolReplica, ListUserPoolReplicas, UpdateUserPoolReplica, DeleteUserPoolReplica.

Which operations a replica answers is in regions.py, what it has of its own in pools/replicas.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cognomen import errors
from cognomen.call import Call
from cognomen.operations import paging
from cognomen.operations.access import pool_arn_in
from cognomen.operations.registry import operation
from cognomen.pools import ids, lookup, rules
from cognomen.pools import replicas as rules_of_replicas
from cognomen.store import domains, replicas
from cognomen.store.database import Db
from cognomen.store.replicas import ACTIVE, INACTIVE, SETTLING, Replica
from cognomen.store.user_pool_settings import RegionalSettings

PRIMARY, SECONDARY = "PRIMARY", "SECONDARY"


@operation("CreateUserPoolReplica")
async def create_user_pool_replica(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The replica begins INACTIVE, without triggers and senders: those of one region mean nothing in another."""
    tags = request.get("UserPoolTags", {})
    rules.check_tags(tags)
    replica = Replica(
        pool_id=call.pool.id,
        region=request["RegionName"],
        is_active=False,
        settings=RegionalSettings(user_pool_tags=tags),
        created_at=call.now,
    )

    def add(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        rules_of_replicas.check(pool.settings)
        if replica.region == ids.region_of(pool.id):
            raise errors.REPLICA_AT_HOME(region=replica.region)
        if replicas.all_of_pool(db, pool.id, call.now):
            raise errors.REPLICA_LIMIT()
        replicas.add(db, replica)

    await call.configurations.write(call.pool.id, add)
    return {"UserPoolReplica": _secondary(call, replica)}


@operation("ListUserPoolReplicas")
async def list_user_pool_replicas(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """The home of the pool and its one replica: there is never a second page."""
    paging.refuse_token(request)
    found = await call.store.read(replicas.all_of_pool, call.pool.id, call.now)
    home = ids.region_of(call.pool.id)
    primary = _described(call, home, ACTIVE, PRIMARY)
    return {"UserPoolReplicas": [primary, *(_secondary(call, replica) for replica in found)]}


@operation("UpdateUserPoolReplica")
async def update_user_pool_replica(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    def change(db: Db) -> Replica:
        replica = _settled(db, call, request["RegionName"])
        changed = replace(replica, is_active=request["Status"] == ACTIVE)
        replicas.change(db, changed)
        return changed

    changed = await call.configurations.write(call.pool.id, change)
    return {"UserPoolReplica": _secondary(call, changed)}


@operation("DeleteUserPoolReplica")
async def delete_user_pool_replica(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    def remove(db: Db) -> Replica:
        replica = _settled(db, call, request["RegionName"])
        if replica.is_active:
            raise errors.REPLICA_IS_ACTIVE()
        if domains.all_in_region(db, replica.pool_id, replica.region):
            raise errors.REPLICA_HAS_DOMAIN()
        going = replace(replica, gone_at=call.now + SETTLING)
        replicas.change(db, going)
        return going

    going = await call.configurations.write(call.pool.id, remove)
    return {"UserPoolReplica": _secondary(call, going)}


def _settled(db: Db, call: Call, region: str) -> Replica:
    """The replica, neither coming nor going. Raises REPLICA_NOT_FOUND, REPLICA_STATUS."""
    lookup.locked(db, call.pool.id)
    replica = rules_of_replicas.existing(db, call.pool.id, region, call.now)
    status = replica.status_at(call.now)
    if status not in (ACTIVE, INACTIVE):
        raise errors.REPLICA_STATUS(status=status)
    return replica


def _secondary(call: Call, replica: Replica) -> dict[str, Any]:
    return _described(call, replica.region, replica.status_at(call.now), SECONDARY)


def _described(call: Call, region: str, status: str, role: str) -> dict[str, Any]:
    return {
        "RegionName": region,
        "Status": status,
        "Role": role,
        "UserPoolArn": pool_arn_in(call, region, call.pool.id),
    }
