"""Which master keys sealed something here: enough to know the right key, not enough to be it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, bindparam, select, update

from cognomen.store.database import Db
from cognomen.store.tables import blob, insert, key, metadata, number


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A master key by its id; `key_check` proves a candidate without revealing it."""

    id: str
    key_check: bytes
    created_at: int
    retired_at: int | None


master_keys = Table(
    "master_keys",
    metadata,
    key("id"),
    blob("key_check"),
    number("created_at"),
    number("retired_at", optional=True),
)

_ADD = insert(master_keys).on_conflict_do_nothing()
_ALL = select(master_keys).order_by(master_keys.c.created_at, master_keys.c.id)
_RETIRE = (
    update(master_keys).where(master_keys.c.id == bindparam("of_id")).values(retired_at=bindparam("now"))
)


def add(db: Db, known: KnownKey) -> None:
    """Register a key; nothing happens when its id is known."""
    db.run(
        _ADD,
        id=known.id,
        key_check=known.key_check,
        created_at=known.created_at,
        retired_at=known.retired_at,
    )


def all_known(db: Db) -> list[KnownKey]:
    return [KnownKey(*row) for row in db.all(_ALL)]


def retire(db: Db, id: str, now: int) -> None:
    db.run(_RETIRE, of_id=id, now=now)
