"""Groups, who is in them, and how the memberships of a deleted group go away."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from dataclasses import replace

import pytest

from cognomen.store import groups, users
from cognomen.store.database import AlreadyThere, Db, Store
from cognomen.store.groups import Group
from cognomen.store.opening import open_store
from cognomen.store.users import User
from tests.meeting import overtaken
from tests.store.test_users import a_user


def a_group(pool_id: str, name: str = "staff") -> Group:
    return Group(
        pool_id=pool_id,
        id=str(uuid.uuid4()),
        name=name,
        description="those who work here",
        role_arn="arn:aws:iam::000000000000:role/staff",
        precedence=0,
        created_at=1,
        modified_at=1,
    )


async def some_users(store: Store, pool_id: str, count: int) -> list[User]:
    """Users in the order of their subs."""
    made = sorted(
        (a_user(pool_id, f"user{number}") for number in range(count)), key=lambda made: str(made.sub)
    )

    def add(db: Db) -> None:
        for user in made:
            users.add(db, user, [], [])

    await store.write(add)
    return made


async def put(store: Store, group: Group, subs: Iterable[str]) -> list[bool]:
    def add(db: Db) -> list[bool]:
        return [groups.add_member(db, group, sub) for sub in subs]

    return await store.write(add)


async def test_a_group_comes_back_as_it_was_given(store: Store, pool_id: str) -> None:
    staff = a_group(pool_id)
    await store.write(groups.add, staff)
    bare = replace(a_group(pool_id, "bare"), description=None, role_arn=None, precedence=None)
    await store.write(groups.add, bare)
    assert await store.read(groups.by_name, pool_id, "staff") == staff
    assert await store.write(groups.by_name_locked, pool_id, "bare") == bare
    assert await store.read(groups.by_name, pool_id, "Staff") is None
    assert await store.read(groups.by_name, f"{pool_id}x", "staff") is None
    with pytest.raises(AlreadyThere):
        await store.write(groups.add, a_group(pool_id))
    await store.write(groups.add, a_group(f"{pool_id}x"))


async def test_a_change_is_written(store: Store, pool_id: str) -> None:
    staff = a_group(pool_id)
    await store.write(groups.add, staff)
    changed = replace(staff, description=None, role_arn="other", precedence=None, modified_at=2)
    await store.write(groups.change, changed)
    assert await store.read(groups.by_name, pool_id, "staff") == changed


async def test_groups_come_by_name(store: Store, pool_id: str) -> None:
    for name in ("b", "B", "ä", "a", "aa"):
        await store.write(groups.add, a_group(pool_id, name))
    found = await store.read(groups.all_of_pool, pool_id, "", 60)
    assert [group.name for group in found] == ["B", "a", "aa", "b", "ä"]
    found = await store.read(groups.all_of_pool, pool_id, "a", 2)
    assert [group.name for group in found] == ["aa", "b"]


async def test_groups_that_come_and_go_together_are_all_counted(store: Store, pool_id: str) -> None:
    counts = await asyncio.gather(*(store.write(groups.count, pool_id, 1) for _ in range(10)))
    assert sorted(counts) == list(range(1, 11))
    assert await store.write(groups.count, pool_id, -3) == 7


async def test_a_user_is_in_a_group_once(store: Store, pool_id: str) -> None:
    (ada,) = await some_users(store, pool_id, 1)
    staff, admins = a_group(pool_id), a_group(pool_id, "admins")
    for group in (staff, admins):
        await store.write(groups.add, group)
    assert await put(store, staff, [ada.sub, ada.sub]) == [True, False]
    assert await put(store, admins, [ada.sub]) == [True]
    assert await store.read(groups.all_of_user, pool_id, ada.sub) == [admins, staff]
    assert await store.read(groups.all_of_user, f"{pool_id}x", ada.sub) == []
    for _ in range(2):
        await store.write(groups.remove_member, staff, ada.sub)
    assert await store.read(groups.all_of_user, pool_id, ada.sub) == [admins]


async def test_the_users_of_a_group_come_by_sub(store: Store, pool_id: str) -> None:
    everybody = await some_users(store, pool_id, 5)
    staff, admins = a_group(pool_id), a_group(pool_id, "admins")
    for group in (staff, admins):
        await store.write(groups.add, group)
    await put(store, staff, [user.sub for user in everybody[:4]])
    await put(store, admins, [everybody[4].sub])
    assert await store.read(groups.all_users, staff, "", 60) == everybody[:4]
    assert await store.read(groups.all_users, staff, "", 2) == everybody[:2]
    assert await store.read(groups.all_users, staff, everybody[1].sub, 60) == everybody[2:4]
    await store.write(groups.remove_user, pool_id, everybody[0].sub)
    assert await store.read(groups.all_users, staff, "", 60) == everybody[1:4]


async def test_a_deleted_group_is_gone_at_once_and_its_memberships_in_steps(
    store: Store, pool_id: str
) -> None:
    everybody = await some_users(store, pool_id, 5)
    staff, admins = a_group(pool_id), a_group(pool_id, "admins")
    for group in (staff, admins):
        await store.write(groups.add, group)
        await put(store, group, [user.sub for user in everybody])
    await store.write(groups.remove, staff, 7)
    again = replace(a_group(pool_id), precedence=5)
    await store.write(groups.add, again)

    assert await store.read(groups.by_name, pool_id, "staff") == again
    assert await store.read(groups.all_users, again, "", 60) == []
    assert await store.read(groups.all_of_user, pool_id, everybody[0].sub) == [admins]

    assert (pool_id, staff.id) not in await store.read(groups.all_deleted, 6, 1000)
    assert (pool_id, staff.id) in await store.read(groups.all_deleted, 7, 1000)
    steps = 1
    while not await store.write(groups.sweep_deleted, pool_id, staff.id, 2):
        steps += 1
    assert steps == 3
    assert await store.read(groups.all_users, staff, "", 60) == []
    assert await store.read(groups.all_users, admins, "", 60) == everybody
    assert (pool_id, staff.id) not in await store.read(groups.all_deleted, 7, 1000)


async def test_a_node_that_finds_another_sweeping_a_group_does_not_take_it_for_done(
    store: Store, database_url: str, pool_id: str
) -> None:
    staff = a_group(pool_id)
    await store.write(groups.add, staff)
    await put(store, staff, [str(number) for number in range(500)])
    await store.write(groups.remove, staff, 1)
    other = open_store(database_url)

    def sweep(db: Db) -> bool:
        return groups.sweep_deleted(db, pool_id, staff.id, 200)

    try:
        assert not await overtaken(store, sweep, other.write(sweep))
        assert (pool_id, staff.id) in await store.read(groups.all_deleted, 1, 1000)
        while not all(await asyncio.gather(store.write(sweep), other.write(sweep))):
            pass
    finally:
        other.close()
    assert (pool_id, staff.id) not in await store.read(groups.all_deleted, 1, 1000)
    assert [number for number in range(500) if not (await put(store, staff, [str(number)]))[0]] == []
