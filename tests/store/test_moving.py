"""Of every table with rows of users it was decided whether they move with them."""

from __future__ import annotations

from cognomen.store import moving
from cognomen.store.tables import metadata
from cognomen.store.users import users


def test_of_each_table_it_was_decided_whether_its_rows_move_with_a_user() -> None:
    """A new table fails here: add it to CARRIED, or to LEFT with the reason."""
    of_users = {table.name for table in metadata.tables.values() if {"pool_id", "sub"} <= set(table.c.keys())}
    carried = {table.name for table in moving.CARRIED}
    assert carried.isdisjoint(moving.LEFT)
    assert of_users == carried | moving.LEFT.keys() | {users.name}
