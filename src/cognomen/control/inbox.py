"""The messages that were kept instead of sent, and those that are still to be carried or were given up."""

from __future__ import annotations

from typing import Any

from cognomen import errors
from cognomen.control.asked import Asked
from cognomen.messages import inbox
from cognomen.store import messages

NEWEST = 100


async def read(asked: Asked) -> dict[str, Any]:
    found = await inbox.newest(
        asked.call.store,
        asked.call.vault,
        asked.pool_id(),
        _limit(asked),
        user=asked.query.get("user"),
        to=asked.query.get("to"),
    )
    return {"Messages": found}


async def outstanding(asked: Asked) -> dict[str, Any]:
    pool_id, limit = asked.pool_id(), _limit(asked)
    return {"Messages": await inbox.outstanding(asked.call.store, asked.call.vault, pool_id, limit)}


def _limit(asked: Asked) -> int:
    limit = asked.query.get("limit", str(NEWEST))
    if limit not in map(str, range(1, NEWEST + 1)):
        raise errors.CONTROL_QUERY(reason=f"limit must be a number from 1 to {NEWEST}.")
    return int(limit)


async def empty(asked: Asked) -> dict[str, Any]:
    await asked.call.store.write(messages.empty_inbox, asked.pool_id())
    return {}
