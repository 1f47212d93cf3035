"""SQLite: readers in the event loop, one writer thread that commits in groups.

A read takes microseconds and never waits for a writer (WAL), so it runs where it is asked for. Writes of all requests go
through one thread per process: it takes what has gathered, runs each in a savepoint of its own, and commits once, so
that one flush to the disk serves many. `synchronous=FULL`: an acknowledged write survives a power cut. Other processes
may write the same file; the busy timeout is set before the first statement, since even a pragma can meet a lock.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.dialects import sqlite

from cognomen.store.database import AlreadyThere, Counts, Db, Statements, Unavailable, in_time

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_S = 5
LONGEST_WAIT_S = 15  # of a write, with those that are before it
READER_BUSY_TIMEOUT_MS = 200  # a reader waits in the event loop, and hardly ever: writers do not hold it up
GROUP_MAX = 64

# What an operator can do, by SQLite's result code; the server goes on by itself as soon as it is done.
ADVICE = {
    sqlite3.SQLITE_FULL: "make room on the disk of {path}",
    sqlite3.SQLITE_IOERR: "look at the disk of {path}: whether it is full, beyond a quota, or failing",
    sqlite3.SQLITE_BUSY: "another process holds the lock of {path}: end it, or let it finish",
    sqlite3.SQLITE_LOCKED: "another process holds the lock of {path}: end it, or let it finish",
    sqlite3.SQLITE_READONLY: "let this user write {path} and its folder",
    sqlite3.SQLITE_PERM: "let this user read and write {path} and its folder",
    sqlite3.SQLITE_CANTOPEN: "let this user read and write {path} and its folder, and see that they are there",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged: stop the server and bring back a backup",
    sqlite3.SQLITE_NOTADB: "{path} is no database: stop the server and bring back a backup",
}

STATEMENTS = Statements(sqlite.dialect(paramstyle="named"))


def connect(path: str) -> sqlite3.Connection:
    """A connection with the pragmas every one needs."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, cached_statements=512)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


Outcome = tuple[bool, Any]
"""Whether a write went well, and what it returned or raised."""


