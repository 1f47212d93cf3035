"""A user's rows are written together, and a name is one user's."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable

import pytest
from msgspec import structs

from cognomen.errors import Refusal
from cognomen.store import search, user_pools, users
from cognomen.store.database import Db, Store
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import names, rows
from tests.users.examples import ALL_ALIASES, a_pool, a_user, in_pool

EMAIL = "ada@example.com"


@pytest.fixture
def pool(pool_id: str) -> UserPool:
    """A pool with aliases."""
    return in_pool(pool_id, a_pool(alias=ALL_ALIASES))


@pytest.fixture
def address_pool(pool_id: str) -> UserPool:
    return in_pool(pool_id, a_pool(username=("email", "phone_number")))


def of(pool: UserPool, username: str = "ada", **attributes: str) -> User:
    return structs.replace(a_user(username, **attributes), pool_id=pool.id)


def verified(email: str) -> dict[str, str]:
    return {"email": email, "email_verified": "true"}


def with_attributes(**attributes: str) -> Callable[[User], User]:
    def edit(user: User) -> User:
        return structs.replace(user, attributes=user.attributes | attributes, modified_at=9)

    return edit


async def found_by(store: Store, pool: UserPool, typed: str) -> str | None:
    user = await store.read(users.by_alias, pool.id, names.readings(pool, typed))
    return user.username if user else None


async def searched_by_email(store: Store, pool: UserPool) -> list[str]:
    found = await store.read(search.all_found, pool.id, "email", "", "\U0010ffff", 60)
    return [f"{user.username} {value}" for user, value in found]


async def test_a_new_user_is_found_searched_and_counted(store: Store, pool: UserPool) -> None:
    await rows.write(store, rows.add, pool, of(pool, **verified(EMAIL)))
    assert await found_by(store, pool, "ada") == "ada"
    assert await found_by(store, pool, EMAIL) == "ada"
    assert await searched_by_email(store, pool) == [f"ada {EMAIL}"]
    assert await store.read(user_pools.estimated_users, pool.id) == 1


async def test_a_change_moves_names_and_search_values_along(store: Store, pool: UserPool) -> None:
    ada = of(pool, **verified(EMAIL))
    await rows.write(store, rows.add, pool, ada)
    changed = await rows.write(
        store,
        rows.change,
        pool,
        ada.sub,
        with_attributes(email="new@example.com", preferred_username="countess"),
    )
    assert await store.read(users.by_sub, pool.id, ada.sub) == changed
    assert await found_by(store, pool, EMAIL) is None
    assert await found_by(store, pool, "new@example.com") == "ada"
    assert await found_by(store, pool, "countess") == "ada"
    assert await searched_by_email(store, pool) == ["ada new@example.com"]


async def test_a_change_that_changes_nothing_writes_nothing(store: Store, pool: UserPool) -> None:
    ada = of(pool)
    await rows.write(store, rows.add, pool, ada)
    assert await rows.write(store, rows.change, pool, ada.sub, lambda user: user) == ada


async def test_a_removed_user_leaves_nothing_and_its_names_are_free(store: Store, pool: UserPool) -> None:
    ada = of(pool, **verified(EMAIL))
    await rows.write(store, rows.add, pool, ada)
    await rows.write(store, rows.remove, pool, ada.sub)
    assert await found_by(store, pool, "ada") is None
    assert await searched_by_email(store, pool) == []
    assert await store.read(user_pools.estimated_users, pool.id) == 0
    await rows.write(store, rows.add, pool, of(pool, **verified(EMAIL)))


async def test_who_is_gone_can_be_neither_changed_nor_removed(store: Store, pool: UserPool) -> None:
    for attempt in (
        lambda: rows.write(store, rows.change, pool, "nobody", lambda user: user),
        lambda: rows.write(store, rows.remove, pool, "nobody"),
    ):
        with pytest.raises(Refusal) as refusal:
            await attempt()
        assert refusal.value.type == "UserNotFoundException"


@pytest.mark.parametrize(
    ("second", "attribute"),
    [
        ({"username": "ada"}, None),
        ({"username": "eve", **verified(EMAIL)}, "email"),
        ({"username": "eve", "preferred_username": "countess"}, "preferred_username"),
    ],
)
async def test_the_caller_says_how_a_taken_name_is_told(
    store: Store, pool: UserPool, second: dict[str, str], attribute: str | None
) -> None:
    await rows.write(store, rows.add, pool, of(pool, **verified(EMAIL), preferred_username="countess"))
    newcomer = of(pool, **second)
    with pytest.raises(Refusal) as refusal:
        await rows.write(store, rows.add, pool, newcomer)
    assert refusal.value.type == "UsernameExistsException"
    assert refusal.value.message == (
        f"An account with the given {attribute} already exists."
        if attribute
        else "User account already exists"
    )
    with pytest.raises(Refusal) as refusal:
        await rows.write(store, rows.add, pool, newcomer, taken=rows.alias_exists)
    assert refusal.value.type == "AliasExistsException"
    assert await store.read(users.by_sub, pool.id, newcomer.sub) is None


async def test_a_user_name_and_a_preferred_name_are_never_two_users(store: Store, pool: UserPool) -> None:
    ada = of(pool, preferred_username="countess")
    await rows.write(store, rows.add, pool, ada)
    with pytest.raises(Refusal) as refusal:
        await rows.write(store, rows.add, pool, of(pool, "countess"))
    assert refusal.value.message == "User account already exists"
    with pytest.raises(Refusal) as refusal:
        await rows.write(store, rows.add, pool, of(pool, "eve", preferred_username="ada"))
    assert refusal.value.message == "An account with the given preferred_username already exists."
    await rows.write(store, rows.change, pool, ada.sub, with_attributes(preferred_username="ada"))
    await rows.write(store, rows.add, pool, of(pool, "countess"))
    await rows.write(store, rows.change, pool, ada.sub, with_attributes(preferred_username="lady"))
    assert [await found_by(store, pool, name) for name in ("ada", "lady", "countess")] == [
        "ada",
        "ada",
        "countess",
    ]


async def test_of_a_user_name_and_a_preferred_name_taken_at_once_one_is_had(
    store: Store, pool: UserPool
) -> None:
    everybody = [of(pool, f"user{number}") for number in range(3)]
    for user in everybody:
        await rows.write(store, rows.add, pool, user)
    for name in ("ada", "bob", "eve"):
        outcomes = await asyncio.gather(
            *(
                rows.write(store, rows.change, pool, user.sub, with_attributes(preferred_username=name))
                for user in everybody
            ),
            *(rows.write(store, rows.add, pool, of(pool, name)) for _ in range(3)),
            return_exceptions=True,
        )
        assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 5


async def test_of_two_kinds_of_name_in_open_transactions_one_is_had(
    store: Store, pool: UserPool, engine: str
) -> None:
    """The later of two waits for the earlier, though it looked before that committed."""
    ada = of(pool)
    await rows.write(store, rows.add, pool, ada)
    both_have_looked = threading.Barrier(2)

    def at_once(db: Db, write: Callable[[Db], object]) -> None:
        if first_attempts:
            first_attempts.pop()
            if (
                engine == "postgresql"
            ):  # on SQLite one transaction writes at a time: they cannot both have looked
                assert users.by_alias(db, pool.id, names.readings(pool, "eve")) is None
                both_have_looked.wait(10)
        write(db)

    first_attempts = [1, 2]
    outcomes = await asyncio.gather(
        rows.write(
            store,
            at_once,
            lambda db: rows.change(db, pool, ada.sub, with_attributes(preferred_username="eve")),
        ),
        rows.write(store, at_once, lambda db: rows.add(db, pool, of(pool, "eve"))),
        return_exceptions=True,
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 1


@pytest.mark.parametrize("kinds", [None, ALL_ALIASES])
async def test_nobody_takes_anothers_sub_for_a_name(
    store: Store, pool_id: str, kinds: tuple[str, ...] | None
) -> None:
    pool = in_pool(pool_id, a_pool(alias=kinds, case_sensitive=False))
    ada, eve = of(pool), of(pool, "eve")
    await rows.write(store, rows.add, pool, ada)
    await rows.write(store, rows.add, pool, eve)
    for name in (ada.sub, ada.sub.upper()):
        with pytest.raises(Refusal) as refusal:
            await rows.write(store, rows.add, pool, of(pool, name))
        assert refusal.value.message == "User account already exists"
    await rows.write(store, rows.add, pool, of(pool, str(uuid.uuid4())))
    if kinds:
        with pytest.raises(Refusal) as refusal:
            await rows.write(store, rows.change, pool, eve.sub, with_attributes(preferred_username=ada.sub))
        assert refusal.value.message == "An account with the given preferred_username already exists."
        await rows.write(store, rows.change, pool, ada.sub, with_attributes(preferred_username=ada.sub))


async def test_a_forced_address_leaves_its_former_owner_unverified(store: Store, pool: UserPool) -> None:
    ada, eve = of(pool, **verified(EMAIL)), of(pool, "eve", **verified(EMAIL))
    await rows.write(store, rows.add, pool, ada)
    await rows.write(store, rows.add, pool, eve, move_aliases=True)
    assert await found_by(store, pool, EMAIL) == "eve"
    former = await store.read(users.by_sub, pool.id, ada.sub)
    assert former
    assert former.attributes == {"email": EMAIL, "email_verified": "false"}
    assert await found_by(store, pool, "ada") == "ada"


async def test_only_verified_addresses_can_be_forced(store: Store, pool: UserPool) -> None:
    await rows.write(store, rows.add, pool, of(pool, preferred_username="countess"))
    for newcomer in (of(pool), of(pool, "eve", preferred_username="countess")):
        with pytest.raises(Refusal):
            await rows.write(store, rows.add, pool, newcomer, move_aliases=True)


async def test_an_address_that_is_a_user_name_cannot_be_forced(store: Store, address_pool: UserPool) -> None:
    await rows.write(store, rows.add, address_pool, of(address_pool, "sub-1", **verified(EMAIL)))
    with pytest.raises(Refusal) as refusal:
        await rows.write(
            store, rows.add, address_pool, of(address_pool, "sub-2", **verified(EMAIL)), move_aliases=True
        )
    assert refusal.value.message == "An account with the given email already exists."


async def test_of_many_new_users_of_one_name_all_but_one_are_told_so(store: Store, pool: UserPool) -> None:
    outcomes = await asyncio.gather(
        *(rows.write(store, rows.add, pool, of(pool)) for _ in range(8)), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert [refusal.type for refusal in refusals] == ["UsernameExistsException"] * 7
    assert await store.read(user_pools.estimated_users, pool.id) == 1


async def test_of_many_who_change_to_one_address_one_gets_it(store: Store, address_pool: UserPool) -> None:
    everybody = [of(address_pool, f"sub-{number}", email=f"{number}@example.com") for number in range(6)]
    for user in everybody:
        await rows.write(store, rows.add, address_pool, user)
    outcomes = await asyncio.gather(
        *(
            rows.write(store, rows.change, address_pool, user.sub, with_attributes(email=EMAIL))
            for user in everybody
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert [refusal.message for refusal in refusals] == [
        "An account with the given email already exists."
    ] * 5


async def test_of_many_who_force_one_address_each_gets_it_and_one_keeps_it(
    store: Store, pool: UserPool
) -> None:
    everybody = [of(pool, f"user{number}", **verified(EMAIL)) for number in range(6)]
    await asyncio.gather(*(rows.write(store, rows.add, pool, user, move_aliases=True) for user in everybody))
    kept = [await store.read(users.by_sub, pool.id, user.sub) for user in everybody]
    owners = [user.username for user in kept if user and user.attributes["email_verified"] == "true"]
    assert owners == [await found_by(store, pool, EMAIL)]


async def test_changes_of_one_user_at_once_are_all_kept(store: Store, pool: UserPool) -> None:
    ada = of(pool)
    await rows.write(store, rows.add, pool, ada)
    await asyncio.gather(
        *(
            rows.write(store, rows.change, pool, ada.sub, with_attributes(**{f"custom:{number}": "x"}))
            for number in range(6)
        )
    )
    after = await store.read(users.by_sub, pool.id, ada.sub)
    assert after
    assert sorted(after.attributes) == [f"custom:{number}" for number in range(6)]
    assert after.version == ada.version + 6


async def test_a_user_removed_while_it_is_changed_leaves_no_name(store: Store, pool: UserPool) -> None:
    for number in range(5):
        ada = of(pool, f"user{number}")
        await rows.write(store, rows.add, pool, ada)
        outcomes = await asyncio.gather(
            rows.write(
                store, rows.change, pool, ada.sub, with_attributes(**verified(f"{number}@example.com"))
            ),
            rows.write(store, rows.remove, pool, ada.sub),
            return_exceptions=True,
        )
        assert outcomes[1] is None
        assert await found_by(store, pool, f"{number}@example.com") is None
    assert await searched_by_email(store, pool) == []
