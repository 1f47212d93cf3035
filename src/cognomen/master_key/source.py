"""Where master keys come from: a file made at the first start, or the text of COGNOMEN_MASTER_KEY.

Both hold `<key id>:<base64 of 32 bytes>` entries, one a line (in the variable also separated by commas), the current key
first; lines that begin with `#` are for people. A bare base64 key without id is taken too. The file is replaced as a
whole, never edited, so a process that reads it while another writes sees the old or the new keys.
sealing.py says what keys are for.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from cognomen import clock
from cognomen.crypto import sealing
from cognomen.crypto.sealing import Keyring, MasterKey

_ABOUT = """\
# Cognomen's master keys: the current one first, older ones until nothing sealed with them is left.
# Without this file the secrets in the database cannot be opened. Keep a copy in a safe place, not beside the database.
"""
_HOW_TO_MAKE = "Make one with: openssl rand -base64 32"


class MasterKeyError(ValueError):
    """Master keys cannot be read or changed; the text tells the operator why and what to do, and shows no key."""


def read(path: Path) -> Keyring:
    """The keys of a file; MasterKeyError if it is missing or wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MasterKeyError(
            f"There is no master key file {path}. If there is a database already, bring back the file it was used with; "
            "a new key cannot open it."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(f"The master key file {path} cannot be read: {error}.") from None
    return parse(text, source=f"the master key file {path}")


def parse(text: str, source: str = "COGNOMEN_MASTER_KEY") -> Keyring:
    """The keys of a text; MasterKeyError, which names `source`, if one of them is wrong or there is none."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    entries = [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
    if not entries:
        raise MasterKeyError(f"There is no key in {source}. {_HOW_TO_MAKE}")
    keys = [_parse_entry(entry, f"Key {place} of {source}") for place, entry in enumerate(entries, 1)]
    try:
        return sealing.keyring(keys)
    except ValueError:
        raise MasterKeyError(f"A key stands twice in {source}; remove one of the two.") from None


def create(path: Path) -> Keyring:
    """The keys of a file, which is made with one new key if it is not there; processes that start together agree."""
    if path.exists():
        return read(path)
    with _alone(path):
        if path.exists():
            return read(path)
        return _write(path, [sealing.master_key(clock.random_bytes(sealing.SECRET_BYTES))])


def add(path: Path) -> Keyring:
    """Put a new key in front: it seals from now on, the others still open."""
    with _alone(path):
        keys = read(path).keys.values()
        return _write(path, [sealing.master_key(clock.random_bytes(sealing.SECRET_BYTES)), *keys])


def retire(path: Path, key_id: str) -> Keyring:
    """Remove a key for good, after which nothing sealed with it can be opened; MasterKeyError for the current one."""
    with _alone(path):
        keyring = read(path)
        check_may_go(keyring, key_id, str(path))
        return _write(path, [key for key in keyring.keys.values() if key.id != key_id])


def check_may_go(keyring: Keyring, key_id: str, source: str) -> None:
    """MasterKeyError for the current key, and for one that is not among those of `source`."""
    if key_id == keyring.current.id:
        raise MasterKeyError(
            f"Master key {key_id} is the current one. Add a new key first, then retire this one."
        )
    if key_id not in keyring.keys:
        raise MasterKeyError(
            f"There is no master key {key_id} in {source}. It holds: {', '.join(keyring.keys)}."
        )


def warning(path: Path) -> str | None:
    """A sentence for the operator if others on this machine may read or change the file, else None.

    It is not refused, because some systems (Kubernetes' secret volumes) mount files with wider permissions.
    """
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return f"The master key file {path} is open to other users of this machine. Close it with: chmod 600 {path}"
    return None


def _parse_entry(entry: str, name: str) -> MasterKey:
    key_id, _, encoded = entry.rpartition(":")
    try:
        # Either alphabet, with or without padding: what people's tools give them.
        unpadded = encoded.strip().rstrip("=").translate(str.maketrans("-_", "+/"))
        secret = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
        key = sealing.master_key(secret)
    except ValueError:
        raise MasterKeyError(f"{name} is not base64 of 32 bytes. {_HOW_TO_MAKE}") from None
    if key_id and key_id.strip().lower() != key.id:
        raise MasterKeyError(
            f"{name} does not belong to the id in front of it. The id follows from the key: give a new key without one. If "
            "it is an old key, it was altered or cut; bring it back from a copy."
        )
    return key


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold off other processes that would write the file; a crash lets go of the lock."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
    except OSError as error:
        raise MasterKeyError(f"The master key file {path} cannot be written: {error}.") from None


def _write(path: Path, keys: Sequence[MasterKey]) -> Keyring:
    """Replace the file at once and durably: it is there, whole, before anything is sealed with a new key."""
    keyring = sealing.keyring(keys)
    target = path.resolve()  # a link stays a link
    draft = target.with_name(f"{target.name}.{clock.random_bytes(4).hex()}.new")
    lines = [f"{key.id}:{base64.b64encode(key.secret).decode('ascii')}\n" for key in keys]
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(file, "w", encoding="utf-8") as writer:  # noqa: PTH123  it is a descriptor, opened with its mode
            writer.write(_ABOUT + "".join(lines))
            writer.flush()
            _keep_owner(file, target)
            os.fsync(file)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    directory = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return keyring


def _keep_owner(file: int, replaced: Path) -> None:
    """Leave the file to its former owner: an administrator who adds a key must not lock the server out."""
    if not replaced.exists():
        return
    former, new = replaced.stat(), os.fstat(file)
    if (former.st_uid, former.st_gid) != (new.st_uid, new.st_gid):
        os.fchown(file, former.st_uid, former.st_gid)
    os.fchmod(file, stat.S_IMODE(former.st_mode))
