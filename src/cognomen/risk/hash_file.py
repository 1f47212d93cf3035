"""A file of SHA-1 hashes of leaked passwords, as "Have I Been Pwned" offers it: looked into, never read whole.

    HashFile    the file: `load` looks whether it can be used, `holds` whether a hash is in it
    check       every line of it, which takes an hour where there are a thousand million

A line is a hash in upper case, and behind a colon how often it was seen, which may be left out; lines are in the order of the
hashes and end as on Unix or on Windows. A search is some thirty short reads, the same ones at first for every hash, so they are
in the system's memory; nothing of it stays in ours. A hash that was seen 0 times is padding.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable
from pathlib import Path

HASH = 40
"""Characters of a hash."""

_LINE = re.compile(rb"([0-9A-F]{40})(?::([0-9]{1,12}))?\r?\n?")
_LONGEST = HASH + 1 + 12 + 2
_BLOCK = 4_096
_SAMPLES = 64

_NO_LIST = "it has no SHA-1 hashes in upper case, in their order, each on a line"


class NotUsable(Exception):  # noqa: N818  a fact about the file
    """The file is none of these; the text says where it departs from their form."""


class HashFile:
    """Its methods take time and may be called in any thread. A file that takes its place counts from the next start on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None
        self._opening = threading.Lock()

    def load(self) -> tuple[int, int]:
        """Its descriptor and its size. Raises OSError, NotUsable where lines here and there are out of order or form."""
        with self._opening:
            if self._opened is None:
                descriptor = os.open(self._path, os.O_RDONLY)
                try:
                    self._opened = descriptor, _sampled(descriptor)
                except BaseException:
                    os.close(descriptor)
                    raise
            return self._opened

    def holds(self, wanted: bytes) -> bool:
        """Whether the file has this hash. Raises as `load`."""
        descriptor, size = self.load()
        low, high = 0, size  # where its line begins, if there is one; a line begins at `low`
        while high - low > _BLOCK:
            middle = (low + high) // 2
            start, line = _line_from(descriptor, middle)
            if line and start < high and _hash_of(line) <= wanted:
                low = start
            else:
                high = middle
        block = os.pread(descriptor, high - low + _LONGEST, low)
        place = 0 if block.startswith(wanted) else block.find(b"\n" + wanted) + 1
        found = _LINE.match(block, place)
        return found is not None and found[1] == wanted and _was_seen(found[2])

    def close(self) -> None:
        with self._opening:
            opened, self._opened = self._opened, None
            if opened is not None:
                os.close(opened[0])


def check(lines: Iterable[bytes]) -> int:
    """How many hashes there are. Raises NotUsable with the first line that is out of order or form."""
    before, number = b"", 0
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise NotUsable(f"line {number} is no SHA-1 hash in upper case with a count behind a colon")
        if found[1] <= before:
            raise NotUsable(f"line {number} is not in the order of the hashes")
        before = found[1]
    if not number:
        raise NotUsable("it is empty")
    return number


def _sampled(descriptor: int) -> int:
    """The size. A file of another kind, or in another order, is found out by a few lines of it."""
    size = os.fstat(descriptor).st_size
    starts = {sample * size // _SAMPLES for sample in range(_SAMPLES)}
    try:
        lines = dict(_line_from(descriptor, start) for start in sorted(starts))
        check(line for line in lines.values() if line)
    except NotUsable:
        raise NotUsable(_NO_LIST) from None
    return size


def _line_from(descriptor: int, place: int) -> tuple[int, bytes]:
    """The first line that begins at `place` or behind, and where; an empty one where none does. Raises NotUsable for a long one."""
    behind = max(place - 1, 0)
    read = os.pread(descriptor, 2 * _LONGEST, behind)
    skipped = read.find(b"\n") + 1 if place else 0
    if place and not skipped:
        if len(read) > _LONGEST:
            raise NotUsable(_NO_LIST)
        return behind + len(read), b""
    line = read[skipped:]
    end = line.find(b"\n") + 1
    return behind + skipped, line[:end] if end else line


def _hash_of(line: bytes) -> bytes:
    return line[:HASH]


def _was_seen(count: bytes | None) -> bool:
    return count is None or int(count) > 0
