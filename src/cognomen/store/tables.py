"""The metadata of all tables, the kinds of column there are and what stands in them, and the statement that tables of expiring rows share.

Three plain types only: text, 64-bit integers (also for booleans and moments, in milliseconds), bytes. None of them needs
converting on the way in or out, which is why statements can run on the bare driver (see database.py).
"""

from __future__ import annotations

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Delete,
    Function,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.dml import OnConflictClause
from sqlalchemy.sql.type_api import TypeEngine

__all__ = [
    "CONFIGURATION",
    "ORDERED_TEXT",
    "blob",
    "expired",
    "home_of",
    "insert",
    "json_text",
    "key",
    "metadata",
    "number",
    "text",
]

metadata = MetaData()

# `info` of a table that says how a pool is set up, and not what its users did: it stays when a pool is emptied.
CONFIGURATION = {"configuration": True}

# `info` of a table whose rows are large: at most so many are removed in one transaction. Ten of a quarter of a megabyte take
# five milliseconds, in which a process on SQLite does nothing else.
LARGE_AT_ONCE = 10
LARGE = {"at_once": LARGE_AT_ONCE}

# SQLite's INSERT ... ON CONFLICT is PostgreSQL's too, but for the constraint it may name there, which PostgreSQL's
# compiler asks for. Importing PostgreSQL's own instead costs every start a tenth of a second.
OnConflictClause.constraint_target = None  # type: ignore[attr-defined]  # see above

# Bytewise order, whatever PostgreSQL's locale is (SQLite has no other): ranges of a prefix and pages by key depend on it.
ORDERED_TEXT: TypeEngine[str] = Text(collation="C").with_variant(Text(), "sqlite")


def key(name: str) -> Column[str]:
    """A part of the primary key that is text."""
    return Column(name, ORDERED_TEXT, primary_key=True)


def text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


def number(name: str, *, optional: bool = False) -> Column[int]:
    """An integer, a boolean (0 or 1), or a moment in milliseconds."""
    return Column(name, BigInteger, nullable=optional)


def blob(name: str, *, optional: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=optional)


def json_text(value: object) -> str:
    """A document as a column of text holds it."""
    return msgspec.json.encode(value).decode()


def home_of(pool_id: Column[str]) -> Function[str]:
    """The region that a pool is at home in, with the underscore behind it (as pools/ids.py has it), to be compared and indexed.

    Not a column: nodes of a release that knows none write rows of these tables, too.
    """
    # Words of the statement, not values: it must be the same as the index's before any value is known.
    behind = func.replace(pool_id, literal_column("'_'"), literal_column("''"))
    return func.rtrim(pool_id, behind)


def expired(table: Table, moment: Column[int]) -> Delete:
    """Remove up to `limit` rows whose `moment` is before `now`.

    The condition stands twice: a row that another transaction renews after it was chosen stays.
    """
    keys = tuple(table.primary_key.columns)
    some = select(*keys).where(moment < bindparam("now")).limit(bindparam("limit"))
    return delete(table).where(tuple_(*keys).in_(some)).where(moment < bindparam("now"))
