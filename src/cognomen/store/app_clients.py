"""App clients, their secrets, and the directory that finds a pool by a client id.

Every change raises the version of the pool, and does so before it writes anything else: whoever changes a client holds
its pool first, so that no two wait for one another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, func, insert, select, update

from cognomen.store import branding, user_pools
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, blob, json_text, key, metadata, number, text
from cognomen.store.terms import terms
from cognomen.store.threat_protection import risk_configurations
from cognomen.store.user_pool_settings import rewritten
from cognomen.store.user_sessions import session_reuse


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One of the up to two secrets of a client, sealed."""

    id: str
    sealed_value: bytes
    created_at: int


@dataclass(frozen=True, slots=True)
class AppClient:
    """An app client; `secrets` are in the order of their creation, empty for a public client."""

    pool_id: str
    id: str
    name: str
    settings: AppClientSettings
    created_at: int
    modified_at: int
    secrets: tuple[ClientSecret, ...] = ()


app_clients = Table(
    "app_clients",
    metadata,
    key("pool_id"),
    key("client_id"),
    text("name"),
    text("settings"),
    number("created_at"),
    number("modified_at"),
    info=CONFIGURATION,
)
client_secrets = Table(
    "client_secrets",
    metadata,
    key("pool_id"),
    key("client_id"),
    key("secret_id"),
    blob("sealed_value"),
    number("created_at"),
    info=CONFIGURATION,
)
client_directory = Table("client_directory", metadata, key("client_id"), text("pool_id"), info=CONFIGURATION)
Index("client_directory_by_pool", client_directory.c.pool_id)

_ADD = insert(app_clients)
_ADD_SECRET = insert(client_secrets)
_ADD_TO_DIRECTORY = insert(client_directory)
_POOL_OF = select(client_directory.c.pool_id).where(client_directory.c.client_id == bindparam("client_id"))
_BY_ID = (
    select(app_clients)
    .where(app_clients.c.pool_id == bindparam("pool_id"))
    .where(app_clients.c.client_id == bindparam("client_id"))
)
_SECRETS = (
    select(client_secrets.c.secret_id, client_secrets.c.sealed_value, client_secrets.c.created_at)
    .where(client_secrets.c.pool_id == bindparam("pool_id"))
    .where(client_secrets.c.client_id == bindparam("client_id"))
    .order_by(client_secrets.c.created_at, client_secrets.c.secret_id)
)
_PAGE = (
    select(app_clients)
    .where(app_clients.c.pool_id == bindparam("pool_id"))
    .where(app_clients.c.client_id > bindparam("after"))
    .order_by(app_clients.c.client_id)
    .limit(bindparam("limit"))
)
# Counts at most the clients of one pool, which are limited to a thousand.
_COUNT = select(func.count()).where(app_clients.c.pool_id == bindparam("pool_id"))
_SETTINGS = (
    select(app_clients.c.settings)
    .where(app_clients.c.pool_id == bindparam("pool_id"))
    .where(app_clients.c.client_id == bindparam("client_id"))
)
_CHANGE = (
    update(app_clients)
    .where(app_clients.c.pool_id == bindparam("of_pool"))
    .where(app_clients.c.client_id == bindparam("id"))
    .values(name=bindparam("new_name"), settings=bindparam("new_settings"), modified_at=bindparam("now"))
)
_REMOVE_SECRET = (
    delete(client_secrets)
    .where(client_secrets.c.pool_id == bindparam("pool_id"))
    .where(client_secrets.c.client_id == bindparam("client_id"))
    .where(client_secrets.c.secret_id == bindparam("secret_id"))
)
_REMOVE = tuple(
    delete(table)
    .where(table.c.pool_id == bindparam("pool_id"))
    .where(table.c.client_id == bindparam("client_id"))
    for table in (
        app_clients,
        client_secrets,
        client_directory,
        branding.styles,
        branding.assets,
        branding.customizations,
        branding.images,
        terms,
        risk_configurations,
        session_reuse,
    )
)


