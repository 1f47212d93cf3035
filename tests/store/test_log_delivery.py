from __future__ import annotations

from cognomen.store import log_delivery
from cognomen.store.database import Store


async def test_the_configurations_of_a_pool_are_replaced_and_end(store: Store, pool_id: str) -> None:
    assert await store.read(log_delivery.of_pool, pool_id) == []
    for configurations in ([{"LogLevel": "INFO"}], [{"LogLevel": "ERROR"}, {}], []):
        await store.write(log_delivery.put, pool_id, configurations)
        assert await store.read(log_delivery.of_pool, pool_id) == configurations
    assert await store.read(log_delivery.of_pool, f"{pool_id}x") == []
