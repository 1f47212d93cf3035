"""Pools, keys and clients as each process keeps them in memory.

    Configurations          the cache of a process
    PoolConfiguration       one pool at one version: its row, its keys ready to use, the clients asked for so far

Configuration is read from the store at its first use and then kept. Every change of a pool, of one of its clients or of
its keys raises the pool's version; a request asks for that version (one row by its key) unless it was asked within
`store.config_max_age`, so another worker on the same file is noticed at once and another node within a second. In open
mode every request asks: a test suite may take pools away and make others under the same ids between two requests.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from cognomen.crypto import hashes, rsa_keys
from cognomen.master_key.vault import Vault
from cognomen.pools import decoys, foreign_passwords, ids, plans, resource_servers
from cognomen.pools import log_delivery as log_rules
from cognomen.pools.foreign_passwords import ForeignPasswords
from cognomen.pools.spare_keys import SpareKeys
from cognomen.store import (
    access_keys,
    app_clients,
    domains,
    identity_providers,
    log_delivery,
    replicas,
    threat_protection,
    user_pools,
    user_sessions,
)
from cognomen.store import foreign_passwords as stored_foreign_passwords
from cognomen.store import resource_servers as stored_servers
from cognomen.store.access_keys import AccessKey
from cognomen.store.app_client_settings import ALL_CLIENTS
from cognomen.store.app_clients import AppClient, ClientSecret
from cognomen.store.database import Db, Store
from cognomen.store.domains import Domain
from cognomen.store.identity_providers import Kind as ProviderKind
from cognomen.store.replicas import Replica
from cognomen.store.resource_servers import ResourceServer
from cognomen.store.threat_protection import RiskConfiguration
from cognomen.store.user_pools import SigningKey, UserPool
from cognomen.store.user_sessions import SessionTracking

SIGNING_KEY = "signing-key"
DECOY_KEY = "decoy-key"
CLIENT_SECRET = "client-secret"

# A pool with its keys takes some 20 kB; whoever serves more pools than this at once reads some of them again.
POOLS_MAX = 1_000
CLIENTS_MAX = 20_000
ACCESS_KEYS_MAX = 1_000  # which makes 6 MB at most, where each has a long policy

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """A signing key ready to use; it signs unless it is retired."""

    kid: str
    token_use: str
    private: RSAPrivateKey
    public: RSAPublicKey
    retired: bool


@dataclass(frozen=True, slots=True)
class PoolConfiguration:
    """One pool at one version.

    `keys` are by kid; `signing` are those that sign, by token use (`id`, `access`). `decoy_key` is the secret that what
    is answered about strangers is derived from, `decoys` what all of them have in common. `domains` are those of the region, at
    most one of each kind, a custom one first. `custom_scopes` are the full names of those its resource servers have.
    `replica` is what this node serves of a pool that is at home elsewhere, and has been applied to `pool`. `secrets` are the
    plain secrets of the clients in `clients`. `log_destinations` are the ARNs that logs go to, by their source. `risks` are risk
    configurations, where threat protection is on: that of the pool (ALL_CLIENTS), and those that clients in `clients` have of their own.
    `providers` are the kinds of its identity providers, by name.
    """

    pool: UserPool
    keys: dict[str, LoadedKey]
    signing: dict[str, LoadedKey]
    decoy_key: bytes = field(repr=False)
    decoys: decoys.Kind
    tracking: SessionTracking
    domains: tuple[Domain, ...]
    resource_servers: frozenset[str]
    custom_scopes: frozenset[str]
    replica: Replica | None = None
    clients: dict[str, AppClient] = field(default_factory=dict)
    secrets: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    foreign_passwords: ForeignPasswords = foreign_passwords.NONE
    log_destinations: Mapping[str, str] = field(default_factory=dict)
    risks: dict[str, RiskConfiguration] = field(default_factory=dict)
    providers: Mapping[str, ProviderKind] = field(default_factory=dict)

    def proves(self, client: AppClient, sent: str | None) -> bool:
        """Whether `sent` is a secret of this client, which is in `clients`; who has none must send none."""
        secrets = self.secrets[client.id]
        if not secrets:
            return sent is None
        return sent is not None and any(hashes.matches(secret, sent) for secret in secrets)

    def risk_parts(self, client: AppClient) -> Mapping[str, Any]:
        """What threat protection is told to do at this client, which is in `clients`: by the client's own configuration, else the pool's."""
        found = self.risks.get(client.id) or self.risks.get(ALL_CLIENTS)
        return found.parts if found else {}

    @property
    def region(self) -> str:
        """Where of the pool's regions this node is, as its domains have it."""
        return self.replica.region if self.replica else domains.HOME


