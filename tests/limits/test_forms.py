from __future__ import annotations

import pytest

from cognomen.limits import forms
from cognomen.limits.forms import Forms

NOW = 1_700_000_000_000
SECOND = 1_000


def passed(allowed: Forms, now: int, count: int, client_ip: str = "192.0.2.1", domain: str = "shop") -> int:
    return sum(allowed.admit(now, domain, client_ip) for _ in range(count))


def test_a_minute_s_worth_passes_at_once_and_then_the_rate() -> None:
    allowed = Forms(120)

    assert passed(allowed, NOW, 200) == 120
    assert passed(allowed, NOW + 499, 5) == 0
    assert passed(allowed, NOW + 10 * SECOND, 200) == 20
    assert passed(allowed, NOW + 3_600 * SECOND, 200) == 120
    assert allowed.wait_s == 1


@pytest.mark.parametrize(("per_minute", "wait_s"), [(1, 60), (3, 20), (7, 9), (60, 1), (10_000, 1)])
def test_who_waits_as_long_as_he_is_told_passes(per_minute: int, wait_s: int) -> None:
    allowed = Forms(per_minute)

    assert allowed.wait_s == wait_s
    assert passed(allowed, NOW, per_minute + 1) == per_minute
    assert passed(allowed, NOW + wait_s * SECOND, 1) == 1


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_a_network_of_ipv6_is_one_address(one: str, other: str, are_one: bool) -> None:
    allowed = Forms(1)

    assert passed(allowed, NOW, 1, one) == 1
    assert passed(allowed, NOW, 1, other) == (0 if are_one else 1)


def test_each_domain_counts_for_itself() -> None:
    allowed = Forms(1)

    assert [passed(allowed, NOW, 2, domain=domain) for domain in ("shop", "school", "")] == [1, 1, 1]


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    allowed = Forms(1)

    assert passed(allowed, NOW + 3_600 * SECOND, 1) == 1
    assert passed(allowed, NOW, 2) == 1


def test_only_so_many_addresses_are_remembered_and_who_comes_again_is_not_forgotten() -> None:
    allowed = Forms(1)
    assert passed(allowed, NOW, 1, "first") == passed(allowed, NOW, 1, "second") == 1
    for number in range(forms.MOST - 1):
        assert not allowed.admit(NOW, "shop", "first"), number
        assert allowed.admit(NOW, "shop", f"other-{number}")

    assert passed(allowed, NOW, 1, "first") == 0
    assert passed(allowed, NOW, 1, "second") == 1
