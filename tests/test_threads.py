"""Costly work in a few threads of its own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.threads import Threads


async def test_who_comes_when_too_many_wait_is_told_to_come_again() -> None:
    threads, may_end, names = Threads("costly", 2, 5), threading.Event(), set[str]()

    def work(number: int) -> int:
        names.add(threading.current_thread().name)
        may_end.wait()
        return number

    under_way = [asyncio.ensure_future(threads.run(work, number)) for number in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        await threads.run(work, 5)
    assert refused.value.is_(errors.TOO_MANY_REQUESTS)
    may_end.set()
    assert await asyncio.gather(*under_way) == [0, 1, 2, 3, 4]
    assert await threads.run(work, number=6) == 6
    assert names == {"costly_0", "costly_1"}
    threads.close()


async def test_what_goes_wrong_is_told_and_leaves_no_place_taken() -> None:
    threads = Threads("costly", 1, 1)

    def fail() -> None:
        raise errors.SAML_SIGNATURE()

    for _ in range(3):
        with pytest.raises(Refusal):
            await threads.run(fail)
    threads.close()
