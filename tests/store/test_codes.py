"""Codes: one of a purpose at a time, spent once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from cognomen.store import codes
from cognomen.store.codes import Code
from cognomen.store.database import Db, Store
from tests.meeting import overtaken

CODE = Code("sub", "sign-up", b"digest", "email", "ada@example.com", pending=False, expires_at=10)
OTHER = replace(CODE, purpose="verify-email", pending=True)


async def test_a_code_comes_back_as_it_was_put_and_a_new_one_takes_its_place(
    store: Store, pool_id: str
) -> None:
    for code in (CODE, OTHER):
        await store.write(codes.put, pool_id, code)
        assert await store.read(codes.by_purpose, pool_id, "sub", code.purpose) == code
    new = Code("sub", "sign-up", b"new", "phone_number", "+15550001234", pending=True, expires_at=11)
    await store.write(codes.put, pool_id, new)
    assert await store.read(codes.by_purpose, pool_id, "sub", "sign-up") == new
    assert await store.read(codes.by_purpose, pool_id, "sub", "verify-email") == OTHER
    assert await store.read(codes.by_purpose, f"{pool_id}x", "sub", "sign-up") is None
    assert not await store.write(codes.spend, pool_id, CODE)
    assert await store.write(codes.spend, pool_id, new)
    assert not await store.write(codes.spend, pool_id, new)


async def test_codes_of_a_user_and_of_a_purpose_are_removed(store: Store, pool_id: str) -> None:
    someone = replace(CODE, sub="someone")
    for code in (CODE, OTHER, someone):
        await store.write(codes.put, pool_id, code)
    await store.write(codes.remove, pool_id, "sub", "sign-up")
    assert await store.read(codes.by_purpose, pool_id, "sub", "sign-up") is None
    assert await store.read(codes.by_purpose, pool_id, "sub", "verify-email") == OTHER
    await store.write(codes.remove_all, pool_id, "sub")
    assert await store.read(codes.by_purpose, pool_id, "sub", "verify-email") is None
    assert await store.read(codes.by_purpose, pool_id, "someone", "sign-up") == someone


async def test_of_two_who_spend_a_code_at_once_one_does(store: Store, pool_id: str) -> None:
    await store.write(codes.put, pool_id, CODE)
    spent: list[bool] = []

    def first(db: Db) -> None:
        spent.append(codes.spend(db, pool_id, CODE))

    spent.append(await overtaken(store, first, store.write(codes.spend, pool_id, CODE)))
    assert spent == [True, False]


async def test_a_code_that_is_replaced_at_the_same_moment_is_not_spent(store: Store, pool_id: str) -> None:
    await store.write(codes.put, pool_id, CODE)
    new = replace(CODE, digest=b"new")

    def first(db: Db) -> None:
        codes.put(db, pool_id, new)

    assert not await overtaken(store, first, store.write(codes.spend, pool_id, CODE))
    assert await store.read(codes.by_purpose, pool_id, "sub", "sign-up") == new


async def test_a_code_takes_the_place_of_the_one_that_was_seen_or_of_none(store: Store, pool_id: str) -> None:
    def a_code(digest: bytes) -> Code:
        return Code("sub", "verify-email", digest, "email", "ada@example.com", True, 1)

    for seen in (None, a_code(b"first")):
        latest = [a_code(f"{seen}{number}".encode()) for number in range(4)]
        won = await asyncio.gather(*(store.write(codes.put_after, pool_id, each, seen) for each in latest))
        assert won.count(True) == 1
        kept = await store.read(codes.by_purpose, pool_id, "sub", "verify-email")
        assert kept == latest[won.index(True)]
        await store.write(codes.put, pool_id, a_code(b"first"))
    assert not await store.write(codes.put_after, pool_id, a_code(b"x"), a_code(b"gone"))
