"""A file that was altered, cut, or sealed under another passphrase tells nothing and is not taken for whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cognomen.clock import random_bytes
from cognomen.moving import sealed_file
from cognomen.moving.sealed_file import END, FileError, SealedFile

PASSPHRASE = "correct horse battery"


def written(path: Path, *contents: object, ends: bool = True) -> Path:
    sealed = sealed_file.created(path, PASSPHRASE, {"pool": "a pool"})
    with sealed.file:
        for content in contents:
            sealed.write(content)
        if ends:
            sealed.write({}, END)
    return path


def contents(path: Path, passphrase: str = PASSPHRASE) -> list[object]:
    sealed = sealed_file.opened(path, passphrase)
    with sealed.file:
        return list(sealed.read())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "users"


def test_what_was_written_is_read(path: Path) -> None:
    written(path, {"a": b"\x00\xff"}, [1, None, "ü"])
    assert contents(path) == [{"a": b"\x00\xff"}, [1, None, "ü"]]
    sealed = sealed_file.opened(path, PASSPHRASE)
    sealed.file.close()
    assert sealed.about == {"pool": "a pool"}


def test_nothing_of_the_content_stands_in_the_file(path: Path) -> None:
    assert b"secret" not in written(path, {"name": "secret" * 100}).read_bytes()


def test_another_passphrase_opens_nothing(path: Path) -> None:
    with pytest.raises(FileError, match=r"The passphrase is wrong, or the file was altered\."):
        contents(written(path, 1), "another passphrase")


@pytest.mark.parametrize("place", [0, 30, 200, -40, -1], ids=str)
def test_a_byte_that_was_altered_is_noticed(path: Path, place: int) -> None:
    altered = bytearray(written(path, {"a": 1}, {"b": 2}).read_bytes())
    altered[place] ^= 1
    path.write_bytes(bytes(altered))
    with pytest.raises(FileError):
        contents(path)


def test_every_file_that_was_cut_is_noticed(path: Path) -> None:
    whole = written(path, {"a": 1}, {"b": 2}).read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            contents(path)


def frames_of(path: Path) -> tuple[bytes, list[bytes]]:
    head, _, rest = path.read_bytes().partition(b"\n")
    frames = []
    while rest:
        length = 5 + int.from_bytes(rest[1:5])
        frames.append(rest[:length])
        rest = rest[length:]
    return head + b"\n", frames


def test_frames_that_were_left_out_moved_or_taken_from_elsewhere_are_noticed(
    path: Path, tmp_path: Path
) -> None:
    head, (first, second, end) = frames_of(written(path, 1, 2))
    _, (foreign, *_) = frames_of(written(tmp_path / "other", 1, 2))
    data_as_end = bytes([END]) + second[1:]
    for frames in (
        [second, end],
        [first, end],
        [second, first, end],
        [first, first, second, end],
        [foreign, second, end],
        [first, data_as_end],
        [end],
    ):
        path.write_bytes(head + b"".join(frames))
        with pytest.raises(FileError):
            contents(path)


def test_a_file_that_was_left_in_the_middle_goes_on(path: Path) -> None:
    _, frames = frames_of(written(path, {"n": 1}, {"n": 2}, ends=False))
    whole = path.read_bytes()
    for torn in range(len(frames[1])):
        path.write_bytes(whole[: len(whole) - torn])
        sealed, last = sealed_file.resumed(path, PASSPHRASE)
        with sealed.file:
            assert last == {"n": 2 if torn == 0 else 1}
            sealed.write({"n": 3})
            sealed.write({}, END)
        assert contents(path) == [{"n": 1}, *([{"n": 2}] if torn == 0 else []), {"n": 3}]


def test_a_file_that_is_complete_is_not_gone_on_with(path: Path) -> None:
    written(path, 1)
    with pytest.raises(FileError, match="complete already"):
        sealed_file.resumed(path, PASSPHRASE)
    with pytest.raises(FileExistsError):
        sealed_file.created(path, PASSPHRASE, {})


def test_a_file_of_another_kind_or_with_foreign_parameters_is_refused(path: Path) -> None:
    for text in (b"", b"no head\n", b"[]\n", json.dumps({"format": "another"}).encode() + b"\n"):
        path.write_bytes(text)
        with pytest.raises(FileError, match="no file of exported users"):
            contents(path)
    with pytest.raises(FileError, match="cannot be read"):
        contents(path.with_name("missing"))
    head, frames = frames_of(written(path.with_name("other"), 1))
    for changed in ({"version": 2}, {"scrypt": json.loads(head)["scrypt"] | {"n": 1 << 30}}):
        path.write_bytes(json.dumps(json.loads(head) | changed).encode() + b"\n" + b"".join(frames))
        with pytest.raises(FileError):
            contents(path)


def test_a_large_frame_is_small_when_it_repeats_itself(path: Path) -> None:
    assert len(written(path, ["the same"] * 100_000).read_bytes()) < 10_000


def test_a_frame_is_written_only_as_large_as_it_may_be_to_be_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_file, "FRAME_MAX", 100)
    with pytest.raises(FileError, match=r"larger than 100 bytes\."):
        written(path, b"small", random_bytes(100))
    sealed, last = sealed_file.resumed(path, PASSPHRASE)
    sealed.file.close()
    assert last == b"small"


def test_nothing_secret_is_shown(path: Path) -> None:
    sealed = sealed_file.opened(written(path, 1), PASSPHRASE)
    sealed.file.close()
    assert isinstance(sealed, SealedFile)
    assert "_cipher" not in repr(sealed)
