"""The lock-out: who fails to prove a secret too often in a row must wait, twice as long each time.

    prove               one proof from beginning to end, for operations that ask for a password (ChangePassword)
    counted             a count of another kind, which stands whatever becomes of what is written with it
    one_at_a_time, so_far, is_locked, count, forget     the same in steps, for sign_in/engine.py

Failures are counted by kind, which is the factor that was tried: whoever guesses passwords does not lock the app that
shows codes, and who has a password does not open it to more guesses at the codes.

The rule (developer guide, authentication): the fifth failure locks for one second, each further one for twice as long,
up to 15 minutes; attempts during the lock do not count; a success, or 15 minutes without a counted attempt, forgets all.
Names that nobody has are counted and locked alike, under a key that tells nothing, else the lock would tell who exists.

What holds where: failures are counted in the store, per user over all clients, sessions and nodes; none is lost, and a
lock holds everywhere once the failure that began it is counted. Within a process attempts on a user take turns, so each
sees the ones before. Processes do not wait for each other: of guesses that come to N of them at the same moment each
may let one through before any is counted, N instead of one whenever no lock holds. They all count, so the next lock is
as long as for N failures.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import HOUR, MINUTE, SECOND
from cognomen.crypto import base64url, sealing
from cognomen.errors import Refusal, Sentence
from cognomen.store import failures
from cognomen.store.database import Db, Unavailable
from cognomen.store.failures import Failures

T = TypeVar("T")

log = logging.getLogger(__name__)

FREE_FAILURES = 5
LONGEST_LOCK = 15 * MINUTE
FORGOTTEN_AFTER = 15 * MINUTE

PASSWORD = "password"
"""The kind of failures at a password, in whatever way it is proven."""


@dataclass(frozen=True, slots=True)
class Quota:
    """So much of this `kind` (failures, or requests: codes.py) a user may have in an hour of the clock."""

    kind: str
    an_hour: int


class _Queue:
    """Those who have come to prove something; `length` counts the one whose turn it is too."""

    __slots__ = ("length", "turn")

    def __init__(self) -> None:
        self.turn, self.length = asyncio.Lock(), 0


class _Turn:
    """One attempt's. It is in the queue of its place from when it is entered, not from when it is made."""

    __slots__ = ("_place", "_queue")

    def __init__(self, place: tuple[str, str, str]) -> None:
        self._place = place

    async def __aenter__(self) -> bool:
        queue = _queues.get(self._place)
        if queue is None:
            queue = _queues[self._place] = _Queue()
        self._queue = queue
        has_waited = queue.length > 0
        queue.length += 1
        try:
            await queue.turn.acquire()
        except BaseException:
            self._leave()
            raise
        return has_waited

    async def __aexit__(self, *_: object) -> None:
        self._queue.turn.release()
        self._leave()

    def _leave(self) -> None:
        self._queue.length -= 1
        if self._queue.length == 0 and _queues.get(self._place) is self._queue:
            del _queues[self._place]


_queues: dict[tuple[str, str, str], _Queue] = {}
"""Those that somebody is in."""


def key_of_user(call: Call, sub: str) -> str:
    return _key(call, b"user", sub)


def key_of_stranger(call: Call, folded_name: str) -> str:
    """The key of a name that nobody has, folded as the pool compares names."""
    return _key(call, b"stranger", folded_name)


async def prove(
    call: Call,
    key: str,
    proof: Callable[[], Awaitable[bool]],
    *,
    locked: Sentence = errors.PASSWORD_ATTEMPTS_EXCEEDED,
    quota: Quota | None = None,
    beside: Callable[[Db], None] | None = None,
) -> bool:
    """Whether `proof()` holds, which is one of a password, counted or forgotten accordingly.

    `beside` is written in one transaction with a failure.

    Raises `locked` without asking it during a lock, and in an hour whose quota is used up.
    """
    async with one_at_a_time(call, key, PASSWORD):
        known, in_this_hour = await call.store.read(_known, call.pool.id, PASSWORD, key, call.now, quota)
        if is_locked(known, call.now) or (quota is not None and in_this_hour >= quota.an_hour):
            raise locked()
        if not await proof():
            failed = functools.partial(_count_with, pool_id=call.pool.id, key=key, now=call.now, quota=quota)
            await counted(call, failed, beside and (lambda db, _: beside(db)))
            return False
    if known is not None:
        await forget(call, key, (PASSWORD,))
    return True


