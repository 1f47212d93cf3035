from __future__ import annotations

import asyncio
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cognomen.crypto import rsa_keys
from cognomen.pools.spare_keys import SpareKeys


class Made:
    """Counts the keys that were made; all are one, since making them is what takes time."""

    def __init__(self) -> None:
        self.count = 0
        self.counted = threading.Condition()
        self.key = rsa_keys.generate()

    def __call__(self) -> RSAPrivateKey:
        with self.counted:
            self.count += 1
            self.counted.notify_all()
        return self.key

    async def reach(self, count: int) -> None:
        """Wait until so many were made."""
        await asyncio.to_thread(self._wait, count)

    def _wait(self, count: int) -> None:
        with self.counted:
            assert self.counted.wait_for(lambda: self.count >= count, timeout=10)


@pytest.fixture(scope="module")
def made_once() -> Made:
    return Made()


@pytest.fixture
def made(made_once: Made) -> Made:
    made_once.count = 0
    return made_once


async def test_a_pair_is_made_ahead_of_the_next_caller(made: Made) -> None:
    supply = SpareKeys(made)
    assert made.count == 0
    await supply.take()
    await made.reach(4)
    await supply.take()
    await made.reach(6)
    assert made.count == 6


async def test_callers_at_the_same_time_get_a_pair_each(made: Made) -> None:
    supply = SpareKeys(made)
    pairs = await asyncio.gather(*(supply.take() for _ in range(3)))
    assert len(pairs) == 3
    await made.reach(8)


async def test_a_caller_who_left_holds_up_nobody(made: Made) -> None:
    supply = SpareKeys(made)
    left = asyncio.create_task(supply.take())
    await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert len(await supply.take()) == 2


async def test_keys_differ_and_have_2048_bits() -> None:
    first, second = await SpareKeys().take()
    assert (first.key_size, second.key_size) == (2048, 2048)
    assert first.private_numbers() != second.private_numbers()
