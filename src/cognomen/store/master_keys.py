"""Which master keys sealed something here: enough to know the right key, not enough to be it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, bindparam, func, select, update

from cognomen.store.database import Db
from cognomen.store.tables import blob, insert, key, metadata, number


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A master key by its id; `key_check` proves a candidate without revealing it.

    At `retired_at` nothing in the database was sealed with it any more; since `forgotten_at` no server misses it, because
    an operator has given it up or what it sealed elsewhere has expired.
    """

    id: str
    key_check: bytes
    created_at: int
    retired_at: int | None
    forgotten_at: int | None = None


master_keys = Table(
    "master_keys",
    metadata,
    key("id"),
    blob("key_check"),
    number("created_at"),
    number("retired_at", optional=True),
    number("forgotten_at", optional=True),
)

_ADD = insert(master_keys).on_conflict_do_nothing()
_ALL = select(master_keys).order_by(master_keys.c.created_at, master_keys.c.id)
_OF_ID = master_keys.c.id == bindparam("of_id")
_RETIRE = update(master_keys).where(_OF_ID).values(retired_at=bindparam("now"))
_FORGET = (
    update(master_keys)
    .where(_OF_ID)
    .values(
        retired_at=func.coalesce(master_keys.c.retired_at, bindparam("now")), forgotten_at=bindparam("now")
    )
)


def add(db: Db, known: KnownKey) -> None:
    """Register a key; nothing happens when its id is known."""
    db.run(
        _ADD,
        id=known.id,
        key_check=known.key_check,
        created_at=known.created_at,
        retired_at=known.retired_at,
        forgotten_at=known.forgotten_at,
    )


def all_known(db: Db) -> list[KnownKey]:
    return [KnownKey(*row) for row in db.all(_ALL)]


def retire(db: Db, id: str, now: int) -> None:
    db.run(_RETIRE, of_id=id, now=now)


def forget(db: Db, id: str, now: int) -> None:
    db.run(_FORGET, of_id=id, now=now)
