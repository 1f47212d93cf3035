"""The outbox: nothing is lost, nothing is carried by two at once, and what is given up can be seen."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import msgspec
import pytest

from cognomen.call import Node
from cognomen.clock import DAY, HOUR, MINUTE, SECOND
from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.messages import courier, inbox
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.table import Carriers
from cognomen.messages.compose import Composed
from cognomen.messages.courier import Queued
from cognomen.operations import dispatch
from cognomen.pools.configuration import Configurations, PoolConfiguration
from cognomen.store import messages, replicas
from cognomen.store.database import Db, Store, Unavailable
from cognomen.store.messages import Message
from cognomen.store.replicas import Replica
from cognomen.store.user_pool_settings import RegionalSettings
from tests.carriers import Double
from tests.held_clock import HeldClock

T = TypeVar("T")


@pytest.fixture
def double(node: Node, monkeypatch: pytest.MonkeyPatch) -> Double:
    double = Double()
    monkeypatch.setattr(node.carriers, "_of_email", {"*": double})
    return double


@pytest.fixture
def queue(node: Node, pool_id: str, message: Composed, clock: HeldClock) -> Queue:
    async def put(composed: Composed = message) -> Queued:
        return await node.store.write(courier.queue, node.vault, pool_id, composed, clock.now)

    return put


Queue = Callable[..., Coroutine[Any, Any, Queued]]


BEHIND_ALL = messages.TO_NOBODY + messages.NEWER_THAN_ALL
"""Sorts behind the ids of messages to nobody too, which no one else asks for."""


async def outbox_of(store: Store, pool_id: str) -> list[messages.Waiting]:
    return await store.read(messages.all_waiting, pool_id, messages.NEWER_THAN_ALL, 1000)


async def given_up(store: Store, pool_id: str) -> list[messages.Undelivered]:
    return await store.read(messages.all_undelivered, pool_id, messages.NEWER_THAN_ALL, 1000)


async def test_a_message_goes_from_the_transaction_to_the_inbox(
    node: Node, pool_id: str, message: Composed, queue: Queue
) -> None:
    queued = await queue()
    assert b"S3cret-word" not in queued.sealed_document
    await courier.carry(node, queued)
    (read,) = await inbox.newest(node.store, node.vault, pool_id, 10)
    assert read | {"time": None} == {
        "id": queued.id,
        "time": None,
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
    assert await outbox_of(node.store, pool_id) == []


async def test_a_message_of_a_transaction_that_failed_does_not_exist(
    node: Node, pool_id: str, message: Composed, clock: HeldClock
) -> None:
    def fail(db: Db) -> None:
        courier.queue(db, node.vault, pool_id, message, clock.now)
        raise LookupError

    with pytest.raises(LookupError):
        await node.store.write(fail)
    assert await outbox_of(node.store, pool_id) == []


async def test_what_a_crash_left_is_carried_once_the_request_must_have_ended(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock
) -> None:
    queued = await queue()
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR - 1)
    assert double.ids == []
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR)
    assert double.ids == [queued.id]
    assert await outbox_of(node.store, pool_id) == []


@pytest.mark.parametrize("kept", [True, False])
async def test_what_a_crash_left_reaches_the_inbox_too(
    node: Node, pool_id: str, queue: Queue, clock: HeldClock, kept: bool
) -> None:
    await queue()
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR - (0 if kept else 1))
    assert len(await inbox.newest(node.store, node.vault, pool_id, 10)) == int(kept)


async def test_of_many_nodes_and_the_request_itself_one_carries_a_message(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock
) -> None:
    queued = [await queue() for _ in range(5)]
    clock.advance(courier.CLAIMED_FOR)
    others = [dataclasses.replace(node) for _ in range(4)]
    await asyncio.gather(
        *(courier.carry_due(other, clock.now) for other in others),
        *(courier.carry(node, each) for each in queued),
    )
    assert sorted(double.ids) == sorted(each.id for each in queued)
    assert await outbox_of(node.store, pool_id) == []


async def test_a_message_is_nobody_else_s_while_its_attempt_lasts(
    node: Node, double: Double, queue: Queue, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(_parcel: Parcel) -> None:
        begun.set()
        await may_end.wait()
        double.ids.append(_parcel.id)

    monkeypatch.setattr(double, "carry", slowly)
    queued = await queue()
    clock.advance(courier.CLAIMED_FOR)  # a request that took so long that its own claim is over
    carrying = asyncio.create_task(courier.carry(node, queued))
    await begun.wait()
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR - 1)
    may_end.set()
    await carrying
    assert double.ids == [queued.id]


async def test_a_request_is_told_of_a_failed_attempt_and_the_message_is_tried_again(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock, caplog: pytest.LogCaptureFixture
) -> None:
    double.failure = OSError("cannot deliver S3cret-word")
    queued = await queue()
    with pytest.raises(Undelivered):
        await courier.carry(node, queued)
    (waiting,) = await outbox_of(node.store, pool_id)
    assert (waiting.attempts, waiting.reason, waiting.due_at) == (1, "OSError", clock.now + 15 * SECOND)
    assert "S3cret-word" not in caplog.text
    double.failure = None
    await courier.carry_due(node, clock.now + 15 * SECOND)
    assert double.ids == [queued.id]
    assert await outbox_of(node.store, pool_id) == []
    assert node.carriers.counts == {
        ("EMAIL", "double", "failed"): 1,
        ("EMAIL", "double", "delivered"): 1,
    }


async def test_each_message_of_a_request_is_tried_though_the_first_failed(
    node: Node, double: Double, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def fail(parcel: Parcel) -> None:
        tried.append(parcel.id)
        raise OSError

    monkeypatch.setattr(double, "carry", fail)
    both = [await queue(), await queue()]
    with pytest.raises(Undelivered):
        await courier.carry(node, *both)
    assert sorted(tried) == sorted(each.id for each in both)


async def test_a_request_waits_only_so_long_and_the_attempt_goes_on(
    node: Node, pool_id: str, double: Double, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = asyncio.Event()

    async def slowly(parcel: Parcel) -> None:
        await may_end.wait()
        double.ids.append(parcel.id)

    monkeypatch.setattr(double, "carry", slowly)
    monkeypatch.setattr(courier, "ANSWER_SECONDS", 0.01)
    queued = await queue()
    await courier.carry(node, queued)
    assert double.ids == []
    may_end.set()
    await courier.finish(node)
    assert double.ids == [queued.id]
    assert await outbox_of(node.store, pool_id) == []


async def test_where_time_would_tell_nothing_is_waited_for(node: Node, double: Double, queue: Queue) -> None:
    queued = await queue()
    await courier.carry(node, queued, waits=False)
    assert double.ids == [], "not even begun"
    await courier.finish(node)
    assert double.ids == [queued.id]


async def test_whoever_hangs_up_ends_no_attempt(
    node: Node, double: Double, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(parcel: Parcel) -> None:
        begun.set()
        await may_end.wait()
        double.ids.append(parcel.id)

    monkeypatch.setattr(double, "carry", slowly)
    queued = await queue()
    request = asyncio.create_task(courier.carry(node, queued))
    await begun.wait()
    request.cancel()
    may_end.set()
    await courier.finish(node)
    assert double.ids == [queued.id]


async def test_each_pause_is_longer_until_the_message_is_given_up_for_all_to_see(
    node: Node,
    pool_id: str,
    double: Double,
    queue: Queue,
    clock: HeldClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    double.failure = OSError("cannot deliver S3cret-word")
    queued = await queue()
    with pytest.raises(Undelivered):
        await courier.carry(node, queued)
    now, pauses = clock.now, []
    while waiting := await outbox_of(node.store, pool_id):
        pauses.append((waiting[0].due_at - now) // SECOND)
        now = waiting[0].due_at
        await courier.carry_due(node, now)
    assert pauses[:9] == [15, 30, 60, 120, 240, 480, 960, 1920, 3600]
    assert set(pauses[9:]) == {3600}
    assert DAY <= now - clock.now <= 2 * DAY
    (lost,) = await given_up(node.store, pool_id)
    assert lost.message.sealed_document == queued.sealed_document
    assert (lost.message.id, lost.attempts, lost.given_up_at, lost.reason) == (queued.id, 32, now, "OSError")
    assert f"message {queued.id} was given up after 32 attempts: OSError" in caplog.text
    assert "S3cret-word" not in caplog.text
    assert node.carriers.counts["EMAIL", "double", "given up"] == 1


async def test_the_pause_begins_when_the_attempt_has_ended(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gave no answer for long may still be at it."""

    async def slow(_: Parcel) -> None:
        clock.advance(courier.ATTEMPT_SECONDS * SECOND)
        raise Undelivered("it took too long")

    monkeypatch.setattr(double, "carry", slow)
    await queue()
    due_at = clock.now + courier.CLAIMED_FOR
    await courier.carry_due(node, due_at)
    (waiting,) = await outbox_of(node.store, pool_id)
    assert waiting.due_at == due_at + courier.ATTEMPT_SECONDS * SECOND + courier.FIRST_PAUSE


