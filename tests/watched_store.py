"""A store that tells what is asked of it, and in which another request may be faster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.store.database import Db, Row, Store

P = ParamSpec("P")
T = TypeVar("T")


class WatchedDb(Db):
    """A transaction that tells which statements it runs."""

    __slots__ = ("_inner", "_ran")

    def __init__(self, inner: Db, ran: list[str]) -> None:
        self._inner, self._ran = inner, ran

    def one(self, statement: Any, **values: object) -> Row | None:
        self._ran.append(str(statement))
        return self._inner.one(statement, **values)

    def value(self, statement: Any, **values: object) -> Any | None:
        self._ran.append(str(statement))
        return self._inner.value(statement, **values)

    def all(self, statement: Any, **values: object) -> list[Row]:
        self._ran.append(str(statement))
        return self._inner.all(statement, **values)

    def run(self, statement: Any, **values: object) -> int:
        self._ran.append(str(statement))
        return self._inner.run(statement, **values)


class WatchedStore:
    """A store; `ran` are its transactions and statements, `writing` says whether a write is under way.

    `overtake` is awaited once, before the first write: another request that comes in between.
    """

    def __init__(self, inner: Store, overtake: Callable[[], Awaitable[object]] | None = None) -> None:
        self._inner, self._overtake = inner, overtake
        self.url, self.config_max_age, self.counts = inner.url, inner.config_max_age, inner.counts
        self.ran: list[str] = []
        self.writing = False

    @property
    def transactions(self) -> list[str]:
        return [one for one in self.ran if one in ("read", "write")]

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.ran.append("read")
        return await self._inner.read(lambda db: f(WatchedDb(db, self.ran), *args, **kwargs))

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        overtake, self._overtake = self._overtake, None
        if overtake is not None:
            await overtake()
        self.ran.append("write")

        def work(db: Db) -> T:
            self.writing = True
            try:
                return f(WatchedDb(db, self.ran), *args, **kwargs)
            finally:
                self.writing = False

        return await self._inner.write(work)

    def close(self) -> None:
        self._inner.close()


async def ran(
    call: Call, act: Callable[[Call, Any], Awaitable[object]], request: dict[str, Any]
) -> tuple[list[str], str]:
    """What an operation asks of the store, and the words of its refusal."""
    store = WatchedStore(call.store)
    watched = replace(call, store=store)
    words = ""
    try:
        await act(watched, request)
    except Refusal as refusal:
        words = str(refusal)
    return store.ran, words
