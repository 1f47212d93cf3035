"""Users leave one database and come into another, with another master key, and nothing of them is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from msgspec import structs
from sqlalchemy import BigInteger, LargeBinary, Table

from cognomen.call import Node
from cognomen.errors import Refusal
from cognomen.moving import exporting, importing, records
from cognomen.moving.importing import Outcome
from cognomen.moving.sealed_file import FileError
from cognomen.operations import dispatch
from cognomen.store import moving, resealing, users
from cognomen.store.database import Db
from cognomen.store.groups import group_members
from cognomen.users import foreign_passwords
from tests import vouching
from tests.moving.conftest import (
    PASSPHRASE,
    POOL_ID,
    SETTINGS,
    ask,
    export,
    load,
    make_pool,
    make_user,
    sign_in,
)


def filled(node: Node, table: Table, sub: str) -> dict[str, Any]:
    """A row with something in every column, sealed where it should be."""
    kinds: dict[type, Any] = {BigInteger: 7, LargeBinary: b"bytes"}
    row = {column.name: kinds.get(type(column.type), f"a {column.name}") for column in table.c}
    row |= {"pool_id": POOL_ID, "sub": sub}
    return records.sealed(node.vault, table, POOL_ID, {k: v for k, v in row.items() if k != "pool_id"})


async def fill(node: Node, sub: str) -> None:
    """Give a user a row of every table that moves, and everything that stands in its own."""
    await ask(node, "CreateGroup", GroupName="staff", Precedence=3, Description="who works here")
    await ask(node, "AdminAddUserToGroup", GroupName="staff", Username="ada")
    for table in moving.CARRIED:
        if table is not group_members:
            await node.store.write(moving.add, table, filled(node, table, sub))
    secrets = [each for each in resealing.SEALED if each.table is users.users and "totp" in each.name]
    ada = await node.store.read(users.by_sub, POOL_ID, sub)
    assert ada is not None
    sealed: dict[str, Any] = {
        each.name: node.vault.seal(each.purpose, b"secret", f"{POOL_ID}/{sub}".encode()) for each in secrets
    }
    assert await node.store.write(users.change, ada, structs.replace(ada, **sealed))


def all_of(db: Db, node: Node) -> dict[str, list[dict[str, Any]]]:
    """Everything that moves, opened; groups by nothing but that there is a membership."""
    found = moving.page(db, POOL_ID, "", 1_000)
    subs = [row["sub"] for row in found]
    told = {"users": [records.opened(node.vault, users.users, row) for row in found]}
    for table in moving.CARRIED:
        told[table.name] = [
            {
                name: value
                for name, value in records.opened(node.vault, table, row).items()
                if name != "group_id"
            }
            for row in moving.of_users(db, table, POOL_ID, subs)
        ]
    return told


async def test_users_come_with_everything_they_have(nodes: tuple[Node, Node], tmp_path: Path) -> None:
    former, new = nodes
    await make_pool(former)
    client_id = await make_pool(new)
    sub = await make_user(former, "ada")
    await make_user(former, "bob")
    await fill(former, sub)
    path = tmp_path / "users"
    assert await export(former, path) == 2
    assert await load(new, path) == Outcome(added=2)
    there, here = await former.store.read(all_of, former), await new.store.read(all_of, new)
    assert here == there
    assert all(there.values()), "a table that moves had no row, so nothing was shown of it"
    groups = await ask(new, "AdminListGroupsForUser", Username="ada")
    (staff,) = groups["Groups"]
    assert (staff["GroupName"], staff["Precedence"], staff["Description"]) == ("staff", 3, "who works here")
    assert "AuthenticationResult" in await sign_in(new, client_id, "bob")
    assert "AuthenticationResult" in await sign_in(new, client_id, "bob@example.com")
    found = await ask(new, "ListUsers", Filter='email = "ada@example.com"')
    assert [user["Username"] for user in found["Users"]] == ["ada"]
    described = await ask(new, "DescribeUserPool")
    assert described["UserPool"]["EstimatedNumberOfUsers"] == 2


@pytest.mark.parametrize("pool_id", [POOL_ID, "us-east-1_Moving002"])
async def test_who_came_from_a_provider_is_the_same_user_in_the_new_place(
    nodes: tuple[Node, Node], tmp_path: Path, pool_id: str
) -> None:
    former, new = nodes
    client_ids = [await make_pool(former), await make_pool(new, pool_id)]
    for node, id in zip(nodes, (POOL_ID, pool_id), strict=True):
        await ask(
            node,
            "CreateIdentityProvider",
            UserPoolId=id,
            ProviderName="corp",
            ProviderType="OIDC",
            ProviderDetails=vouching.OIDC,
            AttributeMapping=vouching.USUAL,
        )
    claims = {"email": "ada@example.com"}
    before = await vouching.coming(former, POOL_ID, client_ids[0], "1234", claims)
    path = tmp_path / "users"
    assert await export(former, path) == 1
    assert await load(new, path, pool_id, without_passwords=pool_id != POOL_ID) == Outcome(added=1)
    after = await vouching.coming(new, pool_id, client_ids[1], "1234", claims)
    assert (after.user.sub, after.user.attributes) == (before.user.sub, before.user.attributes)
    groups = await ask(new, "AdminListGroupsForUser", UserPoolId=pool_id, Username="corp_1234")
    assert [group["GroupName"] for group in groups["Groups"]] == [f"{pool_id}_corp"]
    assert len((await ask(new, "ListGroups", UserPoolId=pool_id))["Groups"]) == 1


async def test_a_change_while_a_frame_is_read_is_in_it_whole_or_not_at_all(
    nodes: tuple[Node, Node], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, new = nodes
    await make_pool(former)
    await make_pool(new)
    await fill(former, await make_user(former, "ada"))
    read = moving.of_users

    def overtaken(*given: Any) -> list[dict[str, Any]]:
        with suppress(sqlite3.OperationalError):  # one transaction at a time may write there
            leave_all_groups(former.store.url)
        return read(*given)

    monkeypatch.setattr(moving, "of_users", overtaken)
    await export(former, tmp_path / "users")
    await load(new, tmp_path / "users")
    groups = await ask(new, "AdminListGroupsForUser", Username="ada")
    assert [group["GroupName"] for group in groups["Groups"]] == ["staff"]


def leave_all_groups(url: str) -> None:
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0)) as file, file:
            file.execute("DELETE FROM group_members")
    else:
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM group_members")


async def test_a_hash_that_waits_for_its_first_sign_in_moves_as_well(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    former, new = nodes
    await make_pool(former)
    client_id = await make_pool(new)
    sub = await make_user(former, "ada")
    ada = await former.store.read(users.by_sub, POOL_ID, sub)
    assert ada is not None
    hashed = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    known = foreign_passwords.with_foreign(former.vault, ada, "BCRYPT", hashed)
    assert await former.store.write(users.change, ada, known)
    path = tmp_path / "users"
    await export(former, path)
    await load(new, path)
    assert "AuthenticationResult" in await sign_in(new, client_id, "ada", "U*U")


async def test_an_import_that_is_run_again_adds_what_is_missing(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    former, new = nodes
    await make_pool(former)
    await make_pool(new)
    await make_user(former, "ada")
    await export(former, tmp_path / "first")
    await make_user(former, "bob")
    await export(former, tmp_path / "second")
    assert await load(new, tmp_path / "first") == Outcome(added=1)
    assert await load(new, tmp_path / "second") == Outcome(added=1, there=1)
    assert await load(new, tmp_path / "second") == Outcome(there=2)


async def test_an_export_that_was_stopped_goes_on(
    nodes: tuple[Node, Node], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "USERS_AT_ONCE", 2)
    moving._of_users.cache_clear()
    former, new = nodes
    await make_pool(former)
    await make_pool(new)
    names = [f"user{number}" for number in range(7)]
    for name in names:
        await make_user(former, name)
    path = tmp_path / "users"

    class Stopped(Exception):  # noqa: N818  of this test
        pass

    def stop(done: int, _whole: int) -> None:
        if done == 4:
            raise Stopped

    with pytest.raises(Stopped):
        await exporting.export(former, POOL_ID, path, PASSPHRASE, stop)
    path.write_bytes(path.read_bytes()[:-3])  # the last frame did not reach the disk as a whole
    with pytest.raises(FileError, match="not complete"):
        await load(new, path)
    assert await export(former, path) == 7
    outcome = await load(new, path)
    assert outcome.added + outcome.there == 7
    listed = await ask(new, "ListUsers")
    assert sorted(user["Username"] for user in listed["Users"]) == names
    with pytest.raises(FileError, match="complete already"):
        await export(former, path)
    moving._of_users.cache_clear()


async def test_whoever_has_the_name_of_another_stays_out_and_is_named(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    former, new = nodes
    await make_pool(former)
    await make_pool(new)
    sub = await make_user(former, "ada")
    await make_user(former, "bob")
    await make_user(new, "ada")
    await export(former, tmp_path / "users")
    assert await load(new, tmp_path / "users") == Outcome(added=1, clashed=1, clashes=(sub,))


async def test_a_key_that_is_anothers_keeps_one_user_out_and_not_its_frame(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    former, new = nodes
    await make_pool(former)
    await make_pool(new)
    (identities,) = (table for table in moving.CARRIED if table.name == "identities")
    ada, eve = await make_user(former, "ada"), await make_user(new, "eve")
    await make_user(former, "bob")
    await former.store.write(moving.add, identities, filled(former, identities, ada))
    await new.store.write(moving.add, identities, filled(new, identities, eve))
    await export(former, tmp_path / "users")
    assert await load(new, tmp_path / "users") == Outcome(added=1, clashed=1, clashes=(ada,))


async def test_a_pool_of_another_id_takes_them_without_passwords_only(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    former, new = nodes
    await make_pool(former)
    await make_user(former, "ada")
    await export(former, tmp_path / "users")
    made = await dispatch.perform(new, "CreateUserPool", {"PoolName": "another"} | SETTINGS)
    other = made["UserPool"]["Id"]
    with pytest.raises(FileError, match="bound to the pool's id"):
        await load(new, tmp_path / "users", other)
    assert await load(new, tmp_path / "users", other, without_passwords=True) == Outcome(added=1)
    told = await dispatch.perform(new, "AdminGetUser", {"UserPoolId": other, "Username": "ada"})
    assert told["UserStatus"] == "RESET_REQUIRED"
    (row,) = await new.store.read(moving.page, other, "", 10)
    assert row["sealed_verifier"] is None


async def test_a_pool_that_calls_its_users_otherwise_does_not_take_them(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    former, new = nodes
    await make_pool(former)
    await make_pool(new, AliasAttributes=["phone_number"])
    await export(former, tmp_path / "users")
    with pytest.raises(FileError, match="AliasAttributes"):
        await load(new, tmp_path / "users")


async def test_a_pool_that_is_not_there_is_told(nodes: tuple[Node, Node], tmp_path: Path) -> None:
    former, new = nodes
    with pytest.raises(Refusal, match="does not exist"):
        await export(former, tmp_path / "users")
    assert not (tmp_path / "users").exists()
    await make_pool(former)
    await export(former, tmp_path / "users")
    with pytest.raises(Refusal, match="does not exist"):
        await load(new, tmp_path / "users")


def test_what_a_later_release_has_written_is_not_dropped_in_silence(
    nodes: tuple[Node, Node],
) -> None:
    former, _ = nodes
    row = {name: value for name, value in filled(former, group_members, "sub").items() if name != "pool_id"}
    with pytest.raises(FileError, match="written by a later release: group_members has no shoe_size here"):
        records.sealed(former.vault, group_members, POOL_ID, row | {"shoe_size": 42})
    with pytest.raises(FileError, match="written by a later release: there is no shoes here"):
        importing._by_user({"users": [row], "shoes": [row]})
    del row["group_id"]
    with pytest.raises(FileError, match="without group_id"):
        records.sealed(former.vault, group_members, POOL_ID, row)
