"""Users, the names that find them, and the values they are searched by."""

from __future__ import annotations

import asyncio
import uuid
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cognomen.store import search, users
from cognomen.store.database import AlreadyThere, Cursor, Db, Store
from cognomen.store.factors import Factors
from cognomen.store.users import Alias, SearchValue, User


def a_user(pool_id: str, username: str = "ada", **changes: object) -> User:
    user = User(
        pool_id=pool_id,
        sub=str(uuid.uuid4()),
        username=username,
        status="CONFIRMED",
        enabled=True,
        attributes={"email": "ada@example.com"},
        salt=b"salt",
        sealed_verifier=b"sealed",
        password_set_at=1,
        credential_version=1,
        signed_out_at=0,
        created_at=1,
        modified_at=1,
        version=1,
    )
    return structs.replace(user, **changes)


def name(username: str) -> Alias:
    return Alias("username", username)


async def test_a_user_is_found_by_sub_and_by_any_name(store: Store, pool_id: str) -> None:
    ada = a_user(pool_id)
    await store.write(users.add, ada, [name("ada"), Alias("email", "ada@example.com")], [])
    assert await store.read(users.by_sub, pool_id, ada.sub) == ada
    assert (
        await store.read(users.by_alias, pool_id, [name("nobody"), Alias("email", "ada@example.com")]) == ada
    )
    assert await store.read(users.by_alias, pool_id, [name("ADA")]) is None


async def test_what_is_set_of_a_users_factors_is_kept(store: Store, pool_id: str) -> None:
    ada = a_user(pool_id)
    await store.write(users.add, ada, [name("ada")], [])
    factors = Factors(("SMS_MFA", "SOFTWARE_TOKEN_MFA"), "SMS_MFA", sms_by_options=True, totp_name="a phone")
    with_factors = structs.replace(
        ada, factors=factors, sealed_totp_secret=b"old", sealed_new_totp_secret=b"new"
    )
    assert await store.write(users.change, ada, with_factors)
    assert await store.read(users.by_sub, pool_id, ada.sub) == structs.replace(with_factors, version=2)
    bert = structs.replace(with_factors, sub=str(uuid.uuid4()))
    await store.write(users.add, bert, [name("bert")], [])
    assert await store.read(users.by_alias, pool_id, [name("bert")]) == bert


async def test_of_several_names_the_first_that_is_known_finds_its_user(store: Store, pool_id: str) -> None:
    by_kind = {
        kind: a_user(pool_id, kind) for kind in ("username", "email", "phone_number", "preferred_username")
    }
    for kind, user in by_kind.items():
        await store.write(users.add, user, [Alias(kind, "known"), Alias(f"{kind}-too", "known")], [])
    for tried in permutations(by_kind):
        known = [Alias(kind, "known") for kind in tried]
        assert await store.read(users.by_alias, pool_id, known) == by_kind[tried[0]]
        half_known = [*(Alias(kind, "unknown") for kind in tried[:2]), *known[2:]]
        assert await store.read(users.by_alias, pool_id, half_known) == by_kind[tried[2]]
    both = [Alias("email", "known"), Alias("email-too", "known")]
    assert await store.read(users.by_alias, pool_id, both) == by_kind["email"]
    assert await store.read(users.by_alias, pool_id, []) is None


@pytest.mark.parametrize("place", [None, 0, 1, 2, 3])
async def test_a_look_up_by_names_is_one_statement_wherever_it_hits(
    store: Store, pool_id: str, place: int | None
) -> None:
    tried = [Alias("username", f"name{number}") for number in range(users.NAMES_MAX)]
    ada = a_user(pool_id)
    await store.write(users.add, ada, [] if place is None else [tried[place]], [])

    def counted(db: Db) -> tuple[User | None, int]:
        statements: list[str] = []

        def execute(sql: str, values: dict[str, Any]) -> Cursor:
            statements.append(sql)
            return db._execute(sql, values)

        found = users.by_alias(Db(db._statements, execute), pool_id, tried)
        return found, len(statements)

    assert await store.read(counted) == (None if place is None else ada, 1)


async def test_pools_do_not_see_one_another(store: Store, pool_id: str) -> None:
    ada = a_user(pool_id)
    await store.write(users.add, ada, [name("ada")], [SearchValue("email", "ada@example.com")])
    other = f"{pool_id}x"
    assert await store.read(users.by_sub, other, ada.sub) is None
    assert await store.read(users.by_alias, other, [name("ada")]) is None
    assert await store.read(users.all_of_pool, other, "", 10) == []
    await store.write(users.add, a_user(other), [name("ada")], [])


async def test_of_many_who_take_one_name_at_once_one_gets_it_and_the_others_leave_nothing(
    store: Store, pool_id: str
) -> None:
    comers = [a_user(pool_id) for _ in range(8)]
    outcomes = await asyncio.gather(
        *(store.write(users.add, comer, [name("ada")], []) for comer in comers), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, AlreadyThere) for outcome in outcomes) == 7
    assert len(await store.read(users.all_of_pool, pool_id, "", 60)) == 1


