"""The outbox, from which one node takes a message, and the inbox, which keeps it."""

from __future__ import annotations

import asyncio

from cognomen.store import messages, replicas
from cognomen.store.database import Store
from cognomen.store.messages import Message, Waiting
from cognomen.store.replicas import Replica
from cognomen.store.user_pool_settings import RegionalSettings

FAR = 10**15


async def due(store: Store, region: str = "us-east-1") -> list[Waiting]:
    return await store.read(messages.all_due, region, 0, 1000)


async def test_of_many_nodes_that_take_a_due_message_one_carries_it(store: Store, pool_id: str) -> None:
    message = Message(pool_id, "id", b"sealed", 1)
    await store.write(messages.queue, message, -5)
    (waiting,) = [found for found in await due(store) if found.message == message]
    won = await asyncio.gather(*(store.write(messages.claim, waiting, FAR) for _ in range(8)))
    assert won.count(True) == 1
    assert message not in [found.message for found in await due(store)]
    await store.write(messages.carried, message)
    assert not await store.write(messages.claim, waiting, FAR)


async def test_what_is_due_is_found_where_its_pool_is_at_home_and_where_it_has_a_replica(
    store: Store,
) -> None:
    home, abroad = "x-y_z-1", "eu-west-7"  # names of regions may have underscores
    message, other = Message(f"{home}_Due", "id", b"sealed", 1), Message("x-y_Due", "id", b"sealed", 1)
    for each in (message, other):
        await store.write(messages.queue, each, -1)

    async def of_replicas(region: str) -> list[Message]:
        found = await store.read(messages.all_due_of_replicas, region, 0, 1000)
        return [waiting.message for waiting in found]

    assert [waiting.message for waiting in await due(store, home)] == [message]
    assert [waiting.message for waiting in await due(store, "x-y")] == [other]
    assert await due(store, abroad) == []
    assert await of_replicas(abroad) == []
    await store.write(replicas.add, Replica(message.pool_id, abroad, True, RegionalSettings(), 1))
    assert await of_replicas(abroad) == [message]
    assert await of_replicas(home) == []
    assert await due(store, abroad) == []
    for each in (message, other):
        await store.write(messages.carried, each)


async def test_the_inbox_shows_the_newest_first_and_forgets_the_old(store: Store, pool_id: str) -> None:
    for number in range(3):
        await store.write(messages.keep, Message(pool_id, f"id{number}", b"sealed", number))
    await store.write(messages.keep, Message(pool_id, "id0", b"again", 0))
    kept = await store.read(messages.all_kept, pool_id, messages.NEWER_THAN_ALL, 2)
    assert [message.id for message in kept] == ["id2", "id1"]
    while await store.write(messages.sweep_inbox, 2, 10):
        pass
    assert [
        message.id for message in await store.read(messages.all_kept, pool_id, messages.NEWER_THAN_ALL, 10)
    ] == ["id2"]


async def test_an_inbox_is_emptied_batch_by_batch(store: Store, pool_id: str) -> None:
    for number in range(3):
        await store.write(messages.keep, Message(pool_id, f"id{number}", b"sealed", number))
    await store.write(messages.keep, Message("us-east-1_other", "id0", b"sealed", 0))
    assert not await store.write(messages.empty_inbox, pool_id, 2)
    assert len(await store.read(messages.all_kept, pool_id, messages.NEWER_THAN_ALL, 10)) == 1
    assert await store.write(messages.empty_inbox, pool_id, 1)
    assert await store.read(messages.all_kept, pool_id, messages.NEWER_THAN_ALL, 10) == []
    assert not await store.write(messages.empty_inbox, "us-east-1_other", 0)
    assert await store.write(messages.empty_inbox, "us-east-1_other", 1)


async def test_what_waits_is_counted_up_to_a_limit(store: Store, pool_id: str) -> None:
    before = await store.read(messages.count_waiting, 1000)
    for number in range(3):
        await store.write(messages.queue, Message(pool_id, str(number), b"sealed", 1), 1)
    assert await store.read(messages.count_waiting, 1000) == before + 3
    assert await store.read(messages.count_waiting, 2) == 2
    for number in range(3):
        await store.write(messages.carried, Message(pool_id, str(number), b"sealed", 1))
