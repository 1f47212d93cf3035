"""Signing keys made ahead, so that CreateUserPool does not wait for the search for four primes.

    SpareKeys.take()    two RSA-2048 keys nobody else has: one for ID tokens, one for access tokens

One pair is kept ahead, made in a thread after the one before was taken; nothing is made before the first is asked for,
so a node that creates no pools pays nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cognomen.crypto import rsa_keys

KeyPair = tuple[RSAPrivateKey, RSAPrivateKey]


class SpareKeys:
    """The supply of a process. `make` gives one key; it is called in a thread."""

    def __init__(self, make: Callable[[], RSAPrivateKey] = rsa_keys.generate) -> None:
        self._make = make
        self._ahead: asyncio.Task[KeyPair] | None = None

    async def take(self) -> KeyPair:
        """A pair of keys that no pool has yet."""
        taken = self._ahead or asyncio.create_task(self._pair())
        self._ahead = asyncio.create_task(self._pair_after(taken))
        return await taken

    async def _pair_after(self, taken: asyncio.Task[KeyPair]) -> KeyPair:
        """A pair for the next caller, begun when the present one has his, so that he does not wait for both."""
        await asyncio.wait([taken])
        return await self._pair()

    async def _pair(self) -> KeyPair:
        return await asyncio.to_thread(self._make), await asyncio.to_thread(self._make)
