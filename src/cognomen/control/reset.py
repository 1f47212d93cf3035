"""Begin anew: without any pool, or with a pool as it was set up and without its users."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec

from cognomen import clock, errors
from cognomen.control.asked import Asked
from cognomen.store import access_keys, clearing
from cognomen.store.database import Contended, Db, Store

P = ParamSpec("P")

PATIENCE = 10
"""How often the store may give up on a reset amid requests that change what it removes."""


async def reset(asked: Asked) -> dict[str, Any]:
    if "pool" in asked.query:
        await _insist(asked.call.store, _reset_pool, asked.pool_id())
        return {}
    clock.move(0)
    await _insist(asked.call.store, _reset_all, clock.unmoved())
    asked.node.configurations.forget_all()
    return {}


async def _insist(
    store: Store, f: Callable[Concatenate[Db, P], None], *args: P.args, **kwargs: P.kwargs
) -> None:
    """Write, and try again where others change the same rows: a suite that resets wants that whatever else is under way."""
    for _ in range(PATIENCE - 1):
        with suppress(Contended):
            return await store.write(f, *args, **kwargs)
    return await store.write(f, *args, **kwargs)


def _reset_all(db: Db, now: int) -> None:
    clearing.clear(db, now)
    _refuse_signed_mode(db)


def _reset_pool(db: Db, pool_id: str) -> None:
    if not clearing.clear_pool(db, pool_id):
        raise errors.CONTROL_NO_POOL(id=pool_id)
    _refuse_signed_mode(db)


def _refuse_signed_mode(db: Db) -> None:
    """Once more within the transaction, which is undone where the first access key was made in between."""
    if access_keys.any_exists(db):
        raise errors.NOTHING_HERE()