async def test_what_the_other_side_will_never_take_is_given_up_at_once(
    node: Node, pool_id: str, double: Double, queue: Queue
) -> None:
    double.failure = Undelivered("it answered 550", is_final=True)
    with pytest.raises(Undelivered):
        await courier.carry(node, await queue())
    assert await outbox_of(node.store, pool_id) == []
    assert [lost.reason for lost in await given_up(node.store, pool_id)] == ["it answered 550"]


async def test_a_code_that_has_expired_is_not_sent_any_more(
    node: Node, pool_id: str, message: Composed, double: Double, queue: Queue, clock: HeldClock
) -> None:
    lost = await queue(msgspec.structs.replace(message, expires_at=clock.now + MINUTE))
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR)
    assert double.ids == []
    assert [(each.message.id, each.reason) for each in await given_up(node.store, pool_id)] == [
        (lost.id, "its code has expired")
    ]


async def test_no_attempt_is_promised_for_when_the_code_has_expired(
    node: Node, pool_id: str, message: Composed, double: Double, queue: Queue, clock: HeldClock
) -> None:
    double.failure = OSError()
    queued = await queue(msgspec.structs.replace(message, expires_at=clock.now + 40 * SECOND))
    with pytest.raises(Undelivered):
        await courier.carry(node, queued)
    assert len(await outbox_of(node.store, pool_id)) == 1
    await courier.carry_due(node, clock.now + 15 * SECOND)
    assert [lost.attempts for lost in await given_up(node.store, pool_id)] == [2]


