from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import HOUR, MINUTE, SECOND
from cognomen.errors import Refusal
from cognomen.store import failures
from cognomen.users import lockout
from cognomen.users.lockout import Quota
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.server import Server
from tests.watched_store import WatchedStore


@pytest.fixture
def call(server: Server, make_pool: Callable[..., Any]) -> Call:
    return server.run(call_of(server.node, make_pool()["Id"]))


@pytest.fixture
def key(call: Call) -> str:
    return lockout.key_of_user(call, "11111111-2222-4333-8444-555555555555")


def test_whoever_has_to_wait_for_others_learns_it(server: Server, call: Call, key: str) -> None:
    waited = []

    async def come() -> None:
        async with lockout.one_at_a_time(call, key, lockout.PASSWORD) as has_waited:
            waited.append(has_waited)
            await asyncio.sleep(0)

    async def take_turns() -> None:
        await asyncio.gather(come(), come(), come())
        await come()

    server.run(take_turns())
    assert waited == [False, True, True, False]


def test_a_turn_is_taken_when_it_is_entered(server: Server, call: Call, key: str) -> None:
    """Not when it is made: the queue of then may be gone, and another have taken its place."""

    async def enter_late() -> None:
        async with lockout.one_at_a_time(call, key, lockout.PASSWORD):
            late = lockout.one_at_a_time(call, key, lockout.PASSWORD)
        assert (call.pool.id, lockout.PASSWORD, key) not in lockout._queues
        async with lockout.one_at_a_time(call, key, lockout.PASSWORD):
            entering = asyncio.ensure_future(late.__aenter__())
            await asyncio.sleep(0)
            assert not entering.done()
        assert await entering
        await late.__aexit__(None, None, None)
        assert (call.pool.id, lockout.PASSWORD, key) not in lockout._queues

    server.run(enter_late())


@pytest.mark.parametrize(
    ("count", "seconds"),
    [
        (0, 0),
        (1, 0),
        (4, 0),
        (5, 1),
        (6, 2),
        (7, 4),
        (10, 32),
        (14, 512),
        (15, 900),
        (16, 900),
        (100_000, 900),
    ],
)
def test_the_lock_doubles_from_the_fifth_failure_to_a_quarter_of_an_hour(count: int, seconds: int) -> None:
    assert lockout.lock_after(count) == seconds * SECOND


async def right() -> bool:
    return True


async def wrong() -> bool:
    return False


class Attempts:
    """Someone who tries again and again, at the time the tests' clock shows."""

    def __init__(self, server: Server, call: Call, key: str) -> None:
        self.server, self.call, self.key = server, call, key
        self.asked = 0

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            assert self._prove(right=False) is False

    def succeed(self) -> None:
        assert self._prove(right=True) is True

    def _prove(self, *, right: bool) -> bool:
        self.call.now = self.server.clock.now

        async def proof() -> bool:
            self.asked += 1
            return right

        return self.server.run(lockout.prove(self.call, self.key, proof))

    def meet_the_lock(self) -> None:
        asked = self.asked
        with pytest.raises(Refusal, match="Password attempts exceeded") as refusal:
            self._prove(right=True)
        assert refusal.value.type == "NotAuthorizedException"
        assert self.asked == asked, "nothing may be asked during a lock"


@pytest.fixture
def someone(server: Server, call: Call, key: str) -> Attempts:
    return Attempts(server, call, key)


def test_four_failures_are_free_and_the_fifth_locks_for_a_second(someone: Attempts, clock: HeldClock) -> None:
    someone.fail(5)
    someone.meet_the_lock()
    clock.advance(SECOND - 1)
    someone.meet_the_lock()
    clock.advance(1)
    someone.succeed()


def test_each_failure_after_a_lock_begins_a_longer_one(someone: Attempts, clock: HeldClock) -> None:
    someone.fail(5)
    clock.advance(SECOND)
    someone.fail()
    clock.advance(2 * SECOND - 1)
    someone.meet_the_lock()
    clock.advance(1)
    someone.fail()
    clock.advance(4 * SECOND - 1)
    someone.meet_the_lock()
    clock.advance(1)
    someone.succeed()


def test_attempts_during_a_lock_do_not_make_it_longer(someone: Attempts, clock: HeldClock) -> None:
    someone.fail(5)
    for _ in range(10):
        someone.meet_the_lock()
    clock.advance(SECOND)
    someone.succeed()


def test_a_success_forgets_the_failures(someone: Attempts) -> None:
    someone.fail(4)
    someone.succeed()
    someone.fail(4)
    someone.succeed()


