"""The writes that SQLite commits together: who is told what when one of them fails, whom they wait for, and what reads see."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvloop

from cognomen.store import migrations, sqlite
from cognomen.store.database import Db, Unavailable
from cognomen.store.spent import _SPEND, spend, was_spent
from cognomen.store.sqlite import STATEMENTS, SqliteStore, connect


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqliteStore]:
    url = f"sqlite:///{tmp_path}/cognomen.db"
    migrations.upgrade(url)
    opened = SqliteStore(url)
    yield opened
    opened.close()


async def in_one_group(store: SqliteStore, *works: Callable[[Db], object]) -> list[object]:
    """The outcomes of writes that are committed together, since all are asked for before the first is run."""
    outcomes: list[object] = await asyncio.gather(*map(store.write, works), return_exceptions=True)
    assert store.counts.commits <= 1
    return outcomes


def ours(id: str) -> Callable[[Db], bool]:
    return lambda db: spend(db, "pool", "test", id, 1)


async def are_there(store: SqliteStore) -> list[bool]:
    return [await store.read(was_spent, "pool", "test", id) for id in ("before", "odd", "behind")]


class NotAnException(BaseException):
    """What `except Exception` does not see."""


def raises_it(_db: Db) -> None:
    raise NotAnException


def raises_stop_iteration(_db: Db) -> None:
    next(iter(()))


def fills_the_disk(db: Db) -> None:
    db._execute("PRAGMA max_page_count=1", {})
    for number in range(1000):
        spend(db, "pool", "test", f"{number}{'x' * 500}", 1)


def ends_the_transaction(db: Db) -> None:
    db._execute("COMMIT", {})


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        (lambda db: db.run(_SPEND, pool_id="pool"), sqlite3.ProgrammingError),
        (lambda db: db._execute("SELECT :value", {"value": object()}), sqlite3.Error),
        (lambda db: db._execute("SELECT :value", {"value": 2**63}), OverflowError),
        (lambda db: db._execute("SELECT zeroblob(2000000000)", {}).fetchone(), sqlite3.DataError),
        (lambda db: db._execute("SELECT nothing FROM nowhere", {}), sqlite3.OperationalError),
        (raises_it, NotAnException),
        (raises_stop_iteration, RuntimeError),
    ],
    ids=[
        "no value",
        "no kind of value",
        "too large",
        "too long",
        "no table",
        "not even an exception",
        "stop",
    ],
)
async def test_a_write_with_a_defect_fails_alone(
    sqlite_store: SqliteStore, defect: Callable[[Db], object], told: type[BaseException]
) -> None:
    def spends_and_fails(db: Db) -> None:
        spend(db, "pool", "test", "odd", 1)
        defect(db)

    before, odd, behind = await in_one_group(sqlite_store, ours("before"), spends_and_fails, ours("behind"))
    assert (before, behind) == (True, True)
    assert isinstance(odd, told)
    assert not isinstance(odd, Unavailable)
    assert await are_there(sqlite_store) == [True, False, True]


@pytest.mark.parametrize("failure", [fills_the_disk, ends_the_transaction])
async def test_where_the_database_fails_all_are_told_and_the_next_write_succeeds(
    sqlite_store: SqliteStore, failure: Callable[[Db], object]
) -> None:
    outcomes = await in_one_group(sqlite_store, ours("before"), failure, ours("behind"))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert await sqlite_store.write(ours("behind"))


async def test_whatever_the_writer_meets_nobody_waits_for_ever(tmp_path: Path) -> None:
    """No file has such a name, which the driver says with an exception that is none of the database's."""
    store = SqliteStore(f"sqlite:///{tmp_path}/cogno\0men.db")
    async with asyncio.timeout(20):
        for _ in range(2):
            with pytest.raises(Unavailable, match="null"):
                await store.write(ours("one"))
    store.close()


@pytest.fixture
def other_process(sqlite_store: SqliteStore) -> Iterator[sqlite3.Connection]:
    """What another process that uses the same file does."""
    connection = sqlite3.connect(sqlite_store.url.removeprefix("sqlite:///"), isolation_level=None)
    yield connection
    connection.close()


