"""A file of hashes: found is what is in it, wherever it stands, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.risk import hash_file
from cognomen.risk.hash_file import HashFile, NotUsable
from tests import leaked

HASHES = st.integers(0, 16**40 - 1).map(lambda number: f"{number:040X}".encode())
COUNTS = st.one_of(st.just(b""), st.integers(1, 10**12 - 1).map(lambda count: b":%d" % count))
FILES = st.dictionaries(HASHES, COUNTS, min_size=1, max_size=60)


@pytest.fixture(autouse=True, params=[100, 4_096])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a block of two lines a search of few lines goes as one of many does."""
    monkeypatch.setattr(hash_file, "_BLOCK", request.param)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hashes") / "hashes"


def written(path: Path, lines: list[bytes], ending: bytes, last: bytes) -> HashFile:
    path.write_bytes(ending.join(lines) + last)
    return HashFile(path)


@given(FILES, st.sampled_from([b"\n", b"\r\n"]), st.booleans(), st.lists(HASHES, max_size=20))
def test_it_holds_what_is_in_it_and_nothing_else(
    path: Path, kept: dict[bytes, bytes], ending: bytes, ends_open: bool, others: list[bytes]
) -> None:
    lines = [each + kept[each] for each in sorted(kept)]
    known = written(path, lines, ending, b"" if ends_open else ending)
    near = [f"{max(int(each, 16) - 1, 0):040X}".encode() for each in kept]
    try:
        assert all(known.holds(each) for each in kept)
        assert not any(known.holds(each) for each in [*others, *near] if each not in kept)
        with path.open("rb") as whole:
            assert hash_file.check(whole) == len(kept)
    finally:
        known.close()


def test_a_hash_that_was_seen_0_times_is_padding(path: Path) -> None:
    known = written(path, [b"0" * 40 + b":0", b"1" * 40 + b":1"], b"\n", b"\n")
    assert not known.holds(b"0" * 40)
    assert known.holds(b"1" * 40)
    known.close()


@pytest.fixture
def large(tmp_path: Path) -> Iterator[HashFile]:
    """Half a terabyte that takes no room: a line at its beginning, one at its end, nothing between."""
    with (tmp_path / "large").open("wb") as file:
        file.write(b"A" * 40 + b"\n")
        file.seek(2**39)
        file.write(b"\n" + b"B" * 40 + b"\n")
    opened = HashFile(tmp_path / "large")
    yield opened
    opened.close()


def test_a_large_file_is_not_read_whole(large: HashFile) -> None:
    with pytest.raises(NotUsable):  # soon, since few of its lines are looked at
        large.load()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"a" * 40 + b"\n", "line 1 is no SHA-1 hash in upper case with a count behind a colon"),
        (b"A" * 32 + b":5\n", "line 1 is no SHA-1 hash in upper case with a count behind a colon"),
        (b"A" * 40 + b"\npassword\n", "line 2 is no SHA-1 hash in upper case with a count behind a colon"),
        (b"B" * 40 + b"\n" + b"A" * 40 + b"\n", "line 2 is not in the order of the hashes"),
        (b"A" * 40 + b"\n" + b"A" * 40 + b"\n", "line 2 is not in the order of the hashes"),
    ],
)
def test_another_file_is_not_used(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    with path.open("rb") as lines, pytest.raises(NotUsable, match=reason):
        hash_file.check(lines)
    with pytest.raises(NotUsable):
        HashFile(path).load()


def test_a_list_in_the_order_of_counts_is_found_out_without_reading_it(path: Path) -> None:
    lines = [f"{leaked.hash_of(str(number))}:{number}".encode() for number in range(2_000)]
    with pytest.raises(NotUsable, match="in their order"):
        written(path, lines, b"\n", b"\n").load()


def test_a_file_that_cannot_be_used_stays_open_nowhere(path: Path) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    with pytest.raises(NotUsable):
        written(path, [b"password"], b"\n", b"\n").load()
    assert len([*Path("/proc/self/fd").iterdir()]) == before
