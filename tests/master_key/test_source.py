from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cognomen.crypto import sealing
from cognomen.master_key import source
from cognomen.master_key.source import MasterKeyError

ONE = sealing.master_key(b"1" * 31 + b"\xff")
TWO = sealing.master_key(b"\xfb\xff" * 16)


def entry(key: sealing.MasterKey) -> str:
    return f"{key.id}:{base64.b64encode(key.secret).decode()}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "master.keys"


# -- the file ---------------------------------------------------------------------------------------------------------


def test_the_first_start_makes_a_key_that_the_next_start_finds(path: Path) -> None:
    made = source.create(path)
    assert source.create(path) == made
    assert source.read(path) == made
    assert len(made.keys) == 1


def test_the_file_is_its_owner_s_alone(path: Path) -> None:
    source.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert source.warning(path) is None


def test_threads_that_start_together_agree(path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(source.create, [path] * 16))
    assert all(keyring == made[0] for keyring in made)


def test_processes_that_start_together_agree(path: Path) -> None:
    program = "import sys, pathlib; from cognomen.master_key import source; print(source.create(pathlib.Path(sys.argv[1])).current.id)"
    workers = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) for _ in range(3)
    ]
    said = {worker.communicate()[0] for worker in workers}
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert said == {f"{source.read(path).current.id}\n".encode()}


def test_a_new_key_becomes_the_current_one_and_the_old_one_stays(path: Path) -> None:
    before = source.create(path)
    after = source.add(path)
    assert after.current.id != before.current.id
    assert list(after.keys) == [after.current.id, before.current.id]
    assert source.read(path) == after


def test_keys_added_at_the_same_time_are_all_kept(path: Path) -> None:
    first = source.create(path).current.id
    with ThreadPoolExecutor(4) as threads:
        added = [keyring.current.id for keyring in threads.map(source.add, [path] * 6)]
    assert set(source.read(path).keys) == {first, *added}


def test_a_retired_key_is_gone(path: Path) -> None:
    first = source.create(path).current
    second = source.add(path).current
    left = source.retire(path, first.id)
    assert list(left.keys) == [second.id]
    assert source.read(path) == left
    assert base64.b64encode(first.secret).decode() not in path.read_text()


def test_the_current_key_cannot_be_retired(path: Path) -> None:
    keyring = source.create(path)
    with pytest.raises(MasterKeyError, match="Add a new key first"):
        source.retire(path, keyring.current.id)
    assert source.read(path) == keyring


def test_a_key_that_is_not_there_cannot_be_retired(path: Path) -> None:
    keyring = source.create(path)
    with pytest.raises(MasterKeyError, match=rf"no master key 00000000 in .* It holds: {keyring.current.id}"):
        source.retire(path, "00000000")


def test_changes_leave_no_drafts_and_keep_the_file_s_mode(path: Path) -> None:
    source.create(path)
    path.chmod(0o640)
    first = source.read(path).current.id
    source.add(path)
    source.retire(path, first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert {file.name for file in path.parent.iterdir()} == {"master.keys", "master.keys.lock"}


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    source.create(path)
    link = tmp_path / "link.keys"
    link.symlink_to(path)
    added = source.add(link)
    assert link.is_symlink()
    assert source.read(path) == added


def test_a_failed_change_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = source.create(path)

    def fail(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(MasterKeyError, match=r"cannot be written.*No space left"):
        source.add(path)
    assert source.read(path) == before
    assert {file.name for file in path.parent.iterdir()} == {"master.keys", "master.keys.lock"}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_open_to_others_is_warned_of(path: Path, mode: int) -> None:
    source.create(path)
    path.chmod(mode)
    assert "chmod 600" in (source.warning(path) or "")


def test_a_missing_file_says_what_it_would_mean_to_make_a_new_one(path: Path) -> None:
    with pytest.raises(MasterKeyError, match="bring back the file"):
        source.read(path)


def test_an_empty_file_is_not_taken_for_a_first_start(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("")
    with pytest.raises(MasterKeyError, match="There is no key in the master key file"):
        source.create(path)


def test_what_is_no_text_file_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="cannot be read"):
        source.read(tmp_path)
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MasterKeyError, match="cannot be read"):
        source.read(path)


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MasterKeyError, match="cannot be written"):
        source.create(tmp_path / "file" / "master.keys")


# -- the text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{entry(ONE)}\n{entry(TWO)}\n",
        f"{entry(ONE)},{entry(TWO)}",
        f"  {entry(ONE)} ,\r\n\n {entry(TWO)},,",
        f"# a note, with a comma\n{entry(ONE)}\n  # another\n{entry(TWO)}",
        f"{entry(ONE).partition(':')[2]},{entry(TWO).partition(':')[2]}",
        f"{entry(ONE).rstrip('=')}\n{TWO.id.upper()}:{base64.urlsafe_b64encode(TWO.secret).decode()}",
    ],
)
def test_keys_are_read_from_a_text(text: str) -> None:
    keyring = source.parse(text)
    assert keyring.current == ONE
    assert keyring.keys == {ONE.id: ONE, TWO.id: TWO}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no key in COGNOMEN_MASTER_KEY. Make one with: openssl rand -base64 32"),
        ("# nothing\n", "There is no key in COGNOMEN_MASTER_KEY. Make one with: openssl rand -base64 32"),
        (
            "password",
            "Key 1 of COGNOMEN_MASTER_KEY is not base64 of 32 bytes. Make one with: openssl rand -base64 32",
        ),
        (
            f"{entry(ONE)},{base64.b64encode(bytes(16)).decode()}",
            "Key 2 of COGNOMEN_MASTER_KEY is not base64 of 32 bytes. Make one with: openssl rand -base64 32",
        ),
        (
            "ä" * 43,
            "Key 1 of COGNOMEN_MASTER_KEY is not base64 of 32 bytes. Make one with: openssl rand -base64 32",
        ),
        (
            f"00000000:{entry(ONE).partition(':')[2]}",
            "Key 1 of COGNOMEN_MASTER_KEY does not belong to the id in front of it. The id follows from the key: give a new key without one. If it is an old key, it was altered or cut; bring it back from a copy.",
        ),
        (f"{entry(ONE)},{entry(ONE)}", "A key stands twice in COGNOMEN_MASTER_KEY; remove one of the two."),
    ],
)
def test_a_wrong_text_says_what_is_wrong_and_shows_no_key(text: str, sentence: str) -> None:
    with pytest.raises(MasterKeyError) as refused:
        source.parse(text)
    assert str(refused.value) == sentence
