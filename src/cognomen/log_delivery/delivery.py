"""Records are handed to the sinks of their destinations, by jobs.py on any node.

A batch is of one destination. Whoever hands it over has claimed its records a moment before, and until that ends no other node
takes them; what fails comes again, twice as late each time, and is given up after about a day: the log and the metrics say so,
and the events themselves stay in the histories of their users. A destination that took nothing is left alone for a moment, and no other
waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container, Sequence
from typing import Any

import msgspec

from cognomen import clock
from cognomen.call import Node
from cognomen.clock import HOUR, MINUTE, SECOND
from cognomen.log_delivery.failures import NotTaken
from cognomen.log_delivery.sinks import Sink
from cognomen.store import log_records, users
from cognomen.store.database import Db
from cognomen.store.log_records import NOWHERE, LogRecord

BATCH = 200
HAND_OVER_SECONDS = 20
CLAIMED_FOR = 2 * MINUTE  # longer than an attempt and what surrounds it, by clocks a minute apart
FIRST_PAUSE = 15 * SECOND
LONGEST_PAUSE = HOUR
ATTEMPTS_MAX = 32  # about a day

TAKEN, FAILED, GIVEN_UP = "taken", "failed", "given up"

log = logging.getLogger(__name__)


async def deliver_due(node: Node, now: int) -> bool:
    """A batch of what is due to each destination that is not paused; whether there may be more that can be handed over at once."""
    paused = {arn for arn, until in node.log_sinks.paused_until.items() if now < until}
    due = await node.store.read(_all_due, now, paused)
    by_destination: dict[str, list[LogRecord]] = {}
    for record in due:
        by_destination.setdefault(record.destination, []).append(record)
    ended = await asyncio.gather(*(_claimed(node, batch, now) for batch in by_destination.values()))
    return any(ended)


def _all_due(db: Db, now: int, paused: Container[str]) -> list[LogRecord]:
    return log_records.all_due(db, now, BATCH, paused=paused)


async def _claimed(node: Node, due: Sequence[LogRecord], now: int) -> bool:
    """Whether the destination took its batch, and there may be another for it."""
    claimed = await node.store.write(log_records.claim, due, now + CLAIMED_FOR)
    if not claimed:
        return False
    return await _deliver(node, claimed[0].destination, claimed, now) and len(due) == BATCH


async def _deliver(node: Node, destination: str, batch: Sequence[LogRecord], now: int) -> bool:
    """Whether the batch is done with, so that the next may go the same way."""
    if destination == NOWHERE:
        await node.store.write(log_records.remove, batch)
        return True
    sink = node.log_sinks.of(destination)
    name = "none" if sink is None else sink.name
    lines = await node.store.read(_lines, batch)
    fault = await _hand_over(sink, clock.uuid7(now), destination, lines)
    if fault is not None:
        if not fault.is_final:
            node.log_sinks.paused_until[destination] = now + FIRST_PAUSE
        await _note_failed(node, name, batch, fault, now)
        return False
    node.log_sinks.paused_until.pop(destination, None)
    node.log_sinks.counts[name, TAKEN] += len(batch)
    await node.store.write(log_records.remove, batch)
    return True


async def _hand_over(sink: Sink | None, id: str, destination: str, lines: Sequence[str]) -> NotTaken | None:
    """Why they were not taken."""
    if sink is None:  # the setting has changed since
        return NotTaken("log_sinks does not name it")
    try:
        async with asyncio.timeout(HAND_OVER_SECONDS):
            await sink.take(id, destination, lines)
    except NotTaken as fault:
        return fault
    except TimeoutError:
        return NotTaken("it took too long")
    return None


async def _note_failed(node: Node, sink: str, batch: Sequence[LogRecord], fault: NotTaken, now: int) -> None:
    over = [each for each in batch if fault.is_final or each.attempts >= ATTEMPTS_MAX]
    left = [each for each in batch if each not in over]
    destination = batch[0].destination
    if left:
        log.warning("%d log records were not taken for %s: %s", len(left), destination, fault.reason)
        node.log_sinks.counts[sink, FAILED] += len(left)
    if over:
        log.error("%d log records were given up for %s: %s", len(over), destination, fault.reason)
        node.log_sinks.counts[sink, GIVEN_UP] += len(over)
    await node.store.write(_put_off, left, over, now)


def _put_off(db: Db, left: Sequence[LogRecord], over: Sequence[LogRecord], now: int) -> None:
    log_records.remove(db, over)
    for each in left:
        log_records.postpone(db, [each], now + pause_after(each.attempts))


def pause_after(attempts: int) -> int:
    """Milliseconds until the next attempt."""
    return min(FIRST_PAUSE << (attempts - 1), LONGEST_PAUSE)


def _lines(db: Db, batch: Sequence[LogRecord]) -> list[str]:
    """The documents, each with what its user is called by now."""
    return [_named(db, record) for record in batch]


def _named(db: Db, record: LogRecord) -> str:
    document: dict[str, Any] = msgspec.json.decode(record.document)
    sub = document["message"].get("userSub")
    if sub is None:
        return record.document
    user = users.by_sub(db, record.pool_id, sub)
    document["message"]["userName"] = "" if user is None else user.username
    return msgspec.json.encode(document).decode()
