"""Replicas as rows: what a page of a region holds, and what of a deleted one is seen and swept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from cognomen.store import replicas, user_pools
from cognomen.store.database import Db, Store
from cognomen.store.replicas import Replica
from cognomen.store.user_pool_settings import EmailConfiguration, RegionalSettings
from tests.store.test_user_pools import a_pool

NOW = 1_000_000


def a_replica(pool_id: str, region: str) -> Replica:
    settings = RegionalSettings(
        lambda_config={"PreSignUp": "arn"},
        email_configuration=EmailConfiguration(from_="a@example.com"),
        user_pool_tags={"a": "b"},
        log_configurations=[{"LogLevel": "ERROR"}],
        notification_senders={"ALL": {"From": "b@example.com"}},
    )
    return Replica(pool_id, region, is_active=True, settings=settings, created_at=NOW)


async def test_a_replica_comes_back_as_it_was_given_and_raises_the_pools_version(
    store: Store, pool_id: str
) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    before = await store.read(user_pools.version_of, pool_id)
    replica = a_replica(pool_id, f"region-{pool_id[-9:]}")
    await store.write(replicas.add, replica)
    assert await store.read(replicas.of_region, pool_id, replica.region, NOW) == replica
    assert await store.read(replicas.all_of_pool, pool_id, NOW) == [replica]
    changed = replace(replica, is_active=False, settings=RegionalSettings())
    await store.write(replicas.change, changed)
    assert await store.read(replicas.of_region, pool_id, replica.region, NOW) == changed
    assert before is not None
    assert await store.read(user_pools.version_of, pool_id) == before + 2


async def test_what_a_later_release_has_added_to_a_replica_outlives_a_change(
    store: Store, pool_id: str
) -> None:
    replica = a_replica(pool_id, "eu-west-1")
    await store.write(replicas.add, replica)

    def settings(db: Db) -> Any:
        row = db.one(replicas._SETTINGS, pool_id=pool_id, region=replica.region) or ()
        return msgspec.json.decode(row[0])

    later = await store.read(settings) | {"Later": {"a": [1]}}
    later["EmailConfiguration"]["AlsoLater"] = True

    def written_by_later(db: Db) -> None:
        of_one = {"of_pool": pool_id, "of_region": replica.region, "new_gone_at": None, "new_is_active": 1}
        db.run(replicas._CHANGE, **of_one, new_settings=msgspec.json.encode(later).decode())

    await store.write(written_by_later)
    changed = msgspec.structs.replace(replica.settings, user_pool_tags={"c": "d"})
    await store.write(replicas.change, replace(replica, settings=changed))
    assert await store.read(settings) == later | {"UserPoolTags": {"c": "d"}}


async def test_a_replica_that_is_gone_is_not_seen_and_is_swept(store: Store, pool_id: str) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    region = f"region-{pool_id[-9:]}"
    await store.write(replicas.add, replace(a_replica(pool_id, region), gone_at=NOW + 1))
    assert await store.read(replicas.of_region, pool_id, region, NOW) is not None
    assert await store.read(replicas.of_region, pool_id, region, NOW + 1) is None
    assert await store.read(replicas.all_of_pools, [pool_id], NOW + 1) == []
    assert await store.read(replicas.pools_in_region, region, "", 10, NOW + 1) == []
    assert await store.write(replicas.sweep, NOW + 2, 10) >= 1
    assert await store.read(replicas.of_region, pool_id, region, NOW) is None


async def test_a_page_of_a_region_passes_over_what_is_gone_and_is_full_all_the_same(
    store: Store, pool_id: str
) -> None:
    region = f"region-{pool_id[-9:]}"
    ids = [f"{pool_id}{number}" for number in range(5)]
    for number, each in enumerate(ids):
        await store.write(user_pools.add, a_pool(each), ())
        gone_at = NOW if number in (0, 1, 3) else None
        await store.write(replicas.add, replace(a_replica(each, region), gone_at=gone_at))
    page = await store.read(replicas.pools_in_region, region, "", 2, NOW)
    assert [pool.id for pool in page] == [ids[2], ids[4]]
    assert page[0].settings.lambda_config == {"PreSignUp": "arn"}
    rest = await store.read(replicas.pools_in_region, region, ids[2], 2, NOW)
    assert [pool.id for pool in rest] == [ids[4]]


async def test_a_page_of_pools_at_home_begins_and_ends_with_the_region(store: Store, pool_id: str) -> None:
    region = f"r{pool_id[-9:]}"
    ids = [f"{region}_a", f"{region}_b", f"{region}-2_a", f"{region}x_a"]
    for each in ids:
        await store.write(user_pools.add, a_pool(each), ())
    found = await store.read(user_pools.all_in_region, region, "", 10)
    assert [pool.id for pool in found] == ids[:2]
    found = await store.read(user_pools.all_in_region, region, ids[0], 10)
    assert [pool.id for pool in found] == ids[1:2]


async def test_replicas_are_those_of_the_pools_asked_about_and_no_others(store: Store, pool_id: str) -> None:
    ids = [f"{pool_id}{number}" for number in range(3)]
    for each in ids:
        await store.write(user_pools.add, a_pool(each), ())
        await store.write(replicas.add, a_replica(each, "us-west-2"))
    found = await store.read(replicas.all_of_pools, [ids[0], ids[2]], NOW)
    assert {replica.pool_id for replica in found} == {ids[0], ids[2]}
    assert await store.read(replicas.all_of_pools, [], NOW) == []
    unknown = [f"{pool_id}-{number}" for number in range(replicas.POOLS_MAX)]
    assert await store.read(replicas.all_of_pools, unknown, NOW) == []
