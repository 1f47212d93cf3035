"""The rows of a pool's users as they leave a database and come into another: every column by its name, whatever there is.

    CARRIED         the tables that move with a user; `users` itself is read and written as anywhere
    LEFT            tables with rows of users that do not move, and why
    frame           the next users with all that is theirs, of one moment
    page, of_users  users in the order of their subs, and the rows of some of them in one table
    add             a row

A test compares the two lists with the tables: whoever adds one decides what becomes of it here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Insert, Select, Table, bindparam, select

from cognomen.store.database import Db
from cognomen.store.devices import devices
from cognomen.store.groups import group_members
from cognomen.store.identities import identities
from cognomen.store.one_moment import ONE_MOMENT
from cognomen.store.passkeys import passkeys
from cognomen.store.passwords import former_passwords
from cognomen.store.tables import insert
from cognomen.store.users import PAGE, users

USERS_AT_ONCE = 200
"""How many users' rows are read by one statement, at most."""

CARRIED: tuple[Table, ...] = (former_passwords, identities, group_members, passkeys, devices)

LEFT = {
    "aliases": "they follow from the user and its pool",
    "user_search": "as aliases",
    "codes": "under way for an hour or a day; whoever waits for one asks again",
    "browser_sessions": "who signs in anew gets another",
    "auth_events": "they tell of what happened here, and may be thousands of a user",
    "user_sessions": "they are of tokens, which only the server that gave them out takes",
}


def frame(db: Db, pool_id: str, after: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table of at most USERS_AT_ONCE users behind the sub `after`; the first thing a transaction does."""
    db.run(ONE_MOMENT)
    found = page(db, pool_id, after, USERS_AT_ONCE)
    subs = [row["sub"] for row in found]
    others = {table.name: of_users(db, table, pool_id, subs) if subs else [] for table in CARRIED}
    return {users.name: found} | others


def page(db: Db, pool_id: str, after: str, limit: int) -> list[dict[str, Any]]:
    """Rows of users by column, behind the sub `after`."""
    return [_named(users, row) for row in db.all(PAGE, pool_id=pool_id, after=after, limit=limit)]


def of_users(db: Db, table: Table, pool_id: str, subs: list[str]) -> list[dict[str, Any]]:
    """Rows of a table, by column, that belong to these users, of whom there are at most USERS_AT_ONCE."""
    padded = [*subs, *[""] * (USERS_AT_ONCE - len(subs))]
    values = {f"sub_{place}": sub for place, sub in enumerate(padded)}
    return [_named(table, row) for row in db.all(_of_users(table), pool_id=pool_id, **values)]


def add(db: Db, table: Table, row: dict[str, Any]) -> None:
    """A row with a value for each column; AlreadyThere."""
    db.run(_add(table), **row)


def _named(table: Table, row: Any) -> dict[str, Any]:
    return dict(zip((column.name for column in table.c), row, strict=True))


@cache
def _of_users(table: Table) -> Select[Any]:
    some: list[BindParameter[str]] = [bindparam(f"sub_{place}") for place in range(USERS_AT_ONCE)]
    return select(table).where(table.c.pool_id == bindparam("pool_id")).where(table.c.sub.in_(some))


@cache
def _add(table: Table) -> Insert:
    return insert(table)
