"""A node on the store of the test, a pool in it, and a message to that."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cognomen import app, settings
from cognomen.call import Node
from cognomen.master_key.vault import Vault
from cognomen.messages import compose, courier
from cognomen.messages.compose import Composed
from cognomen.operations import dispatch
from cognomen.store import clearing
from cognomen.store.database import Store
from tests.held_clock import HeldClock

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
async def node(database_url: str, tmp_path: Path, clock: HeldClock) -> AsyncIterator[Node]:
    given = {"data": str(tmp_path), "database": database_url, "master_key": KEY}
    node = app.build(settings.load(given, {}))
    await node.store.write(clearing.clear, clock.now)  # of what other tests left in the outbox
    yield node
    await courier.finish(node)
    await node.outgoing.close()
    await node.functions.close()
    app.close(node)


@pytest.fixture
def store(node: Node) -> Store:
    return node.store


@pytest.fixture
def vault(node: Node) -> Vault:
    return node.vault


@pytest.fixture
async def pool_id(node: Node) -> str:
    made = await dispatch.perform(node, "CreateUserPool", {"PoolName": "a pool"})
    id: str = made["UserPool"]["Id"]
    return id


@pytest.fixture
def message() -> Composed:
    return Composed(
        medium=compose.EMAIL,
        destination="ada@example.com",
        subject="Your temporary password",
        body="Your username is ada and temporary password is S3cret-word. ",
        sub="9d3c1f0e-0000-4000-8000-000000000001",
        username="ada",
        purpose=compose.INVITATION,
        password="S3cret-word",
    )
