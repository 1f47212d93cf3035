"""SQLite: statements in the event loop, commits in a thread, one for many writes.

A read takes microseconds and never waits for a writer (WAL), so it runs where it is asked for. So do the statements of a
write: a thread of their own would change places with the event loop at each of them (docs/decisions/0015-writes-in-the-event-loop.md).
What waits for the disk or for another process, COMMIT and a BEGIN that meets a lock, is done in a thread; the writes that
gather meanwhile are the next group, and one flush to the disk serves them all. `synchronous=FULL`: an acknowledged write
survives a power cut.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakSet, finalize

from sqlalchemy.dialects import sqlite

from cognomen.store.database import AlreadyThere, Counts, Db, Statements, Unavailable, in_time
from cognomen.store.threads import Outcome, Threads, tell

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_S = 5  # of a write, for another process to end its own
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
    """A connection with the pragmas every one needs; threads that use it take turns. Even a pragma can meet a lock."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, cached_statements=512, check_same_thread=False
    )
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-16384"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@dataclass(frozen=True, slots=True)
class _Write:
    work: Callable[[Db], Any]
    future: asyncio.Future[Any]


class _Reader:
    """A connection for reads. Those of one turn of the event loop are one transaction: its lock costs as much as a statement.

    Whoever knows of a commit sees it: what tells him (an answer, a future) is heard in a later turn, or has been before the first
    read of this one. That rests on reads being asked for in tasks and callbacks that the loop has queued, as they are by both
    loops, and not in the midst of its polling, where tasks that start eagerly would ask.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA busy_timeout={READER_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA query_only=ON")  # what is written here would be told before it is durable
        self._connection = connection
        self._db = Db(STATEMENTS, connection.execute)
        self._has_begun = False
        self.is_closed = False

    def begun(self) -> Db:
        """What the statements of this turn run on."""
        if not self._has_begun:
            asyncio.get_running_loop().call_soon(self._end)  # before whatever is called from now on
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
        self.path = url.removeprefix("sqlite:///")
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        self._writers: WeakSet[_Writer] = WeakSet()  # of all threads that live

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.counts.reads += 1
        try:
            return f(self._reader().begun(), *args, **kwargs)
        except sqlite3.DatabaseError as error:
            if (meaning := self.meaning(error)) is error:
                raise
            self._close_reader()
            raise meaning from error

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.counts.writes += 1
        written = self._writer().write(lambda db: f(db, *args, **kwargs))
        return await in_time(written, LONGEST_WAIT_S, self.counts)

    def close(self) -> None:
        """When nothing is written any more; what still is will not be."""
        for writer in list(self._writers):
            writer.close()
        self._close_reader()

    def _reader(self) -> _Reader:
        """What reads go through in this thread."""
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None or reader.is_closed:
            reader = self._local.reader = _Reader(connect(self.path))
        return reader

    def _close_reader(self) -> None:
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is not None:
            reader.close()

    def _writer(self) -> _Writer:
        """What writes of this thread go through."""
        writer: _Writer | None = getattr(self._local, "writer", None)
        if writer is None:
            writer = self._local.writer = _Writer(self)
            self._writers.add(writer)
        return writer

    def meaning(self, error: BaseException) -> BaseException:
        """What the caller is told of an exception."""
        if isinstance(error, sqlite3.IntegrityError):
            return AlreadyThere(str(error))
        if isinstance(error, StopIteration):
            return RuntimeError("a transaction raised StopIteration")  # which no future takes
        return self.unavailable(error) if _is_the_databases(error) else error

    def unavailable(self, error: BaseException) -> Unavailable:
        """What befell the database, with what to do about it; the cause keeps the driver's own words."""
        self.counts.failures += 1
        advice = ADVICE.get(_code(error), "")
        told = f"{error}; {advice.format(path=self.path)}" if advice else str(error)
        unavailable = Unavailable(told)
        unavailable.__cause__ = error
        return unavailable


