"""A pool in a second region: who may have one, and what is decided where.

    check(settings)                 what a pool must have before it can have a replica
    locked, write                   a pool as it is in this node's region, inside a transaction that changes it
    served, change                  the replica itself, for what is regional and no setting of the pool
    unless_sent                     the settings that a request to a replica leaves as they are at home

Nearly all of a replica is its home's: a write from a replica may change what is regional (store/replicas.py) and nothing else.
Developer guide, "Multi-Region replication".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.pools import ids, lookup, plans
from cognomen.store import replicas
from cognomen.store.database import Db
from cognomen.store.replicas import Replica
from cognomen.store.user_pool_settings import REGIONAL, UserPoolSettings
from cognomen.store.user_pools import UserPool


def check(settings: UserPoolSettings) -> None:
    """Raises FEATURE_NOT_IN_TIER, REPLICATION_NEEDS_OWN_KEY, REPLICATION_NEEDS_ISSUER."""
    plans.require(settings, plans.REPLICATION)
    if (settings.key_configuration or {}).get("KeyType") != "CUSTOMER_MANAGED_KEY":
        raise errors.REPLICATION_NEEDS_OWN_KEY()
    if (settings.issuer_configuration or {}).get("Type") != "UPDATED":
        raise errors.REPLICATION_NEEDS_ISSUER()


def check_change(db: Db, pool: UserPool, settings: UserPoolSettings, now: int) -> None:
    """A pool with a replica keeps what that needs; its plan is looked at elsewhere."""
    before = (pool.settings.key_configuration, pool.settings.issuer_configuration)
    if (settings.key_configuration, settings.issuer_configuration) != before and replicas.all_of_pool(
        db, pool.id, now
    ):
        check(settings)


def existing(db: Db, pool_id: str, region: str, now: int) -> Replica:
    """Raises REPLICA_NOT_FOUND."""
    replica = replicas.of_region(db, pool_id, region, now)
    if replica is None:
        raise errors.REPLICA_NOT_FOUND(id=pool_id, region=region)
    return replica


def locked(db: Db, call: Call) -> UserPool:
    """The pool as it is now in the region of this node, held as by `lookup.locked`."""
    pool = lookup.locked(db, call.pool.id)
    replica = served(db, call)
    return replicas.applied(pool, replica) if replica else pool


def write(db: Db, call: Call, pool: UserPool) -> None:
    """Write a pool that `locked` gave; raises ONLY_AT_HOME where a replica would change what is not its own."""
    replica = served(db, call)
    if replica is None:
        lookup.write(db, pool, call.now)
        return
    present = locked(db, call)
    if _shared(pool) != _shared(present):
        raise errors.ONLY_AT_HOME(region=ids.region_of(pool.id))
    own = {name: getattr(pool.settings, name) for name in REGIONAL}
    change(db, replica, **own)


def served(db: Db, call: Call) -> Replica | None:
    """The replica that this node serves, as it is now; None where the pool is at home."""
    replica = call.configuration.replica
    return existing(db, call.pool.id, replica.region, call.now) if replica else None


def change(db: Db, replica: Replica, **settings: object) -> None:
    """Change what a replica has of its own."""
    replicas.change(db, replace(replica, settings=msgspec.structs.replace(replica.settings, **settings)))


def unless_sent(
    call: Call, new: UserPoolSettings, former: UserPoolSettings, sent: Collection[str]
) -> UserPoolSettings:
    """`new`, but at a replica what is not regional and was not sent stays: home decides it, and there is no default to go to."""
    if call.configuration.replica is None:
        return new
    members = dict(zip(new.__struct_fields__, new.__struct_encode_fields__, strict=True))
    kept = {
        name: getattr(former, name)
        for name, member in members.items()
        if name not in REGIONAL and member not in sent
    }
    return msgspec.structs.replace(new, **kept)


def _shared(pool: UserPool) -> UserPool:
    """What of a pool is its home's: with the defaults for what is regional."""
    defaults = {name: getattr(UserPoolSettings(), name) for name in REGIONAL}
    return replace(pool, settings=msgspec.structs.replace(pool.settings, **defaults))
