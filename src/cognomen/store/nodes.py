"""The nodes that serve this database, as far as they have to know of one another: how many there are.

A row is a sign of life. Nodes whose clocks differ by more than LIVES do not see one another.
"""

from __future__ import annotations

from sqlalchemy import Table, bindparam, delete, func, select

from cognomen.clock import SECOND
from cognomen.store.database import Db
from cognomen.store.tables import insert, key, metadata, number

LIVES = 20 * SECOND

nodes = Table("nodes", metadata, key("id"), number("seen_at"))

_insert = insert(nodes)
_PUT = _insert.on_conflict_do_update(index_elements=[nodes.c.id], set_={"seen_at": _insert.excluded.seen_at})
_SEEN_AT = select(nodes.c.seen_at).where(nodes.c.id == bindparam("id"))
_COUNT_LIVE = select(func.count()).where(nodes.c.seen_at > bindparam("after"))
_REMOVE_DEAD = delete(nodes).where(nodes.c.seen_at <= bindparam("before"))


def announce(db: Db, id: str, now: int) -> None:
    """Say that the node lives; forget those that have not said so for long."""
    db.run(_PUT, id=id, seen_at=now)
    db.run(_REMOVE_DEAD, before=now - LIVES)


def seen_at(db: Db, id: str) -> int | None:
    return db.value(_SEEN_AT, id=id)


def count_live(db: Db, now: int) -> int:
    return db.value(_COUNT_LIVE, after=now - LIVES) or 0
