"""Taking away all there is, of a pool or of all pools: how a test suite begins anew.

Nobody lists tables here: whatever table there is, is emptied, unless it is marked to stay. All statements of one
clearing see the database at one moment. A request that commits meanwhile so stays whole or goes whole, and one that
changes a row which goes makes the clearing begin again.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import Delete, Table, bindparam, delete

from cognomen.clock import MINUTE
from cognomen.store import user_pools
from cognomen.store.access_keys import access_keys
from cognomen.store.database import Db
from cognomen.store.master_keys import master_keys
from cognomen.store.one_moment import ONE_MOMENT
from cognomen.store.tables import metadata

LATE = MINUTE  # longer than a request takes that found its pool before it was removed


_REMOVE_POOLS = delete(user_pools.user_pools).returning(user_pools.user_pools.c.pool_id)
_FORGET_DELETED = delete(user_pools.deleted_pools).where(
    user_pools.deleted_pools.c.deleted_at <= bindparam("before")
)


def clear(db: Db, now: int) -> None:
    """Remove every row of every table but keys; the first thing a transaction does.

    Access keys and master keys are the operator's. A request that found its pool just before may still add a row to
    it: so the pools that were there are noted as deleted, and what is added late is swept, or goes when a pool of the
    same id is made.
    """
    db.run(ONE_MOMENT)
    for table in cleared_tables():
        db.run(_clear(table))
    db.run(_FORGET_DELETED, before=now - LATE)
    for (pool_id,) in db.all(_REMOVE_POOLS):
        user_pools.add_deleted(db, pool_id, now)


def clear_pool(db: Db, pool_id: str) -> bool:
    """Remove a pool's users and all that comes of them, and keep its configuration; the first thing a transaction does.

    False when there is no such pool.
    """
    db.run(ONE_MOMENT)
    if not user_pools.touch(db, pool_id):
        return False
    for table in tables_of_users():
        db.run(user_pools.empty(table), pool_id=pool_id)
    return True


def cleared_tables() -> tuple[Table, ...]:
    """All tables but those of keys and the two of pools, whose rows go last."""
    stay = (master_keys, access_keys, user_pools.user_pools, user_pools.deleted_pools)
    return tuple(table for table in metadata.sorted_tables if table not in stay)


def tables_of_users() -> tuple[Table, ...]:
    """The tables of a pool that are not its configuration."""
    return tuple(table for table in user_pools.tables_of_a_pool() if not table.info.get("configuration"))


@cache
def _clear(table: Table) -> Delete:
    return delete(table)
