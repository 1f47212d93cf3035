"""What times are said to tell."""

from __future__ import annotations

import random

from benchmarks import existence


def test_times_that_have_nothing_to_do_with_who_is_asked_about_tell_nothing() -> None:
    times = [number / 1_000 for number in range(1_000)]
    told = existence._told("a request", times[::2], times[1::2])
    assert not told.tells
    assert abs(told.telling - 0.5) < 0.01


def test_times_that_differ_a_little_are_told_apart() -> None:
    draw = random.Random(1)  # noqa: S311  times, no secrets
    users = [draw.gauss(1.03, 0.1) for _ in range(1_000)]
    strangers = [draw.gauss(1, 0.1) for _ in range(1_000)]
    told = existence._told("a request", users, strangers)
    assert told.tells
    assert 0.02 < told.apart < 0.04
    assert f"| a request | {told.telling:.3f} ** |" in existence.page("sqlite", [told])


def test_times_that_never_overlap_are_always_told_apart() -> None:
    assert existence._told("a request", [2.0] * 10, [1.0] * 10).telling == 1
