"""How often the refresh token of a sign-in was replaced, where its app client rotates them.

A row for each sign-in whose token was replaced at least once. A token says the generation it is of; those of one generation
are as good as one another, so that a retry whose first answer was lost does not end the sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, select, update

from cognomen.store.database import Db
from cognomen.store.tables import expired, insert, key, metadata, number


@dataclass(frozen=True, slots=True)
class Rotation:
    """The generation that counts; the one before it counts until `retry_until` (0: not at all). Moments in milliseconds."""

    generation: int
    retry_until: int


refresh_rotations = Table(
    "refresh_rotations",
    metadata,
    key("pool_id"),
    key("origin"),
    number("generation"),
    number("retry_until"),
    number("expires_at"),
    sqlite_with_rowid=False,
)
Index("refresh_rotations_by_expiry", refresh_rotations.c.expires_at)

_of_sign_in = (
    refresh_rotations.c.pool_id == bindparam("of_pool"),
    refresh_rotations.c.origin == bindparam("of_origin"),
)
_ROTATION = select(refresh_rotations.c.generation, refresh_rotations.c.retry_until).where(*_of_sign_in)
_ADVANCE = (
    update(refresh_rotations)
    .where(*_of_sign_in)
    .where(refresh_rotations.c.generation <= bindparam("known"))
    .values(generation=bindparam("new_generation"), retry_until=bindparam("new_retry_until"))
)
_BEGIN = insert(refresh_rotations).on_conflict_do_nothing()
_SWEEP = expired(refresh_rotations, refresh_rotations.c.expires_at)


def rotation_of(db: Db, pool_id: str, origin: str) -> Rotation | None:
    row = db.one(_ROTATION, of_pool=pool_id, of_origin=origin)
    return Rotation(*row) if row else None


def rotate(
    db: Db, pool_id: str, origin: str, *, generation: int, retry_until: int, expires_at: int
) -> Rotation | None:
    """Replace the token of `generation` by one of the next; None for the first who comes with it, however close together.

    Whoever comes later is given what is there, and may be within the time for retries. The row may be forgotten at
    `expires_at`, when all tokens of the sign-in have expired.
    """
    new = Rotation(generation + 1, retry_until)
    advanced = db.run(
        _ADVANCE,
        of_pool=pool_id,
        of_origin=origin,
        known=generation,
        new_generation=new.generation,
        new_retry_until=new.retry_until,
    )
    if advanced == 1:
        return None
    begun = db.run(
        _BEGIN,
        pool_id=pool_id,
        origin=origin,
        generation=new.generation,
        retry_until=new.retry_until,
        expires_at=expires_at,
    )
    return None if begun == 1 else rotation_of(db, pool_id, origin)


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
