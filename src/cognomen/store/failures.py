"""Failed proofs, counted per user over all its sessions and all nodes; the rule is users/lockout.py's.

A row is keyed by a MAC, of the sub of a user or of a name nobody has, so that both look and cost the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, case, delete, select

from cognomen.store.database import Db
from cognomen.store.tables import expired, insert, key, metadata, number


@dataclass(frozen=True, slots=True)
class Failures:
    """How often in a row, and when last."""

    count: int
    last_at: int


failures = Table(
    "failures",
    metadata,
    key("pool_id"),
    key("kind"),
    key("id"),
    number("count"),
    number("last_at"),
    number("expires_at"),
)
Index("failures_by_expiry", failures.c.expires_at)

_of_one = (
    failures.c.pool_id == bindparam("pool_id"),
    failures.c.kind == bindparam("kind"),
    failures.c.id == bindparam("id"),
)

_BY_ID = select(failures.c.count, failures.c.last_at).where(*_of_one)
_insert = insert(failures)
_PUT = _insert.on_conflict_do_update(
    index_elements=[failures.c.pool_id, failures.c.kind, failures.c.id],
    set_={
        "count": case(
            (failures.c.last_at <= bindparam("forgotten_before"), 1),
            else_=failures.c.count + 1,
        ),
        "last_at": _insert.excluded.last_at,
        "expires_at": _insert.excluded.expires_at,
    },
).returning(failures.c.count)
_REMOVE = delete(failures).where(*_of_one)
_SWEEP = expired(failures, failures.c.expires_at)


def by_id(db: Db, pool_id: str, kind: str, id: str) -> Failures | None:
    row = db.one(_BY_ID, pool_id=pool_id, kind=kind, id=id)
    return Failures(*row) if row else None


def add(
    db: Db, pool_id: str, kind: str, id: str, now: int, expires_at: int, *, forgotten_before: int = 0
) -> int:
    """Count one more failure; the count so far. It begins again at 1 where the last was at or before `forgotten_before`.

    One statement decides and counts, so that none is lost, however many nodes count at once.
    """
    count = db.value(
        _PUT,
        pool_id=pool_id,
        kind=kind,
        id=id,
        count=1,
        last_at=now,
        expires_at=expires_at,
        forgotten_before=forgotten_before,
    )
    if count is None:
        raise AssertionError("an upsert returns its row")
    return int(count)


def remove(db: Db, pool_id: str, kind: str, id: str) -> None:
    db.run(_REMOVE, pool_id=pool_id, kind=kind, id=id)


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
