"""Passkeys: whose they are, that an id is one user's, that a counter moves once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cognomen.store import passkeys
from cognomen.store.database import AlreadyThere, Db, Store
from cognomen.store.passkeys import Passkey
from tests.meeting import overtaken

PASSKEY = Passkey(
    id="b2xk",
    public_key=b"\x01key",
    counter=3,
    relying_party="example.com",
    aaguid="00000000-0000-0000-0000-000000000000",
    attachment="platform",
    transports=("internal", "hybrid"),
    created_at=10,
)
NEWER = replace(PASSKEY, id="YQ", attachment=None, transports=(), created_at=20)


async def test_passkeys_come_back_as_they_were_added_the_oldest_first(store: Store, pool_id: str) -> None:
    for passkey in (NEWER, PASSKEY):
        await store.write(passkeys.add, pool_id, "sub", passkey)
    assert await store.read(passkeys.all_of_user, pool_id, "sub") == [PASSKEY, NEWER]
    assert await store.read(passkeys.all_of_user, pool_id, "someone") == []
    assert await store.read(passkeys.all_of_user, f"{pool_id}x", "sub") == []
    assert await store.read(passkeys.has_any, pool_id, "sub", "example.com")
    assert not await store.read(passkeys.has_any, pool_id, "sub", "example.org")
    assert not await store.read(passkeys.has_any, pool_id, "someone", "example.com")


async def test_an_id_is_of_one_user_of_a_pool(store: Store, pool_id: str) -> None:
    await store.write(passkeys.add, pool_id, "sub", PASSKEY)
    for sub in ("sub", "someone"):
        with pytest.raises(AlreadyThere):
            await store.write(passkeys.add, pool_id, sub, PASSKEY)
    await store.write(passkeys.add, f"{pool_id}x", "sub", PASSKEY)


async def test_the_longest_id_there_is_can_be_a_key(store: Store, pool_id: str) -> None:
    long = replace(PASSKEY, id="x" * 1364)
    await store.write(passkeys.add, pool_id, "sub", long)
    assert await store.read(passkeys.all_of_user, pool_id, "sub") == [long]


async def test_passkeys_are_removed(store: Store, pool_id: str) -> None:
    for passkey in (NEWER, PASSKEY):
        await store.write(passkeys.add, pool_id, "sub", passkey)
    assert not await store.write(passkeys.remove, pool_id, "someone", "YQ")
    assert await store.write(passkeys.remove, pool_id, "sub", "YQ")
    assert not await store.write(passkeys.remove, pool_id, "sub", "YQ")
    await store.write(passkeys.remove_all, pool_id, "sub")
    assert await store.read(passkeys.all_of_user, pool_id, "sub") == []


async def test_of_two_proofs_with_one_counter_the_first_counts(store: Store, pool_id: str) -> None:
    await store.write(passkeys.add, pool_id, "sub", PASSKEY)
    counted: list[bool] = []

    def first(db: Db) -> None:
        counted.append(passkeys.count_up(db, pool_id, "sub", PASSKEY, 4))

    behind = store.write(passkeys.count_up, pool_id, "sub", PASSKEY, 4)
    counted.append(await overtaken(store, first, behind))
    assert counted == [True, False]
    assert await store.read(passkeys.all_of_user, pool_id, "sub") == [replace(PASSKEY, counter=4)]
