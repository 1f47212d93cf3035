from __future__ import annotations

import asyncio

from cognomen.store import refresh_tokens
from cognomen.store.database import Store
from cognomen.store.opening import open_store
from cognomen.store.refresh_tokens import Rotation
from tests.meeting import overtaken

FAR = 10**15


async def rotate(store: Store, pool_id: str, generation: int, retry_until: int = 50) -> Rotation | None:
    return await store.write(
        refresh_tokens.rotate,
        pool_id,
        "origin",
        generation=generation,
        retry_until=retry_until,
        expires_at=FAR,
    )


async def test_each_generation_follows_the_one_before(store: Store, pool_id: str) -> None:
    assert await store.read(refresh_tokens.rotation_of, pool_id, "origin") is None
    assert await rotate(store, pool_id, 0) is None
    assert await rotate(store, pool_id, 1, 70) is None
    assert await store.read(refresh_tokens.rotation_of, pool_id, "origin") == Rotation(2, 70)
    assert await rotate(store, pool_id, 1, 90) == Rotation(2, 70), "nothing is written for who comes late"
    assert await rotate(store, pool_id, 0, 90) == Rotation(2, 70)
    assert await rotate(store, f"{pool_id}x", 0) is None


async def test_a_token_that_is_newer_than_its_row_counts(store: Store, pool_id: str) -> None:
    """After a database was put back to an earlier state, clients have tokens that it knows nothing of."""
    await rotate(store, pool_id, 1)
    assert await rotate(store, pool_id, 5) is None
    assert await store.read(refresh_tokens.rotation_of, pool_id, "origin") == Rotation(6, 50)


async def test_of_those_who_come_together_one_is_first(store: Store, database_url: str, pool_id: str) -> None:
    other = open_store(database_url)
    try:
        for generation in range(6):
            found = await asyncio.gather(*(rotate(each, pool_id, generation) for each in (store, other) * 4))
            assert found.count(None) == 1
            assert set(found) == {None, Rotation(generation + 1, 50)}
    finally:
        other.close()


async def test_the_first_rotation_is_overtaken_by_another(
    store: Store, database_url: str, pool_id: str
) -> None:
    other = open_store(database_url)
    try:
        behind = await overtaken(
            store,
            lambda db: refresh_tokens.rotate(
                db, pool_id, "origin", generation=0, retry_until=50, expires_at=FAR
            ),
            rotate(other, pool_id, 0, 60),
        )
    finally:
        other.close()
    assert behind == Rotation(1, 50)
