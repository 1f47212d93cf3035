"""What is told to those who watch."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cognomen import errors
from cognomen.wire.front import front
from cognomen.wire.watching import About, all_of
from tests.wire.front.conftest import Ran, call


class Kept:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.began_count = 0
        self.told: list[tuple[str, str]] = []

    def began(self) -> None:
        self.began_count += 1

    def ended(self, about: About, seconds: float) -> None:
        assert seconds >= 0
        self.told.append((about.operation, about.outcome))


@pytest.mark.parametrize(
    ("operation", "run", "more", "told"),
    [
        ("GetUser", Ran(), {}, ("GetUser", "ok")),
        ("GetUser", Ran(errors.USER_NOT_FOUND()), {}, ("GetUser", "UserNotFoundException")),
        ("GetUser", Ran(LookupError("ours")), {}, ("GetUser", "InternalErrorException")),
        ("GetUser", Ran(), {"ends": "http.disconnect"}, ("GetUser", "gone")),
        ("MadeUpByACaller", Ran(), {}, ("unknown", "UnknownOperationException")),
        (None, Ran(), {"method": "OPTIONS"}, ("OPTIONS", "ok")),
        (None, Ran(), {"method": "MADEUP"}, ("unknown", "405")),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_watcher_is_told_of_every_request_and_never_what_a_caller_made_up(
    operation: str | None, run: Ran, more: dict[str, Any], told: tuple[str, str]
) -> None:
    kept = Kept()
    await call(front(run, watcher=kept), operation, **more)
    assert kept.told == [told]
    assert kept.began_count == 1


async def test_a_watcher_is_told_of_a_request_that_the_server_gave_up() -> None:
    kept = Kept()
    under_way = asyncio.create_task(call(front(Ran(), watcher=kept), "GetUser", ends="nothing"))
    while not kept.began_count:  # noqa: ASYNC110  told by no event
        await asyncio.sleep(0)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert kept.told == [("GetUser", "gone")]


async def test_several_watchers_are_all_told_and_of_nobody_there_is_none() -> None:
    several = [Kept(), Kept()]
    await call(front(Ran(), watcher=all_of(several)), "GetUser")
    assert [kept.told for kept in several] == [[("GetUser", "ok")]] * 2
    assert all_of([]) is None
