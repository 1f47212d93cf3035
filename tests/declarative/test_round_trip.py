"""A pool written down, made elsewhere, and written down again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cognomen.declarative.caller import Caller
from cognomen.declarative.document import check
from cognomen.declarative.export import export
from cognomen.declarative.parts import PARTS
from tests.declarative.conftest import MACHINE, POOL, applied, planned, rich


def exported(caller: Caller, *, secrets: bool = False) -> dict[str, Any]:
    return asyncio.run(export(caller, POOL, secrets=secrets))


def test_the_document_of_the_tests_has_every_part() -> None:
    assert set(rich()) == {part.name for part in PARTS}


def test_a_pool_is_the_same_on_another_server_under_the_same_ids(empty: Callable[[], Caller]) -> None:
    first, second = empty(), empty()
    applied(first, rich())
    written = exported(first, secrets=True)
    assert set(written) == set(rich())
    applied(second, written)
    assert exported(second, secrets=True) == written
    assert planned(second, rich()) == []


def test_a_second_apply_of_what_a_person_wrote_finds_nothing_to_change(caller: Caller) -> None:
    assert len(applied(caller, rich())) == 20
    assert planned(caller, rich(), prune=True) == []


def test_secrets_are_written_only_where_asked(caller: Caller) -> None:
    applied(caller, rich())
    written = exported(caller)
    assert "hidden-one" not in str(written)
    assert "s" * 40 not in str(written)
    machine = next(client for client in written["Clients"] if client["ClientId"] == MACHINE)
    assert machine == {"ClientId": MACHINE, "ClientName": "machine", "GenerateSecret": True}
    check(written)
    assert planned(caller, written) == []


def test_what_is_the_default_is_not_written(caller: Caller) -> None:
    applied(caller, {"UserPool": {"Id": POOL, "PoolName": "plain"}})
    assert exported(caller) == {"UserPool": {"Id": POOL, "PoolName": "plain"}}
