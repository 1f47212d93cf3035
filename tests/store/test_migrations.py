"""The numbered steps lead to the tables that the modules describe, on both databases."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, select, text
from sqlalchemy.engine import Connection

import cognomen.store
from cognomen.store import migrations
from cognomen.store.database import Unavailable
from cognomen.store.tables import metadata
from cognomen.store.users import key_of
from tests import postgres

for module in pkgutil.iter_modules(cognomen.store.__path__):
    importlib.import_module(f"cognomen.store.{module.name}")

# An index of an expression cannot be read back from SQLite: only PostgreSQL's is compared, and query plans need either.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]


@pytest.fixture
def empty(engine: str, tmp_path: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path}/new/cognomen.db"
    else:
        with postgres.fresh_database(os.environ[postgres.URL_VARIABLE]) as url:
            yield url


def test_an_upgraded_database_is_what_the_tables_say(database_url: str) -> None:
    with migrations._connected(database_url, alone=False) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_an_empty_database_is_pending_until_it_is_upgraded(empty: str) -> None:
    assert migrations.pending(empty)
    migrations.upgrade(empty)
    assert not migrations.pending(empty)


def at_step(url: str, revision: str) -> None:
    with migrations._connected(url, alone=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_database_that_a_newer_release_has_upgraded_is_left_as_it_is(empty: str) -> None:
    """The nodes of the last release go on, and may be started again, until all are replaced."""
    migrations.upgrade(empty)
    at_step(empty, "9999")
    assert not migrations.pending(empty)
    migrations.upgrade(empty)
    with migrations._connected(empty, alone=False) as connection:
        assert migrations._revision(connection) == "9999"


def test_a_step_that_this_release_does_not_know_is_told_plainly(empty: str) -> None:
    migrations.upgrade(empty)
    at_step(empty, "0000")
    assert migrations.pending(empty)
    with pytest.raises(Unavailable, match=r"cannot be brought up to date: .*'0000'"):
        migrations.upgrade(empty)


def test_whether_steps_are_missing_is_asked_while_another_writes(empty: str) -> None:
    migrations.upgrade(empty)
    with migrations._connected(empty, alone=True):
        assert not migrations.pending(empty)


@pytest.mark.parametrize("ask", [migrations.pending, migrations.upgrade])
def test_a_database_that_is_not_there_is_unavailable(ask: Callable[[str], object], tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file or directory"):
        ask(f"postgresql://nobody@/none?host={tmp_path}")


@pytest.mark.parametrize("ask", [migrations.pending, migrations.upgrade])
def test_a_file_that_is_no_database_is_unavailable(ask: Callable[[str], object], tmp_path: Path) -> None:
    (tmp_path / "cognomen.db").write_text("a letter" * 1000)
    with pytest.raises(Unavailable, match="not a database"):
        ask(f"sqlite:///{tmp_path}/cognomen.db")


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
    directories = {
        "client_directory",
        "domain_directory",
        "access_keys",
        "master_keys",
        "provisioned_limits",
        "nodes",
    }
    for table in metadata.sorted_tables:
        first = next(iter(table.primary_key.columns)).name
        assert first == "pool_id" or table.name in directories, table.name


def test_tables_that_are_little_more_than_their_key_are_kept_in_it(tmp_path: Path) -> None:
    """On SQLite another tree would hold every key once more: twice the look-ups, and a third more pages."""
    url = f"sqlite:///{tmp_path}/cognomen.db"
    migrations.upgrade(url)
    with migrations._connected(url, alone=False) as connection:
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        statements = {name: sql.rstrip() for name, sql in found}

    for table in metadata.sorted_tables:
        in_its_key = not table.dialect_options["sqlite"]["with_rowid"]
        assert statements[table.name].endswith("WITHOUT ROWID") == in_its_key, table.name
    assert not metadata.tables["aliases"].dialect_options["sqlite"]["with_rowid"]


STEPS = sorted(path.name[:4] for path in migrations.VERSIONS.glob("0*.py"))


def climb(url: str, step: str) -> None:
    """Bring a database to one step, as the release that ended with it did."""
    with migrations._connected(url, alone=True) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, step)


def a_row(described: Table, mark: str) -> dict[str, Any]:
    """A value for every column; rows of different marks have different keys."""
    kinds: dict[type, Any] = {str: mark, int: int(mark), bytes: mark.encode()}
    return {column.name: kinds[column.type.python_type] for column in described.columns}


def tables_of(connection: Connection) -> dict[str, Table]:
    reflected = MetaData()
    reflected.reflect(connection)
    return {name: found for name, found in reflected.tables.items() if name != "alembic_version"}


def test_rows_of_every_release_are_kept_and_its_nodes_go_on_writing(empty: str) -> None:
    """Each step meets a row in every table that there was before it."""
    of_release: dict[str, dict[str, Table]] = {}
    for number, step in enumerate(STEPS, start=1):
        climb(empty, step)
        with migrations._connected(empty, alone=True) as connection:
            of_release[step] = tables_of(connection)
            for described in of_release[step].values():
                connection.execute(described.insert(), a_row(described, str(number)))
    with migrations._connected(empty, alone=True) as connection:
        for number, (step, described_then) in enumerate(of_release.items(), start=1):
            for name, described in described_then.items():
                row = a_row(described, str(number))
                found = [dict(found._mapping) for found in connection.execute(select(*described.columns))]
                assert row in found, f"{name} lost what release {step} wrote"
                # Its nodes still run, and name no column that came after them.
                connection.execute(described.insert(), a_row(described, str(number + 100)))


def test_a_key_that_was_retired_before_it_could_be_forgotten_is_not_missed(empty: str) -> None:
    climb(empty, "0019")
    with migrations._connected(empty, alone=True) as connection:
        keys = tables_of(connection)["master_keys"]
        for id, retired_at in {"current": None, "retired": 7}.items():
            row = {"id": id, "key_check": b"", "created_at": 1, "retired_at": retired_at}
            connection.execute(keys.insert(), row)
    climb(empty, "0020")
    with migrations._connected(empty, alone=False) as connection:
        found = connection.execute(text("SELECT id, forgotten_at FROM master_keys")).all()
    assert {tuple(row) for row in found} == {("current", None), ("retired", 7)}


def test_subjects_that_were_folded_are_told_apart_letter_for_letter(empty: str) -> None:
    climb(empty, "0025")
    subjects = {"Ada": "ada", "eve": "eve", "L" * 300: key_of("l" * 300), "\u03a3": "\u03c3"}
    with migrations._connected(empty, alone=True) as connection:
        tables = tables_of(connection)
        for number, (subject, value) in enumerate(subjects.items()):
            known = [{"providerName": name, "userId": subject} for name in ("other", "corp")]
            user = a_row(tables["users"], "1") | {"pool_id": "p", "sub": str(number)}
            user["attributes"] = json.dumps({"identities": json.dumps(known)})
            connection.execute(tables["users"].insert(), user)
            identity = {"pool_id": "p", "provider": "corp", "value": value, "sub": str(number)}
            connection.execute(tables["identities"].insert(), {"attribute": "Cognito_Subject", **identity})
            connection.execute(tables["identities"].insert(), {"attribute": "email", **identity})
    climb(empty, "0026")
    with migrations._connected(empty, alone=False) as connection:
        found = connection.execute(text("SELECT attribute, value, sub FROM identities")).all()
    assert {tuple(row) for row in found} == {
        *(("Cognito_Subject", key_of(subject), str(number)) for number, subject in enumerate(subjects)),
        *(("email", value, str(number)) for number, value in enumerate(subjects.values())),
    }
