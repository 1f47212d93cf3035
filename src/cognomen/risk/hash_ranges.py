"""Hashes of leaked passwords, asked of the range API of "Have I Been Pwned" or of a server like it.

It is told the first five of the forty digits of a hash and answers with the ends of all hashes that begin so: some thousand of
them, so it learns neither the password nor whether it has leaked. We ask for padding, by which the answer's size does not tell the
range either. An answer counts for an hour, since who signs in tends to come again.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict

from cognomen.clock import HOUR
from cognomen.outgoing import Outgoing, TooSlow, Unreachable

PREFIX = 5
"""Digits that leave the house."""

SECONDS = 2.0
"""How long a sign-in waits for it."""

KNOWN_FOR = HOUR
RANGES_MAX = 64
_LARGEST = 256 * 1024  # three times what a padded answer has today

_RANGE = re.compile(rb"(?:[0-9A-F]{35}(?::[0-9]{1,12})?(?:\r?\n|\Z))*")
_OK = 200


class HashRanges:
    """`url` is that of the API, to which a slash and the five digits are added."""

    def __init__(self, url: str, outgoing: Outgoing) -> None:
        self._url = url.rstrip("/")
        self._outgoing = outgoing
        self._known: OrderedDict[str, tuple[int, bytes]] = OrderedDict()

    async def holds(self, wanted: bytes, now: int) -> bool:
        """Whether this hash, in upper case, is known there. Raises Unreachable."""
        prefix, end = wanted[:PREFIX].decode(), wanted[PREFIX:]
        asked_at, ends = self._known.get(prefix, (0, None))
        if ends is None or not 0 <= now - asked_at < KNOWN_FOR:
            ends = await self._asked(prefix)
            self._known[prefix] = now, ends
            self._known.move_to_end(prefix)
            if len(self._known) > RANGES_MAX:
                self._known.popitem(last=False)
        return _has(ends, end)

    async def _asked(self, prefix: str) -> bytes:
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._outgoing.ask(
                    "GET", f"{self._url}/{prefix}", {"Add-Padding": "true"}, limit=_LARGEST
                )
        except TimeoutError:
            raise TooSlow("it took too long to answer") from None
        if answer.status != _OK:
            raise Unreachable(f"it answered {answer.status}", answer.status)
        ends = answer.body.upper()
        if not _RANGE.fullmatch(ends):
            raise Unreachable("its answer is no range of hashes")
        return ends


def _has(ends: bytes, wanted: bytes) -> bool:
    """A count of 0 is that of padding."""
    for line in ends.splitlines():
        end, _, count = line.partition(b":")
        if end == wanted:
            return count == b"" or int(count) > 0
    return False