async def test_a_change_is_written_where_nobody_was_faster(store: Store, pool_id: str) -> None:
    ada = a_user(pool_id)
    await store.write(users.add, ada, [name("ada")], [])
    disabled = structs.replace(ada, enabled=False, attributes={}, sealed_verifier=None, modified_at=2)
    assert await store.write(users.change, ada, disabled)
    assert await store.read(users.by_sub, pool_id, ada.sub) == structs.replace(disabled, version=2)
    assert not await store.write(users.change, ada, structs.replace(ada, status="RESET_REQUIRED"))
    assert (await store.read(users.by_sub, pool_id, ada.sub)) == structs.replace(disabled, version=2)


async def test_a_name_given_up_may_be_taken_and_a_taken_one_may_not(store: Store, pool_id: str) -> None:
    ada, grace = a_user(pool_id), a_user(pool_id, "grace")
    first, second = Alias("email", "first@example.com"), Alias("email", "second@example.com")
    await store.write(users.add, ada, [name("ada"), first], [])
    await store.write(users.add, grace, [name("grace"), second], [])
    with pytest.raises(AlreadyThere):
        await store.write(users.change_aliases, grace, [second], [first])
    assert await store.read(users.owner_of, pool_id, second) == grace.sub
    await store.write(users.change_aliases, ada, [first], [])
    await store.write(users.change_aliases, grace, [second], [first])
    assert await store.read(users.owner_of, pool_id, first) == grace.sub
    assert await store.read(users.owner_of, pool_id, second) is None


async def test_a_removed_user_leaves_no_name_and_no_value(store: Store, pool_id: str) -> None:
    ada, found = a_user(pool_id), SearchValue("email", "ada@example.com")
    await store.write(users.add, ada, [name("ada")], [found])
    assert await store.write(users.remove, ada, [name("ada")], [found])
    assert not await store.write(users.remove, ada, [name("ada")], [found])
    assert await store.read(users.by_alias, pool_id, [name("ada")]) is None
    assert await store.read(search.all_found, pool_id, "email", "a", "b", 10) == []


async def test_pages_follow_one_another_without_a_gap_or_a_repetition(store: Store, pool_id: str) -> None:
    subs = set()
    for number in range(25):
        user = a_user(pool_id, f"user{number}", status="CONFIRMED" if number % 2 else "UNCONFIRMED")
        subs.add(user.sub)
        await store.write(users.add, user, [name(user.username)], [])
    seen: list[str] = []
    after = ""
    while page := await store.read(users.all_of_pool, pool_id, after, 10):
        seen += [user.sub for user in page]
        after = seen[-1]
    assert seen == sorted(subs)
    confirmed = await store.read(users.all_of_pool, pool_id, "", 60, status="CONFIRMED")
    assert len(confirmed) == 12
    assert await store.read(users.all_of_pool, pool_id, "", 60, enabled=False) == []


async def test_a_search_goes_by_value_then_sub_bytewise(store: Store, pool_id: str) -> None:
    for number, value in enumerate(["b", "a", "a", "a", "ab", "é", "A", "z"]):
        user = a_user(pool_id, f"user{number}")
        await store.write(users.add, user, [name(user.username)], [SearchValue("name", value)])
    everything = await store.read(search.all_found, pool_id, "name", "", "\U0010ffff", 60)
    assert [value for _, value in everything] == ["A", "a", "a", "a", "ab", "b", "z", "é"]
    seen = await store.read(search.all_found, pool_id, "name", "a", "b", 2)
    while page := await store.read(
        search.all_found, pool_id, "name", "a", "b", 2, after=(seen[-1][1], seen[-1][0].sub)
    ):
        seen += page
    assert [value for _, value in seen] == ["a", "a", "a", "ab"]
    assert len({user.sub for user, _ in seen}) == 4


@given(st.text(max_size=600), st.text(max_size=600))
def test_keys_are_bounded_and_equal_exactly_where_values_are(one: str, other: str) -> None:
    assert len(users.key_of(one)) <= users.KEY_MAX
    assert (users.key_of(one) == users.key_of(other)) == (one == other)


def test_long_values_that_share_their_beginning_have_different_keys() -> None:
    assert users.key_of("a" * 300) != users.key_of("a" * 301)


async def test_a_name_of_the_longest_and_widest_kind_fits_the_index(store: Store, pool_id: str) -> None:
    long = users.key_of("\U0001f511" * 2048)
    ada = a_user(pool_id)
    await store.write(users.add, ada, [Alias("email", long)], [SearchValue("email", long)])
    assert await store.read(users.by_alias, pool_id, [Alias("email", long)]) == ada
