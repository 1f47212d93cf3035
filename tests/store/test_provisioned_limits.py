from __future__ import annotations

from cognomen.store import provisioned_limits
from cognomen.store.database import Store


async def test_a_rate_is_what_was_put_last(store: Store) -> None:
    assert await store.read(provisioned_limits.rate_of, "UserFederation") is None
    for rate in (30, 40):
        await store.write(provisioned_limits.put, "UserFederation", rate)
        assert await store.read(provisioned_limits.rate_of, "UserFederation") == rate
    assert (await store.read(provisioned_limits.all_set))["UserFederation"] == 40
