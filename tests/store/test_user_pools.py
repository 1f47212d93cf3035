"""User pools, their counters, and how a deleted pool's rows go away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from cognomen.store import app_clients, failures, spent, user_pools, users
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.app_clients import AppClient, ClientSecret
from cognomen.store.database import AlreadyThere, Cursor, Db, Stale, Store
from cognomen.store.opening import open_store
from cognomen.store.user_pool_settings import SchemaAttribute, UserPoolSettings
from cognomen.store.user_pools import SigningKey, UserPool
from cognomen.store.users import Alias
from tests.meeting import overtaken
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


async def test_what_a_later_release_has_added_outlives_a_change_by_this_one(
    store: Store, pool_id: str
) -> None:
    """As in a rolling upgrade: nodes of two releases write the same pool and client."""
    pool, client = a_pool(pool_id), a_client(pool_id, f"client-of-{pool_id[-9:]}")
    await store.write(user_pools.add, pool, ())
    await store.write(app_clients.add, client)

    def documents(db: Db) -> list[Any]:
        of_pool = db.one(user_pools._DOCUMENTS, pool_id=pool_id) or ()
        of_client = db.one(app_clients._SETTINGS, pool_id=pool_id, client_id=client.id) or ()
        return [msgspec.json.decode(text) for text in (*of_pool, *of_client)]

    settings, schema, of_client = await store.read(documents)
    settings |= {"FromLater": {"a": [1]}}
    settings["Policies"]["PasswordPolicy"]["AlsoLater"] = True
    schema[0]["LaterConstraint"] = 7
    of_client["ForLater"] = "x"

    def written_by_later(db: Db) -> None:
        text = [msgspec.json.encode(each).decode() for each in (settings, schema, of_client)]
        version = user_pools.version_of(db, pool_id)
        changed = {"id": pool_id, "known_version": version, "new_name": "a pool", "now": 2}
        db.run(user_pools._CHANGE, **changed, new_settings=text[0], new_schema=text[1])
        of_one = {"of_pool": pool_id, "id": client.id, "new_name": "a client", "now": 2}
        db.run(app_clients._CHANGE, **of_one, new_settings=text[2])

    await store.write(written_by_later)
    now_there = await store.read(user_pools.by_id, pool_id)
    assert now_there is not None
    tagged = msgspec.structs.replace(now_there.settings, lambda_config={"PreSignUp": "arn"})
    longer = (*now_there.schema, SchemaAttribute(name="custom:team"))
    assert await store.write(user_pools.change, replace(now_there, settings=tagged, schema=longer), 3)
    changed = replace(client, settings=msgspec.structs.replace(client.settings, access_token_validity=2))
    assert await store.write(app_clients.change, changed)
    after, after_schema, after_client = await store.read(documents)
    assert after == settings | {"LambdaConfig": {"PreSignUp": "arn"}}
    assert after_schema[0] == schema[0]
    assert [each["Name"] for each in after_schema] == ["email", "custom:team"]
    assert after_client == of_client | {"AccessTokenValidity": 2}
    without = await store.read(user_pools.by_id, pool_id)
    assert without is not None
    emptied = replace(without, settings=msgspec.structs.replace(without.settings, lambda_config={}))
    assert await store.write(user_pools.change, emptied, 4)
    (after, *_) = await store.read(documents)
    assert after["LambdaConfig"] == {}, "what is known is not brought back"


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


async def test_a_change_of_a_client_holds_its_pool_before_it_writes_anything(
    store: Store, pool_id: str
) -> None:
    """All in one order, so that no two changes wait for one another; and each is one change of the pool."""
    client = a_client(pool_id, f"client-of-{pool_id}")
    await store.write(user_pools.add, a_pool(pool_id), ())

    def written(db: Db, change: Callable[[Db], object]) -> list[str]:
        seen: list[str] = []

        def execute(sql: str, values: dict[str, Any]) -> Cursor:
            seen.append(" ".join(sql.split()[:3]))
            return db._execute(sql, values)

        change(Db(db._statements, execute))
        return seen

    for change in (
        lambda db: app_clients.add(db, client),
        lambda db: app_clients.change(db, client),
        lambda db: app_clients.remove_secret(db, client, "s1"),
        lambda db: app_clients.add_secret(db, client, client.secrets[0]),
        lambda db: app_clients.remove(db, pool_id, client.id),
    ):
        first, *others = await store.write(written, change)
        assert first == "UPDATE user_pools SET"
        assert others
        assert first not in others


async def test_a_locked_pool_waits_for_whoever_changes_it(
    store: Store, database_url: str, pool_id: str
) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    other = open_store(database_url)
    try:
        locked = await overtaken(
            store, lambda db: user_pools.touch(db, pool_id), other.write(user_pools.by_id_locked, pool_id)
        )
    finally:
        other.close()
    assert locked == replace(a_pool(pool_id), version=2)
    assert await store.write(user_pools.by_id_locked, f"{pool_id}x") is None


async def test_a_client_id_belongs_to_one_pool_as_long_as_that_is_there(store: Store, pool_id: str) -> None:
    first, second = a_pool(pool_id), a_pool(f"{pool_id}x")
    for pool in (first, second):
        await store.write(user_pools.add, pool, ())
    await store.write(app_clients.add, a_client(first.id, f"client-{pool_id}"))
    with pytest.raises(AlreadyThere):
        await store.write(app_clients.add, a_client(second.id, f"client-{pool_id}"))
    assert await store.write(user_pools.remove, replace(first, version=2), 5)
    await store.write(app_clients.add, a_client(second.id, f"client-{pool_id}"))
    assert await store.read(app_clients.pool_id_of, f"client-{pool_id}") == second.id
    assert await store.read(app_clients.all_of_pool, first.id, "", 10) == []


async def test_a_pool_made_again_under_its_id_has_nothing_of_the_one_before(
    store: Store, pool_id: str
) -> None:
    """Though the rows of a deleted pool stay until they are swept."""
    first = a_pool(pool_id)
    await store.write(user_pools.add, first, (SigningKey(pool_id, "id", "old", b"sealed", 1, None),))
    await store.write(users.add, a_user(pool_id, sub="sub"), [Alias("username", "ada")], [])
    assert await store.write(user_pools.remove, first, 5)
    await store.write(user_pools.add, first, ())
    assert await store.read(user_pools.keys_of, pool_id) == []
    assert await store.read(users.by_sub, pool_id, "sub") is None
    await store.write(users.add, a_user(pool_id, sub="new"), [Alias("username", "ada")], [])
    assert await store.write(user_pools.sweep_deleted, pool_id, 10), "a sweep that had begun before"
    assert await store.read(users.by_sub, pool_id, "new") is not None


async def test_a_pool_made_again_waits_for_a_sweep_that_is_under_way(
    store: Store, database_url: str, pool_id: str
) -> None:
    pool = a_pool(pool_id)
    await store.write(user_pools.add, pool, ())
    assert await store.write(user_pools.remove, pool, 5)
    other = open_store(database_url)
    try:
        key = SigningKey(pool_id, "id", "new", b"sealed", 1, None)
        await overtaken(
            store,
            lambda db: user_pools.sweep_deleted(db, pool_id, 10),
            other.write(user_pools.add, pool, (key,)),
        )
        assert await store.read(user_pools.keys_of, pool_id) == [key]
    finally:
        other.close()


def test_first_versions_differ() -> None:
    assert len({user_pools.first_version() for _ in range(100)}) == 100


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
    pool = await store.read(user_pools.by_id, pool_id)
    assert pool is not None
    assert await store.write(user_pools.remove, pool, 1)
    assert not await store.write(user_pools.remove, pool, 1)
    assert await store.read(user_pools.by_id, pool_id) is None
    assert pool_id in await store.read(user_pools.all_deleted, 1, 100)
    assert pool_id not in await store.read(user_pools.all_deleted, 0, 100)
    steps = 1
    while not await store.write(user_pools.sweep_deleted, pool_id, 2):
        steps += 1
    assert steps > 5 + 5 // 2, "never more rows at once, however many tables they are of"
    assert await store.read(users.all_of_pool, pool_id, "", 60) == []
    assert await store.read(app_clients.by_id, pool_id, f"client-{pool_id}") is None
    assert await store.read(app_clients.pool_id_of, f"client-{pool_id}") is None
    assert pool_id not in await store.read(user_pools.all_deleted, 1, 100)


async def test_a_pool_that_is_changed_while_it_is_deleted_is_looked_at_again(
    store: Store, database_url: str, pool_id: str
) -> None:
    """Its owner may just have protected it."""
    pool = a_pool(pool_id)
    await store.write(user_pools.add, pool, ())
    other = open_store(database_url)

    def protect(db: Db) -> None:
        protected = msgspec.structs.replace(pool.settings, deletion_protection="ACTIVE")
        assert user_pools.change(db, replace(pool, settings=protected), 2)

    def remove_unless_protected(db: Db) -> bool:
        found = user_pools.by_id(db, pool_id)
        assert found is not None
        if found.settings.deletion_protection == "ACTIVE":
            return False
        if not user_pools.remove(db, found, 3):
            raise Stale
        return True

    try:
        assert not await overtaken(store, protect, other.write(remove_unless_protected))
    finally:
        other.close()
    assert await store.read(user_pools.version_of, pool_id) == 2
    assert pool_id not in await store.read(user_pools.all_deleted, 3, 1000)


async def a_deleted_pool(store: Store, pool_id: str, rows: int) -> None:
    pool = a_pool(pool_id)
    await store.write(user_pools.add, pool, ())
    await store.write(user_pools.remove, pool, 1)

    def fill(db: Db) -> None:
        for number in range(rows):
            spent.spend(db, pool_id, "turn", str(number), 1)

    await store.write(fill)


async def test_a_node_that_finds_another_sweeping_a_pool_does_not_take_it_for_done(
    store: Store, database_url: str, pool_id: str
) -> None:
    await a_deleted_pool(store, pool_id, 500)
    other = open_store(database_url)

    def sweep(db: Db) -> bool:
        return user_pools.sweep_deleted(db, pool_id, 200)

    try:
        assert not await overtaken(store, sweep, other.write(sweep))
        assert pool_id in await store.read(user_pools.all_deleted, 1, 1000)
    finally:
        other.close()


async def test_a_sweep_removes_so_many_rows_over_all_tables(store: Store, pool_id: str) -> None:
    await a_deleted_pool(store, pool_id, 3)
    for number in range(3):
        await store.write(failures.add, pool_id, "password", str(number), 1, 2)

    def rows(db: Db) -> int:
        left = sum(spent.was_spent(db, pool_id, "turn", str(number)) for number in range(3))
        return left + sum(
            failures.by_id(db, pool_id, "password", str(number)) is not None for number in range(3)
        )

    left = []
    for _ in range(3):
        assert not await store.write(user_pools.sweep_deleted, pool_id, 2), "there may be more"
        left.append(await store.read(rows))
    assert left == [4, 2, 0]
    assert await store.write(user_pools.sweep_deleted, pool_id, 2)


async def test_nodes_that_sweep_one_pool_together_leave_nothing(
    store: Store, database_url: str, pool_id: str
) -> None:
    await a_deleted_pool(store, pool_id, 500)
    other = open_store(database_url)

    async def sweep(node: Store) -> None:
        while pool_id in await node.read(user_pools.all_deleted, 1, 1000):
            await node.write(user_pools.sweep_deleted, pool_id, 50)

    try:
        await asyncio.gather(*(sweep(node) for node in (store, other) * 2))
    finally:
        other.close()
    left = [
        number for number in range(500) if await store.read(spent.was_spent, pool_id, "turn", str(number))
    ]
    assert left == []
