"""Authorization codes: redeemed once, and known for a while after."""

from __future__ import annotations

from dataclasses import replace

from cognomen.store import authorization_codes
from cognomen.store.authorization_codes import AuthorizationCode
from cognomen.store.database import Db, Store
from tests.meeting import overtaken

CODE = AuthorizationCode("digest", "client", "origin", b"document", expires_at=10)


async def test_a_code_comes_back_as_it_was_put_and_is_redeemed_once(store: Store, pool_id: str) -> None:
    await store.write(authorization_codes.add, pool_id, CODE)
    assert await store.read(authorization_codes.by_digest, pool_id, "digest") == CODE
    assert await store.read(authorization_codes.by_digest, f"{pool_id}x", "digest") is None
    assert not await store.write(authorization_codes.redeem, f"{pool_id}x", "digest", 7)
    assert await store.write(authorization_codes.redeem, pool_id, "digest", 8)
    assert not await store.write(authorization_codes.redeem, pool_id, "digest", 9)
    redeemed = replace(CODE, redeemed=8)
    assert await store.read(authorization_codes.by_digest, pool_id, "digest") == redeemed


async def test_of_two_who_redeem_a_code_at_once_one_does(store: Store, pool_id: str) -> None:
    await store.write(authorization_codes.add, pool_id, CODE)
    redeemed: list[bool] = []

    def first(db: Db) -> None:
        redeemed.append(authorization_codes.redeem(db, pool_id, "digest", 8))

    second = store.write(authorization_codes.redeem, pool_id, "digest", 8)
    redeemed.append(await overtaken(store, first, second))
    assert redeemed == [True, False]


async def test_expired_codes_are_swept(store: Store, pool_id: str) -> None:
    await store.write(authorization_codes.add, pool_id, CODE)
    await store.write(authorization_codes.sweep, 10, 1_000)
    assert await store.read(authorization_codes.by_digest, pool_id, "digest") is not None
    assert await store.write(authorization_codes.sweep, 11, 1_000) >= 1
    assert await store.read(authorization_codes.by_digest, pool_id, "digest") is None
