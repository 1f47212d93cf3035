"""How long a master key is needed after it was retired: as long as what it sealed and others hold may count.

Refresh tokens and sign-ins under way are with those they were given to, so nobody can seal them anew.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cognomen.clock import HOUR, SECOND
from cognomen.pools import app_clients
from cognomen.store import app_clients as stored_clients
from cognomen.store import user_pools
from cognomen.store.database import Store
from cognomen.store.master_keys import KnownKey

PAGE = 100
SHORT_LIVED = HOUR  # sign-ins under way, paging tokens, and the half minute until servers notice a new key


def needed_until(key: KnownKey, longest: int) -> int | None:
    """When a retired key may go, `longest` after it was retired; None where nobody has retired it."""
    return None if key.retired_at is None else key.retired_at + longest


def said(milliseconds: int) -> str:
    """A moment as an operator reads it."""
    return datetime.fromtimestamp(milliseconds / SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")


async def longest_of_all(store: Store) -> int:
    """Milliseconds that the longest-lived refresh token lasts which a client gives out now, and a little more.

    Tokens given out before a client's validity was made shorter may last longer; their users sign in again.
    """
    longest = 0
    after = ""
    while pools := await store.read(user_pools.all_after, after, PAGE):
        after = pools[-1].id
        for pool in pools:
            longest = max(longest, await _longest_of_pool(store, pool.id))
    return longest + SHORT_LIVED


async def _longest_of_pool(store: Store, pool_id: str) -> int:
    longest = 0
    after = ""
    while found := await store.read(stored_clients.all_of_pool, pool_id, after, PAGE):
        after = found[-1].id
        longest = max(longest, *(app_clients.refresh_token_seconds(client) * SECOND for client in found))
    return longest