def test_a_quarter_of_an_hour_forgets_the_failures(someone: Attempts, clock: HeldClock) -> None:
    someone.fail(4)
    clock.advance(15 * MINUTE)
    someone.fail(4)
    someone.succeed()


def test_just_before_that_they_still_count(someone: Attempts, clock: HeldClock) -> None:
    someone.fail(4)
    clock.advance(15 * MINUTE - 1)
    someone.fail()
    someone.meet_the_lock()


def test_another_operation_words_the_lock_in_its_own_way(
    server: Server, call: Call, key: str, someone: Attempts
) -> None:
    someone.fail(5)
    with pytest.raises(Refusal, match="Attempt limit exceeded"):
        server.run(lockout.prove(call, key, right, locked=errors.ATTEMPT_LIMIT_EXCEEDED))


def test_of_many_guesses_at_once_only_five_are_looked_at(server: Server, call: Call, key: str) -> None:
    looked_at = 0

    async def guess() -> bool:
        nonlocal looked_at
        looked_at += 1
        return False

    async def burst() -> list[bool | BaseException]:
        guesses = (lockout.prove(call, key, guess) for _ in range(50))
        return await asyncio.gather(*guesses, return_exceptions=True)

    outcomes = server.run(burst())
    assert outcomes.count(False) == 5
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 45
    assert looked_at == 5


QUOTA = Quota("a-kind", an_hour=3)


def test_a_quota_counts_what_a_success_does_not_forget(
    server: Server, call: Call, key: str, clock: HeldClock
) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    call.now = clock.now
    for _ in range(3):
        assert server.run(lockout.prove(call, key, right, quota=QUOTA)) is True
        assert server.run(lockout.prove(call, key, wrong, quota=QUOTA)) is False
    call.now += HOUR - 1
    with pytest.raises(Refusal, match="Password attempts exceeded"):
        server.run(lockout.prove(call, key, right, quota=QUOTA))
    assert server.run(lockout.prove(call, key, right, quota=Quota("another", an_hour=3))) is True
    call.now += 1
    assert server.run(lockout.prove(call, key, right, quota=QUOTA)) is True


def test_of_many_guesses_at_once_no_more_are_looked_at_than_the_quota_leaves(
    server: Server, call: Call, key: str
) -> None:
    async def burst() -> list[bool | BaseException]:
        guesses = (lockout.prove(call, key, wrong, quota=QUOTA) for _ in range(20))
        return await asyncio.gather(*guesses, return_exceptions=True)

    assert server.run(burst()).count(False) == 3


def test_a_failure_is_counted_everywhere_in_one_transaction(server: Server, call: Call, key: str) -> None:
    store = WatchedStore(call.store)
    call.store = store
    assert server.run(lockout.prove(call, key, wrong, quota=QUOTA)) is False
    assert store.transactions == ["read", "write"]


def test_failures_on_many_nodes_are_all_counted(server: Server, call: Call, key: str) -> None:
    async def burst() -> None:
        await asyncio.gather(*(lockout.count(call, key, lockout.PASSWORD) for _ in range(20)))

    server.run(burst())
    known = server.run(server.store.read(failures.by_id, call.pool.id, lockout.PASSWORD, key))
    assert known is not None
    assert known.count == 20


def test_failures_of_one_kind_lock_no_other(server: Server, call: Call, key: str) -> None:
    for _ in range(5):
        server.run(lockout.count(call, key, "another"))
    for kind, is_locked in (("another", True), (lockout.PASSWORD, False)):
        known = server.run(lockout.so_far(call, key, kind))
        assert lockout.is_locked(known, call.now) is is_locked
    server.run(lockout.forget(call, key, (lockout.PASSWORD,)))
    assert server.run(lockout.so_far(call, key, "another")) is not None
    server.run(lockout.forget(call, key, (lockout.PASSWORD, "another")))
    assert server.run(lockout.so_far(call, key, "another")) is None


def test_users_strangers_and_pools_have_keys_of_their_own_that_tell_nothing(
    server: Server, call: Call, make_pool: Callable[..., Any]
) -> None:
    other = server.run(call_of(server.node, make_pool()["Id"]))
    keys = {
        lockout.key_of_user(call, "anna"),
        lockout.key_of_stranger(call, "anna"),
        lockout.key_of_user(other, "anna"),
        lockout.key_of_stranger(other, "anna"),
    }
    assert len(keys) == 4
    assert all(len(key) == 43 and "anna" not in key for key in keys)
