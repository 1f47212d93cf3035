"""CreateResourceServer, DescribeResourceServer, UpdateResourceServer, DeleteResourceServer, ListResourceServers.

A scope is given to an app client by its full name, `identifier/scope`; see operations/app_clients.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import lookup, resource_servers
from cognomen.store import resource_servers as stored_servers
from cognomen.store.database import Db
from cognomen.store.resource_servers import ResourceServer, Scope

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CreateResourceServerRequestTypeDef,
        DeleteResourceServerRequestTypeDef,
        DescribeResourceServerRequestTypeDef,
        ListResourceServersRequestTypeDef,
        ResourceServerScopeTypeTypeDef,
        UpdateResourceServerRequestTypeDef,
    )

PAGE_SIZE = 50


@operation("CreateResourceServer")
async def create_resource_server(call: Call, request: CreateResourceServerRequestTypeDef) -> dict[str, Any]:
    resource_servers.check_identifier(request["Identifier"])
    server = ResourceServer(
        pool_id=call.pool.id,
        identifier=request["Identifier"],
        name=request["Name"],
        scopes=_scopes(request.get("Scopes", ())),
    )

    def add(db: Db) -> None:
        pool = lookup.locked(db, server.pool_id)
        if not stored_servers.add(db, server):
            raise errors.RESOURCE_SERVER_EXISTS(identifier=server.identifier, id=pool.id)
        if stored_servers.count(db, pool.id) > resource_servers.SERVERS_MAX:
            raise errors.TOO_MANY(what="Resource server", limit=resource_servers.SERVERS_MAX)

    await call.configurations.write(call.pool.id, add)
    return {"ResourceServer": _described(server)}


@operation("DescribeResourceServer")
async def describe_resource_server(
    call: Call, request: DescribeResourceServerRequestTypeDef
) -> dict[str, Any]:
    identifier = request["Identifier"]
    server = await call.store.read(stored_servers.by_identifier, call.pool.id, identifier)
    if identifier == resource_servers.MANAGED:
        server = resource_servers.managed(call.pool)
    if server is None:
        raise errors.RESOURCE_SERVER_NOT_FOUND(id=identifier)
    return {"ResourceServer": _described(server)}


@operation("UpdateResourceServer")
async def update_resource_server(call: Call, request: UpdateResourceServerRequestTypeDef) -> dict[str, Any]:
    """Full replacement: without scopes, the server has none."""
    server = ResourceServer(
        pool_id=call.pool.id,
        identifier=request["Identifier"],
        name=request["Name"],
        scopes=_scopes(request.get("Scopes", ())),
    )

    def change(db: Db) -> None:
        lookup.locked(db, server.pool_id)
        if not stored_servers.change(db, server):
            raise errors.RESOURCE_SERVER_NOT_FOUND(id=server.identifier)

    await call.configurations.write(call.pool.id, change)
    return {"ResourceServer": _described(server)}


@operation("DeleteResourceServer")
async def delete_resource_server(call: Call, request: DeleteResourceServerRequestTypeDef) -> None:
    """Clients keep the scopes of the server, which are inactive from now on."""

    def remove(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        if not stored_servers.remove(db, pool.id, request["Identifier"]):
            raise errors.RESOURCE_SERVER_NOT_FOUND(id=request["Identifier"])

    await call.configurations.write(call.pool.id, remove)


@operation("ListResourceServers")
async def list_resource_servers(call: Call, request: ListResourceServersRequestTypeDef) -> dict[str, Any]:
    limit = request.get("MaxResults", PAGE_SIZE)
    after = paging.key_in(call, request)
    found = await call.store.read(stored_servers.all_of_pool, call.pool.id, after, limit + 1)
    page, following = paging.page(call, request, found, limit, "identifier")
    return {
        "ResourceServers": [_described(server) for server in page],
        "NextToken": following,
    }


def _scopes(given: Sequence[ResourceServerScopeTypeTypeDef]) -> tuple[Scope, ...]:
    scopes = msgspec.convert(given, tuple[Scope, ...])
    resource_servers.check(scopes)
    return scopes


def _described(server: ResourceServer) -> dict[str, Any]:
    return {
        "UserPoolId": server.pool_id,
        "Identifier": server.identifier,
        "Name": server.name,
        "Scopes": msgspec.to_builtins(server.scopes),
        "ManagedBy": "COGNITO" if server.identifier == resource_servers.MANAGED else None,
    }