def add(db: Db, client: AppClient) -> None:
    """A new client; AlreadyThere when the id is taken, in whichever pool that was not deleted."""
    user_pools.touch(db, client.pool_id)
    holder = pool_id_of(db, client.id)
    if holder is not None and user_pools.version_of(db, holder) is None:
        remove(db, holder, client.id)
    db.run(_ADD_TO_DIRECTORY, client_id=client.id, pool_id=client.pool_id)
    db.run(
        _ADD,
        pool_id=client.pool_id,
        client_id=client.id,
        name=client.name,
        settings=json_text(client.settings),
        created_at=client.created_at,
        modified_at=client.modified_at,
    )
    for secret in client.secrets:
        _write_secret(db, client, secret)


def pool_id_of(db: Db, client_id: str) -> str | None:
    return db.value(_POOL_OF, client_id=client_id)


def by_id(db: Db, pool_id: str, client_id: str) -> AppClient | None:
    row = db.one(_BY_ID, pool_id=pool_id, client_id=client_id)
    if row is None:
        return None
    secrets = db.all(_SECRETS, pool_id=pool_id, client_id=client_id)
    return replace(_client(*row), secrets=tuple(ClientSecret(*secret) for secret in secrets))


def all_of_pool(db: Db, pool_id: str, after: str, limit: int) -> list[AppClient]:
    """Clients in the order of their ids, beginning behind `after`, without their secrets."""
    return [_client(*row) for row in db.all(_PAGE, pool_id=pool_id, after=after, limit=limit)]


def count(db: Db, pool_id: str) -> int:
    return db.value(_COUNT, pool_id=pool_id) or 0


def change(db: Db, client: AppClient) -> bool:
    """Write name, settings and `modified_at`; False when the client is gone.

    What a later release has added to the settings stays (`rewritten`).
    """
    user_pools.touch(db, client.pool_id)
    row = db.one(_SETTINGS, pool_id=client.pool_id, client_id=client.id)
    if row is None:
        return False
    written = db.run(
        _CHANGE,
        of_pool=client.pool_id,
        id=client.id,
        new_name=client.name,
        new_settings=rewritten(row[0], client.settings),
        now=client.modified_at,
    )
    return written == 1


def remove(db: Db, pool_id: str, client_id: str) -> bool:
    """Take the client away with all that is kept of it alone; False when it is gone."""
    user_pools.touch(db, pool_id)
    removed = [db.run(statement, pool_id=pool_id, client_id=client_id) for statement in _REMOVE]
    return removed[0] == 1


def add_secret(db: Db, client: AppClient, secret: ClientSecret) -> None:
    """One more secret; AlreadyThere when the client has one with this id."""
    user_pools.touch(db, client.pool_id)
    _write_secret(db, client, secret)


def remove_secret(db: Db, client: AppClient, secret_id: str) -> bool:
    """False when the client has no such secret."""
    user_pools.touch(db, client.pool_id)
    return db.run(_REMOVE_SECRET, pool_id=client.pool_id, client_id=client.id, secret_id=secret_id) == 1


def _write_secret(db: Db, client: AppClient, secret: ClientSecret) -> None:
    db.run(
        _ADD_SECRET,
        pool_id=client.pool_id,
        client_id=client.id,
        secret_id=secret.id,
        sealed_value=secret.sealed_value,
        created_at=secret.created_at,
    )


_settings = msgspec.json.Decoder(AppClientSettings)


def _client(
    pool_id: str,
    client_id: str,
    name: str,
    settings: str,
    created_at: int,
    modified_at: int,
) -> AppClient:
    return AppClient(
        pool_id=pool_id,
        id=client_id,
        name=name,
        settings=_settings.decode(settings),
        created_at=created_at,
        modified_at=modified_at,
    )
