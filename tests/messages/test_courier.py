"""The outbox: nothing is lost, nothing is carried by two at once."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from cognomen.clock import DAY, MINUTE
from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault
from cognomen.messages import carriers, courier, inbox
from cognomen.messages.compose import Composed
from cognomen.messages.courier import Undelivered
from cognomen.store import messages
from cognomen.store.database import Db, Store
from cognomen.store.messages import Message

NOW = 1_700_000_000_000


class Gateway:
    """A carrier whose other side can be down; it remembers what reached it."""

    def __init__(self) -> None:
        self.is_down = False
        self.reached: list[Composed] = []

    async def carry(self, store: Store, sealed: Message, message: Composed) -> None:
        if self.is_down:
            raise OSError(f"cannot deliver {message.body}")
        self.reached.append(message)
        await store.write(messages.carried, sealed)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    gateway = Gateway()
    monkeypatch.setitem(carriers.CARRIERS, "EMAIL", gateway.carry)
    return gateway


async def outbox_of(store: Store, pool_id: str) -> list[messages.Waiting]:
    """Everything that waits for a pool, whenever it is due."""
    return [
        found
        for found in await store.read(messages.all_due, 10**15, 1000)
        if found.message.pool_id == pool_id
    ]


async def test_a_message_goes_from_the_transaction_to_the_inbox(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    assert b"S3cret-word" not in queued.sealed_document
    await courier.carry(store, vault, queued, NOW)
    (read,) = await inbox.newest(store, vault, pool_id, 10)
    assert read == {
        "id": queued.id,
        "time": "2023-11-14T22:13:20.000Z",
        "medium": "EMAIL",
        "destination": "ada@example.com",
        "subject": "Your temporary password",
        "body": "Your username is ada and temporary password is S3cret-word. ",
        "sub": message.sub,
        "username": "ada",
        "purpose": "invitation",
        "code": None,
        "password": "S3cret-word",
    }
    assert await outbox_of(store, pool_id) == []


async def test_a_message_of_a_transaction_that_failed_does_not_exist(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    def fail(db: Db) -> None:
        courier.queue(db, vault, pool_id, message, NOW)
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(fail)
    assert await outbox_of(store, pool_id) == []


async def test_what_a_crash_left_is_carried_once_the_request_must_have_ended(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry_due(store, vault, NOW + MINUTE - 1)
    assert await inbox.newest(store, vault, pool_id, 10) == []
    await courier.carry_due(store, vault, NOW + MINUTE)
    assert len(await inbox.newest(store, vault, pool_id, 10)) == 1
    assert await outbox_of(store, pool_id) == []


async def test_of_many_nodes_one_carries_what_is_due(
    store: Store, vault: Vault, pool_id: str, message: Composed, gateway: Gateway
) -> None:
    for _ in range(5):
        await store.write(courier.queue, vault, pool_id, message, NOW)
    await asyncio.gather(*(courier.carry_due(store, vault, NOW + MINUTE) for _ in range(4)))
    assert len(gateway.reached) == 5


async def test_a_request_is_told_of_a_failed_attempt_and_the_message_is_tried_again(
    store: Store, vault: Vault, pool_id: str, message: Composed, gateway: Gateway
) -> None:
    gateway.is_down = True
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    with pytest.raises(Undelivered):
        await courier.carry(store, vault, queued, NOW)
    gateway.is_down = False
    await courier.carry_due(store, vault, NOW + MINUTE)
    assert gateway.reached == [message]
    assert await outbox_of(store, pool_id) == []


async def test_each_pause_is_longer_until_the_message_is_given_up(
    store: Store,
    vault: Vault,
    pool_id: str,
    message: Composed,
    gateway: Gateway,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway.is_down = True
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    now = NOW
    pauses = []
    with caplog.at_level(logging.WARNING):
        while await outbox_of(store, pool_id):
            before = now
            while not [
                found for found in await store.read(messages.all_due, now, 1000) if found.message == queued
            ]:
                now += MINUTE
            pauses.append((now - before) // MINUTE)
            await courier.carry_due(store, vault, now)
    assert pauses[:9] == [1, 1, 2, 4, 8, 16, 32, 60, 60]
    assert DAY <= now - NOW <= 2 * DAY
    assert f"message {queued.id} was not delivered in 30 attempts and is given up" in caplog.text
    assert "S3cret-word" not in caplog.text


async def test_a_message_that_cannot_be_opened_holds_up_no_other(
    store: Store, vault: Vault, pool_id: str, message: Composed, caplog: pytest.LogCaptureFixture
) -> None:
    forgotten = sealing.keyring([sealing.master_key(b"f" * 32)])
    lost = await store.write(courier.queue, Vault(lambda: forgotten), pool_id, message, NOW)
    kept = await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry_due(store, vault, NOW + MINUTE)
    assert [found["id"] for found in await inbox.newest(store, vault, pool_id, 10)] == [kept.id]
    assert [found.message.id for found in await outbox_of(store, pool_id)] == [lost.id]
    assert f"message {lost.id} cannot be opened" in caplog.text


async def test_a_message_moved_to_another_pool_does_not_open(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    moved = Message("us-east-1_other", queued.id, queued.sealed_document, queued.created_at)
    with pytest.raises(sealing.CannotUnseal):
        courier.opened(vault, moved)


async def test_there_may_be_more_when_a_batch_was_full(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    for _ in range(courier.BATCH):
        await store.write(courier.queue, vault, pool_id, message, NOW)
    assert await courier.carry_due(store, vault, NOW + MINUTE)
    while await courier.carry_due(store, vault, NOW + MINUTE):
        pass
    assert await outbox_of(store, pool_id) == []


async def test_a_message_carried_twice_is_in_the_inbox_once(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry(store, vault, queued, NOW)
    await courier.carry(store, vault, queued, NOW)
    assert len(await inbox.newest(store, vault, pool_id, 10)) == 1


async def test_a_message_to_nobody_waits_like_any_other_and_reaches_nobody(
    store: Store, vault: Vault, pool_id: str, message: Composed, gateway: Gateway
) -> None:
    sham = msgspec.structs.replace(message, to_nobody=True)
    queued = await store.write(courier.queue, vault, pool_id, sham, NOW)
    assert len(await outbox_of(store, pool_id)) == 1
    await courier.carry(store, vault, queued, NOW)
    left_behind = await store.write(courier.queue, vault, pool_id, sham, NOW)
    await courier.carry_due(store, vault, NOW + DAY)
    assert left_behind.id not in [waiting.message.id for waiting in await outbox_of(store, pool_id)]
    assert gateway.reached == []