def one_at_a_time(call: Call, key: str, kind: str) -> AbstractAsyncContextManager[bool]:
    """Attempts of a kind on one user take turns in this process; whether this one had to wait for another.

    Otherwise a burst of guesses would all be checked before the first of them is counted. Other processes are not kept
    waiting: see above.
    """
    return _Turn((call.pool.id, kind, key))


async def so_far(call: Call, key: str, kind: str) -> Failures | None:
    """The failures that still count; None for none, which is how nearly every attempt begins."""
    known, _ = await call.store.read(_known, call.pool.id, kind, key, call.now, None)
    return known


def is_locked(known: Failures | None, now: int) -> bool:
    return known is not None and now < known.last_at + lock_after(known.count)


def lock_after(count: int) -> int:
    """How long the lock is that the `count`-th failure in a row begins, in milliseconds."""
    if count < FREE_FAILURES:
        return 0
    return min(SECOND << min(count - FREE_FAILURES, 10), LONGEST_LOCK)


async def count(call: Call, key: str, kind: str, beside: Callable[[Db], None] | None = None) -> None:
    """One more failure; none is lost, however many come at once. `beside` is written in one transaction with it."""
    failed = functools.partial(_count, pool_id=call.pool.id, kind=kind, key=key, now=call.now)
    await counted(call, failed, beside and (lambda db, _: beside(db)))


async def counted(call: Call, count: Callable[[Db], T], beside: Callable[[Db, T], None] | None) -> T:
    """Write what `count` does, and in one transaction with it `beside`, which is given what `count` returned.

    Where `beside` fails, whatever it has met, `count` is written alone: nobody may guess freely since a history cannot be written.
    """
    if beside is None:
        return await call.store.write(count)

    def both(db: Db) -> T:
        outcome = count(db)
        beside(db, outcome)
        return outcome

    try:
        return await call.store.write(both)
    except (Refusal, Unavailable):
        raise
    except Exception:
        log.exception(
            "request %s: what is written beside a failure is lost",
            call.request_id,
            extra={"request_id": call.request_id, "pool_id": call.pool.id},
        )
        return await call.store.write(count)


async def forget(call: Call, key: str, kinds: Iterable[str]) -> None:
    await call.store.write(end, call.pool.id, key, kinds)


def end(db: Db, pool_id: str, key: str, kinds: Iterable[str]) -> None:
    """`forget` as a part of a transaction."""
    for kind in kinds:
        failures.remove(db, pool_id, kind, key)


def _known(
    db: Db, pool_id: str, kind: str, key: str, now: int, quota: Quota | None
) -> tuple[Failures | None, int]:
    """The failures in a row that still count, and how many of the quota's kind there were in this hour."""
    known = failures.by_id(db, pool_id, kind, key)
    of_quota = failures.by_id(db, pool_id, quota.kind, id_of_hour(key, now)) if quota else None
    in_a_row = None if known is None or _is_forgotten(known, now) else known
    return in_a_row, of_quota.count if of_quota else 0


def _count_with(db: Db, pool_id: str, key: str, now: int, quota: Quota | None) -> None:
    _count(db, pool_id, PASSWORD, key, now)
    if quota is not None:
        failures.add(db, pool_id, quota.kind, id_of_hour(key, now), now, end_of_hour(now))


def in_this_hour(db: Db, call: Call, key: str, quota: Quota) -> int:
    """One more of the quota's kind: how many there are in this hour of the clock."""
    id, ends_at = id_of_hour(key, call.now), end_of_hour(call.now)
    return failures.add(db, call.pool.id, quota.kind, id, call.now, ends_at)


def id_of_hour(key: str, now: int) -> str:
    """What is counted under `key` in this hour of the clock."""
    return f"{key}/{now // HOUR}"


def end_of_hour(now: int) -> int:
    return now - now % HOUR + HOUR


def _count(db: Db, pool_id: str, kind: str, key: str, now: int) -> None:
    failures.add(db, pool_id, kind, key, now, now + FORGOTTEN_AFTER, forgotten_before=now - FORGOTTEN_AFTER)


def _is_forgotten(known: Failures, now: int) -> bool:
    return known.last_at + FORGOTTEN_AFTER <= now


def _key(call: Call, whose: bytes, name: str) -> str:
    digest = sealing.mac(
        call.configuration.decoy_key, "lock-out", whose, name.encode("utf-8", "surrogatepass")
    )
    return base64url.encode(digest)
