"""The rules of groups: limits, and what comes of two requests at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest

from cognomen.errors import Refusal
from cognomen.pools import groups
from cognomen.store import groups as stored_groups
from cognomen.store.database import Db, Store
from cognomen.store.groups import Group
from cognomen.store.opening import open_store
from cognomen.users import rows
from tests.meeting import overtaken
from tests.store.test_groups import a_group, put, some_users
from tests.store.test_user_pools import a_pool

EXISTS = "GroupExistsException: A group with the name already exists."
NOT_FOUND = "ResourceNotFoundException: Group not found."
NO_USER = "UserNotFoundException: User does not exist."
TOO_MANY = "InvalidParameterException: A user can be a member of at most 100 groups."


@pytest.fixture
def other(database_url: str) -> Iterator[Store]:
    """Another node on the same database."""
    opened = open_store(database_url)
    yield opened
    opened.close()


async def outcome(work: Awaitable[object]) -> str | None:
    """What `work` is refused with, None where it is not."""
    try:
        await work
    except Refusal as refusal:
        return str(refusal)
    return None


def adding(pool_id: str, name: str, sub: str) -> Callable[[Db], None]:
    return lambda db: groups.add_user(db, pool_id, name, sub)


async def counted(store: Store, pool_id: str) -> int:
    return await store.write(stored_groups.count, pool_id, 0)


async def test_a_pool_has_no_more_groups_than_it_may_have(store: Store, pool_id: str) -> None:
    await store.write(groups.add, a_group(pool_id))
    await store.write(stored_groups.count, pool_id, groups.GROUPS_MAX - 2)
    await store.write(groups.add, a_group(pool_id, "the last"))
    full = "LimitExceededException: Group limit exceeded: at most 10000."
    assert await outcome(store.write(groups.add, a_group(pool_id, "one more"))) == full
    assert await outcome(store.write(groups.add, a_group(pool_id))) == EXISTS
    assert await outcome(store.write(groups.remove, pool_id, "one more", 2)) == NOT_FOUND
    await store.write(groups.remove, pool_id, "the last", 2)
    await store.write(groups.add, a_group(pool_id, "one more"))
    assert await counted(store, pool_id) == groups.GROUPS_MAX


async def test_the_last_place_a_user_has_in_groups_is_taken_once(
    store: Store, other: Store, pool_id: str
) -> None:
    """Groups that are gone take no place, nor does a group the user is in already."""
    (ada,) = await some_users(store, pool_id, 1)
    names = [f"group{number}" for number in range(groups.GROUPS_OF_A_USER_MAX + 1)]
    *first, last, beyond = names

    def make(db: Db) -> None:
        for name in names:
            groups.add(db, a_group(pool_id, name))
        for name in first:
            groups.add_user(db, pool_id, name, ada.sub)

    await store.write(make)
    second = other.write(adding(pool_id, beyond, ada.sub))
    assert await outcome(overtaken(store, adding(pool_id, last, ada.sub), second)) == TOO_MANY
    held = await store.read(stored_groups.all_of_user, pool_id, ada.sub)
    assert {group.name for group in held} == {*first, last}
    await store.write(adding(pool_id, last, ada.sub))
    await store.write(groups.remove, pool_id, last, 1)
    await store.write(adding(pool_id, beyond, ada.sub))


async def test_of_two_groups_of_one_name_one_is_made(store: Store, other: Store, pool_id: str) -> None:
    first, second = a_group(pool_id), a_group(pool_id)
    assert (
        await outcome(overtaken(store, lambda db: groups.add(db, first), other.write(groups.add, second)))
        == EXISTS
    )
    assert await store.read(stored_groups.by_name, pool_id, "staff") == first
    assert await counted(store, pool_id) == 1


async def test_the_group_of_a_provider_is_made_once(store: Store, other: Store, pool_id: str) -> None:
    def make(db: Db) -> Group:
        return groups.of_provider(db, pool_id, "corp", 1)

    found = await overtaken(store, make, other.write(make))
    assert await store.read(stored_groups.all_of_pool, pool_id, "", 2) == [found]
    assert await counted(store, pool_id) == 1
    assert await store.write(make) == found


async def test_a_full_pool_has_the_group_of_a_provider_all_the_same(store: Store, pool_id: str) -> None:
    await store.write(stored_groups.count, pool_id, groups.GROUPS_MAX)
    found = await store.write(groups.of_provider, pool_id, "corp", 1)
    assert found.name == f"{pool_id}_corp"


def test_the_group_of_a_provider_has_the_id_of_the_pool_that_it_is_in() -> None:
    assert groups.in_pool("us-east-1_Old_corp", "us-east-1_Old", "us-east-1_New") == "us-east-1_New_corp"
    assert groups.in_pool("staff", "us-east-1_Old", "us-east-1_New") == "staff"


async def test_a_group_is_made_again_while_the_former_is_deleted(
    store: Store, other: Store, pool_id: str
) -> None:
    await store.write(groups.add, a_group(pool_id))
    again = a_group(pool_id)
    await overtaken(store, lambda db: groups.remove(db, pool_id, "staff", 1), other.write(groups.add, again))
    assert await store.read(stored_groups.by_name, pool_id, "staff") == again
    assert await counted(store, pool_id) == 1


async def test_of_two_who_delete_a_group_one_finds_it_gone(store: Store, other: Store, pool_id: str) -> None:
    await store.write(groups.add, a_group(pool_id))
    second = other.write(groups.remove, pool_id, "staff", 1)
    assert (
        await outcome(overtaken(store, lambda db: groups.remove(db, pool_id, "staff", 1), second))
        == NOT_FOUND
    )
    assert await counted(store, pool_id) == 0


async def test_a_group_that_is_deleted_while_it_is_changed_stays_deleted(
    store: Store, other: Store, pool_id: str
) -> None:
    await store.write(groups.add, a_group(pool_id))
    change = other.write(groups.change, pool_id, "staff", lambda group: replace(group, precedence=1))
    assert (
        await outcome(overtaken(store, lambda db: groups.remove(db, pool_id, "staff", 1), change))
        == NOT_FOUND
    )
    assert await store.read(stored_groups.by_name, pool_id, "staff") is None


async def test_of_two_changes_of_a_group_none_is_lost(store: Store, other: Store, pool_id: str) -> None:
    staff = a_group(pool_id)
    await store.write(groups.add, staff)

    def describe(db: Db) -> Group:
        return groups.change(db, pool_id, "staff", lambda group: replace(group, description="new"))

    rank = other.write(groups.change, pool_id, "staff", lambda group: replace(group, precedence=9))
    both = await overtaken(store, describe, rank)
    assert both == replace(staff, description="new", precedence=9)
    assert await store.read(stored_groups.by_name, pool_id, "staff") == both


async def test_a_user_who_is_put_into_a_group_twice_at_once_is_in_it(
    store: Store, other: Store, pool_id: str
) -> None:
    (ada,) = await some_users(store, pool_id, 1)
    staff = a_group(pool_id)
    await store.write(groups.add, staff)
    add = adding(pool_id, "staff", ada.sub)
    await overtaken(store, add, other.write(add))
    assert await store.read(stored_groups.all_of_user, pool_id, ada.sub) == [staff]


async def test_a_user_who_is_deleted_meanwhile_is_not_put_into_a_group(
    store: Store, other: Store, pool_id: str
) -> None:
    (ada,) = await some_users(store, pool_id, 1)
    staff = a_group(pool_id)
    await store.write(groups.add, staff)
    add = other.write(adding(pool_id, "staff", ada.sub))
    assert (
        await outcome(overtaken(store, lambda db: rows.remove(db, a_pool(pool_id), ada.sub), add)) == NO_USER
    )
    assert await put(store, staff, [ada.sub]) == [True], "no membership was left"


async def test_a_user_who_is_put_into_a_group_meanwhile_leaves_it_when_deleted(
    store: Store, other: Store, pool_id: str
) -> None:
    (ada,) = await some_users(store, pool_id, 1)
    staff = a_group(pool_id)
    await store.write(groups.add, staff)
    removal = other.write(rows.remove, a_pool(pool_id), ada.sub)
    await overtaken(store, adding(pool_id, "staff", ada.sub), removal)
    assert await put(store, staff, [ada.sub]) == [True], "no membership was left"
