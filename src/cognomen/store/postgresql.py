"""PostgreSQL: a few threads, each with a connection of its own.

A transaction runs in a thread, so that a slow statement holds up nobody else. Serialization failures and deadlocks are
run again after a pause (distributed databases raise them as a matter of course); a connection found dead before anything
was written is opened anew and the work is run again; a connection lost while committing is not, since nobody knows the
outcome. Reads run in autocommit: each of their statements sees what was last committed, which spares two round trips.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from sqlalchemy.dialects.postgresql import psycopg as dialect

from cognomen import clock
from cognomen.store.database import AlreadyThere, Db, Stale, Statements, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

RETRIES = 10
PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.1
CONNECT_TIMEOUT_S = 5

STATEMENTS = Statements(dialect.PGDialect_psycopg())  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap


class PostgresqlStore:
    """The store on a server; `url` is a libpq URL."""

    config_max_age = 1_000

    def __init__(self, url: str, connections: int) -> None:
        self.url = url
        self._local = threading.local()
        self._open: list[psycopg.Connection[Any]] = []
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="store")

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def work(db: Db) -> T:
            return f(db, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work, False)

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def work(db: Db) -> T:
            return f(db, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work, True)

    def close(self) -> None:
        self._threads.shutdown()
        for connection in self._open:
            connection.close()

    def _run(self, work: Callable[[Db], T], writes: bool) -> T:
        for attempt in range(RETRIES):
            last = attempt == RETRIES - 1
            connection = self._connection()
            committing = False
            try:
                if not writes:
                    return work(Db(STATEMENTS, connection.execute))
                connection.execute("BEGIN")
                outcome = work(Db(STATEMENTS, connection.execute))
                committing = True
                connection.execute("COMMIT")
            except psycopg.errors.UniqueViolation as error:
                self._roll_back(connection)
                raise AlreadyThere(error.diag.constraint_name or "") from error
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, Stale) as error:
                self._roll_back(connection)
                if last:
                    raise Unavailable(str(error)) from error
                time.sleep(pause(attempt, clock.random_bytes(1)[0] / 256))
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                self._drop(connection)
                if committing or last or attempt > 0:
                    raise Unavailable(str(error)) from error
            except BaseException:
                self._roll_back(connection)
                raise
            else:
                return outcome
        raise AssertionError("the last attempt returns or raises")

    def _connection(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            try:
                connection = psycopg.connect(self.url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)
            except psycopg.OperationalError as error:
                raise Unavailable(str(error)) from error
            connection.prepared_max = 500
            self._local.connection = connection
            self._open.append(connection)
        return connection

    def _roll_back(self, connection: psycopg.Connection[Any]) -> None:
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            self._drop(connection)

    def _drop(self, connection: psycopg.Connection[Any]) -> None:
        with suppress(psycopg.Error):
            connection.close()
        with suppress(ValueError):
            self._open.remove(connection)
        self._local.connection = None


def pause(attempt: int, share: float) -> float:
    """Seconds to wait before the work of `attempt` (from 0) is run again: `share` (0 to 1) of a span that doubles.

    Those who met on one row would otherwise meet there again at once, until they have no attempts left.
    """
    return share * min(PAUSE_S * (1 << attempt), LONGEST_PAUSE_S)
