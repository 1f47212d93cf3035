"""Every sealed value is reached by a rotation of the master key, and opens afterwards as before."""

from __future__ import annotations

import pytest
from msgspec import structs
from sqlalchemy import LargeBinary, Text, delete, insert, select

from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault
from cognomen.store import resealing, tables, users
from cognomen.store.database import Db, Store
from cognomen.store.passwords import former_passwords
from cognomen.store.resealing import Batch, SealedColumn
from cognomen.store.users import User

OLD = sealing.master_key(b"o" * 32)
NEW = sealing.master_key(b"n" * 32)
BEFORE = Vault(lambda: sealing.keyring([OLD]))
AFTER = Vault(lambda: sealing.keyring([NEW, OLD]))
WITHOUT = Vault(lambda: sealing.keyring([NEW]))

(USERS,) = [sealed for sealed in resealing.SEALED if sealed.column is users.users.c.sealed_verifier]
(FORMER,) = [sealed for sealed in resealing.SEALED if sealed.table is former_passwords]


def a_user(pool_id: str, sub: str, verifier: bytes | None) -> User:
    return User(
        pool_id=pool_id,
        sub=sub,
        username=sub,
        status="CONFIRMED",
        enabled=True,
        attributes={},
        salt=b"salt",
        sealed_verifier=BEFORE.seal("password", verifier, f"{pool_id}/{sub}".encode()) if verifier else None,
        password_set_at=0,
        credential_version=1,
        signed_out_at=0,
        created_at=0,
        modified_at=0,
        version=1,
    )


async def reseal_all(store: Store, vault: Vault, sealed: SealedColumn, limit: int = 2) -> Batch:
    """Reseal a whole column; the sums over all its batches."""
    after: tuple[str, ...] | None = sealed.beginning
    total = Batch(None, 0, 0, 0)
    while after is not None:
        batch = await store.write(resealing.reseal, vault, sealed, after, limit)
        after = batch.last
        total = Batch(None, total.seen + batch.seen, total.resealed + batch.resealed, total.lost + batch.lost)
    return total


def test_the_list_has_every_sealed_column() -> None:
    listed = {(sealed.table.name, sealed.name) for sealed in resealing.SEALED}
    there = {
        (table.name, column.name)
        for table in tables.metadata.tables.values()
        for column in table.columns
        if column.name.startswith("sealed_")
    }
    assert listed == there
    assert all(
        name in sealed.table.primary_key.columns for sealed in resealing.SEALED for name in sealed.bound_to
    )


async def test_values_sealed_with_an_old_key_are_sealed_anew_and_others_left(
    store: Store, pool_id: str
) -> None:
    others = (await reseal_all(store, AFTER, USERS)).lost  # what other tests left
    subs = [f"sub{number}" for number in range(5)]
    for sub in subs:
        await store.write(users.add, a_user(pool_id, sub, sub.encode()), (), ())
    await store.write(users.add, a_user(pool_id, "without", None), (), ())
    before = (await store.read(resealing.count_by_key, USERS))[OLD.id]
    total = await reseal_all(store, AFTER, USERS)
    assert (total.resealed, total.lost) == (5, others)
    assert before == 5
    assert OLD.id not in await store.read(resealing.count_by_key, USERS)
    for sub in subs:
        user = await store.read(users.by_sub, pool_id, sub)
        assert user is not None
        assert user.sealed_verifier is not None
        assert WITHOUT.unseal("password", user.sealed_verifier, f"{pool_id}/{sub}".encode()) == sub.encode()
    assert (await reseal_all(store, AFTER, USERS)).resealed == 0


async def test_a_change_that_had_read_the_old_value_must_be_made_again(store: Store, pool_id: str) -> None:
    user = a_user(pool_id, "ada", b"verifier")
    await store.write(users.add, user, (), ())
    await reseal_all(store, AFTER, USERS, 1000)
    assert not await store.write(users.change, user, structs.replace(user, status="RESET_REQUIRED"))


async def test_a_value_that_no_key_opens_is_counted_and_left(store: Store, pool_id: str) -> None:
    others = (await reseal_all(store, WITHOUT, USERS)).lost
    user = a_user(pool_id, "ada", b"verifier")
    await store.write(users.add, user, (), ())
    total = await reseal_all(store, WITHOUT, USERS)
    assert (total.resealed, total.lost) == (0, others + 1)
    assert await store.read(users.by_sub, pool_id, "ada") == user
    assert (await reseal_all(store, AFTER, USERS)).resealed == 1


async def test_values_of_one_user_follow_one_another_across_batches(store: Store, pool_id: str) -> None:
    def add(db: Db) -> None:
        for number in range(5):
            sealed = BEFORE.seal("password", bytes([number]), f"{pool_id}/ada".encode())
            db.run(
                insert(former_passwords),
                pool_id=pool_id,
                sub="ada",
                id=f"id{number}",
                salt=b"salt",
                sealed_verifier=sealed,
                set_at=number,
            )

    await store.write(add)
    total = await reseal_all(store, AFTER, FORMER)
    assert total.resealed == 5

    def read(db: Db) -> list[bytes]:
        rows = db.all(select(former_passwords.c.pool_id, former_passwords.c.sealed_verifier))
        return [bytes(row[1]) for row in rows if row[0] == pool_id]

    opened = [
        WITHOUT.unseal("password", value, f"{pool_id}/ada".encode()) for value in await store.read(read)
    ]
    assert sorted(opened) == [bytes([number]) for number in range(5)]


@pytest.mark.parametrize("sealed", resealing.SEALED, ids=lambda sealed: f"{sealed.table.name}.{sealed.name}")
async def test_every_column_is_sealed_anew_under_what_it_is_bound_to(
    store: Store, pool_id: str, sealed: SealedColumn
) -> None:
    key = {column.name: f"{pool_id}-{column.name}" for column in sealed.keys}
    bound_to = "/".join(key[name] for name in sealed.bound_to).encode()
    row: dict[str, object] = {
        column.name: "{}"
        if isinstance(column.type, Text)
        else b""
        if isinstance(column.type, LargeBinary)
        else 0
        for column in sealed.table.columns
    }
    row |= key | {sealed.name: BEFORE.seal(sealed.purpose, b"a secret", bound_to)}
    of_row = [column == key[column.name] for column in sealed.keys]
    await store.write(lambda db: db.run(insert(sealed.table), **row))
    await reseal_all(store, AFTER, sealed)
    found = await store.read(lambda db: db.one(select(sealed.column).where(*of_row)))
    await store.write(lambda db: db.run(delete(sealed.table).where(*of_row)))
    assert found is not None
    assert WITHOUT.unseal(sealed.purpose, found[0], bound_to) == b"a secret"
