from __future__ import annotations

from dataclasses import replace

from cognomen.store import threat_protection
from cognomen.store.database import Store
from cognomen.store.threat_protection import RiskConfiguration


async def test_a_configuration_is_that_of_the_client_or_else_of_all(store: Store, pool_id: str) -> None:
    of_all = RiskConfiguration(pool_id, "ALL", {"RiskExceptionConfiguration": {}}, 1)
    of_client = replace(of_all, client_id="a client", modified_at=2)
    assert await store.read(threat_protection.of_client, pool_id, "a client") is None
    await store.write(threat_protection.put, of_client)
    assert await store.read(threat_protection.of_client, pool_id, "ALL") is None
    await store.write(threat_protection.put, of_all)
    assert await store.read(threat_protection.of_client, pool_id, "a client") == of_client
    assert await store.read(threat_protection.of_client, pool_id, "ALL") == of_all
    changed = replace(of_client, parts={}, modified_at=3)
    await store.write(threat_protection.put, changed)
    assert await store.read(threat_protection.of_client, pool_id, "a client") == changed
    await store.write(threat_protection.remove, pool_id, "a client")
    assert await store.read(threat_protection.of_client, pool_id, "a client") == of_all
    assert await store.read(threat_protection.of_client, f"{pool_id}x", "a client") is None
