"""`cognomen inbox`."""

from __future__ import annotations

import asyncio
import json

import pytest

from cognomen import clock
from cognomen.call import Node
from cognomen.messages import compose, courier
from cognomen.messages.compose import Composed
from cognomen.store import user_pools
from cognomen.store.user_pool_settings import UserPoolSettings
from cognomen.store.user_pools import UserPool
from tests.cli.conftest import Place


@pytest.fixture
def pool_id(node: Node, pool_id: str) -> str:
    """A pool that exists."""
    decoy_key = node.vault.seal("decoy-key", b"d" * 32, pool_id.encode())
    pool = UserPool(pool_id, "a pool", UserPoolSettings(), (), decoy_key, 1, 0, 0)
    asyncio.run(node.store.write(user_pools.add, pool, ()))
    return pool_id


def send(node: Node, pool_id: str, body: str) -> None:
    message = Composed(
        medium=compose.EMAIL,
        destination="ada@example.com",
        subject="Your temporary password",
        body=body,
        sub="9d3c1f0e-0000-4000-8000-000000000001",
        username="ada",
        purpose=compose.INVITATION,
        password="S3cret-word",
    )

    async def queue_and_carry() -> None:
        queued = await node.store.write(courier.queue, node.vault, pool_id, message, clock.now())
        await courier.carry(node, queued)

    asyncio.run(queue_and_carry())


def test_messages_are_shown_to_people(place: Place, node: Node, pool_id: str) -> None:
    send(node, pool_id, "The password is S3cret-word")
    out = place.run("inbox", pool_id).out
    head, subject, body = out.splitlines()
    assert head.endswith("Z  EMAIL to ada@example.com  (invitation, user ada)")
    assert (subject, body) == ("Your temporary password", "The password is S3cret-word")


def test_messages_are_shown_to_programs(place: Place, node: Node, pool_id: str) -> None:
    for number in range(3):
        send(node, pool_id, f"number {number}")
    found = json.loads(place.run("inbox", pool_id, "--json", "--limit", "2").out)
    assert len(found) == 2
    assert {message["password"] for message in found} == {"S3cret-word"}


def test_a_message_cannot_command_the_terminal(place: Place, node: Node, pool_id: str) -> None:
    send(node, pool_id, "\x1b]0;title\x07 two\nlines")
    out = place.run("inbox", pool_id).out
    assert "\x1b" not in out
    assert " two\nlines\n" in out


def test_an_empty_inbox_and_an_unknown_pool_are_told_apart(place: Place, pool_id: str) -> None:
    empty = place.run("inbox", pool_id)
    assert (empty.code, empty.out, empty.err) == (0, "", "No messages.\n")
    assert json.loads(place.run("inbox", pool_id, "--json").out) == []
    unknown = place.run("inbox", "us-east-1_unknown")
    assert unknown.code == 1
    assert unknown.err.startswith("Error: There is no user pool us-east-1_unknown in the database ")


def test_the_messages_to_one_user_are_shown(place: Place, node: Node, pool_id: str) -> None:
    send(node, pool_id, "hello")
    for options in (("--user", "ada"), ("--to", "ada@example.com")):
        assert "hello" in place.run("inbox", pool_id, *options).out
    for options in (("--user", "bob"), ("--to", "bob@example.com")):
        assert place.run("inbox", pool_id, *options).err == (
            f"No messages. Nobody in the pool is called {options[1]}.\n"
        )
