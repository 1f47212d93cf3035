"""No statement of the store scans a table: each finds its rows by an index, on both databases.

PostgreSQL is told that sequential scans are dear, and joins that read both tables, since it rightly reads tables as small as
a test's from end to end. Nor does it heed which index is the better one for an empty table, so it plans for one large pool.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg as dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.dml import Delete, Update
from sqlalchemy.sql.selectable import CompoundSelect, Select

import cognomen.store
from cognomen.store import auth_events, messages, moving, user_imports, user_pools, users

# Whole by nature: a handful of rows, and no request of a user waits for them.
WHOLE = {
    "access_keys._ALL",
    "access_keys._ANY",
    "clearing._FORGET_DELETED",
    "clearing._REMOVE_POOLS",
    "master_keys._ALL",
    "nodes._COUNT_LIVE",
    "nodes._REMOVE_DEAD",
    "provisioned_limits._ALL",
    "log_records._WAITING",  # up to a limit, for whoever measures
    "messages._WAITING",  # the same
    "migrations._REVISION",  # one row
    "user_pools._DELETED",
}

# Tables of which a pool has a few rows, however many users it has.
FEW = {
    "user_pool_replicas",
    "user_pools",
    "signing_keys",
    "signing_certificates",
    "user_counts",
    "app_clients",
    "domains",
    "resource_servers",
    "identity_providers",
    "deleted_pools",
    "branding_styles",
    "terms",
    "log_deliveries",
    "session_reuse",
    "session_tracking",
    "foreign_passwords",
    "user_import_jobs",
}

ROWS = 1_000
VALUES = {
    "text": "n::text",
    "bigint": "n",
    "integer": "n",
    "boolean": "n % 2 = 0",
    "bytea": "n::text::bytea",
    "double precision": "n",
    "character varying": "n::text",
}
"""What PostgreSQL's tables hold while statements are planned, by the type of the column."""

# Whatever there is of a pool, but no more than a batch of it.
BATCHES = ("messages._INBOX", "user_pools._sweep(", "user_pools._left(")


def statements() -> Iterator[tuple[str, ClauseElement]]:
    for module in pkgutil.iter_modules(cognomen.store.__path__):
        loaded = importlib.import_module(f"cognomen.store.{module.name}")
        for name, value in vars(loaded).items():
            for number, part in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(part, Select | CompoundSelect | Update | Delete):
                    yield f"{module.name}.{name}{f'[{number}]' if isinstance(value, tuple) else ''}", part
    for table in moving.CARRIED:
        yield f"moving._of_users({table})", moving._of_users(table)
    for table in user_pools.tables_of_a_pool():
        yield f"user_pools._sweep({table})", user_pools._sweep(table)
        yield f"user_pools._left({table})", user_pools._left(table)


STATEMENTS = [pytest.param(name, statement, id=name) for name, statement in statements() if name not in WHOLE]


def test_the_statements_are_found() -> None:
    assert len(STATEMENTS) > 30


@pytest.fixture(scope="module")
def explain(engine: str, database_url: str) -> Iterator[Any]:
    if engine == "sqlite":
        file = sqlite3.connect(database_url.removeprefix("sqlite:///"))

        def plan(statement: ClauseElement) -> list[str]:
            compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
            values = dict.fromkeys(compiled.params)
            return [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {compiled}", values)]

        yield plan
        file.close()
    else:
        with psycopg.connect(database_url) as connection:
            fill(connection)
            for dear in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material"):
                connection.execute(f"SET LOCAL enable_{dear} = off".encode())

            def generic(statement: ClauseElement) -> list[str]:
                numbered = dialect.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
                sql = str(statement.compile(dialect=numbered))
                return [row[0] for row in connection.execute(f"EXPLAIN (GENERIC_PLAN) {sql}".encode())]

            yield generic
            connection.rollback()


def fill(connection: psycopg.Connection[Any]) -> None:
    """Let every table have rows of one pool, which PostgreSQL knows of, until the transaction is undone."""
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    ):
        columns.setdefault(table, {})[column] = "'pool'" if column == "pool_id" else VALUES[kind]
    for table, values in columns.items():
        rows = f"SELECT {', '.join(values.values())} FROM generate_series(1, {ROWS}) AS n"  # noqa: S608  names of our own tables
        connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) {rows} ON CONFLICT DO NOTHING".encode()
        )
    connection.execute("ANALYZE")


