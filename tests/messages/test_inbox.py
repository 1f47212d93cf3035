"""Reading the inbox."""

from __future__ import annotations

import pytest

from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault
from cognomen.messages import courier, inbox
from cognomen.messages.compose import Composed
from cognomen.store.database import Store

NOW = 1_700_000_000_000


async def test_the_newest_come_first_and_no_more_than_asked_for(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    sent = []
    for moment in range(NOW, NOW + 4):
        queued = await store.write(courier.queue, vault, pool_id, message, moment)
        await courier.carry(store, vault, queued, moment)
        sent.append(queued.id)
    found = await inbox.newest(store, vault, pool_id, 3)
    assert [document["id"] for document in found] == sent[:0:-1]


async def test_a_pool_shows_its_own_messages_only(
    store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry(store, vault, queued, NOW)
    assert await inbox.newest(store, vault, "us-east-1_other", 10) == []


async def test_a_message_whose_key_is_gone_does_not_hide_the_others(
    store: Store, vault: Vault, pool_id: str, message: Composed, caplog: pytest.LogCaptureFixture
) -> None:
    forgotten = Vault(lambda: sealing.keyring([sealing.master_key(b"f" * 32)]))
    lost = await store.write(courier.queue, forgotten, pool_id, message, NOW)
    await courier.carry(store, forgotten, lost, NOW)
    kept = await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry(store, vault, kept, NOW)
    assert [document["id"] for document in await inbox.newest(store, vault, pool_id, 10)] == [kept.id]
    assert lost.id in caplog.text
