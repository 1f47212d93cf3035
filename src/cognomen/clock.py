"""The only place that asks the machine for the time or for randomness (the linter bans the rest).

Time inside Cognomen is an int: milliseconds since the epoch, UTC. A request reads it once, as `call.now`, so that
everything a request does happens at one moment. Tests hold it still.
"""

from __future__ import annotations

import secrets  # noqa: TID251  this is the one place
import time
import uuid
from collections.abc import Callable

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_read: Callable[[], int] = lambda: time.time_ns() // 1_000_000  # noqa: E731, TID251  the one place


def now() -> int:
    """Milliseconds since the epoch."""
    return _read()


def hold(read: Callable[[], int]) -> Callable[[], int]:
    """Read the time from `read` from now on; returns the former reader, to be put back."""
    global _read
    former, _read = _read, read
    return former


def elapsed() -> float:
    """Seconds of a clock that never jumps, for durations."""
    return time.perf_counter()


def random_bytes(count: int) -> bytes:
    return secrets.token_bytes(count)


def random_text(alphabet: str, length: int) -> str:
    """`length` characters, each drawn evenly from `alphabet`."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def shuffled(text: str) -> str:
    """The same characters in a random order."""
    characters = list(text)
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def uuid4() -> str:
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def uuid7(moment: int) -> str:
    """A random UUID that begins with `moment` (milliseconds), so that the identifier knows its own time."""
    value = (moment & (1 << 48) - 1) << 80 | int.from_bytes(secrets.token_bytes(10))
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return str(uuid.UUID(int=value))


def moment_of(uuid7_text: str) -> int:
    """The milliseconds a `uuid7` was made with; ValueError for anything else."""
    value = uuid.UUID(uuid7_text)
    if value.version != 7:  # noqa: PLR2004  the version digit of RFC 9562
        raise ValueError("not a version 7 UUID")
    return value.int >> 80