@pytest.mark.parametrize(("name", "statement"), STATEMENTS)
def test_it_finds_its_rows_by_an_index(name: str, statement: ClauseElement, explain: Any) -> None:
    plan = explain(statement)
    scans = [line for line in plan if line.strip().startswith("SCAN ") or "Seq Scan" in line]
    assert scans == [], "\n".join(plan)


@pytest.mark.parametrize(
    ("name", "statement"),
    [found for found in STATEMENTS if not str(found.values[0]).startswith(BATCHES)],
)
def test_it_reads_no_pool_from_end_to_end(name: str, statement: ClauseElement, explain: Any) -> None:
    """A search by the first column of a key is taken for good enough where others would help."""
    plan = explain(statement)
    assert searched_by_pool_alone(plan) <= FEW, "\n".join(plan)


def test_a_search_by_the_pool_alone_is_noticed(explain: Any) -> None:
    columns = users.users.c
    plan = explain(
        select(columns.sub).where(columns.pool_id == bindparam("p"), columns.version == bindparam("v"))
    )
    assert searched_by_pool_alone(plan) == {"users"}, "\n".join(plan)


def searched_by_pool_alone(plan: list[str]) -> set[str]:
    """The tables of which all rows of a pool are read, in the plan of either database."""
    tables = set()
    table = ""
    for line in plan:
        if found := re.match(r"SEARCH (\w+) .*\(pool_id=\?\)$", line):
            tables.add(found.group(1))
        if found := re.search(r"Scan (?:Backward )?(?:using \w+ )?on (\w+)", line):
            table = found.group(1)
        if re.search(r"Index Cond: \((?:\w+\.)?pool_id = \(?\$\d+\)?(?:::\w+)?\)$", line):
            tables.add(table)
    return tables


@pytest.mark.parametrize(
    ("name", "statement"), [found for found in STATEMENTS if "_PAGE" in str(found.values[0])]
)
def test_a_page_comes_in_the_order_of_its_index(name: str, statement: ClauseElement, explain: Any) -> None:
    plan = explain(statement)
    sorts = [line for line in plan if "TEMP B-TREE" in line or line.strip().startswith(("Sort", "->  Sort"))]
    assert sorts == [], "\n".join(plan)


@pytest.mark.parametrize(
    ("statement", "indexes"),
    [
        pytest.param(messages._DUE, {"outbox_by_home"}, id="messages"),
        pytest.param(
            messages._DUE_OF_REPLICAS, {"outbox_by_pool", "user_pool_replicas_by_region"}, id="of replicas"
        ),
        pytest.param(user_imports._DUE, {"user_import_jobs_by_home"}, id="imports"),
    ],
)
def test_what_is_due_is_looked_for_in_one_region(
    statement: ClauseElement, indexes: set[str], explain: Any
) -> None:
    """However much is due in others."""
    plan = explain(statement)
    used = re.findall(r"(?:USING (?:COVERING )?INDEX|Scan using) (\w+)", "\n".join(plan))
    assert set(used) == indexes, "\n".join(plan)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        pytest.param(
            auth_events._OF_WEIGHT,
            ("auth_events_by_weight (pool_id=? AND sub=? AND weight=?)", "auth_events_by_weight"),
            id="with weight",
        ),
        pytest.param(
            auth_events._PAGE_SINCE,
            ("PRIMARY KEY (pool_id=? AND sub=? AND id>? AND id<?)", "auth_events_pkey"),
            id="of late",
        ),
    ],
)
def test_what_a_sign_in_is_compared_with_is_found_however_long_the_history(
    statement: ClauseElement, found: tuple[str, str], explain: Any
) -> None:
    plan = "\n".join(explain(statement))
    assert any(each in plan for each in found), plan
