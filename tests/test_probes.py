"""What load balancers ask, on both databases."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
import pytest
from sqlalchemy import bindparam, column, table, update

from cognomen import app, clock, probes, settings
from cognomen.call import Node
from cognomen.crypto import sealing
from cognomen.master_key.vault import Vault
from cognomen.store import master_keys
from cognomen.store.database import Db
from cognomen.store.master_keys import KnownKey
from tests.conftest import empty_database
from tests.server import Server
from tests.watched_store import WatchedStore

P = ParamSpec("P")
T = TypeVar("T")

_AGE = update(table("alembic_version", column("version_num"))).values(version_num=bindparam("to"))


def asked(server: Server, path: str, method: str = "GET") -> tuple[int, Any, bytes]:
    request = urllib.request.Request(server.endpoint + path, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_a_server_that_serves_says_so_to_anybody(server: Server, path: str) -> None:
    status, headers, body = asked(server, path)
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    status, headers, body = asked(server, path, "HEAD")
    assert (status, body, headers["content-length"]) == (200, b"", "15")
    status, headers, _ = asked(server, path, "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest.fixture
def node(engine: str, tmp_path: Path) -> Iterator[Node]:
    """A node on a database of its own, which a test may spoil."""
    with empty_database(engine, tmp_path) as url:
        given = settings.load({"data": str(tmp_path), "database": url}, {})
        app.prepare(given)
        made = app.build(given)
        yield made
        made.store.close()


async def test_a_database_of_an_older_release_is_told(node: Node) -> None:
    asking = probes.Probes(node)
    await node.store.write(lambda db: db.run(_AGE, to="0000"))
    assert await asking.reason() == "the database is older than this release"
    await node.store.write(lambda db: db.run(_AGE, to="9999"))
    assert await probes.Probes(node).reason() is None, "a newer release may have gone further"


async def test_a_database_without_tables_is_told(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "KEPT_SECONDS", 0)
    asking = probes.Probes(node)
    await node.store.write(lambda db: db._execute("ALTER TABLE alembic_version RENAME TO gone", {}))
    assert await asking.reason() == "the database cannot be read"
    await node.store.write(lambda db: db._execute("ALTER TABLE gone RENAME TO alembic_version", {}))
    assert await asking.reason() is None


async def test_a_master_key_that_this_node_does_not_have_is_told(node: Node) -> None:
    other = sealing.master_key(b"o" * 32)
    await node.store.write(master_keys.add, KnownKey(other.id, sealing.key_check(other), 1, None))
    assert await probes.Probes(node).reason() == "a master key is missing"
    await node.store.write(master_keys.retire, other.id, 2)
    assert await probes.Probes(node).reason() is None


async def test_a_master_key_that_opens_nothing_is_told(node: Node) -> None:
    current = node.vault.keyring.current
    await node.store.write(master_keys.add, KnownKey(current.id, sealing.key_check(current), 1, None))
    same_name = msgspec.structs.replace(sealing.master_key(b"o" * 32), id=current.id)
    wrong = replace(node, vault=Vault(lambda: sealing.keyring([same_name])))
    assert await probes.Probes(wrong).reason() == "a master key is missing"


async def test_a_database_that_cannot_be_reached_is_told_without_its_address(
    node: Node, tmp_path: Path
) -> None:
    nowhere = app.build(replace(node.settings, database=f"postgresql://s3cret:s3cret@/none?host={tmp_path}"))
    assert await probes.Probes(nowhere).reason() == "the database is not available"
    nowhere.store.close()


async def test_many_probes_are_one_look_a_second(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = WatchedStore(node.store)
    asking = probes.Probes(replace(node, store=watched))
    assert set(await asyncio.gather(*(asking.reason() for _ in range(20)))) == {None}
    looked = watched.transactions.count("read")
    await asking.reason()
    assert watched.transactions.count("read") == looked == 2
    monkeypatch.setattr(clock, "elapsed", lambda: 1e12)
    await asking.reason()
    assert watched.transactions.count("read") == 2 * looked


class SlowStore(WatchedStore):
    """A store that answers when it is told to."""

    answer: asyncio.Event

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.ran.append("read")
        await self.answer.wait()
        return await self._inner.read(f, *args, **kwargs)


async def test_a_probe_does_not_wait_for_a_silent_database(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "PATIENCE_SECONDS", 0.01)
    silent = SlowStore(node.store)
    silent.answer = asyncio.Event()
    asking = probes.Probes(replace(node, store=silent))
    for _ in range(3):
        assert await asking.reason() == "the database does not answer"
    assert silent.ran == ["read"], "one look is under way, however many ask"
    silent.answer.set()
    monkeypatch.setattr(probes, "PATIENCE_SECONDS", 30)
    assert await asking.reason() is None


async def test_a_server_that_is_stopping_is_not_ready(node: Node) -> None:
    asking = probes.Probes(node)
    assert await asking.reason() is None
    asking.stop()
    assert await asking.reason() == "stopping"
