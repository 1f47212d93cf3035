"""What a node does beside requests: carry what is left in the outbox, sweep what has expired, follow the master key.

    run(node, stop)     the loop, from start to stop; where request rates are limited it takes the node's share of them too
    sweep               one batch of each kind of expired row
    follow_master_key   notice a master key that another process has added
    logs are delivered, where `log_sinks` says to what (log_delivery/)
    users are imported, batch by batch, as long as there are import jobs (users/imports.py)

Every node and every worker runs all of it at the same time: messages are claimed, and a row can be swept only once. A job
does one batch and tells whether there is more, so that requests write in between and a stop is noticed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from cognomen import clock
from cognomen.call import Node
from cognomen.clock import HOUR, MINUTE
from cognomen.control.clock import put_right_in_signed_mode
from cognomen.crypto.sealing import UnknownKey
from cognomen.limits import limiter
from cognomen.log_delivery import delivery
from cognomen.master_key.vault import Vault
from cognomen.messages import courier
from cognomen.store import (
    attempts,
    auth_events,
    authorization_codes,
    browser_sessions,
    codes,
    failures,
    groups,
    master_keys,
    messages,
    refresh_tokens,
    replicas,
    spent,
    tokens,
    user_imports,
    user_pools,
    user_sessions,
)
from cognomen.store.database import Store, Unavailable
from cognomen.users import imports

CARRY_SECONDS = 5
DELIVER_SECONDS = 5
IMPORT_SECONDS = 2
SWEEP_SECONDS = 60
FOLLOW_SECONDS = 30
LIMIT_SECONDS = 5

CLOCKS_APART = MINUTE  # what one node takes for expired, another may still accept for a while
REDEEMED_KNOWN = HOUR  # how long a code that comes again is known for that, after it has expired
LINGER = 5 * MINUTE  # how long the rows of a deleted pool or group stay, at least

BATCH = 200  # rows: some milliseconds in which a process on SQLite does nothing else

log = logging.getLogger(__name__)


async def run(node: Node, stop: asyncio.Event) -> None:
    """Do every job again and again until `stop` is set; what is under way then is finished."""

    async def carry() -> bool:
        await put_right_in_signed_mode(node)
        return await courier.carry_due(node, clock.now())

    async def deliver() -> bool:
        return await delivery.deliver_due(node, clock.now())

    async def clean() -> bool:
        # Not by a clock that a test suite moved ahead and may put back: what has expired by it counts for nothing, but
        # is still there when time is as it was.
        return await sweep(node.store, clock.unmoved(), node.settings.inbox_age)

    async def import_users() -> bool:
        return await imports.carry_on(node, clock.now())

    async def follow() -> bool:
        await node.configurations.is_open()  # so that a node that is not does not go on asking as one that is
        return await follow_master_key(node.store, node.vault)

    async def share_limits() -> bool:
        if node.limiter is not None:
            await limiter.follow(node.limiter, node.store, clock.now())
        return False

    limiting = [] if node.limiter is None else [_repeat(share_limits, LIMIT_SECONDS, stop)]
    delivering = [_repeat(deliver, DELIVER_SECONDS, stop)] if node.log_sinks else []
    await asyncio.gather(
        _repeat(carry, CARRY_SECONDS, stop),
        _repeat(clean, SWEEP_SECONDS, stop),
        _repeat(import_users, IMPORT_SECONDS, stop),
        _repeat(follow, FOLLOW_SECONDS, stop),
        *limiting,
        *delivering,
    )


async def sweep(store: Store, now: int, inbox_age: int) -> bool:
    """Remove one batch of each kind of expired row; whether more may be left.

    `inbox_age`: milliseconds a message stays in the inbox, or among those that were given up.
    """
    rows = [
        await store.write(spent.sweep, now - CLOCKS_APART, BATCH),
        await store.write(failures.sweep, now - CLOCKS_APART, BATCH),
        await store.write(tokens.sweep, now - CLOCKS_APART, BATCH),
        await store.write(refresh_tokens.sweep, now - CLOCKS_APART, BATCH),
        await store.write(codes.sweep, now - CLOCKS_APART, BATCH),
        await store.write(attempts.sweep, now - CLOCKS_APART, BATCH),
        await store.write(replicas.sweep, now - CLOCKS_APART, BATCH),
        await store.write(authorization_codes.sweep, now - REDEEMED_KNOWN, BATCH),
        await store.write(browser_sessions.sweep, now - CLOCKS_APART, BATCH),
        await store.write(user_sessions.sweep, now - CLOCKS_APART, BATCH),
        await store.write(auth_events.sweep, now - CLOCKS_APART, BATCH),
        await store.write(messages.sweep_inbox, now - inbox_age, BATCH),
        await store.write(messages.sweep_undelivered, now - inbox_age, BATCH),
    ]
    more_parts = await store.write(user_imports.sweep_parts, now - imports.KEPT_FOR)
    deleted_pools = await store.read(user_pools.all_deleted, now - LINGER, 1)
    for pool_id in deleted_pools:
        await store.write(user_pools.sweep_deleted, pool_id, BATCH)
    deleted_groups = await store.read(groups.all_deleted, now - LINGER, 1)
    for pool_id, group_id in deleted_groups:
        await store.write(groups.sweep_deleted, pool_id, group_id, BATCH)
    return BATCH in rows or more_parts or bool(deleted_pools) or bool(deleted_groups)


async def follow_master_key(store: Store, vault: Vault) -> bool:
    """Make the vault read its keys again when the database knows one in use that the vault does not.

    Otherwise a process that meets nothing sealed with a new key would go on sealing with the old one.
    """
    for key in await store.read(master_keys.all_known):
        if key.retired_at is None:
            try:
                vault.master_key(key.id)
            except UnknownKey as error:
                log.error("something here is %s", error)  # noqa: TRY400  the sentence says it all
    return False


async def _repeat(job: Callable[[], Awaitable[bool]], pause_seconds: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            more = await job()
        except Unavailable as error:
            log.warning("%s: the database is not available, trying again: %s", job.__name__, error)
            more = False
        except Exception:
            log.exception("%s failed, trying again", job.__name__)
            more = False
        if not more:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_seconds)
