"""Threads that do for event loops what waits: for the disk, for another process, for a server.

    Threads     so many at most, which do groups of works
    Outcome     what became of a work
    tell        let those know who wait for works

The standard library's pool of threads takes five times as long to hand something over.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol

from cognomen.store.database import Unavailable

Outcome = tuple[bool, Any]
"""Whether it went well, and what it returned or raised."""


class Awaited(Protocol):
    """Something that somebody waits for."""

    @property
    def future(self) -> asyncio.Future[Any]: ...


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do in a thread; whoever waits for it hears of it by `future`."""

    do: Callable[[], Any]
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Group:
    works: Sequence[Work]
    loop: asyncio.AbstractEventLoop


class Threads:
    """At most so many threads, started as they are needed."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._given: SimpleQueue[_Group | Callable[[], None] | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()  # works of several event loops may come at the same time
        self._is_closed = False

    def work(self, do: Callable[[], Any]) -> Work:
        """Something to give that the running event loop waits for. Raises Unavailable once all is closed."""
        if self._is_closed:
            raise Unavailable("the store is closed")
        return Work(do, asyncio.get_running_loop().create_future())

    def give(self, works: Sequence[Work]) -> None:
        """Let one thread do these works of the running event loop, one after the other."""
        self._put(_Group(works, asyncio.get_running_loop()))

    def leave(self, do: Callable[[], None]) -> None:
        """Let a thread do something that nobody waits for, and that tells nobody how it went."""
        self._put(do)

    def _put(self, given: _Group | Callable[[], None]) -> None:
        if len(self._threads) < self._most and not self._idle.acquire(blocking=False):
            self._start()
        self._given.put(given)

    def _start(self) -> None:
        with self._starting:
            if len(self._threads) < self._most:
                name = f"{self._name}-{len(self._threads)}"
                self._threads.append(threading.Thread(target=self._live, name=name, daemon=True))
                self._threads[-1].start()

    def end(self) -> None:
        """Once all is done that was given; what is given from now on nobody does."""
        for _ in self._threads:
            self._given.put(None)

    def close(self) -> None:
        """The same, and wait for it."""
        self._is_closed = True
        self.end()
        for thread in self._threads:
            thread.join()

    def _live(self) -> None:
        while (given := self._given.get()) is not None:
            if isinstance(given, _Group):
                outcomes = [_outcome_of(work) for work in given.works]
                with suppress(RuntimeError):  # the event loop is gone
                    given.loop.call_soon_threadsafe(tell, given.works, outcomes)
            else:
                with suppress(Exception):
                    given()
            self._idle.release()


def tell(group: Sequence[Awaited], outcomes: Sequence[Outcome]) -> None:
    """In the event loop of those who wait."""
    for each, (went_well, what) in zip(group, outcomes, strict=True):
        if each.future.done():
            continue  # nobody waits for it any more
        if went_well:
            each.future.set_result(what)
        else:
            each.future.set_exception(what)


def _outcome_of(work: Work) -> Outcome:
    if work.future.done():
        return True, None  # nobody waits for it any more
    try:
        return True, work.do()
    except StopIteration:
        return False, RuntimeError("a transaction raised StopIteration")  # which no future takes
    except BaseException as error:  # noqa: BLE001  whatever it is, the event loop is told
        return False, error
