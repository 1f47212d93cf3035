"""Whom the Username of a signed operation means."""

from __future__ import annotations

import uuid

import pytest
from msgspec import structs

from cognomen.store.database import Store
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import lookup, rows
from tests.users.examples import ALL_ALIASES, a_pool, a_user, in_pool


async def found(store: Store, pool: UserPool, typed: str) -> str | None:
    user = await store.read(lookup.for_admin, pool, typed)
    return user.username if user else None


def of(pool: UserPool, username: str, **attributes: str) -> User:
    return structs.replace(a_user(username, **attributes), pool_id=pool.id)


@pytest.mark.parametrize("kinds", [None, ALL_ALIASES])
async def test_an_administrator_may_write_the_sub_for_the_user_name(
    store: Store, pool_id: str, kinds: tuple[str, ...] | None
) -> None:
    pool = in_pool(pool_id, a_pool(alias=kinds))
    ada = of(pool, "ada")
    await rows.write(store, rows.add, pool, ada)
    assert await found(store, pool, ada.sub) == await found(store, pool, "ada") == "ada"
    assert await found(store, pool, ada.sub.upper()) is None
    assert await found(store, pool, str(uuid.uuid4())) is None
    assert await found(store, in_pool("us-east-1_Elsewhere", pool), ada.sub) is None


async def test_where_case_does_not_count_it_does_not_in_a_sub(store: Store, pool_id: str) -> None:
    pool = in_pool(pool_id, a_pool(case_sensitive=False))
    ada = of(pool, "ada")
    await rows.write(store, rows.add, pool, ada)
    assert await found(store, pool, ada.sub.upper()) == "ada"


async def test_user_names_and_aliases_come_before_subs(store: Store, pool_id: str) -> None:
    pool = in_pool(pool_id, a_pool(alias=ALL_ALIASES))
    name = str(uuid.uuid4())
    await rows.write(store, rows.add, pool, of(pool, name, email="ada@example.com", email_verified="true"))
    await rows.write(store, rows.add, pool, structs.replace(of(pool, "eve"), sub=name))
    assert await found(store, pool, name) == name
    assert await found(store, pool, "ada@example.com") == name
