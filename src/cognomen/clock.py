"""The only place that asks the machine for the time or for randomness (the linter bans the rest).

Time inside Cognomen is an int: milliseconds since the epoch, UTC. A request reads it once, as `call.now`, so that
everything a request does happens at one moment. Our own tests hold it still; a test suite may move it forwards on a
server in open mode (control/clock.py).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from os import urandom  # noqa: TID251  this is the one place

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_read: Callable[[], int] = lambda: time.time_ns() // 1_000_000  # noqa: E731, TID251  the one place
_moved = 0

_UUID7 = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def now() -> int:
    """Milliseconds since the epoch, by a clock that a test suite may have moved."""
    return _read() + _moved


def unmoved() -> int:
    """Milliseconds since the epoch, wherever a test suite has moved the clock."""
    return _read()


def moved() -> int:
    """How far the clock is ahead, in milliseconds."""
    return _moved


def move(ahead: int) -> None:
    """Let the clock be `ahead` milliseconds ahead of the machine's, in this process; 0 puts it right."""
    global _moved  # noqa: PLW0603  the one place
    _moved = ahead


def hold(read: Callable[[], int]) -> Callable[[], int]:
    """Read the time from `read` from now on; returns the former reader, to be put back."""
    global _read
    former, _read = _read, read
    return former


def written(moment: int) -> str:
    """A moment as people and programs read it: `2030-01-31T12:00:00.000Z`."""
    return _datetime(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digits(moment: int) -> str:
    """The same to the second, and nothing but digits: `20300131120000`."""
    return _datetime(moment).strftime("%Y%m%d%H%M%S")


def _datetime(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / SECOND, UTC)


def elapsed() -> float:
    """Seconds of a clock that never jumps, for durations."""
    return time.perf_counter()


def random_bytes(count: int) -> bytes:
    return urandom(count)


def random_text(alphabet: str, length: int) -> str:
    """`length` characters, each drawn evenly from `alphabet` (at most 256 characters)."""
    even = 256 - 256 % len(alphabet)  # bytes from here on would favour the alphabet's first characters
    text = ""
    while len(text) < length:
        text += "".join(alphabet[byte % len(alphabet)] for byte in urandom(2 * length) if byte < even)
    return text[:length]


def shuffled(text: str) -> str:
    """The same characters in a random order."""
    return "".join(character for _, character in sorted((urandom(8), each) for each in text))


def uuid4() -> str:
    return uuid4_of(urandom(16))


def uuid4_of(random: bytes) -> str:
    """The version 4 UUID that 16 random bytes make."""
    return _uuid_text(random.hex(), 4)


def uuid7(moment: int) -> str:
    """A random UUID that begins with `moment` (milliseconds), so that the identifier knows its own time."""
    return _uuid_text(f"{moment & (1 << 48) - 1:012x}{urandom(10).hex()}", 7)


def _uuid_text(digits: str, version: int) -> str:
    """The text of a UUID with the version and the variant of RFC 9562; several are made for every sign-in."""
    variant = _VARIANT[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def moment_of(uuid7_text: str) -> int:
    """The milliseconds a `uuid7` was made with; ValueError for anything else."""
    found = _UUID7.fullmatch(uuid7_text)
    if found is None:
        raise ValueError("not a version 7 UUID")
    return int(found[1] + found[2], 16)
