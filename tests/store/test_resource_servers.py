"""Resource servers: kept, paged and replaced within their pool."""

from __future__ import annotations

from dataclasses import replace

from cognomen.store import resource_servers, user_pools
from cognomen.store.database import Store
from cognomen.store.resource_servers import ResourceServer, Scope
from tests.store.test_user_pools import a_pool


def a_server(pool_id: str, identifier: str = "api") -> ResourceServer:
    scopes = (Scope(scope_name="read", scope_description="May read"),)
    return ResourceServer(pool_id, identifier, "an API", scopes)


async def test_a_server_comes_back_as_it_was_given(store: Store, pool_id: str) -> None:
    server = a_server(pool_id)
    assert await store.write(resource_servers.add, server)
    assert await store.read(resource_servers.by_identifier, pool_id, "api") == server
    assert await store.read(resource_servers.by_identifier, f"{pool_id}2", "api") is None
    assert not await store.write(resource_servers.add, replace(server, name="another"))
    assert await store.read(resource_servers.by_identifier, pool_id, "api") == server
    assert await store.read(resource_servers.count, pool_id) == 1


async def test_every_change_of_a_server_raises_the_version_of_its_pool(store: Store, pool_id: str) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    server = a_server(pool_id)
    assert await store.write(resource_servers.add, server)
    changed = replace(server, name="renamed", scopes=())
    assert await store.write(resource_servers.change, changed)
    assert await store.read(resource_servers.by_identifier, pool_id, "api") == changed
    assert await store.write(resource_servers.remove, pool_id, "api")
    assert await store.read(user_pools.version_of, pool_id) == 4
    assert not await store.write(resource_servers.change, server)
    assert not await store.write(resource_servers.remove, pool_id, "api")


async def test_servers_are_paged_by_identifier(store: Store, pool_id: str) -> None:
    for identifier in ("b", "a", "B", "c"):
        await store.write(resource_servers.add, a_server(pool_id, identifier))
    page = await store.read(resource_servers.all_of_pool, pool_id, "", 2)
    assert [server.identifier for server in page] == ["B", "a"]
    page = await store.read(resource_servers.all_of_pool, pool_id, "a", 9)
    assert [server.identifier for server in page] == ["b", "c"]