async def test_a_write_that_waits_for_another_process_holds_nobody_up(
    sqlite_store: SqliteStore, other_process: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()
    wait = sqlite._begin_in_time

    def begin_in_time(connection: sqlite3.Connection) -> None:
        began.set()
        wait(connection)

    monkeypatch.setattr(sqlite, "_begin_in_time", begin_in_time)
    await sqlite_store.write(ours("before"))
    other_process.execute("BEGIN IMMEDIATE")
    write = asyncio.ensure_future(sqlite_store.write(ours("odd")))
    await asyncio.to_thread(began.wait, 30)
    assert await are_there(sqlite_store) == [True, False, False]
    assert not write.done()
    other_process.execute("COMMIT")
    assert await write


async def test_a_write_that_is_given_up_before_its_turn_is_not_run(
    sqlite_store: SqliteStore, other_process: sqlite3.Connection
) -> None:
    await sqlite_store.write(ours("before"))
    other_process.execute("BEGIN IMMEDIATE")
    ahead = asyncio.ensure_future(sqlite_store.write(ours("odd")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    given_up = asyncio.ensure_future(sqlite_store.write(ours("behind")))
    await asyncio.sleep(0)
    given_up.cancel()
    other_process.execute("COMMIT")
    await ahead
    await sqlite_store.write(lambda _: None)
    assert await are_there(sqlite_store) == [True, True, False]


async def test_writes_of_several_event_loops_take_turns(sqlite_store: SqliteStore) -> None:
    async def some(name: str) -> list[bool]:
        return await asyncio.gather(*(sqlite_store.write(ours(f"{name}{number}")) for number in range(50)))

    outcomes = await asyncio.gather(
        some("a"), *(asyncio.to_thread(asyncio.run, some(name)) for name in "bcd")
    )
    assert outcomes == [[True] * 50] * 4


async def test_a_loop_that_ends_in_the_middle_of_a_write_leaves_a_store_that_works(
    sqlite_store: SqliteStore, other_process: sqlite3.Connection
) -> None:
    async def give_up() -> None:
        write = asyncio.ensure_future(sqlite_store.write(ours("odd")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        write.cancel()

    await sqlite_store.write(ours("before"))
    other_process.execute("BEGIN IMMEDIATE")
    await asyncio.to_thread(asyncio.run, give_up())
    other_process.execute("COMMIT")
    assert await sqlite_store.write(ours("behind"))
    assert await are_there(sqlite_store) == [True, False, True]


async def test_reads_of_one_turn_agree_and_the_next_turn_sees_what_another_process_committed(
    sqlite_store: SqliteStore,
) -> None:
    async def is_there() -> bool:
        return await sqlite_store.read(was_spent, "pool", "test", "new")

    with closing(connect(sqlite_store.url.removeprefix("sqlite:///"))) as others:
        assert not await is_there()
        spend(Db(STATEMENTS, others.execute), "pool", "test", "new", 1)
        assert not await is_there()
        await asyncio.sleep(0)
        assert await is_there()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_whoever_is_told_of_a_write_reads_it_although_every_turn_begins_with_a_read_of_somebody_else(
    sqlite_store: SqliteStore, run: Callable[[Coroutine[Any, Any, None]], None]
) -> None:
    async def read_always() -> None:
        while True:
            await sqlite_store.read(was_spent, "pool", "test", "never")
            await asyncio.sleep(0)

    async def write_and_read() -> None:
        others = asyncio.ensure_future(read_always())
        for number in range(100):
            await sqlite_store.write(ours(str(number)))
            assert await sqlite_store.read(was_spent, "pool", "test", str(number))
        others.cancel()

    run(write_and_read())


async def test_a_turn_whose_transaction_is_lost_harms_no_later_one(sqlite_store: SqliteStore) -> None:
    lost: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: lost.append(about["exception"]))
    await sqlite_store.read(lambda db: db._execute("ROLLBACK", {}))
    await asyncio.sleep(0)
    assert [type(each) for each in lost] == [sqlite3.OperationalError]
    assert not await sqlite_store.read(was_spent, "pool", "test", "never")


async def test_a_write_that_is_given_up_while_it_waits_for_another_process_is_not_run(
    sqlite_store: SqliteStore, other_process: sqlite3.Connection
) -> None:
    await sqlite_store.write(ours("before"))
    other_process.execute("BEGIN IMMEDIATE")
    given_up = asyncio.ensure_future(sqlite_store.write(ours("odd")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    given_up.cancel()
    other_process.execute("COMMIT")
    assert await sqlite_store.write(ours("behind"))
    assert await are_there(sqlite_store) == [True, False, True]


async def test_after_the_end_whoever_still_writes_is_told_at_once(sqlite_store: SqliteStore) -> None:
    await sqlite_store.write(ours("before"))
    under_way = asyncio.ensure_future(sqlite_store.write(ours("odd")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    behind = asyncio.ensure_future(sqlite_store.write(ours("behind")))
    await asyncio.sleep(0)
    sqlite_store.close()
    async with asyncio.timeout(10):
        assert await under_way
        for late in (behind, sqlite_store.write(ours("late"))):
            with pytest.raises(Unavailable, match="closed"):
                await late


async def test_a_read_writes_nothing(sqlite_store: SqliteStore) -> None:
    with pytest.raises(Unavailable, match="readonly"):
        await sqlite_store.read(ours("odd"))
