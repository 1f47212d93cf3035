"""The numbered steps lead to the tables that the modules describe, on both databases."""

from __future__ import annotations

import importlib
import os
import pkgutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import cognomen.store
from cognomen.store import migrations
from cognomen.store.tables import metadata
from tests import postgres

for module in pkgutil.iter_modules(cognomen.store.__path__):
    importlib.import_module(f"cognomen.store.{module.name}")


@pytest.fixture
def empty(engine: str, tmp_path: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path}/new/cognomen.db"
    else:
        with postgres.fresh_database(os.environ[postgres.URL_VARIABLE]) as url:
            yield url


def test_an_upgraded_database_is_what_the_tables_say(database_url: str) -> None:
    with migrations._connected(database_url) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_an_empty_database_is_pending_until_it_is_upgraded(empty: str) -> None:
    assert migrations.pending(empty)
    migrations.upgrade(empty)
    assert not migrations.pending(empty)


def test_nodes_that_start_together_upgrade_once(empty: str) -> None:
    problems: list[BaseException] = []

    def start() -> None:
        try:
            migrations.upgrade(empty)
        except BaseException as error:  # noqa: BLE001  told below
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert not migrations.pending(empty)


def test_every_table_of_a_pool_begins_its_key_with_the_pool() -> None:
    """Otherwise a distributed database could not spread the rows; the directories that find a pool are the exception."""
    directories = {"client_directory", "access_keys", "master_keys"}
    for table in metadata.sorted_tables:
        first = next(iter(table.primary_key.columns)).name
        assert first == "pool_id" or table.name in directories, table.name
