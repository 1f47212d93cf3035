"""The seam between the databases: transactions, what their failures are called, and what they promise."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from cognomen.store import migrations, postgresql, spent
from cognomen.store.database import AlreadyThere, Db, Stale, Store, Unavailable
from cognomen.store.opening import open_store
from cognomen.store.spent import spent as things

FAR = 10**15

_ADD = insert(things)
_EXPIRY = select(things.c.expires_at).where(things.c.pool_id == bindparam("pool_id"))
_RAISE = (
    update(things)
    .where(things.c.pool_id == bindparam("of_pool"))
    .where(things.c.expires_at == bindparam("known"))
    .values(expires_at=bindparam("to"))
)


def add(db: Db, pool_id: str, id: str = "one") -> None:
    db.run(_ADD, pool_id=pool_id, kind="test", id=id, expires_at=1)


def expiries(db: Db, pool_id: str) -> list[int]:
    return [row[0] for row in db.all(_EXPIRY, pool_id=pool_id)]


async def test_what_was_written_is_read(store: Store, pool_id: str) -> None:
    await store.write(add, pool_id)
    assert await store.read(expiries, pool_id) == [1]


async def test_a_value_is_that_of_the_first_row_and_none_without_a_row(store: Store, pool_id: str) -> None:
    await store.write(add, pool_id)
    assert await store.read(lambda db: db.value(_EXPIRY, pool_id=pool_id)) == 1
    assert await store.read(lambda db: db.value(_EXPIRY, pool_id="another")) is None


async def test_a_key_that_is_there_is_told_and_the_transaction_leaves_nothing(
    store: Store, pool_id: str
) -> None:
    await store.write(add, pool_id, "taken")

    def two(db: Db) -> None:
        add(db, pool_id, "new")
        add(db, pool_id, "taken")

    with pytest.raises(AlreadyThere):
        await store.write(two)
    assert await store.read(expiries, pool_id) == [1]


async def test_an_exception_of_ours_undoes_its_transaction_and_no_other(store: Store, pool_id: str) -> None:
    def fails(db: Db) -> None:
        add(db, pool_id, "lost")
        raise LookupError("ours")

    outcomes = await asyncio.gather(
        store.write(add, pool_id, "a"),
        store.write(fails),
        store.write(add, pool_id, "b"),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), LookupError, type(None)]
    assert await store.read(expiries, pool_id) == [1, 1]


async def test_writes_that_meet_on_one_row_all_count(store: Store, database_url: str, pool_id: str) -> None:
    """Each reads, adds one and writes where nothing has changed; PostgreSQL runs those again that were overtaken."""
    await store.write(add, pool_id)
    other = open_store(database_url)

    def one_more(db: Db) -> None:
        (known,) = expiries(db, pool_id)
        if not db.run(_RAISE, of_pool=pool_id, known=known, to=known + 1):
            raise Stale

    try:
        for _ in range(3):
            await asyncio.gather(*(each.write(one_more) for each in (store, other) * 32))
    finally:
        other.close()
    assert await store.read(expiries, pool_id) == [1 + 3 * 64]


@pytest.mark.parametrize(
    ("attempt", "share", "seconds"),
    [(0, 0, 0), (0, 1, 0.002), (1, 1, 0.004), (3, 0.5, 0.008), (6, 1, 0.1), (9, 1, 0.1)],
)
def test_the_pause_before_another_attempt_grows_to_a_tenth_of_a_second(
    attempt: int, share: float, seconds: float
) -> None:
    assert postgresql.pause(attempt, share) == seconds


async def test_of_many_who_spend_one_thing_one_succeeds(
    store: Store, database_url: str, pool_id: str
) -> None:
    other = open_store(database_url)
    try:
        for _ in range(20):
            id = uuid.uuid4().hex
            won = await asyncio.gather(
                *(each.write(spent.spend, pool_id, "turn", id, FAR) for each in (store, other) * 4)
            )
            assert won.count(True) == 1
    finally:
        other.close()


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    missing = open_store(f"postgresql://nobody@/none?host={tmp_path}", connections=1)
    with pytest.raises(Unavailable):
        await missing.read(expiries, "any")
    missing.close()


async def test_a_full_disk_is_told_and_heals(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/small.db"
    migrations.upgrade(url)
    store = open_store(url)

    def fill(db: Db) -> None:
        db._execute("PRAGMA max_page_count=1", {})
        for number in range(1000):
            add(db, "pool", f"{number}{'x' * 500}")

    with pytest.raises(Unavailable):
        await store.write(fill)
    await store.write(add, "pool")
    assert await store.read(expiries, "pool") == [1]
    store.close()


async def test_an_unknown_scheme_says_what_is_known() -> None:
    with pytest.raises(ValueError, match="sqlite:/// or postgresql://"):
        open_store("mysql://somewhere")
