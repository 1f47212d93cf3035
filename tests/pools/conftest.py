"""Pools and clients as records, without a server or a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cognomen.pools import app_clients, schema, settings
from cognomen.store.app_clients import AppClient
from cognomen.store.user_pools import UserPool

MakePool = Callable[..., UserPool]
MakeClient = Callable[..., AppClient]


@pytest.fixture
def make_record() -> MakePool:
    """A pool as CreateUserPool with these members would make it."""

    def make(**members: Any) -> UserPool:
        return UserPool(
            id="us-east-1_AbCdEf123",
            name="a pool",
            settings=settings.settings_of(members),
            schema=schema.merged(members.get("Schema", [])),
            sealed_decoy_key=b"",
            version=1,
            created_at=0,
            modified_at=0,
        )

    return make


@pytest.fixture
def make_client_record() -> MakeClient:
    """A client as CreateUserPoolClient with these members would make it."""

    def make(**members: Any) -> AppClient:
        return AppClient(
            pool_id="us-east-1_AbCdEf123",
            id="1234567890abcdefghijklmnop",
            name="a client",
            settings=app_clients.settings_of(members),
            created_at=0,
            modified_at=0,
        )

    return make
