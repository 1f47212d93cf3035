"""The buckets of a node, on their own: what they let through, in one process and in several."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.limits import buckets
from cognomen.limits.buckets import SECOND, Buckets, spent

NOW = 1_700_000_000_000

WORKER = """
import sys
from pathlib import Path
from cognomen.limits.buckets import Buckets
shared = Buckets(Path(sys.argv[1]))
sys.stdin.readline()
print(sum(shared.admit(%d, [0]) for _ in range(500)))
"""
ENDLESS = WORKER.replace("print(sum", "print(1, flush=True)\nwhile True: any").replace(
    "range(500)))", "range(500))"
)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Buckets]:
    opened = Buckets(tmp_path / "limits")
    yield opened
    opened.close()


def test_a_bucket_lets_a_seconds_worth_through_at_once_and_then_its_rate(shared: Buckets) -> None:
    shared.rate(0, 10)
    assert [shared.admit(NOW, [0]) for _ in range(12)] == [True] * 10 + [False] * 2
    assert not shared.admit(NOW + 99, [0])
    assert shared.admit(NOW + 100, [0])
    assert not shared.admit(NOW + 100, [0])
    assert [shared.admit(NOW + 5_000, [0]) for _ in range(11)] == [True] * 10 + [False]


def test_less_than_one_a_second_is_one_after_the_other(shared: Buckets) -> None:
    shared.rate(0, 0.5)
    assert shared.admit(NOW, [0])
    assert not shared.admit(NOW + 1_999, [0])
    assert shared.admit(NOW + 2_000, [0])


def test_a_bucket_without_a_rate_lets_everything_through(shared: Buckets) -> None:
    assert all(shared.admit(NOW, [1]) for _ in range(1_000))


def test_what_one_bucket_has_no_room_for_counts_in_the_next(shared: Buckets) -> None:
    shared.rate(0, 3)
    shared.rate(1, 2)
    assert [shared.admit(NOW, [0, 1]) for _ in range(6)] == [True] * 5 + [False]
    assert not shared.admit(NOW, [1])


def test_a_request_that_is_refused_counts_nowhere(shared: Buckets) -> None:
    shared.rate(0, 2)
    of_user = SECOND // 1
    assert shared.admit(NOW, [0], b"ada", of_user)
    assert not shared.admit(NOW, [0], b"ada", of_user), "ada has had hers"
    assert shared.admit(NOW, [0], b"bob", of_user), "and it cost the others nothing"
    assert not shared.admit(NOW, [0], b"eve", of_user)
    shared.rate(0, 2_000)
    assert shared.admit(NOW + 1, [0], b"eve", of_user), "what the category refused cost eve nothing"


def test_names_do_not_share_though_they_are_many(shared: Buckets) -> None:
    names = [f"user{number}".encode() for number in range(2_000)]
    assert all(
        shared.admit(NOW, [], name, SECOND // 2) is False for name in names[:1]
    )  # no numbered bucket, no room
    assert all(shared.admit(NOW, [0], name, SECOND // 2) for name in names)
    assert all(shared.admit(NOW, [0], name, SECOND // 2) for name in names)
    assert not any(shared.admit(NOW, [0], name, SECOND // 2) for name in names)


def test_a_place_is_given_to_another_name_when_it_is_full_again(
    shared: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "GROUPS", 1)
    for name in (b"a", b"b", b"c", b"d"):
        assert shared.admit(NOW, [0], name, SECOND)
    assert not shared.admit(NOW, [0], b"a", SECOND)
    assert shared.admit(NOW + 1_000, [0], b"e", SECOND)
    assert not shared.admit(NOW + 1_000, [0], b"e", SECOND)


def test_a_clock_that_was_set_back_locks_nobody_out(shared: Buckets) -> None:
    shared.rate(0, 1)
    assert shared.admit(NOW + 3_600_000, [0])
    assert shared.admit(NOW, [0])
    assert not shared.admit(NOW, [0])


@given(
    interval=st.integers(1, 10 * SECOND),
    steps=st.lists(st.integers(0, 2 * SECOND), min_size=1, max_size=60),
)
def test_no_second_lets_more_through_than_two_seconds_are_worth(interval: int, steps: list[int]) -> None:
    """What a bucket holds, and what comes in meanwhile; and a full bucket never refuses."""
    full_at = moment = 0
    passed: list[int] = []
    for step in steps:
        moment += step
        after = spent(full_at, moment, interval)
        assert after is not None or full_at > moment
        if after is not None:
            full_at = after
            passed.append(moment)
    holds = max(SECOND, interval) // interval
    for begin in passed:
        assert sum(begin <= each < begin + SECOND for each in passed) <= holds + SECOND // interval + 1


def workers(path: Path, count: int, program: str) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            [sys.executable, "-c", program % NOW, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]


def test_workers_let_through_together_what_one_would(tmp_path: Path) -> None:
    shared = Buckets(tmp_path / "limits")
    shared.rate(0, 300)
    started = workers(tmp_path / "limits", 3, WORKER)
    answers = [worker.communicate("go\n", timeout=60)[0] for worker in started]
    assert sum(int(answer) for answer in answers) == 300
    assert Buckets(tmp_path / "limits").id == shared.id


def test_a_worker_that_is_killed_while_it_counts_holds_nobody_up(tmp_path: Path) -> None:
    shared = Buckets(tmp_path / "limits")
    shared.rate(0, 10)
    for worker in workers(tmp_path / "limits", 2, ENDLESS):
        assert worker.stdin
        assert worker.stdout
        worker.stdin.write("go\n")
        worker.stdin.flush()
        assert worker.stdout.readline() == "1\n"
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdin.close()
        worker.stdout.close()
    begun = time.monotonic()
    shared.admit(NOW, [0])
    assert time.monotonic() - begun < 1


def test_a_file_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    Buckets(tmp_path / "limits").close()
    with (tmp_path / "limits").open("r+b") as file:
        file.truncate(100)
    assert Buckets(tmp_path / "limits").admit(NOW, [0])