async def test_a_message_that_cannot_be_opened_holds_up_no_other(
    node: Node,
    pool_id: str,
    message: Composed,
    queue: Queue,
    clock: HeldClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    forgotten = Vault(lambda: sealing.keyring([sealing.master_key(b"f" * 32)]))
    lost = await node.store.write(courier.queue, forgotten, pool_id, message, clock.now)
    kept = await queue()
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR)
    assert [found["id"] for found in await inbox.newest(node.store, node.vault, pool_id, 10)] == [kept.id]
    assert [found.message.id for found in await outbox_of(node.store, pool_id)] == [lost.id]
    assert f"message {lost.id} was not delivered: it cannot be opened" in caplog.text
    await node.store.write(messages.carried, lost)


async def test_the_request_that_sealed_a_message_does_not_open_it(
    node: Node, pool_id: str, double: Double, message: Composed, clock: HeldClock
) -> None:
    forgotten = Vault(lambda: sealing.keyring([sealing.master_key(b"f" * 32)]))
    sealed = await node.store.write(courier.queue, forgotten, pool_id, message, clock.now)
    await courier.carry(node, sealed)
    assert double.reached == [message]
    assert "S3cret-word" not in repr(sealed)


async def test_a_message_moved_to_another_pool_does_not_open(node: Node, queue: Queue) -> None:
    queued = await queue()
    moved = Message("us-east-1_other", queued.id, queued.sealed_document, queued.created_at)
    with pytest.raises(sealing.CannotUnseal):
        courier.opened(node.vault, moved)
    await courier.carry(node, queued)