class _Writer:
    """The writes of one thread's event loop, on a connection of their own; to another thread's it is as another process."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._waiting: deque[_Write] = deque()
        self._task: asyncio.Task[None] | None = None
        self._connection: sqlite3.Connection | None = None
        self._thread = Threads(1, "store-writer")
        finalize(self, self._thread.end)

    def write(self, work: Callable[[Db], T]) -> asyncio.Future[T]:
        """What `work` returns or raises, as soon as that is committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Write(work, future))
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._write_all())
        return future

    def close(self) -> None:
        self._leave_connection()
        self._thread.close()

    async def _write_all(self) -> None:
        """Group by group until no write waits."""
        while group := self._next_group():
            try:
                outcomes = await self._commit(group)
            except BaseException as error:  # whatever it is, nobody may wait for ever
                is_over = isinstance(error, asyncio.CancelledError)
                told = [*group, *self._waiting] if is_over else group
                tell(told, [(False, self._store.unavailable(error))] * len(told))
                self._leave_connection()
                if is_over:
                    self._waiting.clear()
                    raise
            else:
                tell(group, outcomes)

    def _next_group(self) -> list[_Write]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_MAX))]

    async def _commit(self, group: Sequence[_Write]) -> list[Outcome]:
        """Run the writes and commit them together; the outcomes, which nobody is told before.

        A write that fails by itself is undone alone: the group is run again, each in a savepoint, which would cost all groups
        a tenth, since SQLite copies each page that it is about to change. Raises where the database fails, and then nothing is committed.
        """
        if self._connection is None:
            self._connection = await self._in_thread(partial(_connect_writer, self._store.path))
        connection = self._connection
        db = Db(STATEMENTS, connection.execute)
        await self._begin(connection)
        try:
            outcomes = [(True, _run(connection, db, write)) for write in group]
        except BaseException as error:
            if _is_the_databases(error):
                raise
            connection.execute("ROLLBACK")
            if len(group) == 1:
                return [(False, self._store.meaning(error))]
            await self._begin(connection)
            outcomes = [self._run_apart(connection, db, write) for write in group]
        await self._in_thread(partial(connection.execute, "COMMIT"))
        self._store.counts.commits += 1
        return outcomes

    async def _begin(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY:
                raise
            await self._in_thread(partial(_begin_in_time, connection))

    def _run_apart(self, connection: sqlite3.Connection, db: Db, write: _Write) -> Outcome:
        connection.execute("SAVEPOINT one")
        try:
            outcome = True, _run(connection, db, write)
        except BaseException as error:
            if _is_the_databases(error):
                raise
            connection.execute("ROLLBACK TO one")
            outcome = False, self._store.meaning(error)
        connection.execute("RELEASE one")
        return outcome

    async def _in_thread(self, work: Callable[[], T]) -> T:
        given = self._thread.work(work)
        self._thread.give([given])
        outcome: T = await given.future
        return outcome

    def _leave_connection(self) -> None:
        """The thread may still be busy with it, and closes it afterwards; what is not committed then is undone."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._thread.leave(connection.close)


def _run(connection: sqlite3.Connection, db: Db, write: _Write) -> Any:
    """What the write returns. Raises a DatabaseError when it has ended the transaction: nothing may be written outside of one."""
    if write.future.done():
        return None  # nobody waits for it any more
    outcome = write.work(db)
    if not connection.in_transaction:
        raise sqlite3.DatabaseError("the transaction has ended")
    return outcome


def _connect_writer(path: str) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA busy_timeout=0")  # the event loop waits for nobody
    return connection


def _begin_in_time(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    try:
        connection.execute("BEGIN IMMEDIATE")
    finally:
        connection.execute("PRAGMA busy_timeout=0")


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
    # The one code of an OperationalError that tells of a mistake in the SQL.
    return _code(error) != sqlite3.SQLITE_ERROR


def _code(error: BaseException) -> int:
    """SQLite's primary result code; more about it stands in the higher bits."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
