"""The databases that are measured, each as it runs in earnest: what it says is written is on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import measure
from tests import postgres

ENGINES = ("sqlite", "postgresql")

# As installed, but for the address and the size of the log, which a large fill would else write twice.
IN_EARNEST = {"listen_addresses": "", "max_connections": "200", "max_wal_size": "4GB"}


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database; `server_pid` is None where it lives in Cognomen's own process."""

    url: str
    server_pid: int | None
    version: str


@contextmanager
def empty(engine: str, folder: Path) -> Iterator[Database]:
    """A new database; it is gone after the block, but for a file in `folder`."""
    if engine == "sqlite":
        yield Database(f"sqlite:///{folder}/cognomen.db", None, f"SQLite {sqlite3.sqlite_version}")
        return
    server = postgres.start(IN_EARNEST)
    try:
        with psycopg.connect(server.url) as connection:
            pid = measure.parent_of(connection.info.backend_pid)
            version = connection.info.parameter_status("server_version")
        yield Database(server.url, pid, f"PostgreSQL {version}")
    finally:
        postgres.stop(server)
