"""The metadata of all tables, and the kinds of column there are.

Three plain types only: text, 64-bit integers (also for booleans and moments, in milliseconds), bytes. None of them needs
converting on the way in or out, which is why statements can run on the bare driver (see database.py).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.type_api import TypeEngine

metadata = MetaData()

# Bytewise order, whatever the server's locale: ranges of a prefix and pages by key depend on it.
ORDERED_TEXT: TypeEngine[str] = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


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
