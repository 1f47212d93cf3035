"""The messages that were kept instead of sent, and those that are still to be carried or were given up."""

from __future__ import annotations

from typing import Any

from cognomen import errors
from cognomen.control.asked import Asked
from cognomen.messages import inbox
from cognomen.store import messages, user_pools

NEWEST = 100
BATCH = 200  # messages that one transaction removes


async def read(asked: Asked) -> dict[str, Any]:
    """A name that nobody has is told beside the empty list: whoever waits for a message asks before it is there."""
    limit, user, to = _limit(asked), asked.query.get("user"), asked.query.get("to")
    call, pool_id = asked.call, await _pool_id(asked)
    found = await inbox.newest(call.store, call.vault, pool_id, limit, user=user, to=to)
    if not found and (stranger := await inbox.stranger(call.store, pool_id, user, to)):
        return {
            "Messages": [],
            "message": f"Nobody in the pool is called {stranger}, and nothing was sent there.",
        }
    return {"Messages": found}


async def outstanding(asked: Asked) -> dict[str, Any]:
    limit, pool_id = _limit(asked), await _pool_id(asked)
    return {"Messages": await inbox.outstanding(asked.call.store, asked.call.vault, pool_id, limit)}


def _limit(asked: Asked) -> int:
    limit = asked.query.get("limit", str(NEWEST))
    if limit not in map(str, range(1, NEWEST + 1)):
        raise errors.CONTROL_QUERY(reason=f"limit must be a number from 1 to {NEWEST}.")
    return int(limit)


async def empty(asked: Asked) -> dict[str, Any]:
    """Batch by batch, so that requests write in between."""
    pool_id = await _pool_id(asked)
    while not await asked.call.store.write(messages.empty_inbox, pool_id, BATCH):
        pass
    return {}


async def _pool_id(asked: Asked) -> str:
    """The pool that the query names. Raises CONTROL_QUERY, CONTROL_NO_POOL."""
    pool_id = asked.pool_id()
    if await asked.call.store.read(user_pools.version_of, pool_id) is None:
        raise errors.CONTROL_NO_POOL(id=pool_id)
    return pool_id
