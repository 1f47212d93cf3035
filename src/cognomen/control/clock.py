"""The server's time, which a test suite may move forwards and put right again.

It is moved in the one process that serves, so not where several workers do. In signed mode it is never moved, and put
right at once when the first access key ends open mode.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from cognomen import clock, errors
from cognomen.call import Node
from cognomen.clock import DAY, HOUR, MINUTE, SECOND
from cognomen.control.asked import Asked

LATEST = (
    4_102_444_800_000  # the year 2100: what expires ten years later has a moment that any client can read
)
_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND}
_SPAN = re.compile(r"(?:\d{1,9}[dhms])+", re.ASCII)
_EXAMPLES = '{"advance": "15m"}, {"advance": 900}, {"set": "2030-01-31T12:00:00Z"} or {"reset": true}'


async def read(_asked: Asked) -> dict[str, Any]:
    return _told()


async def move(asked: Asked) -> dict[str, Any]:
    """Move the clock as the body says; the clock as it is then."""
    workers = asked.call.settings.workers
    if workers > 1:
        raise errors.CLOCK_OF_SEVERAL_WORKERS(workers=workers)
    if len(asked.body) != 1:
        raise errors.CONTROL_BODY(reason=f"Say how to move the clock: {_EXAMPLES}")
    ((how, value),) = asked.body.items()
    if how == "reset":
        if value is not True:
            raise errors.CONTROL_BODY(reason='Put the clock right with {"reset": true}.')
        clock.move(0)
        return _told()
    now = clock.now()
    to = now + span(value) if how == "advance" else moment(value)
    if to < now:
        raise errors.CLOCK_BACKWARDS(now=clock.written(now))
    if to > LATEST:
        raise errors.CLOCK_TOO_FAR(latest=clock.written(LATEST))
    clock.move(clock.moved() + to - now)
    return _told()


async def put_right_in_signed_mode(node: Node) -> None:
    """What every request and job begins with that asks for the time."""
    if clock.moved() and not await node.configurations.is_open():
        clock.move(0)


def span(value: object) -> int:
    """Milliseconds: of a number of seconds, or of a text like `15m`, `1d12h`."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return round(min(value, LATEST) * SECOND)
    if isinstance(value, str) and _SPAN.fullmatch(value):
        return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)(.)", value))
    raise errors.CONTROL_BODY(
        reason="advance takes a number of seconds, or a text of numbers with d, h, m or s, such as 15m or 1d12h."
    )


def moment(value: object) -> int:
    """The moment (milliseconds) of an ISO 8601 text that names its offset from UTC."""
    try:
        read_moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if read_moment is not None and read_moment.tzinfo is not None:
            return (read_moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        pass
    raise errors.CONTROL_BODY(
        reason="set takes a moment with its offset from UTC, such as 2030-01-31T12:00:00Z."
    )


def _told() -> dict[str, Any]:
    return {"now": clock.written(clock.now()), "ahead": clock.moved() / SECOND}