class Configurations:
    """The cache of a process: the pools in use, at most POOLS_MAX of them, and which pool a client or a domain belongs to."""

    def __init__(self, store: Store, vault: Vault, region: str | None = None) -> None:
        """`region` is the node's; to one without a region every pool is at home."""
        self._region = region
        self._store = store
        self._vault = vault
        self._by_pool: OrderedDict[str, PoolConfiguration] = OrderedDict()
        self._asked_at: dict[str, int] = {}
        self._pool_of_client: OrderedDict[str, str] = OrderedDict()
        self._pool_of_domain: OrderedDict[str, str] = OrderedDict()
        self._access_keys: OrderedDict[str, tuple[int, AccessKey]] = OrderedDict()
        self._changes = 0
        self._open = True
        self.spare_keys = SpareKeys()
        """Signing keys for the pools that will be made."""

    async def is_open(self) -> bool:
        """Whether no access key was ever made. Once one was, that does not change back, and is not asked again."""
        if self._open:
            self._open = not await self._store.read(access_keys.any_exists)
        return self._open

    async def access_key(self, id: str, now: int) -> AccessKey | None:
        """The access key as it is, or was within `config_max_age`; None when there is no such key."""
        asked_at, known = self._access_keys.get(id, (0, None))
        if known is not None and 0 <= now - asked_at < self._store.config_max_age:
            return known
        found = await self._store.read(access_keys.by_id, id)
        self._access_keys.pop(id, None)
        if found is not None:
            self._access_keys[id] = now, found
            if len(self._access_keys) > ACCESS_KEYS_MAX:
                self._access_keys.popitem(last=False)
        return found

    async def of_pool(self, pool_id: str, now: int, *, fresh: bool = False) -> PoolConfiguration | None:
        """The configuration of a pool as it is now; None when there is no such pool.

        `fresh`: not even as old as `config_max_age`, for who configures pools and reads what he wrote.
        """
        known = self._by_pool.get(pool_id)
        if known is not None and known.replica is not None and known.replica.is_gone(now):
            known = None
        if known is not None:
            self._by_pool.move_to_end(pool_id)
            # A clock that was put right has left moments behind that are still to come; they say nothing.
            if (
                not fresh
                and not self._open
                and 0 <= now - self._asked_at[pool_id] < self._store.config_max_age
            ):
                return known
            version = await self._store.read(user_pools.version_of, pool_id)
            if version == known.pool.version:
                self._asked_at[pool_id] = now
                return known
            self._forget(pool_id)
            if version is None:
                return None
        if not ids.may_be_pool(pool_id):
            return None
        changes = self._changes
        abroad = self._region if self._region not in (None, ids.region_of(pool_id)) else None
        rows = await self._store.read(_rows_of, pool_id, abroad, now)
        if rows is None:
            return None
        loaded = self._load(rows)
        if changes == self._changes:  # else it may have been read before a change that is known by now
            self._by_pool[pool_id] = loaded
            self._asked_at[pool_id] = now
            if len(self._by_pool) > POOLS_MAX:
                del self._asked_at[self._by_pool.popitem(last=False)[0]]
        return loaded

    async def of_client(self, client_id: str, now: int) -> tuple[PoolConfiguration, AppClient] | None:
        """A client and its pool, found by the client's id alone."""
        pool_id = self._pool_of_client.get(client_id)
        was_known = pool_id is not None
        if pool_id is None:
            if not ids.may_be_client(client_id):
                return None
            pool_id = await self._store.read(app_clients.pool_id_of, client_id)
            if pool_id is None:
                return None
        configuration = await self.of_pool(pool_id, now)
        client = await self.client(configuration, client_id) if configuration else None
        if configuration is None or client is None:
            self._pool_of_client.pop(client_id, None)
            # A client of this id may have been made in another pool since.
            return await self.of_client(client_id, now) if was_known else None
        self._pool_of_client[client_id] = pool_id
        if len(self._pool_of_client) > CLIENTS_MAX:
            self._pool_of_client.popitem(last=False)
        return configuration, client

    async def of_domain(self, name: str, now: int) -> tuple[PoolConfiguration, Domain] | None:
        """A domain of this region and its pool, found by the domain's name alone."""
        pool_id = self._pool_of_domain.get(name)
        was_known = pool_id is not None
        if pool_id is None:
            pool_id = await self._store.read(domains.pool_id_of, name)
            if pool_id is None:
                return None
        configuration = await self.of_pool(pool_id, now)
        of_pool = configuration.domains if configuration else ()
        domain = next((found for found in of_pool if found.name == name), None)
        if configuration is None or domain is None:
            self._pool_of_domain.pop(name, None)
            # Another pool may have taken the name since.
            return await self.of_domain(name, now) if was_known else None
        self._pool_of_domain[name] = pool_id
        if len(self._pool_of_domain) > POOLS_MAX:
            self._pool_of_domain.popitem(last=False)
        return configuration, domain

    async def client(self, configuration: PoolConfiguration, client_id: str) -> AppClient | None:
        """A client of this pool; None when the pool has no such client."""
        known = configuration.clients.get(client_id)
        if known is not None:
            return known
        if not ids.may_be_client(client_id):
            return None
        client, risk = await self._store.read(_client_of, configuration.pool, client_id)
        if client is not None:
            if risk is not None:
                configuration.risks[client_id] = risk
            configuration.secrets[client_id] = tuple(
                plain_secret(self._vault, client, secret) for secret in client.secrets
            )
            configuration.clients[client_id] = client
        return client

    async def write(
        self, pool_id: str, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`Store.write` of a transaction that changes what is configured: this process reads the pool anew when it is next asked for.

        So it does where the write fails, too: what took too long may be written all the same. A caller who waits no longer does not
        end it, and what others read meanwhile is forgotten when it is done.
        """
        writing = asyncio.ensure_future(self._store.write(f, *args, **kwargs))
        writing.add_done_callback(lambda _: self._forget(pool_id))
        return await asyncio.shield(writing)

    def _forget(self, pool_id: str) -> None:
        self._changes += 1
        self._by_pool.pop(pool_id, None)
        self._asked_at.pop(pool_id, None)

    def forget_all(self) -> None:
        """Read everything anew when it is next asked for."""
        self._changes += 1
        self._by_pool.clear()
        self._asked_at.clear()
        self._pool_of_client.clear()
        self._pool_of_domain.clear()

    def _load(self, rows: _Rows) -> PoolConfiguration:
        pool, loaded = rows.pool, {}
        decoy_key = decoy_key_of(self._vault, pool)
        for key in rows.keys:
            der = self._vault.unseal(
                SIGNING_KEY, key.sealed_private_key, signing_key_binding(pool.id, key.kid)
            )
            private = rsa_keys.load(der)
            loaded[key.kid] = LoadedKey(
                kid=key.kid,
                token_use=key.token_use,
                private=private,
                public=private.public_key(),
                retired=key.retired_at is not None,
            )
        return PoolConfiguration(
            pool=pool,
            keys=loaded,
            signing={key.token_use: key for key in loaded.values() if not key.retired},
            decoy_key=decoy_key,
            decoys=decoys.kind_of(pool, decoy_key),
            tracking=rows.tracking,
            domains=tuple(rows.domains),
            resource_servers=frozenset(server.identifier for server in rows.servers),
            custom_scopes=resource_servers.scopes_of(rows.pool, rows.servers),
            replica=rows.replica,
            foreign_passwords=foreign_passwords.opened(self._vault, pool.id, rows.sealed_foreign),
            log_destinations=log_rules.destinations(rows.logs),
            risks={ALL_CLIENTS: rows.risk} if rows.risk else {},
            providers=rows.providers,
        )


def decoy_key_of(vault: Vault, pool: UserPool) -> bytes:
    return vault.unseal(DECOY_KEY, pool.sealed_decoy_key, pool.id.encode())


def signing_key_binding(pool_id: str, kid: str) -> bytes:
    """What a sealed signing key is bound to, so that it opens nowhere else."""
    return f"{pool_id}/{kid}".encode()


def client_secret_binding(pool_id: str, client_id: str) -> bytes:
    """What a sealed client secret is bound to, so that it opens nowhere else."""
    return f"{pool_id}/{client_id}".encode()


def plain_secret(vault: Vault, client: AppClient, secret: ClientSecret) -> str:
    """The plain value of a secret of the client."""
    binding = client_secret_binding(client.pool_id, client.id)
    return vault.unseal(CLIENT_SECRET, secret.sealed_value, binding).decode()


@dataclass(frozen=True, slots=True)
class _Rows:
    """What a pool's configuration is made of; all of it belongs to the pool's version."""

    pool: UserPool
    keys: list[SigningKey]
    tracking: SessionTracking
    domains: list[Domain]
    servers: list[ResourceServer]
    replica: Replica | None
    sealed_foreign: bytes | None
    logs: list[dict[str, Any]]
    risk: RiskConfiguration | None
    providers: dict[str, ProviderKind]


def _rows_of(db: Db, pool_id: str, abroad: str | None, now: int) -> _Rows | None:
    """None where there is no such pool, or, where a replica is asked for `abroad`, none of it there."""
    pool = user_pools.by_id(db, pool_id)  # first: what is read after it is never older than its version
    replica = replicas.of_region(db, pool_id, abroad, now) if abroad else None
    if pool is None or (abroad and replica is None):
        return None
    return _Rows(
        pool=replicas.applied(pool, replica) if replica else pool,
        keys=user_pools.keys_of(db, pool_id),
        tracking=user_sessions.tracking_of(db, pool_id),
        domains=domains.all_in_region(db, pool_id, replica.region if replica else domains.HOME),
        servers=stored_servers.all_of_pool(db, pool_id, "", resource_servers.SERVERS_MAX),
        replica=replica,
        sealed_foreign=stored_foreign_passwords.of_pool(db, pool_id),
        logs=replica.settings.log_configurations if replica else log_delivery.of_pool(db, pool_id),
        risk=_risk_of(db, pool, ALL_CLIENTS),
        providers=identity_providers.kinds_of(db, pool_id),
    )


def _client_of(db: Db, pool: UserPool, client_id: str) -> tuple[AppClient | None, RiskConfiguration | None]:
    """A client, and the risk configuration that it has of its own."""
    client = app_clients.by_id(db, pool.id, client_id)
    return client, _risk_of(db, pool, client_id) if client else None


def _risk_of(db: Db, pool: UserPool, client_id: str) -> RiskConfiguration | None:
    """What is kept under this very id; a pool without threat protection is not asked."""
    if not plans.THREAT_PROTECTION.in_pool(pool.settings):
        return None
    found = threat_protection.of_client(db, pool.id, client_id)
    return found if found and found.client_id == client_id else None
