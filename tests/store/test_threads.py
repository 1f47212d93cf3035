"""Threads that do for event loops what waits."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from cognomen.store.database import Db, Unavailable
from cognomen.store.postgresql import READS_MAX, PostgresqlStore
from cognomen.store.threads import Threads
from tests import postgres


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(2, "test")
    yield made
    made.close()


@pytest.fixture
def on_postgresql() -> Iterator[PostgresqlStore]:
    store = PostgresqlStore(os.environ[postgres.URL_VARIABLE], connections=4)
    yield store
    store.close()


def raises(error: BaseException) -> None:
    raise error


async def test_of_a_group_each_is_told_what_became_of_its_own(threads: Threads) -> None:
    group = [
        threads.work(threading.get_ident),
        threads.work(lambda: raises(LookupError("its own"))),
        threads.work(lambda: raises(StopIteration())),
        threads.work(threading.get_ident),
    ]
    threads.give(group)
    first, failed, stopped, last = await asyncio.gather(
        *(work.future for work in group), return_exceptions=True
    )
    assert first == last != threading.get_ident()
    assert [type(failed), type(stopped)] == [LookupError, RuntimeError]


async def test_what_nobody_waits_for_any_more_is_not_done(threads: Threads) -> None:
    done: list[str] = []
    group = [threads.work(lambda: done.append("given up")), threads.work(lambda: done.append("awaited"))]
    group[0].future.cancel()
    threads.give(group)
    await group[1].future
    assert done == ["awaited"]


async def test_there_are_as_many_threads_as_are_busy_up_to_their_number(threads: Threads) -> None:
    both = threading.Barrier(2)
    for _ in range(3):  # those there are do what comes later
        busy = [threads.work(lambda: both.wait(30)) for _ in range(4)]
        for work in busy:
            threads.give([work])
        await asyncio.gather(*(work.future for work in busy))
    assert len([each for each in threading.enumerate() if each.name.startswith("test-")]) == 2


async def test_once_closed_they_take_nothing(threads: Threads) -> None:
    threads.close()
    with pytest.raises(Unavailable, match="closed"):
        threads.work(threading.get_ident)


async def test_reads_of_one_turn_share_a_thread_on_postgresql(on_postgresql: PostgresqlStore) -> None:
    def thread(_db: Db) -> int:
        return threading.get_ident()

    def fails(_db: Db) -> int:
        raise LookupError

    few = await asyncio.gather(
        *(on_postgresql.read(each) for each in (thread, fails, thread)), return_exceptions=True
    )
    assert few[0] == few[2]
    assert isinstance(few[1], LookupError)
    both = threading.Barrier(2)

    def thread_beside_another(_db: Db) -> int:
        both.wait(30)
        return threading.get_ident()

    many = [on_postgresql.read(thread) for _ in range(READS_MAX - 1)]
    spread = await asyncio.gather(
        on_postgresql.read(thread_beside_another), *many, on_postgresql.read(thread_beside_another)
    )
    assert len(set(spread)) == 2, "more than so many are no longer one thread's"
