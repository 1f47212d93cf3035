"""User pools, their counters, and how a deleted pool's rows go away."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cognomen.store import app_clients, user_pools, users
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.app_clients import AppClient, ClientSecret
from cognomen.store.database import AlreadyThere, Store
from cognomen.store.user_pool_settings import SchemaAttribute, UserPoolSettings
from cognomen.store.user_pools import SigningKey, UserPool
from cognomen.store.users import Alias
from tests.store.test_users import a_user


def a_pool(pool_id: str) -> UserPool:
    return UserPool(
        id=pool_id,
        name="a pool",
        settings=UserPoolSettings(alias_attributes=("email",)),
        schema=(SchemaAttribute(name="email"),),
        sealed_decoy_key=b"decoy",
        version=1,
        created_at=1,
        modified_at=1,
    )


def a_client(pool_id: str, client_id: str) -> AppClient:
    return AppClient(
        pool_id=pool_id,
        id=client_id,
        name="a client",
        settings=AppClientSettings(callback_urls=("https://example.com",)),
        created_at=1,
        modified_at=1,
        secrets=(ClientSecret("s1", b"one", 1), ClientSecret("s2", b"two", 2)),
    )


async def test_a_pool_comes_back_as_it_was_given(store: Store, pool_id: str) -> None:
    pool, key = a_pool(pool_id), SigningKey(pool_id, "id", "kid", b"sealed", 1, None)
    await store.write(user_pools.add, pool, (key,))
    assert await store.read(user_pools.by_id, pool_id) == pool
    assert await store.read(user_pools.keys_of, pool_id) == [key]
    with pytest.raises(AlreadyThere):
        await store.write(user_pools.add, pool, ())


async def test_of_two_changes_of_one_version_one_is_written(store: Store, pool_id: str) -> None:
    pool = a_pool(pool_id)
    await store.write(user_pools.add, pool, ())
    outcomes = await asyncio.gather(
        *(store.write(user_pools.change, replace(pool, name=name), 2) for name in ("one", "other"))
    )
    assert sorted(outcomes) == [False, True]
    assert await store.read(user_pools.version_of, pool_id) == 2


async def test_every_change_of_a_client_raises_the_version_of_its_pool(store: Store, pool_id: str) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    client = a_client(pool_id, f"client-of-{pool_id}")
    await store.write(app_clients.add, client)
    assert await store.read(app_clients.by_id, pool_id, client.id) == client
    assert await store.read(app_clients.pool_id_of, client.id) == pool_id
    assert await store.write(app_clients.change, replace(client, name="renamed", modified_at=2))
    assert await store.write(app_clients.remove, pool_id, client.id)
    assert await store.read(user_pools.version_of, pool_id) == 4
    assert await store.read(app_clients.by_id, pool_id, client.id) is None
    assert await store.read(app_clients.pool_id_of, client.id) is None
    assert not await store.write(app_clients.change, client)
    assert not await store.write(app_clients.remove, pool_id, client.id)


async def test_a_client_id_belongs_to_one_pool(store: Store, pool_id: str) -> None:
    await store.write(app_clients.add, a_client(pool_id, f"client-{pool_id}"))
    with pytest.raises(AlreadyThere):
        await store.write(app_clients.add, a_client(f"{pool_id}x", f"client-{pool_id}"))


async def test_users_are_counted_by_those_who_come_and_go_together(store: Store, pool_id: str) -> None:
    assert await store.read(user_pools.estimated_users, pool_id) == 0
    subs = [f"{number:x}-sub" for number in range(16)] * 3
    await asyncio.gather(*(store.write(user_pools.count_users, pool_id, sub, 1) for sub in subs))
    await store.write(user_pools.count_users, pool_id, "0-sub", -1)
    assert await store.read(user_pools.estimated_users, pool_id) == 47


async def test_a_deleted_pool_is_gone_at_once_and_its_rows_in_steps(store: Store, pool_id: str) -> None:
    await store.write(user_pools.add, a_pool(pool_id), (SigningKey(pool_id, "id", "kid", b"k", 1, None),))
    await store.write(app_clients.add, a_client(pool_id, f"client-{pool_id}"))
    for number in range(5):
        await store.write(
            users.add, a_user(pool_id, f"user{number}"), [Alias("username", f"user{number}")], []
        )
    assert await store.write(user_pools.remove, pool_id, 1)
    assert not await store.write(user_pools.remove, pool_id, 1)
    assert await store.read(user_pools.by_id, pool_id) is None
    assert pool_id in await store.read(user_pools.all_deleted, 1, 100)
    assert pool_id not in await store.read(user_pools.all_deleted, 0, 100)
    steps = 1
    while not await store.write(user_pools.sweep_deleted, pool_id, 2):
        steps += 1
    assert steps == 3
    assert await store.read(users.all_of_pool, pool_id, "", 60) == []
    assert await store.read(app_clients.by_id, pool_id, f"client-{pool_id}") is None
    assert await store.read(app_clients.pool_id_of, f"client-{pool_id}") is None
    assert pool_id not in await store.read(user_pools.all_deleted, 1, 100)
