"""Sign-ins that lie in rows, until they expire."""

from __future__ import annotations

from cognomen.store import attempts
from cognomen.store.database import Store


async def test_what_lies_under_an_id_is_what_was_put_there_last(store: Store, pool_id: str) -> None:
    await store.write(attempts.put, pool_id, "id", b"first", 10)
    await store.write(attempts.put, pool_id, "another", b"another", 10)
    await store.write(attempts.put, pool_id, "id", b"second", 11)
    assert await store.read(attempts.by_id, pool_id, "id") == b"second"
    assert await store.read(attempts.by_id, f"{pool_id}x", "id") is None
    assert not await store.write(attempts.add, pool_id, "id", b"third", 12)
    assert await store.read(attempts.by_id, pool_id, "id") == b"second"
    assert await store.write(attempts.add, pool_id, "new", b"new", 10)
    assert await store.read(attempts.by_id, pool_id, "new") == b"new"
    while await store.write(attempts.sweep, 11, 10):
        pass
    assert await store.read(attempts.by_id, pool_id, "another") is None
    assert await store.read(attempts.by_id, pool_id, "id") == b"second"
