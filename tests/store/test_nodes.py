from __future__ import annotations

from cognomen.store import nodes
from cognomen.store.database import Store

NOW = 1_900_000_000_000


async def test_a_node_counts_while_it_says_that_it_lives(store: Store) -> None:
    await store.write(nodes.announce, "here", NOW)
    await store.write(nodes.announce, "there", NOW + 1)
    assert await store.read(nodes.count_live, NOW + nodes.LIVES - 1) == 2
    assert await store.read(nodes.count_live, NOW + nodes.LIVES) == 1
    await store.write(nodes.announce, "here", NOW + nodes.LIVES)
    assert await store.read(nodes.count_live, NOW + nodes.LIVES) == 2


async def test_nodes_that_have_been_silent_are_forgotten(store: Store) -> None:
    await store.write(nodes.announce, "gone", NOW)
    await store.write(nodes.announce, "here", NOW + nodes.LIVES)
    assert await store.read(nodes.seen_at, "gone") is None
    assert await store.read(nodes.seen_at, "here") == NOW + nodes.LIVES
