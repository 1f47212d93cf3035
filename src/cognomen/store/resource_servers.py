"""Resource servers of user pools, each with its scopes. Every change raises the version of the pool, and does so first."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Table, bindparam, delete, func, select, update

from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, insert, json_text, key, metadata, text
from cognomen.store.user_pool_settings import Settings


class Scope(Settings, frozen=True):
    """A custom scope; its full name is that of its server, a slash, and this."""

    scope_name: str
    scope_description: str


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """An API that the pool's access tokens are for."""

    pool_id: str
    identifier: str
    name: str
    scopes: tuple[Scope, ...]


resource_servers = Table(
    "resource_servers",
    metadata,
    key("pool_id"),
    key("identifier"),
    text("name"),
    text("scopes"),
    info=CONFIGURATION,
)

_ADD = insert(resource_servers).on_conflict_do_nothing()
_BY_IDENTIFIER = (
    select(resource_servers)
    .where(resource_servers.c.pool_id == bindparam("pool_id"))
    .where(resource_servers.c.identifier == bindparam("identifier"))
)
_PAGE = (
    select(resource_servers)
    .where(resource_servers.c.pool_id == bindparam("pool_id"))
    .where(resource_servers.c.identifier > bindparam("after"))
    .order_by(resource_servers.c.identifier)
    .limit(bindparam("limit"))
)
# Counts at most the servers of one pool, which are limited to 25.
_COUNT = select(func.count()).where(resource_servers.c.pool_id == bindparam("pool_id"))
_CHANGE = (
    update(resource_servers)
    .where(resource_servers.c.pool_id == bindparam("of_pool"))
    .where(resource_servers.c.identifier == bindparam("of_identifier"))
    .values(name=bindparam("new_name"), scopes=bindparam("new_scopes"))
)
_REMOVE = (
    delete(resource_servers)
    .where(resource_servers.c.pool_id == bindparam("pool_id"))
    .where(resource_servers.c.identifier == bindparam("identifier"))
)


def add(db: Db, server: ResourceServer) -> bool:
    """A new server; False when the pool has one with this identifier."""
    user_pools.touch(db, server.pool_id)
    written = db.run(
        _ADD,
        pool_id=server.pool_id,
        identifier=server.identifier,
        name=server.name,
        scopes=json_text(server.scopes),
    )
    return written == 1


def by_identifier(db: Db, pool_id: str, identifier: str) -> ResourceServer | None:
    row = db.one(_BY_IDENTIFIER, pool_id=pool_id, identifier=identifier)
    return _server(*row) if row else None


def all_of_pool(db: Db, pool_id: str, after: str, limit: int) -> list[ResourceServer]:
    """Servers in the order of their identifiers, beginning behind `after`."""
    return [_server(*row) for row in db.all(_PAGE, pool_id=pool_id, after=after, limit=limit)]


def count(db: Db, pool_id: str) -> int:
    return db.value(_COUNT, pool_id=pool_id) or 0


def change(db: Db, server: ResourceServer) -> bool:
    """Write name and scopes; False when the server is gone."""
    user_pools.touch(db, server.pool_id)
    written = db.run(
        _CHANGE,
        of_pool=server.pool_id,
        of_identifier=server.identifier,
        new_name=server.name,
        new_scopes=json_text(server.scopes),
    )
    return written == 1


def remove(db: Db, pool_id: str, identifier: str) -> bool:
    """False when the server is gone."""
    user_pools.touch(db, pool_id)
    return db.run(_REMOVE, pool_id=pool_id, identifier=identifier) == 1


_scopes = msgspec.json.Decoder(tuple[Scope, ...])


def _server(pool_id: str, identifier: str, name: str, scopes: str) -> ResourceServer:
    return ResourceServer(pool_id, identifier, name, _scopes.decode(scopes))
