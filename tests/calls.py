"""A Call as dispatch makes it, for tests of the rooms below the operations."""

from __future__ import annotations

from cognomen.call import Call, Node, begin


async def call_of(node: Node, pool_id: str, client_id: str | None = None) -> Call:
    """A call about a pool, and about one of its clients where one is named."""
    call = begin(node, "InitiateAuth", "00000000-0000-4000-8000-000000000000")
    configuration = await node.configurations.of_pool(pool_id, call.now)
    assert configuration is not None
    call.found_pool = configuration
    if client_id is not None:
        call.found_client = await node.configurations.client(configuration, client_id)
        assert call.found_client is not None
    return call
