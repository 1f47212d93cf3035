"""Numbered steps from an empty database to the one the tables describe.

`upgrade(url)` runs what is missing, once, however many nodes start together; `pending(url)` tells cheaply whether there
is anything to run, so that a start with nothing to do does not load the migration library, which runs env.py. Old nodes go on running while
a new one upgrades: a step only adds, and what is no longer used is removed a release later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import Connection

VERSIONS = Path(__file__).parent / "versions"
LOCK = 7_166_017_402  # any number that nobody else uses for an advisory lock in this database


def newest() -> str:
    """The revision the code was written for: the highest number among the steps."""
    return max(
        found.group(1) for path in VERSIONS.glob("*.py") if (found := re.match(r"(\d{4})_", path.name))
    )


def pending(url: str) -> bool:
    """Whether the database is older than the code."""
    with _connected(url) as connection:
        return _revision(connection) != newest()


def upgrade(url: str) -> None:
    """Run every step that is missing, in one transaction, alone."""
    from alembic import command  # noqa: PLC0415  half a second, needed once per release
    from alembic.config import Config  # noqa: PLC0415

    with _connected(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": 60, "isolation_level": None})

        @event.listens_for(engine, "begin")
        def _alone(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine
    return create_engine(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url))
