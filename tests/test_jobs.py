"""What a node does beside requests."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec
import pytest

from cognomen import app, jobs, settings
from cognomen.clock import DAY, MINUTE
from cognomen.crypto import sealing
from cognomen.master_key import source
from cognomen.master_key.vault import Vault
from cognomen.messages import compose, courier, inbox
from cognomen.messages.compose import Composed
from cognomen.pools import log_records
from cognomen.store import (
    attempts,
    codes,
    failures,
    groups,
    master_keys,
    messages,
    spent,
    tokens,
    user_pools,
    users,
)
from cognomen.store.codes import Code
from cognomen.store.database import Db, Store, Unavailable
from cognomen.store.groups import Group
from cognomen.store.master_keys import KnownKey
from cognomen.store.messages import Message
from cognomen.store.opening import open_store
from cognomen.store.user_pool_settings import UserPoolSettings
from cognomen.store.user_pools import UserPool
from cognomen.store.users import Alias, SearchValue, User
from tests.held_clock import HeldClock

NOW = 1_700_000_000_000
AGE = 7 * DAY


async def sweep_all(store: Store, now: int = NOW) -> None:
    while await jobs.sweep(store, now, AGE):
        pass


async def test_what_has_expired_is_swept_and_what_has_not_stays(store: Store, pool_id: str) -> None:
    for id, expires_at in {"old": NOW - 1, "new": NOW}.items():
        await store.write(spent.spend, pool_id, "turn", id, expires_at - jobs.CLOCKS_APART)
        await store.write(failures.add, pool_id, "password", id, 1, expires_at - jobs.CLOCKS_APART)
        await store.write(tokens.revoke, pool_id, id, expires_at - jobs.CLOCKS_APART)
        code = Code("sub", id, b"digest", "email", "", False, expires_at - jobs.CLOCKS_APART)
        await store.write(codes.put, pool_id, code)
        await store.write(messages.keep, Message(pool_id, id, b"sealed", expires_at - AGE))
    await sweep_all(store)
    assert not await store.read(spent.was_spent, pool_id, "turn", "old")
    assert await store.read(spent.was_spent, pool_id, "turn", "new")
    assert await store.read(failures.by_id, pool_id, "password", "old") is None
    assert await store.read(codes.by_purpose, pool_id, "sub", "old") is None
    assert await store.read(codes.by_purpose, pool_id, "sub", "new") is not None
    assert await store.read(failures.by_id, pool_id, "password", "new") is not None
    assert [
        message.id for message in await store.read(messages.all_kept, pool_id, messages.NEWER_THAN_ALL, 10)
    ] == ["new"]


async def test_a_call_sweeps_one_batch_and_says_that_there_is_more(store: Store, pool_id: str) -> None:
    await sweep_all(store)
    for number in range(jobs.BATCH + 1):
        await store.write(spent.spend, pool_id, "turn", str(number), NOW - jobs.CLOCKS_APART - 1)
    assert await jobs.sweep(store, NOW, AGE)
    left = [
        number
        for number in range(jobs.BATCH + 1)
        if await store.read(spent.was_spent, pool_id, "turn", str(number))
    ]
    assert len(left) == 1
    assert not await jobs.sweep(store, NOW, AGE)


async def test_all_nodes_may_sweep_at_the_same_time(store: Store, database_url: str, pool_id: str) -> None:
    await sweep_all(store)

    def fill(db: Db) -> None:
        for number in range(3 * jobs.BATCH):
            spent.spend(db, pool_id, "turn", str(number), NOW - jobs.CLOCKS_APART - 1)

    await store.write(fill)
    other = open_store(database_url)
    try:
        await asyncio.gather(*(sweep_all(node) for node in (store, other) * 2))
    finally:
        other.close()
    left = [
        number
        for number in range(3 * jobs.BATCH)
        if await store.read(spent.was_spent, pool_id, "turn", str(number))
    ]
    assert left == []


async def test_the_rows_of_a_deleted_pool_go_and_those_of_others_stay(store: Store, pool_id: str) -> None:
    other = f"{pool_id}x"
    for id in (pool_id, other):
        pool = UserPool(id, "a pool", UserPoolSettings(), (), b"sealed", 1, NOW, NOW)
        await store.write(user_pools.add, pool, ())
        for number in range(3):
            user = a_user(id, f"sub{number}")
            names = [Alias("username", user.username)]
            await store.write(users.add, user, names, [SearchValue("username", user.username)])
    deleted = await store.read(user_pools.by_id, pool_id)
    assert deleted is not None
    await store.write(user_pools.remove, deleted, NOW - jobs.LINGER + 1)
    await sweep_all(store)
    assert await store.read(users.by_sub, pool_id, "sub0") is not None, "a request may still be adding to it"
    await sweep_all(store, NOW + 1)
    assert pool_id not in await store.read(user_pools.all_deleted, NOW, 1000)
    assert await store.read(users.by_sub, pool_id, "sub0") is None
    assert await store.read(users.by_alias, pool_id, [Alias("username", "sub0")]) is None
    assert await store.read(users.by_sub, other, "sub0") is not None


async def test_what_counts_once_is_remembered_while_another_node_may_still_accept_it(
    store: Store, pool_id: str
) -> None:
    await store.write(spent.spend, pool_id, "turn", "id", NOW)
    await store.write(tokens.revoke, pool_id, "origin", NOW)
    await sweep_all(store, NOW + jobs.CLOCKS_APART)
    assert await store.read(spent.was_spent, pool_id, "turn", "id"), (
        "a node whose clock is behind asks for it"
    )
    await sweep_all(store, NOW + jobs.CLOCKS_APART + 1)
    assert not await store.read(spent.was_spent, pool_id, "turn", "id")


async def test_a_sign_in_that_lies_in_a_row_goes_when_nobody_can_answer_it_any_more(
    store: Store, pool_id: str
) -> None:
    await store.write(attempts.put, pool_id, "id", b"sealed", NOW)
    await sweep_all(store, NOW + jobs.CLOCKS_APART)
    assert await store.read(attempts.by_id, pool_id, "id") is not None
    await sweep_all(store, NOW + jobs.CLOCKS_APART + 1)
    assert await store.read(attempts.by_id, pool_id, "id") is None


async def test_the_memberships_of_a_deleted_group_go_and_those_of_others_stay(
    store: Store, pool_id: str
) -> None:
    count = jobs.BATCH + 1

    def make(db: Db) -> tuple[Group, Group]:
        staff = Group(pool_id, "id of staff", "staff", None, None, None, NOW, NOW)
        admins = Group(pool_id, "id of admins", "admins", None, None, None, NOW, NOW)
        for number in range(count):
            users.add(db, a_user(pool_id, f"sub{number:03}"), [], [])
            groups.add_member(db, staff, f"sub{number:03}")
        groups.add(db, admins)
        groups.add_member(db, admins, "sub000")
        groups.remove(db, staff, NOW - jobs.LINGER + 1)
        return staff, admins

    staff, admins = await store.write(make)
    await sweep_all(store)
    left = await store.read(groups.all_users, staff, "", 1000)
    assert len(left) == count, "a request may still be putting users into it"
    assert await jobs.sweep(store, NOW + 1, AGE), "one batch, and there is more"
    await sweep_all(store, NOW + 1)
    assert await store.read(groups.all_users, staff, "", 1000) == []
    assert len(await store.read(groups.all_users, admins, "", 1000)) == 1
    assert (pool_id, staff.id) not in await store.read(groups.all_deleted, NOW, 1000)


def a_user(pool_id: str, sub: str) -> User:
    return User(
        pool_id=pool_id,
        sub=sub,
        username=sub,
        status="CONFIRMED",
        enabled=True,
        attributes={},
        salt=None,
        sealed_verifier=None,
        password_set_at=0,
        credential_version=1,
        signed_out_at=0,
        created_at=0,
        modified_at=0,
        version=1,
    )


async def test_a_master_key_that_another_process_added_is_used_from_then_on(store: Store) -> None:
    old, new = sealing.master_key(b"j" * 32), sealing.master_key(b"k" * 32)
    kept = [old]
    vault = Vault(lambda: sealing.keyring(kept))
    kept.insert(0, new)
    await jobs.follow_master_key(store, vault)
    assert vault.keyring.current == old
    await store.write(master_keys.add, KnownKey(new.id, sealing.key_check(new), NOW, None))
    await jobs.follow_master_key(store, vault)
    assert vault.keyring.current == new
    await store.write(master_keys.retire, new.id, NOW)


async def test_a_master_key_in_use_that_this_node_does_not_have_is_told(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = sealing.master_key(b"l" * 32), sealing.master_key(b"m" * 32)
    vault = Vault(lambda: sealing.keyring([old]))
    await store.write(master_keys.add, KnownKey(new.id, sealing.key_check(new), NOW, None))
    await jobs.follow_master_key(store, vault)
    assert f"sealed with master key {new.id}, which is not among the master keys" in caplog.text
    await store.write(master_keys.retire, new.id, NOW)


async def test_a_running_node_does_the_jobs_until_it_is_stopped(
    database_url: str, tmp_path: object, pool_id: str, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CARRY_SECONDS", 0.01)
    given = settings.load({"data": str(tmp_path), "database": database_url}, {})
    source.create(given.master_key_file)
    node = app.build(given)
    message = Composed(
        medium=compose.SMS,
        destination="+15555550100",
        subject="",
        body="hello",
        sub="sub",
        username="ada",
        purpose=compose.INVITATION,
    )
    decoy_key = node.vault.seal("decoy-key", b"d" * 32, pool_id.encode())
    pool = UserPool(pool_id, "a pool", UserPoolSettings(), (), decoy_key, 1, 0, 0)
    await node.store.write(user_pools.add, pool, ())
    await node.store.write(courier.queue, node.vault, pool_id, message, clock.now - 2 * MINUTE)
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.run(node, stop))
    async with asyncio.timeout(20):
        while not await inbox.newest(node.store, node.vault, pool_id, 1):  # noqa: ASYNC110  told by no event
            await asyncio.sleep(0)
        stop.set()
        await running
    node.store.close()


async def test_the_logs_of_pools_reach_the_file_that_stands_for_their_destination(
    database_url: str, pool_id: str, tmp_path: Path, clock: HeldClock
) -> None:
    arn, file = "arn:aws:s3:::a-bucket", tmp_path / "pools.jsonl"
    given = {"data": str(tmp_path), "database": database_url, "log_sinks": {arn: f"file:{file}"}}
    loaded = settings.load(given, {})
    source.create(loaded.master_key_file)
    node = app.build(loaded)
    message = {"details": "hello"}
    await node.store.write(
        log_records.queue, pool_id, log_records.NOTIFICATIONS, arn, message, moment=clock.now
    )
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.run(node, stop))
    async with asyncio.timeout(20):
        while not file.exists() or not file.read_bytes():  # noqa: ASYNC110  told by no event
            await asyncio.sleep(0)
        stop.set()
        await running
    node.store.close()
    assert msgspec.json.decode(file.read_bytes())["message"] == message


async def test_a_job_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    stop = asyncio.Event()
    outcomes: list[Exception | bool] = [
        Unavailable("no route to the database"),
        LookupError("a defect"),
        True,
        False,
    ]

    async def job() -> bool:
        outcome = outcomes.pop(0)
        if not outcomes:
            stop.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(20):
            await jobs._repeat(job, 0.001, stop)
    assert outcomes == []
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
