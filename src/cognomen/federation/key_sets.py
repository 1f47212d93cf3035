"""The keys that identity providers publish, as a process remembers them.

A set is read again when it is an hour old, so that a key that was withdrawn stops counting, and when a token names a key that
is not in it: providers replace their keys. The latter no more often than every half minute, or else whoever sends
tokens with invented names would have us ask the provider as often. Whoever waits for the same set shares one request, and whoever
comes within some seconds after one that failed is told the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field

from cognomen.clock import HOUR, SECOND
from cognomen.crypto import foreign_jws
from cognomen.crypto.foreign_jws import PublicKey
from cognomen.outgoing import Outgoing, Unreachable

GOOD_FOR = HOUR
PAUSE = 30 * SECOND
PAUSE_AFTER_FAULT = 10 * SECOND
LARGEST = 256 * 1024
SETS_MAX = 1_000
"""More providers than that take turns in being remembered."""

log = logging.getLogger(__name__)

Keys = dict[str, tuple[PublicKey, ...]]


@dataclass(slots=True)
class _Known:
    """`sought_at` is when a key was last looked for in vain, `fault` what went wrong the last time, at `failed_at`."""

    keys: Keys = field(default_factory=dict)
    read_at: int | None = None
    sought_at: int | None = None
    fault: Unreachable | None = None
    failed_at: int = 0
    reading: asyncio.Task[Unreachable | None] | None = None


class KeySets:
    """Those of a process; used in one event loop."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def named(self, url: str, kid: str, now: int) -> tuple[PublicKey, ...]:
        """The keys of this name in the set at `url`; none where it has none. Raises Unreachable."""
        known = self._known.setdefault(url, _Known())
        self._known.move_to_end(url)
        if len(self._known) > SETS_MAX:
            self._known.popitem(last=False)
        if known.read_at is None or now - known.read_at >= GOOD_FOR:
            await self._read(known, url, now)
        elif kid not in known.keys and (
            known.reading is not None or known.sought_at is None or now - known.sought_at >= PAUSE
        ):
            known.sought_at = now
            await self._read(known, url, now)
        return known.keys.get(kid, ())

    async def _read(self, known: _Known, url: str, now: int) -> None:
        if known.fault is not None and now - known.failed_at < PAUSE_AFTER_FAULT:
            raise known.fault.with_traceback(None)
        if known.reading is None:
            known.reading = asyncio.create_task(self._asked(known, url, now))
        fault = await asyncio.shield(known.reading)
        if fault is not None:
            raise fault

    async def _asked(self, known: _Known, url: str, now: int) -> Unreachable | None:
        """What went wrong, as a value: whoever asked may have gone."""
        try:
            known.fault, known.failed_at = await self._fault(known, url, now), now
        finally:
            known.reading = None
        return known.fault

    async def _fault(self, known: _Known, url: str, now: int) -> Unreachable | None:
        try:
            document = await self._outgoing.get(url, limit=LARGEST)
            known.keys = foreign_jws.public_keys(document)
        except Unreachable as fault:
            log.info("the keys at %r: %s", url, fault.reason)
            return fault
        except ValueError:
            return Unreachable("it is not a set of keys")
        known.read_at = now
        return None
