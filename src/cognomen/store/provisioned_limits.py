"""The rates that UpdateProvisionedLimit has set, of the whole deployment; limits/categories.py has the defaults."""

from __future__ import annotations

from sqlalchemy import Table, bindparam, select

from cognomen.store.database import Db
from cognomen.store.tables import insert, key, metadata, number

provisioned_limits = Table("provisioned_limits", metadata, key("category"), number("rate"))

_insert = insert(provisioned_limits)
_PUT = _insert.on_conflict_do_update(
    index_elements=[provisioned_limits.c.category], set_={"rate": _insert.excluded.rate}
)
_ALL = select(provisioned_limits)
_RATE = select(provisioned_limits.c.rate).where(provisioned_limits.c.category == bindparam("category"))


def put(db: Db, category: str, rate: int) -> None:
    """From now on the category has `rate` requests a second."""
    db.run(_PUT, category=category, rate=rate)


def rate_of(db: Db, category: str) -> int | None:
    return db.value(_RATE, category=category)


def all_set(db: Db) -> dict[str, int]:
    """Requests a second by category; there are a handful of categories."""
    return {row[0]: row[1] for row in db.all(_ALL)}
