"""Numbered steps from an empty database to the one the tables describe.

`upgrade(url)` runs what is missing, once, however many nodes start together; `pending(url)` tells cheaply whether there
is anything to run, so that a start with nothing to do does not load the migration library, which runs env.py. Old nodes
go on running while a new one upgrades, and may be started again after it: a step only adds, and what is no longer used
is removed a release later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, Text, column, create_engine, event, inspect, select, table, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError

from cognomen.store.database import Db, Unavailable

VERSIONS = Path(__file__).parent / "versions"
CONNECT_TIMEOUT_S = 10
LOCK = 7_166_017_402  # any number that nobody else uses for an advisory lock in this database

_REVISION = select(column("version_num", Text)).select_from(table("alembic_version"))


def newest() -> str:
    """The revision the code was written for: the highest number among the steps."""
    return max(
        found.group(1) for path in VERSIONS.glob("*.py") if (found := re.match(r"(\d{4})_", path.name))
    )


def pending(url: str) -> bool:
    """Whether the database is older than the code; it is only looked at. Raises Unavailable."""
    with _connected(url, alone=False) as connection:
        return _is_older(connection)


def revision(db: Db) -> str:
    """The revision of a database that has been brought up to date once; it sorts with `newest`."""
    return db.value(_REVISION) or ""


def upgrade(url: str) -> None:
    """Run every step that is missing, in one transaction, alone; a database that is newer stays as it is.

    Raises Unavailable, also where the database is at a step that this release does not know.
    """
    from alembic import command  # noqa: PLC0415  half a second, needed once per release
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    with _connected(url, alone=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if not _is_older(connection):
            return
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Unavailable(f"it cannot be brought up to date: {error}") from error


def _is_older(connection: Connection) -> bool:
    """Whether a step is missing. A newer release may have gone further: the steps' numbers sort as text."""
    revision = _revision(connection)
    return revision is None or revision < newest()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


@contextmanager
def _connected(url: str, *, alone: bool) -> Iterator[Connection]:
    """A connection in a transaction, on SQLite with the lock for writing if it is to be `alone`."""
    engine = _engine(url, alone=alone)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise Unavailable(str(error.orig)) from error
    finally:
        engine.dispose()


def _engine(url: str, *, alone: bool) -> Engine:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 60, "isolation_level": None})

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")

        return engine
    try:
        timeout = {} if "connect_timeout" in url else {"connect_timeout": CONNECT_TIMEOUT_S}
        return create_engine(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url), connect_args=timeout)
    except (ValueError, ArgumentError):  # their texts quote pieces of the URL
        raise Unavailable("its URL cannot be read") from None
