"""The buckets of a node: a file that all its workers have in memory, so that together they let through what one would.

    Buckets(path)   the file, made by whoever comes first
    .admit(...)     one request, counted in all of its buckets or refused by one of them and counted in none
    .rate(...)      what a numbered bucket lets through from now on

A bucket is one number: the moment at which it will be full again if nothing more comes (the generic cell rate algorithm).
It lets through a second's worth at once, and then its rate. Numbered buckets have places of their own; those of pools and
users are found by a hash of their name among four places, of which one that is full again may be given to another name.

The file is locked for the microsecond in which it is changed. The kernel gives up the lock of a worker that is killed, and
a number that was half written by it is at worst one that lets a second's worth through once more.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import struct
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from cognomen import clock

SECOND = 1_000_000_000  # nanoseconds, in which all is counted here
MILLISECOND = 1_000_000

NUMBERED = 64
GROUPS = 16_384

_MAGIC = b"cognomen buckets"
_ID_BYTES = 16
_HEADER_BYTES = 64
_NUMBERED = struct.Struct("=qq")  # interval between two requests, full again at
_PLACE = struct.Struct("=Qq")  # hash of the name, full again at
_GROUP = struct.Struct("=QqQqQqQq")
_GROUPS_AT = _HEADER_BYTES + NUMBERED * _NUMBERED.size
SIZE = _GROUPS_AT + GROUPS * _GROUP.size


class Buckets:
    """The shared file. `id` is a random name of the node that shares it; `is_new`: nobody made the file before."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self.is_new = _is_missing(self._file)
            if self.is_new:
                _write_empty(self._file)
            self._memory = mmap.mmap(self._file, SIZE)
            fcntl.flock(self._file, fcntl.LOCK_UN)
        except BaseException:
            os.close(self._file)
            raise
        header = self._memory[: len(_MAGIC) + 2 * _ID_BYTES]
        self.id = header[len(_MAGIC) : -_ID_BYTES].hex()
        self._key = header[-_ID_BYTES:]

    def close(self) -> None:
        self._memory.close()
        os.close(self._file)

    def rate(self, number: int, per_second: float) -> None:
        """What the numbered bucket lets through from now on, in all workers; one that has no rate lets all through."""
        interval = int(SECOND / per_second)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            at = _HEADER_BYTES + number * _NUMBERED.size
            _, full_at = _NUMBERED.unpack_from(self._memory, at)
            _NUMBERED.pack_into(self._memory, at, interval, full_at)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def admit(self, now: int, numbers: Sequence[int], name: bytes | None = None, interval: int = 0) -> bool:
        """Whether a request may pass at `now` (milliseconds); it is counted only if it may.

        It counts in the first of the buckets `numbers` that has room, and in that of `name`, if it has one, with
        `interval` nanoseconds between two requests.
        """
        moment = now * MILLISECOND
        name_hash, group_at = self._group(name) if name is not None else (0, 0)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            if name is None:
                return self._count(numbers, moment)
            at, full_at = self._place(name_hash, group_at)
            after = spent(full_at, moment, interval)
            if after is None or not self._count(numbers, moment):
                return False
            _PLACE.pack_into(self._memory, at, name_hash, after)
            return True
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _count(self, numbers: Sequence[int], moment: int) -> bool:
        """Count a request in the first of the numbered buckets that has room for it."""
        for number in numbers:
            at = _HEADER_BYTES + number * _NUMBERED.size
            interval, full_at = _NUMBERED.unpack_from(self._memory, at)
            after = spent(full_at, moment, interval)
            if after is not None:
                _NUMBERED.pack_into(self._memory, at, interval, after)
                return True
        return False

    def _group(self, name: bytes) -> tuple[int, int]:
        """The hash that stands for a name, and where its group begins. Keyed, so that nobody chooses his neighbours."""
        digest = blake2b(name, digest_size=12, key=self._key).digest()
        group = int.from_bytes(digest[8:], "little") % GROUPS
        return int.from_bytes(digest[:8], "little"), _GROUPS_AT + group * _GROUP.size

    def _place(self, name_hash: int, group_at: int) -> tuple[int, int]:
        """Where the bucket of a name is, and when it is full again; a new name takes the place that is full first."""
        group = _GROUP.unpack_from(self._memory, group_at)
        for place in range(0, len(group), 2):
            if group[place] == name_hash:
                return group_at + place * _PLACE.size // 2, group[place + 1]
        place = min(range(0, len(group), 2), key=lambda place: group[place + 1])
        return group_at + place * _PLACE.size // 2, 0


def _is_missing(file: int) -> bool:
    return os.pread(file, len(_MAGIC), 0) != _MAGIC or os.fstat(file).st_size < SIZE


def _write_empty(file: int) -> None:
    """Write the whole file: a page that finds no place on a full disk later would be the end of the worker that needs it."""
    if os.pwrite(file, bytes(SIZE), 0) < SIZE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.pwrite(file, _MAGIC + clock.random_bytes(2 * _ID_BYTES), 0)


def spent(full_at: int, moment: int, interval: int, holds: int = SECOND) -> int | None:
    """When a bucket will be full again after one more request; None when it has no room for it. All in nanoseconds.

    It holds a second's worth, or that of `holds`, or one request where that is less. A moment it cannot have reached is that of
    a clock which was set back since, and is forgotten.
    """
    holds = max(holds, interval)
    begins = full_at if moment < full_at <= moment + holds else moment
    after = begins + interval
    return after if after <= moment + holds else None