async def test_there_may_be_more_when_a_batch_was_full(
    node: Node, pool_id: str, queue: Queue, clock: HeldClock
) -> None:
    for _ in range(courier.BATCH):
        await queue()
    assert await courier.carry_due(node, clock.now + courier.CLAIMED_FOR)
    while await courier.carry_due(node, clock.now + courier.CLAIMED_FOR):
        pass
    assert await outbox_of(node.store, pool_id) == []


async def test_a_message_carried_twice_is_in_the_inbox_once(node: Node, pool_id: str, queue: Queue) -> None:
    queued = await queue()
    await courier.carry(node, queued, queued)
    assert len(await inbox.newest(node.store, node.vault, pool_id, 10)) == 1


async def test_a_message_to_nobody_waits_like_any_other_and_reaches_nobody(
    node: Node, pool_id: str, message: Composed, double: Double, queue: Queue, clock: HeldClock
) -> None:
    sham = msgspec.structs.replace(message, to_nobody=True)
    queued = await queue(sham)

    async def waiting() -> list[messages.Waiting]:
        return await node.store.read(messages.all_waiting, pool_id, BEHIND_ALL, 10)

    assert [each.message.id for each in await waiting()] == [queued.id]
    assert await inbox.outstanding(node.store, node.vault, pool_id, 10) == []
    await courier.carry(node, queued)
    await queue(sham)
    await courier.carry_due(node, clock.now + DAY)
    assert await waiting() == []
    assert double.reached == []
    assert not node.carriers.counts


async def test_a_message_to_nobody_stays_here_as_a_users_would_and_is_not_shown(
    node: Node, pool_id: str, message: Composed, queue: Queue
) -> None:
    for to_nobody in (False, True):
        await courier.carry(node, await queue(msgspec.structs.replace(message, to_nobody=to_nobody)))
    assert await node.store.read(messages.all_waiting, pool_id, BEHIND_ALL, 10) == []
    kept = await node.store.read(messages.all_kept, pool_id, BEHIND_ALL, 10)
    assert [courier.opened(node.vault, each).to_nobody for each in kept] == [True, False]
    assert len(await inbox.newest(node.store, node.vault, pool_id, 10)) == 1


async def test_a_message_of_a_deleted_pool_goes_with_it(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock
) -> None:
    await queue()
    await dispatch.perform(node, "DeleteUserPool", {"UserPoolId": pool_id})
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR)
    assert await outbox_of(node.store, pool_id) == []
    assert double.ids == []


async def test_messages_of_pools_elsewhere_are_left_to_the_nodes_there(
    node: Node, pool_id: str, message: Composed, double: Double, queue: Queue, clock: HeldClock
) -> None:
    """However many there are: what is of a pool here, and younger, does not wait behind them."""
    for _ in range(courier.BATCH + 10):
        await queue()
    abroad = in_region(node, "eu-west-1")
    assert not await courier.carry_due(abroad, clock.now + DAY)
    assert double.ids == []
    assert {waiting.attempts for waiting in await outbox_of(node.store, pool_id)} == {0}
    elsewhere = f"eu-west-1_{pool_id.partition('_')[2]}"
    await dispatch.perform(abroad, "CreateUserPool", {"PoolName": "a pool abroad"}, wanted_id=elsewhere)
    clock.advance(SECOND)
    young = await node.store.write(courier.queue, node.vault, elsewhere, message, clock.now)
    assert not await courier.carry_due(abroad, clock.now + DAY)
    assert double.ids == [young.id]
    while await courier.carry_due(in_region(node, "us-east-1"), clock.now + DAY):
        pass
    assert len(double.ids) == courier.BATCH + 11


