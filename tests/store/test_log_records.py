"""Records on their way to a sink: claimed by one, put off, removed."""

from __future__ import annotations

import asyncio

from cognomen.store import log_records
from cognomen.store.database import Store
from cognomen.store.log_records import LogRecord
from cognomen.store.opening import open_store

FAR = 2**60


def a_record(pool_id: str, id: str = "1", due_at: int = 0) -> LogRecord:
    return LogRecord(pool_id, id, "arn", "{}", due_at)


async def due(store: Store, pool_id: str, now: int) -> list[LogRecord]:
    found = await store.read(log_records.all_due, now, 1_000_000)
    return [record for record in found if record.pool_id == pool_id]


async def test_a_record_is_due_until_it_is_removed(store: Store, pool_id: str) -> None:
    await store.write(log_records.queue, a_record(pool_id, due_at=10))
    assert await due(store, pool_id, 9) == []
    (record,) = await due(store, pool_id, 10)
    assert record == a_record(pool_id, due_at=10)
    (claimed,) = await store.write(log_records.claim, [record], 50)
    assert await due(store, pool_id, 49) == []
    await store.write(log_records.postpone, [claimed], 20)
    (again,) = await due(store, pool_id, 20)
    assert again.attempts == 1
    assert await store.read(log_records.count_waiting, 5) > 0
    await store.write(log_records.remove, [again])
    assert await due(store, pool_id, FAR) == []


async def test_one_who_was_too_late_changes_nothing(store: Store, pool_id: str) -> None:
    await store.write(log_records.queue, a_record(pool_id))
    (seen,) = await due(store, pool_id, 0)
    (first,) = await store.write(log_records.claim, [seen], 50)
    assert await store.write(log_records.claim, [seen], 60) == []
    (second,) = await store.write(log_records.claim, [first], 100)
    await store.write(log_records.postpone, [first], 1)
    assert await due(store, pool_id, 99) == []
    await store.write(log_records.remove, [second])


async def test_of_many_who_race_for_a_record_one_has_it(
    store: Store, database_url: str, pool_id: str
) -> None:
    await store.write(log_records.queue, a_record(pool_id))
    seen = await due(store, pool_id, 0)
    other = open_store(database_url)
    try:
        stores = [store, other] * 4
        claims = await asyncio.gather(*(each.write(log_records.claim, seen, 50) for each in stores))
    finally:
        other.close()
    assert sorted(map(len, claims)) == [0] * 7 + [1]
