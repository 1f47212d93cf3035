"""The limits of nodes: which buckets a request counts in, and how nodes share the rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cognomen.clock import SECOND
from cognomen.errors import Refusal
from cognomen.limits import limiter
from cognomen.limits.limiter import Limiter
from cognomen.store import clearing, nodes, provisioned_limits
from cognomen.store.database import Store

NOW = 1_800_000_000_000
POOL = "us-east-1_AbCdEf123"


@pytest.fixture
def limits(tmp_path: Path) -> Iterator[Limiter]:
    opened = Limiter(tmp_path)
    opened.share({}, 1)
    yield opened
    opened.close()


@pytest.fixture
async def empty_store(store: Store) -> Store:
    """Without the nodes and rates of other tests."""
    await store.write(clearing.clear, NOW)
    return store


def passes(
    limits: Limiter,
    operation: str,
    now: int = NOW,
    *,
    pool_id: str | None = POOL,
    username: str | None = None,
    challenge: str | None = None,
) -> bool:
    try:
        limits.admit(operation, now, pool_id=pool_id, username=username, challenge=challenge)
    except Refusal as refusal:
        if (refusal.type, refusal.message) != ("TooManyRequestsException", "Rate exceeded"):
            raise
        return False
    return True


def how_many(limits: Limiter, operation: str, now: int = NOW, challenge: str | None = None) -> int:
    """Of many requests for many pools and users."""
    return sum(
        passes(limits, operation, now, pool_id=f"us-east-1_{n}", username=f"u{n}", challenge=challenge)
        for n in range(1_000)
    )


def test_operations_of_a_category_share_its_rate(limits: Limiter) -> None:
    assert sum(passes(limits, "SignUp", username=f"user{n}") for n in range(30)) == 30
    assert how_many(limits, "AdminCreateUser") == 20
    assert how_many(limits, "ListUsers") == 30


def test_answers_to_challenges_have_three_times_the_rate_before_they_count_as_sign_ins(
    limits: Limiter,
) -> None:
    assert how_many(limits, "RespondToAuthChallenge", challenge="SMS_MFA") == 3 * 120 + 120
    assert how_many(limits, "InitiateAuth") == 0


def test_a_new_password_counts_as_account_recovery(limits: Limiter) -> None:
    assert how_many(limits, "RespondToAuthChallenge", challenge="NEW_PASSWORD_REQUIRED") == 30
    assert how_many(limits, "ForgotPassword") == 0


def test_an_operation_about_one_pool_has_five_a_second(limits: Limiter) -> None:
    assert sum(passes(limits, "GetGroup") for _ in range(10)) == 5
    assert passes(limits, "ListGroups")
    assert passes(limits, "GetGroup", pool_id="us-east-1_Other1234")
    assert passes(limits, "GetGroup", NOW + 200)


def test_a_user_is_read_and_written_ten_times_a_second(limits: Limiter) -> None:
    assert sum(passes(limits, "AdminGetUser", username="ada") for _ in range(20)) == 10
    assert sum(passes(limits, "AdminUpdateUserAttributes", username="ada") for _ in range(20)) == 10
    assert passes(limits, "AdminGetUser", username="bob")
    assert passes(limits, "AdminGetUser", username="ada", pool_id="us-east-1_Other1234")
    assert passes(limits, "AdminGetUser", username="\ud800")


def test_a_request_about_no_pool_counts_in_its_category(limits: Limiter) -> None:
    assert sum(passes(limits, "ListUserPools", pool_id=None) for _ in range(20)) == 15


async def test_nodes_share_every_rate_and_one_that_is_gone_leaves_its_share(
    empty_store: Store, tmp_path: Path
) -> None:
    here, there = Limiter(tmp_path / "here"), Limiter(tmp_path / "there")
    assert here.id != there.id
    await limiter.follow(here, empty_store, NOW)
    assert how_many(here, "SignUp") == 50
    await limiter.follow(there, empty_store, NOW)
    await limiter.follow(here, empty_store, NOW)
    later = NOW + 10 * SECOND
    assert [how_many(each, "SignUp", later) for each in (here, there)] == [25, 25]
    gone = NOW + nodes.LIVES
    await limiter.follow(here, empty_store, gone)
    assert how_many(here, "SignUp", gone) == 50


async def test_a_node_says_that_it_lives_only_so_often(empty_store: Store, tmp_path: Path) -> None:
    node = Limiter(tmp_path)
    await limiter.follow(node, empty_store, NOW)
    await limiter.follow(node, empty_store, NOW + limiter.SAYS_SO_EVERY - 1)
    assert await empty_store.read(nodes.seen_at, node.id) == NOW
    await limiter.follow(node, empty_store, NOW + limiter.SAYS_SO_EVERY)
    assert await empty_store.read(nodes.seen_at, node.id) == NOW + limiter.SAYS_SO_EVERY


async def test_a_provisioned_rate_is_what_counts(empty_store: Store, tmp_path: Path) -> None:
    node = Limiter(tmp_path)
    await empty_store.write(provisioned_limits.put, "UserCreation", 70)
    await empty_store.write(provisioned_limits.put, "UserCreation", 80)
    far = NOW + 3_600 * SECOND  # the other tests' nodes are long gone
    await limiter.follow(node, empty_store, far)
    assert how_many(node, "SignUp", far) == 80


def admitted(admit: Callable[[int], None], many: int = 1_000) -> int:
    """How many of `many` requests at one moment pass; `admit` is given the number of each."""
    passed = 0
    for number in range(many):
        with suppress(Refusal):
            admit(number)
            passed += 1
    return passed


def test_a_domain_has_its_rate_and_an_address_its_share_of_it(limits: Limiter) -> None:
    assert admitted(lambda _: limits.admit_at_domain(NOW, "shop", "203.0.113.7")) == 300
    assert admitted(lambda n: limits.admit_at_domain(NOW, "shop", f"198.51.100.{n}")) == 200
    assert admitted(lambda _: limits.admit_at_domain(NOW, "other", "203.0.113.7")) == 300


def test_a_client_has_its_rate_and_codes_have_theirs(limits: Limiter) -> None:
    assert admitted(lambda _: limits.admit_of_client(NOW, "client")) == 300
    assert admitted(lambda _: limits.admit_of_client(NOW, "other"), many=10) == 10
    assert admitted(lambda _: limits.admit_code(NOW)) == 120
    assert how_many(limits, "InitiateAuth") == 120, "codes have taken nothing of sign-ins"
