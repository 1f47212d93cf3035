"""Sign-ins under way that nothing else can carry: too large for a Session or a URL, without one, between two sites. Rows expire.

They are put and read by sealed_rows.py; what is in them is sign_in/waiting.py's, oauth/crossings.py's and oauth/kept_answers.py's.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, bindparam, select

from cognomen.store.database import Db
from cognomen.store.tables import blob, expired, insert, key, metadata, number

attempts = Table(
    "attempts",
    metadata,
    key("pool_id"),
    key("id"),
    blob("sealed_attempt"),
    number("expires_at"),
)
Index("attempts_by_expiry", attempts.c.expires_at)

_insert = insert(attempts)
_PUT = _insert.on_conflict_do_update(
    index_elements=[attempts.c.pool_id, attempts.c.id],
    set_={name: _insert.excluded[name] for name in ("sealed_attempt", "expires_at")},
)
_ADD = _insert.on_conflict_do_nothing()
_BY_ID = (
    select(attempts.c.sealed_attempt)
    .where(attempts.c.pool_id == bindparam("pool_id"))
    .where(attempts.c.id == bindparam("id"))
)
_SWEEP = expired(attempts, attempts.c.expires_at)


def put(db: Db, pool_id: str, id: str, sealed_attempt: bytes, expires_at: int) -> None:
    """From now on this is what lies under the id."""
    db.run(_PUT, pool_id=pool_id, id=id, sealed_attempt=sealed_attempt, expires_at=expires_at)


def add(db: Db, pool_id: str, id: str, sealed_attempt: bytes, expires_at: int) -> bool:
    """False, and nothing, where something lies under the id."""
    return db.run(_ADD, pool_id=pool_id, id=id, sealed_attempt=sealed_attempt, expires_at=expires_at) == 1


def by_id(db: Db, pool_id: str, id: str) -> bytes | None:
    return db.value(_BY_ID, pool_id=pool_id, id=id)


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
