"""A pool, or one of its clients, as it is inside a transaction that changes something of it.

What dispatch found before may have been changed or deleted since. Whoever changes a thing of a pool holds the pool first,
so that limits hold, nothing is added to a pool that is going, and no two wait for one another.
"""

from __future__ import annotations

from cognomen import errors
from cognomen.store import app_clients, user_pools
from cognomen.store.app_clients import AppClient
from cognomen.store.database import Db, Stale
from cognomen.store.user_pools import UserPool


def locked(db: Db, pool_id: str) -> UserPool:
    """The pool as it is now, which nobody else changes or deletes until this is written. Raises USER_POOL_NOT_FOUND."""
    pool = user_pools.by_id_locked(db, pool_id)
    if pool is None:
        raise errors.USER_POOL_NOT_FOUND(id=pool_id)
    return pool


def write(db: Db, pool: UserPool, now: int) -> None:
    """Write a changed pool; Stale when somebody else changed it since it was read, and all is done again."""
    if not user_pools.change(db, pool, now):
        raise Stale


def locked_client(db: Db, pool_id: str, client_id: str) -> tuple[UserPool, AppClient]:
    """The pool, held as by `locked`, and a client of it as it is now. Raises APP_CLIENT_NOT_FOUND too."""
    pool = locked(db, pool_id)
    client = app_clients.by_id(db, pool_id, client_id)
    if client is None:
        raise errors.APP_CLIENT_NOT_FOUND(id=client_id)
    return pool, client
