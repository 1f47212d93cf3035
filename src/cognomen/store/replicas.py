"""Replicas: in which other region a user pool is served, and what is set up differently there.

A pool is at home in the region that its id begins with, and a row says of it that one other region serves it too. The users and
nearly all settings are the same rows for both; only what a replica has of its own is here. A replica that is being deleted
stays visible for a moment, as the service shows it, and its row is swept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, select, update

from cognomen.clock import SECOND
from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, expired, insert, json_text, key, metadata, number, text
from cognomen.store.user_pool_settings import REGIONAL, RegionalSettings, rewritten
from cognomen.store.user_pools import UserPool

SETTLING = SECOND
"""How long a replica is being created, and being deleted: nothing is copied, so it is for clients that wait for it."""

CREATING, INACTIVE, ACTIVE, DELETING = "CREATING", "INACTIVE", "ACTIVE", "DELETING"


@dataclass(frozen=True, slots=True)
class Replica:
    """A pool in a second region; moments in milliseconds, `gone_at` where it is being deleted."""

    pool_id: str
    region: str
    is_active: bool
    settings: RegionalSettings
    created_at: int
    gone_at: int | None = None

    def is_gone(self, now: int) -> bool:
        return self.gone_at is not None and self.gone_at <= now

    def status_at(self, now: int) -> str:
        if self.gone_at is not None:
            return DELETING
        if now < self.created_at + SETTLING:
            return CREATING
        return ACTIVE if self.is_active else INACTIVE


user_pool_replicas = Table(
    "user_pool_replicas",
    metadata,
    key("pool_id"),
    key("region"),
    number("is_active"),
    text("settings"),
    number("created_at"),
    number("gone_at", optional=True),
    info=CONFIGURATION,
)
Index("user_pool_replicas_by_region", user_pool_replicas.c.region, user_pool_replicas.c.pool_id)
Index("user_pool_replicas_by_end", user_pool_replicas.c.gone_at)

POOLS_MAX = 61
"""As many pools `all_of_pools` is asked about: the largest page, and one more that tells of the next."""

_PLACES = [f"pool_{number}" for number in range(POOLS_MAX)]

_in_pool = user_pool_replicas.c.pool_id == bindparam("pool_id")
_in_region = user_pool_replicas.c.region == bindparam("region")

_ADD = insert(user_pool_replicas).on_conflict_do_nothing()
_OF_POOL = select(user_pool_replicas).where(_in_pool).order_by(user_pool_replicas.c.region)
_OF_REGION = select(user_pool_replicas).where(_in_pool).where(_in_region)
_SETTINGS = select(user_pool_replicas.c.settings).where(_in_pool).where(_in_region)
_PAGE_OF_REGION = (
    select(user_pool_replicas, user_pools.user_pools)
    .join(user_pools.user_pools, user_pools.user_pools.c.pool_id == user_pool_replicas.c.pool_id)
    .where(_in_region)
    .where(user_pool_replicas.c.pool_id > bindparam("after"))
    .order_by(user_pool_replicas.c.pool_id)
    .limit(bindparam("limit"))
)
_OF_POOLS = select(user_pool_replicas).where(
    user_pool_replicas.c.pool_id.in_([bindparam(name) for name in _PLACES])
)
_CHANGE = (
    update(user_pool_replicas)
    .where(user_pool_replicas.c.pool_id == bindparam("of_pool"))
    .where(user_pool_replicas.c.region == bindparam("of_region"))
    .values(
        is_active=bindparam("new_is_active"),
        settings=bindparam("new_settings"),
        gone_at=bindparam("new_gone_at"),
    )
)
_REMOVE = delete(user_pool_replicas).where(_in_pool).where(_in_region)
_SWEEP = expired(user_pool_replicas, user_pool_replicas.c.gone_at)


def add(db: Db, replica: Replica) -> None:
    """A new replica; what is left of one that is gone makes place for it."""
    user_pools.touch(db, replica.pool_id)
    db.run(_REMOVE, pool_id=replica.pool_id, region=replica.region)
    db.run(
        _ADD,
        pool_id=replica.pool_id,
        region=replica.region,
        is_active=int(replica.is_active),
        settings=json_text(replica.settings),
        created_at=replica.created_at,
        gone_at=replica.gone_at,
    )


def change(db: Db, replica: Replica) -> None:
    """Write what may change of a replica that is there, and held by its pool.

    What a later release has added to the settings stays (`rewritten`).
    """
    user_pools.touch(db, replica.pool_id)
    row = db.one(_SETTINGS, pool_id=replica.pool_id, region=replica.region)
    if row is None:
        return
    db.run(
        _CHANGE,
        of_pool=replica.pool_id,
        of_region=replica.region,
        new_is_active=int(replica.is_active),
        new_settings=rewritten(row[0], replica.settings),
        new_gone_at=replica.gone_at,
    )


def of_region(db: Db, pool_id: str, region: str, now: int) -> Replica | None:
    row = db.one(_OF_REGION, pool_id=pool_id, region=region)
    return _present(_replica(*row), now) if row else None


def all_of_pool(db: Db, pool_id: str, now: int) -> list[Replica]:
    found = [_replica(*row) for row in db.all(_OF_POOL, pool_id=pool_id)]
    return [replica for replica in found if _present(replica, now)]


def all_of_pools(db: Db, pool_ids: Sequence[str], now: int) -> list[Replica]:
    """The replicas of the pools of a page, POOLS_MAX at most."""
    if not pool_ids:
        return []
    # The statement has as many places whatever the page: those that are left over have an id once more.
    named = dict.fromkeys(_PLACES, pool_ids[0]) | dict(zip(_PLACES, pool_ids, strict=False))
    found = [_replica(*row) for row in db.all(_OF_POOLS, **named)]
    return [replica for replica in found if _present(replica, now)]


def pools_in_region(db: Db, region: str, after: str, limit: int, now: int) -> list[UserPool]:
    """Pools of other regions that have a replica in this one, in the order of their ids, beginning behind `after`."""
    found: list[UserPool] = []
    while len(found) < limit:
        rows = db.all(_PAGE_OF_REGION, region=region, after=after, limit=limit)
        for row in rows:
            replica, pool = _replica(*row[:_WIDTH]), user_pools.from_row(row[_WIDTH:])
            if _present(replica, now):
                found.append(applied(pool, replica))
            after = replica.pool_id
        if len(rows) < limit:
            break
    return found[:limit]


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)


def applied(pool: UserPool, replica: Replica) -> UserPool:
    """The pool as it is where the replica is."""
    own = replica.settings
    settings = msgspec.structs.replace(pool.settings, **{name: getattr(own, name) for name in REGIONAL})
    return replace(pool, settings=settings)


def _present(replica: Replica, now: int) -> Replica | None:
    return None if replica.is_gone(now) else replica


_settings = msgspec.json.Decoder(RegionalSettings)
_WIDTH = len(user_pool_replicas.c)


def _replica(
    pool_id: str, region: str, is_active: int, settings: str, created_at: int, gone_at: int | None
) -> Replica:
    return Replica(pool_id, region, bool(is_active), _settings.decode(settings), created_at, gone_at)
