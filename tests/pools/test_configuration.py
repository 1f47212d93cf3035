"""What a process keeps in memory of pools; most of it is told by the tests of the operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cognomen.pools.configuration import Configurations
from cognomen.store import user_pools
from cognomen.store.database import Unavailable
from tests.server import Server
from tests.watched_store import WatchedStore


class LostAnswers(WatchedStore):
    """A store whose writes are committed, and nobody learns it."""

    def __init__(self, inner: Any, outcome: type[BaseException]) -> None:
        super().__init__(inner)
        self.config_max_age, self._outcome = 1_000, outcome

    async def write(self, f: Any, *args: Any, **kwargs: Any) -> Any:
        await super().write(f, *args, **kwargs)
        raise self._outcome


@pytest.mark.parametrize("outcome", [Unavailable, asyncio.CancelledError])
def test_a_change_whose_outcome_nobody_learnt_is_noticed(
    server: Server, make_pool: Callable[..., Any], outcome: type[BaseException]
) -> None:
    pool_id, now = make_pool()["Id"], server.clock.now

    async def change() -> str:
        configurations = Configurations(LostAnswers(server.store, outcome), server.node.vault)
        configurations._open = False  # in open mode every request asks for the version
        known = await configurations.of_pool(pool_id, now)
        assert known
        renamed = replace(known.pool, name="renamed")
        with pytest.raises(outcome):
            await configurations.write(pool_id, user_pools.change, renamed, now)
        changed = await configurations.of_pool(pool_id, now)
        assert changed
        return changed.pool.name

    assert server.run(change()) == "renamed"