@dataclass(frozen=True, slots=True)
class _Write:
    work: Callable[[Db], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class _Reader:
    """A connection for reads. Those of one turn of the event loop are one transaction: its lock costs as much as a statement.

    Whoever knows of a commit sees it: what tells him (an answer, a future) is heard in a later turn, or has been before the first
    read of this one.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA busy_timeout={READER_BUSY_TIMEOUT_MS}")
        self._connection = connection
        self._db = Db(STATEMENTS, connection.execute)
        self._has_begun = False
        self.is_closed = False

    def begun(self) -> Db:
        """What the statements of this turn run on."""
        if not self._has_begun:
            asyncio.get_running_loop().call_soon(
                self._end
            )  # first: what is called after it belongs to the next turn
            self._connection.execute("BEGIN")
            self._has_begun = True
        return self._db

    def close(self) -> None:
        self._has_begun = False
        self.is_closed = True
        self._connection.close()

    def _end(self) -> None:
        if not self._has_begun:
            return
        self._has_begun = False
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self.close()
            raise


class SqliteStore:
    """The store in one file; `url` is sqlite:///path."""

    config_max_age = 0

    def __init__(self, url: str) -> None:
        self.url = url
        self.counts = Counts()
        self._path = url.removeprefix("sqlite:///")
        Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="store-writer", daemon=True)
        self._writer.start()

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.counts.reads += 1
        try:
            return f(self._reader().begun(), *args, **kwargs)
        except sqlite3.DatabaseError as error:
            if (meaning := self._meaning(error)) is error:
                raise
            self._close_reader()
            raise meaning from error

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self.counts.writes += 1
        self._queue.put(_Write(lambda db: f(db, *args, **kwargs), future, loop))
        return await in_time(future, LONGEST_WAIT_S, self.counts)

    def close(self) -> None:
        self._queue.put(None)
        self._writer.join()
        self._close_reader()

    def _reader(self) -> _Reader:
        """What reads go through in this thread."""
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None or reader.is_closed:
            reader = self._local.reader = _Reader(connect(self._path))
        return reader

    def _close_reader(self) -> None:
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is not None:
            reader.close()

    def _write_all(self) -> None:
        connection: sqlite3.Connection | None = None
        while (first := self._queue.get()) is not None:
            group = [first]
            ended = False
            with suppress(Empty):
                while len(group) < GROUP_MAX:
                    following = self._queue.get_nowait()
                    if following is None:
                        ended = True
                        break
                    group.append(following)
            try:
                connection = connection or connect(self._path)
                outcomes = self._commit(connection, group)
                self.counts.commits += 1
            except BaseException as error:  # noqa: BLE001  whatever it is, nobody may wait for ever
                outcomes = [(False, self._unavailable(error))] * len(group)
                if connection is not None:
                    connection.close()
                    connection = None
            _tell(group, outcomes)
            if ended:
                break
        if connection is not None:
            connection.close()

    def _commit(self, connection: sqlite3.Connection, group: list[_Write]) -> list[Outcome]:
        """Run each write in a savepoint and commit them together; the outcomes, which nobody is told before.

        A write that fails by itself is undone alone. Raises where the database fails, and then nothing is committed.
        A write that came alone needs no savepoint, which costs it a tenth: SQLite copies each page it is about to change.
        """
        connection.execute("BEGIN IMMEDIATE")
        outcomes: list[Outcome] = []
        db = Db(STATEMENTS, connection.execute)
        if len(group) == 1:
            return [self._commit_alone(connection, group[0], db)]
        for write in group:
            if write.future.cancelled():
                outcomes.append((False, None))  # nobody waits for it any more
                continue
            connection.execute("SAVEPOINT one")
            try:
                outcomes.append((True, write.work(db)))
            except BaseException as error:
                if _is_the_databases(error):
                    raise
                connection.execute("ROLLBACK TO one")
                outcomes.append((False, self._meaning(error)))
            connection.execute("RELEASE one")
        connection.execute("COMMIT")
        return outcomes

    def _commit_alone(self, connection: sqlite3.Connection, write: _Write, db: Db) -> Outcome:
        if write.future.cancelled():
            connection.execute("ROLLBACK")
            return False, None  # nobody waits for it any more
        try:
            outcome = write.work(db)
        except BaseException as error:
            if _is_the_databases(error):
                raise
            connection.execute("ROLLBACK")
            return False, self._meaning(error)
        connection.execute("COMMIT")
        return True, outcome

    def _meaning(self, error: BaseException) -> BaseException:
        """What the caller is told of an exception."""
        if isinstance(error, sqlite3.IntegrityError):
            return AlreadyThere(str(error))
        if isinstance(error, StopIteration):
            return RuntimeError("a transaction raised StopIteration")  # which no future takes
        return self._unavailable(error) if _is_the_databases(error) else error

    def _unavailable(self, error: BaseException) -> Unavailable:
        """What befell the database, with what to do about it; the cause keeps the driver's own words."""
        self.counts.failures += 1
        advice = ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")
        told = f"{error}; {advice.format(path=self._path)}" if advice else str(error)
        unavailable = Unavailable(told)
        unavailable.__cause__ = error
        return unavailable


def _tell(group: list[_Write], outcomes: list[Outcome]) -> None:
    for write, (went_well, outcome) in zip(group, outcomes, strict=True):
        with suppress(RuntimeError):  # the loop that asked is gone
            write.loop.call_soon_threadsafe(partial(_settle, write.future, went_well, outcome))


def _settle(future: asyncio.Future[Any], went_well: bool, outcome: Any) -> None:
    if future.cancelled():
        return
    if went_well:
        future.set_result(outcome)
    else:
        future.set_exception(outcome)


def _is_the_databases(error: BaseException) -> bool:
    """Whether the database failed (busy, full, unreadable, corrupt), and not one statement or its values."""
    of_one_statement = (
        sqlite3.IntegrityError,
        sqlite3.ProgrammingError,
        sqlite3.DataError,
        sqlite3.NotSupportedError,
    )
    if not isinstance(error, sqlite3.DatabaseError) or isinstance(error, of_one_statement):
        return False
    # The one code of an OperationalError that tells of a mistake in the SQL; more about it stands in the higher bits.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_ERROR
