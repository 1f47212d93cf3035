"""Rows of users by column, as they stand in a frame: without the pool, and with what is sealed in the database in clear.

A release that has another column or table is not in the way: a column that the file does not have is empty, and one that the
database does not have is refused, since something of the user would be lost.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Table

from cognomen.master_key.vault import Vault
from cognomen.moving.sealed_file import FileError
from cognomen.store import resealing
from cognomen.store.resealing import SealedColumn

Row = dict[str, Any]

POOL_ID = "pool_id"


def opened(vault: Vault, table: Table, row: Row) -> Row:
    """A row as it stands in a frame. Raises CannotUnseal."""
    said = dict(row)
    for sealed in _sealed_columns(table):
        if row[sealed.name] is not None:
            said[sealed.name] = vault.unseal(sealed.purpose, row[sealed.name], _place(sealed, row))
    del said[POOL_ID]
    return said


def sealed(vault: Vault, table: Table, pool_id: str, said: Row) -> Row:
    """A row as it stands in the table of this pool, with every column. Raises FileError."""
    unknown = said.keys() - {column.name for column in table.c}
    if unknown:
        raise FileError(
            f"The file was written by a later release: {table.name} has no {', '.join(sorted(unknown))} here."
        )
    row: Row = {column.name: None for column in table.c} | said | {POOL_ID: pool_id}
    missing = [column.name for column in table.c if row[column.name] is None and not column.nullable]
    if missing:
        raise FileError(f"The file has rows of {table.name} without {', '.join(missing)}.")
    for column in _sealed_columns(table):
        if row[column.name] is not None:
            row[column.name] = vault.seal(column.purpose, row[column.name], _place(column, row))
    return row


@cache
def _sealed_columns(table: Table) -> tuple[SealedColumn, ...]:
    return tuple(column for column in resealing.SEALED if column.table is table)


def _place(sealed: SealedColumn, row: Row) -> bytes:
    return "/".join(row[name] for name in sealed.bound_to).encode()
