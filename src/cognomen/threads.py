"""Threads for one kind of costly work: few, so that no work of that kind keeps the rest of a node waiting.

What runs in asyncio.to_thread shares its threads with all else that does; what a stranger can ask for as often as he likes does not belong
there.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from cognomen import errors

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """`count` threads, for whom at most `waiting_max` come at once: those that work and those that wait for them."""

    def __init__(self, name: str, count: int, waiting_max: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._waiting_max = waiting_max
        self._waiting = 0

    async def run(self, function: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """What the function returns. Raises TOO_MANY_REQUESTS where too many wait."""
        if self._waiting >= self._waiting_max:
            raise errors.TOO_MANY_REQUESTS()
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, functools.partial(function, *args, **named))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """What waits is not computed any more. What is under way is waited for when the interpreter ends, and not here."""
        self._threads.shutdown(wait=False, cancel_futures=True)
