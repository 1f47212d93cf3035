"""The statements that both databases must understand, though they are written in the words of one."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.sql.dml import Insert

import cognomen.store
from cognomen.store.failures import failures
from cognomen.store.tables import insert

SQLITE = sqlite.dialect(paramstyle="named")
POSTGRESQL = dialect.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap

UPSERTS = [
    pytest.param(value, id=f"{module.name}.{name}")
    for module in pkgutil.iter_modules(cognomen.store.__path__)
    for name, value in vars(importlib.import_module(f"cognomen.store.{module.name}")).items()
    if isinstance(value, Insert) and value._post_values_clause is not None
]


def test_the_upserts_are_found() -> None:
    assert len(UPSERTS) >= 8


@pytest.mark.parametrize("statement", UPSERTS)
def test_an_upsert_is_the_same_on_both_databases(statement: Insert) -> None:
    on_sqlite, on_postgresql = (
        str(statement.compile(dialect=each)).partition(" ON CONFLICT ")[2].partition(" SET ")[0]
        for each in (SQLITE, POSTGRESQL)
    )
    assert on_sqlite.endswith(("DO NOTHING", "DO UPDATE"))
    assert on_postgresql == on_sqlite


def test_an_upsert_is_what_postgresqls_own_words_would_make_it() -> None:
    keys = [failures.c.pool_id, failures.c.kind, failures.c.id]
    ours, theirs = (
        make(failures).on_conflict_do_update(index_elements=keys, set_={"count": failures.c.count + 1})
        for make in (insert, postgresql.insert)
    )
    assert str(ours.compile(dialect=POSTGRESQL)) == str(theirs.compile(dialect=POSTGRESQL))
    ours, theirs = (make(failures).on_conflict_do_nothing() for make in (insert, postgresql.insert))
    assert str(ours.compile(dialect=POSTGRESQL)) == str(theirs.compile(dialect=POSTGRESQL))
