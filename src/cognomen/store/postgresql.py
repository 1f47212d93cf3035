"""PostgreSQL: a few threads, each with a connection of its own.

A transaction runs in a thread, so that a slow statement holds up nobody else. Serialization failures and deadlocks are
run again after a pause (distributed databases raise them as a matter of course); a connection found dead before anything
was written is opened anew and the work is run again; a connection lost while committing is not, since nobody knows the
outcome. Reads run in autocommit: each of their statements sees what was last committed, which spares two round trips.

No answer is waited for without end: the server gives up a statement that takes too long or waits for a lock, we give up
the connection of a server that is silent, and the system that of one whose machine is gone.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.dialects.postgresql import psycopg as dialect

from cognomen import clock
from cognomen.store.database import (
    AlreadyThere,
    Contended,
    Counts,
    Db,
    Stale,
    Statements,
    Unavailable,
    in_time,
)
from cognomen.store.threads import Threads, Work

P = ParamSpec("P")
T = TypeVar("T")

RETRIES = 10
PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.1
TIMEOUT_S = 10
OF_A_STATEMENT = 0.8  # of the timeout: a server that lives gives a statement up before we give up the server
QUEUE_S = 5  # to wait for a thread, beside
READS_MAX = 4
"""Reads of one turn of the event loop that a thread does one after the other. All are told together, when the slowest is done: so a few."""

# Of the connection, where the URL does not say otherwise.
CONNECTING: dict[str, str | int] = {
    "application_name": "cognomen",
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}

# Told by a server that cannot serve us, on a connection that is of no more use.
LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)

# Told after a wait that was long enough, so that the work is not run again.
WAITED = (psycopg.errors.QueryCanceled, psycopg.errors._WaitTimeout)  # noqa: SLF001  what `wait` says it raises

_LIMIT = "SET statement_timeout = {milliseconds}"

STATEMENTS = Statements(dialect.PGDialect_psycopg())  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap


class Connection(psycopg.Connection[Any]):
    """A connection that does not wait without end for an answer, with one cursor: to make one is a third of a statement."""

    timeout_s: float = TIMEOUT_S

    @cached_property
    def run(self) -> Callable[..., psycopg.Cursor[Any]]:
        """Run a statement; its rows are to be fetched before the next."""
        return self.cursor().execute

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        return super().wait(gen, interval, self.timeout_s if timeout is None else timeout)


class PostgresqlStore:
    """The store on a server; `url` is a libpq URL."""

    config_max_age = 1_000

    def __init__(self, url: str, connections: int, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self.counts = Counts()
        self._local = threading.local()
        self._open: list[Connection] = []
        self._threads = Threads(connections, "store")

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.counts.reads += 1
        work = self._asked().add(lambda: self._run(lambda db: f(db, *args, **kwargs), writes=False))
        return await in_time(work.future, self._timeout_s + QUEUE_S, self.counts)

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.counts.writes += 1
        work = self._threads.work(lambda: self._run(lambda db: f(db, *args, **kwargs), writes=True))
        self._threads.give([work])
        return await in_time(work.future, self._timeout_s + QUEUE_S, self.counts)

    def _asked(self) -> _Asked:
        """What the reads of this thread's event loop are added to."""
        asked: _Asked | None = getattr(self._local, "asked", None)
        if asked is None or asked.loop is not asyncio.get_running_loop():
            asked = self._local.asked = _Asked(self._threads)
        return asked

    def close(self) -> None:
        self._threads.close()
        for connection in self._open:
            connection.close()

    def _run(self, work: Callable[[Db], T], *, writes: bool) -> T:
        for attempt in range(RETRIES):
            last = attempt == RETRIES - 1
            connection = self._connection()
            committing = False
            try:
                if not writes:
                    return work(Db(STATEMENTS, connection.run))
                connection.run("BEGIN")
                outcome = work(Db(STATEMENTS, connection.run))
                committing = True
                connection.run("COMMIT")
            except psycopg.errors.UniqueViolation as error:
                self._roll_back(connection)
                raise AlreadyThere(error.diag.constraint_name or "") from error
            except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, Stale) as error:
                self._roll_back(connection)
                if last:
                    raise Contended(str(error)) from error
                self.counts.retries += 1
                time.sleep(pause(attempt, clock.random_bytes(1)[0] / 256))
            except LOST as error:
                self._drop(connection)
                if committing or attempt > 0 or isinstance(error, WAITED):
                    raise self._unavailable(error) from error
                self.counts.retries += 1
            except BaseException:
                self._roll_back(connection)
                raise
            else:
                self.counts.commits += 1
                return outcome
        raise AssertionError("the last attempt returns or raises")

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            try:
                connection = Connection.connect(_conninfo(self.url), autocommit=True)
                self._local.connection = connection
                self._open.append(connection)
                connection.timeout_s = self._timeout_s
                connection.execute(_LIMIT.format(milliseconds=int(self._timeout_s * OF_A_STATEMENT * 1000)))
            except LOST as error:
                if connection is not None:
                    self._drop(connection)
                raise self._unavailable(error) from error
            connection.prepared_max = 500
        return connection

    def _unavailable(self, error: psycopg.Error) -> Unavailable:
        self.counts.failures += 1
        if isinstance(error, WAITED):
            return Unavailable("the server is silent: look whether it is alive, overloaded or locked")
        if isinstance(error, psycopg.errors.DiskFull):
            return Unavailable(f"{error}; make room on the disk of the database server")
        if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
            return Unavailable(f"{error}; the URL should lead to the primary server")
        return Unavailable(str(error))

    def _roll_back(self, connection: Connection) -> None:
        try:
            connection.run("ROLLBACK")
        except psycopg.Error:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        with suppress(psycopg.Error):
            connection.close()
        with suppress(ValueError):
            self._open.remove(connection)
        self._local.connection = None


class _Asked:
    """The reads that an event loop has asked for in one turn: to hand one to a thread costs as much as the read itself."""

    def __init__(self, threads: Threads) -> None:
        self.loop = asyncio.get_running_loop()
        self._threads = threads
        self._works: list[Work] = []

    def add(self, do: Callable[[], Any]) -> Work:
        work = self._threads.work(do)
        if not self._works:
            self.loop.call_soon(self._give_all)
        self._works.append(work)
        return work

    def _give_all(self) -> None:
        works, self._works = self._works, []
        for first in range(0, len(works), READS_MAX):
            self._threads.give(works[first : first + READS_MAX])


def _conninfo(url: str) -> str:
    said = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in CONNECTING.items() if name not in said})


def pause(attempt: int, share: float) -> float:
    """Seconds to wait before the work of `attempt` (from 0) is run again: `share` (0 to 1) of a span that doubles.

    Those who met on one row would otherwise meet there again at once, until they have no attempts left.
    """
    return share * min(PAUSE_S * (1 << attempt), LONGEST_PAUSE_S)
