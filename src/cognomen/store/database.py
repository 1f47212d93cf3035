"""What a transaction is, and what the rooms above know of the database; opening.py says which one it is.

    Store.read(f, ...)  run f(db, ...), which only reads: its statements see all commits that the caller can know of, and
                        maybe later ones; what must agree is read in one statement
    Store.write(f, ...) run f(db, ...) in one transaction; when it returns, the write is durable
    Db                  what f is handed: one, value, all, run
    AlreadyThere, Unavailable (Contended), Stale    the whole vocabulary of failure
    Counts              how much a store has done
    in_time             nobody waits for a database without end

Statements are SQLAlchemy Core constants, compiled once per dialect and then run on the bare driver: Core's own execution
costs 24 to 84 µs a statement where the driver takes 9 (docs/decisions/0001-statements-on-the-driver.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement

P = ParamSpec("P")
T = TypeVar("T")
Row = Sequence[Any]


class AlreadyThere(Exception):  # noqa: N818  a fact about the rows, told by a unique key
    """A row with this key exists."""


class Unavailable(Exception):  # noqa: N818  a fact about the database
    """The database cannot be reached, written or brought up to date."""


class Contended(Unavailable):
    """Others changed the same rows each time that the transaction was tried."""


class Stale(Exception):  # noqa: N818  a fact about the rows, met under concurrency
    """A row changed between being read and being written in this transaction, which is run again."""


@dataclass(slots=True)
class Counts:
    """What a store has done since it was opened, for whoever measures."""

    reads: int = 0
    writes: int = 0
    commits: int = 0
    """On SQLite one serves a group of writes."""
    retries: int = 0
    failures: int = 0
    """Times the database was not available."""


class Cursor(Protocol):
    """What the drivers' cursors have in common."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


class Statements(dict[ClauseElement, tuple[str, dict[str, Any]]]):
    """SQL text of each statement in one dialect, and the values of its literals; compiled at its first use."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def __missing__(self, statement: ClauseElement) -> tuple[str, dict[str, Any]]:
        compiled = statement.compile(dialect=self._dialect)
        literals = {name: value for name, value in (compiled.params or {}).items() if value is not None}
        found = self[statement] = (str(compiled), literals)
        return found


class Db:
    """What the function handed to `read` or `write` runs its statements on, in a `write` in one transaction. It must not keep it.

    On SQLite all reads of a thread are handed the same one.
    """

    __slots__ = ("_execute", "_statements")

    def __init__(self, statements: Statements, execute: Callable[[str, dict[str, Any]], Cursor]) -> None:
        self._statements = statements
        self._execute = execute

    def one(self, statement: ClauseElement, **values: object) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._cursor(statement, values).fetchone()
        return row

    def value(self, statement: ClauseElement, **values: object) -> Any | None:
        """The first column of the first row, or None where there is no row."""
        row: Row | None = self._cursor(statement, values).fetchone()
        return row[0] if row else None

    def all(self, statement: ClauseElement, **values: object) -> list[Row]:
        rows: list[Row] = self._cursor(statement, values).fetchall()
        return rows

    def run(self, statement: ClauseElement, **values: object) -> int:
        """How many rows were written."""
        return self._cursor(statement, values).rowcount

    def _cursor(self, statement: ClauseElement, values: dict[str, Any]) -> Cursor:
        sql, literals = self._statements[statement]
        return self._execute(sql, literals | values if literals else values)


class Store(Protocol):
    """The seam: what the rooms above know of the database."""

    url: str
    counts: Counts
    config_max_age: int
    """Milliseconds a cached configuration may go without asking whether it changed; 0 asks every time."""

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T: ...

    def close(self) -> None: ...


async def in_time(awaited: Awaitable[T], seconds: float, counts: Counts) -> T:
    """The result; Unavailable where it takes longer, and then it may still happen."""
    try:
        async with asyncio.timeout(seconds):
            return await awaited
    except TimeoutError:
        counts.failures += 1
        raise Unavailable(f"it did not answer within {seconds} seconds") from None
