"""An app client's row: made whole, held against its pool as it is now, and kept.

    new             a client with its first secret, if it has one
    check           the faults of its settings in a pool that is held; those of the settings alone are app_clients.py's
    add             a client kept, where the pool has room for one more

The last two run in a transaction, which holds the pool (lookup.py).
"""

from __future__ import annotations

from cognomen import errors
from cognomen.call import Call
from cognomen.pools import app_clients, client_secrets, oauth_settings, resource_servers
from cognomen.store import app_clients as stored_clients
from cognomen.store import identity_providers
from cognomen.store import resource_servers as stored_servers
from cognomen.store.app_client_settings import REGISTERED, AppClientSettings
from cognomen.store.app_clients import AppClient
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool


def new(call: Call, client_id: str, name: str, settings: AppClientSettings, secret: str | None) -> AppClient:
    return AppClient(
        pool_id=call.pool.id,
        id=client_id,
        name=name,
        settings=settings,
        created_at=call.now,
        modified_at=call.now,
        secrets=() if secret is None else (client_secrets.sealed(call, client_id, secret),),
    )


def check(db: Db, pool: UserPool, settings: AppClientSettings, *, has_secret: bool) -> None:
    """Raises what app_clients.py's does, and for scopes and providers that the pool does not have, or not together."""
    app_clients.check(settings, pool, has_secret=has_secret)
    servers = stored_servers.all_of_pool(db, pool.id, "", resource_servers.SERVERS_MAX)
    known = resource_servers.scopes_of(pool, servers)
    if settings.client_type == REGISTERED:
        known -= {resource_servers.REGISTER}
    providers = identity_providers.kinds_of(db, pool.id)
    oauth_settings.refuse_unknown(settings, pool.id, custom_scopes=known, providers=providers)
    oauth_settings.refuse_mixed(settings, providers)


def add(db: Db, pool: UserPool, client: AppClient, *, limit: int = app_clients.CLIENTS_MAX) -> None:
    """`limit` is how many clients the pool may have. Raises TOO_MANY, what `check` does, and AlreadyThere for a taken id."""
    check(db, pool, client.settings, has_secret=bool(client.secrets))
    if stored_clients.count(db, pool.id) >= limit:
        raise errors.TOO_MANY(what="User pool client", limit=limit)
    stored_clients.add(db, client)