def in_region(node: Node, region: str) -> Node:
    return dataclasses.replace(
        node,
        settings=dataclasses.replace(node.settings, region=region),
        configurations=Configurations(node.store, node.vault, region),
    )


async def test_a_message_is_carried_where_its_pool_has_a_replica_too(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock
) -> None:
    """Home may be lost."""
    queued = await queue()
    replica = Replica(pool_id, "eu-west-1", True, RegionalSettings(), clock.now)
    await node.store.write(replicas.add, replica)
    await courier.carry_due(in_region(node, "eu-central-1"), clock.now + DAY)
    assert double.ids == []
    await courier.carry_due(in_region(node, "eu-west-1"), clock.now + DAY)
    assert double.ids == [queued.id]


async def test_a_pool_that_cannot_be_opened_holds_up_no_other(
    node: Node, pool_id: str, message: Composed, double: Double, queue: Queue, clock: HeldClock
) -> None:
    class WithoutKey(Configurations):
        async def of_pool(self, pool: str, now: int, *, fresh: bool = False) -> PoolConfiguration | None:
            if pool == pool_id:
                raise CannotUnseal
            return await super().of_pool(pool, now, fresh=fresh)

    await queue()
    other = (await dispatch.perform(node, "CreateUserPool", {"PoolName": "another"}))["UserPool"]["Id"]
    young = await node.store.write(courier.queue, node.vault, other, message, clock.now + 1)
    crippled = dataclasses.replace(node, configurations=WithoutKey(node.store, node.vault))
    assert not await courier.carry_due(crippled, clock.now + DAY)
    assert double.ids == [young.id]
    assert len(await outbox_of(node.store, pool_id)) == 1, "it waits for the key"


# -- a crash, and a database that goes away, between the other side's word and ours ------------------------------------


async def test_a_process_that_dies_before_it_notes_the_acknowledgement_lets_the_message_go_out_again(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_over = asyncio.Event()

    async def die(*_: object) -> None:
        handed_over.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(courier, "_note_acknowledged", die)
    queued = await queue()
    dying = asyncio.create_task(courier.carry(node, queued))
    await handed_over.wait()
    dying.cancel()
    for attempt in list(node.carriers.attempts):
        attempt.cancel()
    monkeypatch.undo()
    monkeypatch.setattr(node.carriers, "_of_email", {"*": double})
    successor = dataclasses.replace(node, carriers=_restarted(node))
    await courier.carry_due(successor, clock.now + courier.CLAIMED_FOR - 1)
    assert double.ids == [queued.id], "for as long as the dead one may still be at it"
    await courier.carry_due(successor, clock.now + courier.CLAIMED_FOR)
    assert double.ids == [queued.id, queued.id], "under the same id, by which the other side can tell"
    assert await outbox_of(node.store, pool_id) == []


async def test_what_was_acknowledged_is_not_sent_again_by_a_process_that_lives(
    node: Node, pool_id: str, double: Double, queue: Queue, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = node.store.write

    async def no_longer(f: Callable[..., T], *args: object, **kwargs: object) -> T:
        if f is messages.carried:
            raise Unavailable("no route to the database")
        return await write(f, *args, **kwargs)

    monkeypatch.setattr(node.store, "write", no_longer)
    queued = await queue()
    await courier.carry(node, queued)
    await courier.carry_due(node, clock.now + courier.CLAIMED_FOR)
    assert double.ids == [queued.id]
    assert len(await outbox_of(node.store, pool_id)) == 1
    monkeypatch.setattr(node.store, "write", write)
    await courier.carry_due(node, clock.now + HOUR)
    assert double.ids == [queued.id]
    assert await outbox_of(node.store, pool_id) == []


def _restarted(node: Node) -> Carriers:
    fresh = Carriers(node.settings)
    fresh._of_email = node.carriers._of_email
    return fresh
