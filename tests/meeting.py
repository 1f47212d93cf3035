"""Two writes that meet on a row, in an order that the test decides and not the machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cognomen.store.database import Db, Store

T = TypeVar("T")

PATIENCE_S = 30

_WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def overtaken(store: Store, first: Callable[[Db], object], second: Awaitable[T]) -> T:
    """What comes of `second` when `first` is written before it through `store`, and committed after it has begun.

    On PostgreSQL `second` has read what was there before, or waits for a row, when `first` is committed. SQLite runs one
    write after the other: what `second` reads before its first write it reads before `first` is run, unless it does so in a thread
    of its own, which begins when `first` has its turn: else another's write might let it pass.
    """
    if store.url.startswith("sqlite"):
        await store.write(lambda _: None)  # so that `first` need not wait for a connection
        begun = asyncio.Event()

        def begin(db: Db) -> None:
            begun.set()
            first(db)

        ahead = asyncio.ensure_future(store.write(begin))
        ahead.add_done_callback(lambda _: begun.set())
        if getattr(second, "cr_code", None) is asyncio.to_thread.__code__:
            await begun.wait()
        return (await asyncio.gather(ahead, second))[1]
    written, may_commit = threading.Event(), threading.Event()

    def held(db: Db) -> None:
        first(db)
        written.set()
        may_commit.wait(PATIENCE_S)

    ahead = asyncio.ensure_future(store.write(held))
    await asyncio.to_thread(written.wait, PATIENCE_S)
    behind = asyncio.ensure_future(second)
    while not behind.done() and not await store.read(_someone_waits):
        pass
    may_commit.set()
    await ahead
    return await behind


def _someone_waits(db: Db) -> bool:
    return db._execute(_WAITING, {}).fetchone() is not None
