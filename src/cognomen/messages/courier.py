"""The outbox: a message is queued in the transaction of what it tells of, and carried after that has committed.

    queue       in the transaction: the message waits, sealed
    carry       after the commit, by the same request: the first attempt at each message
    carry_due   by jobs.py on any node: what a crash or a failed attempt left behind
    try_now     one attempt at a message that was never queued, for whoever tests a carrier
    finish      the attempts under way, and the carriers, before a process ends

Whoever hands a message over has claimed it a moment before, so of many nodes one does: until `due_at` nobody else takes it, and
an attempt ends long before that, even where clocks are a minute apart. A message is never lost. It goes out twice only where its
acknowledgement was lost: the other side took it, and the process died before it could note so, or its own answer never came.
Each attempt carries the same id, by which the other side can tell.

A message whose code has expired is not tried any more. What is given up is in the log, in the metrics, and is kept to be looked
at (`cognomen messages list`). What the inbox keeps moves there in one transaction, and so needs no claim.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from cognomen import clock
from cognomen.call import Node
from cognomen.clock import HOUR, MINUTE, SECOND
from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.messages.carriers.custom_sender import CustomSender
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.table import Carrier
from cognomen.messages.compose import Composed, is_for_sender
from cognomen.pools import log_records
from cognomen.pools.configuration import PoolConfiguration
from cognomen.store import messages, user_pools
from cognomen.store.database import Db, Unavailable
from cognomen.store.messages import Message, Place, Waiting
from cognomen.store.user_pools import UserPool

PURPOSE = "message"

ATTEMPT_SECONDS = 20
ANSWER_SECONDS = 5
"""That a request waits for its first attempts; slower ones go on without it."""

CLAIMED_FOR = 2 * MINUTE  # longer than an attempt and what surrounds it, by clocks a minute apart
FIRST_PAUSE = 15 * SECOND
LONGEST_PAUSE = HOUR
ATTEMPTS_MAX = 32  # about a day
BATCH = 50

DELIVERED, FAILED, GIVEN_UP = "delivered", "failed", "given up"

log = logging.getLogger(__name__)

_document = msgspec.json.Decoder(Composed)


@dataclass(frozen=True, slots=True)
class Queued(Message):
    """A message that this request has sealed, and so knows."""

    composed: Composed = field(repr=False, compare=False)


def queue(db: Db, vault: Vault, pool_id: str, message: Composed, now: int) -> Queued:
    """Put a message into the outbox, in the transaction of what it tells of; returns what `carry` wants."""
    id = (messages.TO_NOBODY if message.to_nobody else "") + clock.uuid7(now)
    sealed = vault.seal(PURPOSE, msgspec.json.encode(message), binding(pool_id, id))
    queued = Queued(pool_id, id, sealed, now, message)
    messages.queue(db, queued, due_at=now + CLAIMED_FOR)
    return queued


async def carry(node: Node, *queued: Queued, waits: bool = True) -> None:
    """The first attempt at each, after the commit, by the request that queued them.

    Raises the first Undelivered there was, so that the answer can tell; what failed is tried again all the same. Where not
    `waits`, attempts that leave this server begin when the request is answered, and the answer's time tells nothing of them.
    Those by functions of the pool's owner are never waited for: Cognito calls them asynchronously.
    """
    begun = []
    failed: list[Undelivered] = []
    for message in queued:
        composed = message.composed
        if _stays_here(node, message, composed):
            try:
                await node.store.write(_moved, message)
            except Unavailable as error:
                failed.append(_not_kept(message, error))
            continue
        attempt = _begin(node, _attempt(node, Waiting(message, 0), composed=composed))
        if waits and composed.event is None:
            begun.append(attempt)
    if begun:
        done, _ = await asyncio.wait(begun, timeout=ANSWER_SECONDS)
        failed.extend(fault for fault in (attempt.result() for attempt in done) if fault is not None)
    if failed:
        raise failed[0]


async def carry_due(node: Node, now: int) -> bool:
    """About a batch of what is due here; whether there may be more.

    Of the pools that are at home in this node's region, and of those that have a replica in it. What this node cannot carry is
    passed over however much of it there is: what it can does not wait behind it.
    """
    for message in list(node.carriers.acknowledged.values()):
        await _note_acknowledged(node, message)
    here = [await _due(node, due_in, now) for due_in in (messages.all_due, messages.all_due_of_replicas)]
    await asyncio.gather(
        *(_begin(node, _attempt(node, waiting, now)) for ours, _ in here for waiting in ours)
    )
    return any(may_be_more for _, may_be_more in here)


async def _due(
    node: Node, due_in: Callable[[Db, str, int, int, Place], list[Waiting]], now: int
) -> tuple[list[Waiting], bool]:
    """About a batch that this node can carry, and whether there may be more."""
    ours: list[Waiting] = []
    served: dict[str, bool] = {}
    after, may_be_more = messages.BEFORE_ALL, True
    while may_be_more and len(ours) < BATCH:
        due = await node.store.read(due_in, node.settings.region, now, BATCH, after)
        ours += [waiting for waiting in due if await _is_ours(node, waiting.message, served, now)]
        may_be_more = len(due) == BATCH
        after = due[-1].place if due else after
    return ours, may_be_more


async def try_now(carrier: Carrier, pool: UserPool, composed: Composed) -> None:
    """One attempt at a message that is not queued. Raises Undelivered."""
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            await carrier.carry(Parcel(clock.uuid7(clock.now()), pool, composed))
    except TimeoutError:
        raise Undelivered("it took too long") from None


async def finish(node: Node) -> None:
    """Let attempts under way end, which each does within ATTEMPT_SECONDS, and close the carriers."""
    if node.carriers.attempts:
        await asyncio.wait(node.carriers.attempts, timeout=ATTEMPT_SECONDS)
    await node.carriers.close()


def opened(vault: Vault, message: Message) -> Composed:
    """What a sealed message says; CannotUnseal when its master key is gone."""
    return _document.decode(
        vault.unseal(PURPOSE, message.sealed_document, binding(message.pool_id, message.id))
    )


def binding(pool_id: str, id: str) -> bytes:
    """What a sealed message is bound to, so that it opens nowhere else."""
    return f"{pool_id}/{id}".encode()


def _begin(
    node: Node, attempt: Coroutine[object, object, Undelivered | None]
) -> asyncio.Task[Undelivered | None]:
    """Run beside requests. Whoever hangs up while it is waited for does not end it."""
    task = asyncio.create_task(attempt)
    node.carriers.attempts.add(task)
    task.add_done_callback(node.carriers.attempts.discard)
    return task


async def _attempt(
    node: Node, waiting: Waiting, now: int | None = None, *, composed: Composed | None = None
) -> Undelivered | None:
    """Claim a message and carry it; why that failed, where it did. It is opened unless `composed` is what it says."""
    now = clock.now() if now is None else now
    begun_at = clock.now()
    try:
        if not await node.store.write(messages.claim, waiting, now + CLAIMED_FOR):
            return None  # another node was faster
        claimed = Waiting(waiting.message, waiting.attempts + 1)
        return await _carried(node, claimed, composed, now, begun_at)
    except Unavailable as error:  # the claim ends by itself
        return _not_kept(waiting.message, error)


async def _carried(
    node: Node, claimed: Waiting, composed: Composed | None, now: int, begun_at: int
) -> Undelivered | None:
    message = claimed.message
    try:
        composed = composed or opened(node.vault, message)
    except CannotUnseal as error:
        fault = Undelivered(f"it cannot be opened: {error}")
        await _note_failed(node, claimed, fault, None, now, ("unknown", "none"))
        return fault
    if _stays_here(node, message, composed):
        await node.store.write(_moved, message)
        return None
    configuration = await node.configurations.of_pool(message.pool_id, now)
    if configuration is None:  # the pool was deleted since, which `carry_due` finds out when the claim ends
        return None
    way = _way(node, configuration, composed)
    if way is None:
        await node.store.write(_moved, message)
        return None
    if composed.to_nobody:
        await node.store.write(messages.carried, message)
        return None
    who = (composed.medium, way.name)
    fault_found = await _hand_over(way, Parcel(message.id, configuration.pool, composed), now)
    if fault_found is None:
        node.carriers.acknowledged[message.id] = message
        node.carriers.counts[*who, DELIVERED] += 1
        await _note_acknowledged(node, message)
    else:
        # What took its time, and may still be under way beyond us, is not tried again before the whole pause.
        ended = now + max(clock.now() - begun_at, 0)
        await _note_failed(node, claimed, fault_found, composed.expires_at, ended, who)
    return fault_found


async def _is_ours(node: Node, message: Message, served: dict[str, bool], now: int) -> bool:
    """Whether this node is to carry a message that is due; one of a pool that was deleted goes with it.

    `served`: the pools asked about so far that are there, and whether it is here that they are served.
    """
    pool_id = message.pool_id
    if message.id in node.carriers.acknowledged:
        return False
    if pool_id not in served:
        try:
            is_here = await node.configurations.of_pool(pool_id, now) is not None
        except CannotUnseal:  # its master key is gone: what is of other pools does not wait for it
            served[pool_id] = False
            return False
        if not is_here and await node.store.read(user_pools.version_of, pool_id) is None:
            await node.store.write(messages.carried, message)
            return False
        served[pool_id] = is_here
    return served[pool_id]


async def _hand_over(way: Carrier, parcel: Parcel, now: int) -> Undelivered | None:
    expires_at = parcel.message.expires_at
    if expires_at is not None and now >= expires_at:
        return Undelivered("its code has expired", is_final=True)
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            await way.carry(parcel)
    except Undelivered as error:
        return error
    except TimeoutError:
        return Undelivered("it took too long")
    except Exception as error:  # noqa: BLE001  whatever it is, the message is tried again; its text may quote the message
        return Undelivered(type(error).__name__)
    return None


def _way(node: Node, configuration: PoolConfiguration, composed: Composed) -> Carrier | None:
    """What takes the message; None where the inbox keeps it."""
    if composed.event is not None and is_for_sender(configuration.pool, composed.medium):
        return CustomSender(node, configuration, composed.event)
    return node.carriers.of(configuration.pool.id, composed.medium)


async def _note_acknowledged(node: Node, message: Message) -> None:
    """Take a message that was handed over out of the outbox. Until that succeeds this process remembers it."""
    with suppress(Unavailable):
        await node.store.write(messages.carried, message)
        node.carriers.acknowledged.pop(message.id, None)


async def _note_failed(
    node: Node, claimed: Waiting, fault: Undelivered, expires_at: int | None, now: int, who: tuple[str, str]
) -> None:
    next_at = now + pause_after(claimed.attempts)
    too_late = expires_at is not None and next_at >= expires_at
    if not (fault.is_final or too_late or claimed.attempts >= ATTEMPTS_MAX):
        _log(logging.WARNING, claimed.message, f"was not delivered: {fault.reason}")
        node.carriers.counts[*who, FAILED] += 1
        await node.store.write(messages.postpone, claimed, next_at, fault.reason)
        if claimed.attempts == 1:
            await _tell_owner(node, claimed, f"was not delivered: {fault.reason}", now)
    elif await node.store.write(messages.give_up, claimed, now, fault.reason):
        await _tell_owner(node, claimed, f"was given up: {fault.reason}", now)
        counted = "1 attempt" if claimed.attempts == 1 else f"{claimed.attempts} attempts"
        _log(logging.ERROR, claimed.message, f"was given up after {counted}: {fault.reason}")
        node.carriers.counts[*who, GIVEN_UP] += 1


async def _tell_owner(node: Node, claimed: Waiting, what: str, now: int) -> None:
    """In the logs of the pool, where its owner wants them, once when a message fails and once when it is given up."""
    message = claimed.message
    try:
        configuration = await node.configurations.of_pool(message.pool_id, now) if node.log_sinks else None
    except CannotUnseal:  # which may be why it was not delivered
        return
    if configuration is None:
        return
    source = log_records.NOTIFICATIONS
    destination = log_records.destination(node, configuration, source)
    if destination is not None:
        details = {"details": f"message {message.id} {what}"}
        await node.store.write(log_records.queue, message.pool_id, source, destination, details, moment=now)


def pause_after(attempts: int) -> int:
    """Milliseconds until the next attempt: twice as long each time."""
    return min(FIRST_PAUSE << (attempts - 1), LONGEST_PAUSE)


def _stays_here(node: Node, message: Message, composed: Composed) -> bool:
    """Whether it is plain, without a look at the pool, that the inbox keeps the message."""
    return composed.event is None and node.carriers.of(message.pool_id, composed.medium) is None


def _moved(db: Db, message: Message) -> None:
    """Out of the outbox and into the inbox: never in both and never in none. One to nobody too, which no list shows."""
    messages.carried(db, message)
    messages.keep(db, message)


def _not_kept(message: Message, error: Unavailable) -> Undelivered:
    _log(logging.WARNING, message, f"waits for the database: {error}")
    return Undelivered("the database is not available")


def _log(level: int, message: Message, what: str) -> None:
    log.log(level, "message %s %s", message.id, what, extra={"pool_id": message.pool_id})
