"""What may be used once: a row with a unique key, swept when the thing it stands for has expired anyway."""

from __future__ import annotations

from sqlalchemy import Index, Table, bindparam, select

from cognomen.store.database import Db
from cognomen.store.tables import expired, insert, key, metadata, number

spent = Table(
    "spent", metadata, key("pool_id"), key("kind"), key("id"), number("expires_at"), sqlite_with_rowid=False
)
Index("spent_by_expiry", spent.c.expires_at)

_SPEND = insert(spent).on_conflict_do_nothing()
_WAS_SPENT = (
    select(spent.c.id)
    .where(spent.c.pool_id == bindparam("pool_id"))
    .where(spent.c.kind == bindparam("kind"))
    .where(spent.c.id == bindparam("id"))
)
_SWEEP = expired(spent, spent.c.expires_at)


def spend(db: Db, pool_id: str, kind: str, id: str, expires_at: int) -> bool:
    """True for the first who comes; False for everyone after, however close together they come."""
    return db.run(_SPEND, pool_id=pool_id, kind=kind, id=id, expires_at=expires_at) == 1


def was_spent(db: Db, pool_id: str, kind: str, id: str) -> bool:
    return db.one(_WAS_SPENT, pool_id=pool_id, kind=kind, id=id) is not None


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
