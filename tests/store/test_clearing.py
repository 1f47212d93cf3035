"""Emptying the database and single pools: which tables it takes, and what comes of those who write meanwhile."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import subprocess
import sys
from typing import Any

import pytest

import cognomen.store
from cognomen.store import clearing, user_pools, users
from cognomen.store.database import Cursor, Db, Store
from cognomen.store.opening import open_store
from cognomen.store.tables import metadata
from cognomen.store.users import Alias
from tests.store.test_user_pools import a_pool
from tests.store.test_users import a_user

for module in pkgutil.iter_modules(cognomen.store.__path__):
    importlib.import_module(f"cognomen.store.{module.name}")

CONFIGURATION = {
    "app_clients",
    "branding_assets",
    "branding_styles",
    "client_directory",
    "client_secrets",
    "domain_directory",
    "domains",
    "foreign_passwords",
    "group_counts",
    "groups",
    "identity_providers",
    "idp_identifiers",
    "log_deliveries",
    "resource_servers",
    "session_reuse",
    "session_tracking",
    "risk_configurations",
    "signing_certificates",
    "signing_keys",
    "terms",
    "ui_customizations",
    "ui_images",
    "user_pool_replicas",
    "user_pools",
}
OF_USERS = {
    "authorization_codes",
    "browser_sessions",
    "aliases",
    "attempts",
    "auth_events",
    "codes",
    "deleted_groups",
    "devices",
    "failures",
    "former_passwords",
    "group_members",
    "identities",
    "inbox",
    "log_records",
    "outbox",
    "passkeys",
    "refresh_rotations",
    "revoked_origins",
    "spent",
    "undelivered",
    "user_counts",
    "user_import_jobs",
    "user_import_lines",
    "user_import_parts",
    "user_search",
    "user_sessions",
    "users",
}
OPERATORS = {"access_keys", "master_keys"}
OF_NO_POOL = {"nodes", "provisioned_limits"}


def test_of_each_table_it_was_decided_whether_a_pool_that_is_reset_keeps_it() -> None:
    """A new table fails here: mark it `info=CONFIGURATION` or leave it unmarked, and add it above accordingly."""
    marked = {name for name, table in metadata.tables.items() if table.info.get("configuration")}
    assert marked == CONFIGURATION
    assert {table.name for table in clearing.tables_of_users()} == OF_USERS
    assert set(metadata.tables) == CONFIGURATION | OF_USERS | OPERATORS | OF_NO_POOL | {"deleted_pools"}


def test_whatever_table_there_is_is_cleared_but_for_the_operators_keys() -> None:
    cleared = {table.name for table in clearing.cleared_tables()}
    assert cleared == set(metadata.tables) - OPERATORS - {"user_pools", "deleted_pools"}


def test_a_server_knows_every_table_from_its_start() -> None:
    """What clears and sweeps goes by the tables that were imported."""
    program = "import cognomen.app, cognomen.store.tables as t; print(*t.metadata.tables)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert set(said.split()) == set(metadata.tables)


async def test_a_pool_that_is_not_there_is_not_cleared(store: Store, pool_id: str) -> None:
    assert not await store.write(clearing.clear_pool, pool_id)


async def test_a_pool_is_cleared_and_others_are_not(store: Store, pool_id: str) -> None:
    other = f"{pool_id}x"
    for id in (pool_id, other):
        await store.write(user_pools.add, a_pool(id), ())
        await store.write(users.add, a_user(id, sub="sub"), [Alias("username", "ada")], [])
    assert await store.write(clearing.clear_pool, pool_id)
    assert await store.read(users.by_sub, pool_id, "sub") is None
    assert await store.read(users.by_alias, pool_id, [Alias("username", "ada")]) is None
    assert await store.read(user_pools.version_of, pool_id) == 2, "caches are told"
    assert await store.read(users.by_sub, other, "sub") is not None


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")
async def test_a_user_who_comes_while_a_pool_is_cleared_is_whole(
    store: Store, database_url: str, pool_id: str
) -> None:
    """His name was looked for before he had come, and he himself after it."""
    await store.write(user_pools.add, a_pool(pool_id), ())
    other = open_store(database_url, connections=1)
    name = Alias("username", "ada")

    def clear(db: Db) -> bool:
        def execute(sql: str, values: dict[str, Any]) -> Cursor:
            if sql.startswith("DELETE FROM users "):
                asyncio.run(other.write(users.add, a_user(pool_id, sub="sub"), [name], []))
            return db._execute(sql, values)

        return clearing.clear_pool(Db(db._statements, execute), pool_id)

    try:
        assert await store.write(clear)
    finally:
        other.close()
    assert await store.read(users.by_sub, pool_id, "sub") is not None
    assert await store.read(users.by_alias, pool_id, [name]) is not None
