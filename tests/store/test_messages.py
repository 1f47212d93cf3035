"""The outbox, from which one node takes a message, and the inbox, which keeps it."""

from __future__ import annotations

import asyncio

from cognomen.store import messages
from cognomen.store.database import Store
from cognomen.store.messages import Message

FAR = 10**15


async def test_of_many_nodes_that_take_a_due_message_one_carries_it(store: Store, pool_id: str) -> None:
    message = Message(pool_id, "id", b"sealed", 1)
    await store.write(messages.queue, message, -5)
    (waiting,) = [found for found in await store.read(messages.all_due, 0, 1000) if found.message == message]
    won = await asyncio.gather(*(store.write(messages.claim, waiting, FAR) for _ in range(8)))
    assert won.count(True) == 1
    assert message not in [found.message for found in await store.read(messages.all_due, 0, 1000)]
    await store.write(messages.carried, message)
    assert not await store.write(messages.claim, waiting, FAR)


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
