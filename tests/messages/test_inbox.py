"""Reading the inbox."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from cognomen.call import Node
from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault
from cognomen.messages import courier, inbox
from cognomen.messages.compose import Composed
from cognomen.store.database import Store

NOW = 1_700_000_000_000


async def test_the_newest_come_first_and_no_more_than_asked_for(
    node: Node, store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    sent = []
    for moment in range(NOW, NOW + 4):
        queued = await store.write(courier.queue, vault, pool_id, message, moment)
        await courier.carry(node, queued)
        sent.append(queued.id)
    found = await inbox.newest(store, vault, pool_id, 3)
    assert [document["id"] for document in found] == sent[:0:-1]


async def test_a_pool_shows_its_own_messages_only(
    node: Node, store: Store, vault: Vault, pool_id: str, message: Composed
) -> None:
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry(node, queued)
    assert await inbox.newest(store, vault, "us-east-1_other", 10) == []


async def test_a_message_whose_key_is_gone_does_not_hide_the_others(
    node: Node, store: Store, vault: Vault, pool_id: str, message: Composed, caplog: pytest.LogCaptureFixture
) -> None:
    forgotten = Vault(lambda: sealing.keyring([sealing.master_key(b"f" * 32)]))
    lost = await store.write(courier.queue, forgotten, pool_id, message, NOW)
    await courier.carry(dataclasses.replace(node, vault=forgotten), lost)
    kept = await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry(node, kept)
    assert [document["id"] for document in await inbox.newest(store, vault, pool_id, 10)] == [kept.id]
    assert lost.id in caplog.text


async def test_the_messages_to_one_user_are_looked_for_behind_newer_ones(
    node: Node, store: Store, vault: Vault, pool_id: str, message: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 2)
    monkeypatch.setattr(inbox, "MOST_OPENED", 6)
    sent = []
    for number in range(7):
        to_one = msgspec.structs.replace(
            message, username=f"user{number}", destination=f"{number}@example.com"
        )
        queued = await store.write(courier.queue, vault, pool_id, to_one, NOW + number)
        await courier.carry(node, queued)
        sent.append(queued.id)

    async def found(limit: int = 10, **wanted: str) -> list[str]:
        return [document["id"] for document in await inbox.newest(store, vault, pool_id, limit, **wanted)]

    assert await found() == sent[:0:-1]
    assert await found(3) == sent[:3:-1]
    assert await found(user="user2") == [sent[2]]
    assert await found(to="1@example.com") == [sent[1]]
    assert await found(user="user2", to="1@example.com") == []
    assert await found(user="user0") == [], "no more are opened than that"


async def test_messages_to_nobody_hide_none_however_many_there_are(
    node: Node, store: Store, vault: Vault, pool_id: str, message: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 2)
    monkeypatch.setattr(inbox, "MOST_OPENED", 4)
    queued = await store.write(courier.queue, vault, pool_id, message, NOW)
    await courier.carry(node, queued)
    to_nobody = msgspec.structs.replace(message, to_nobody=True)
    for number in range(5):
        sham = await store.write(courier.queue, vault, pool_id, to_nobody, NOW + 1 + number)
        await courier.carry(node, sham)
    assert [document["id"] for document in await inbox.newest(store, vault, pool_id, 10)] == [queued.id]
