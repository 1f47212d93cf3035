"""The body of a request, read within its limits.

    whole(...)      all of it, for who keeps it in memory
    declared(...)   how large it is by its own account
    hang_up(scope)  nothing more of it is read

A file that is uploaded is read part by part (uploads/front.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from typing import NamedTuple

from cognomen import errors
from cognomen.wire.watching import Message, Receive

WHOLE = "cognomen.whole"
"""In the scope of a request whose body has arrived to its end, so that `receive` does not wait."""
CONNECTION = "cognomen.connection"
"""In the scope of a request that came over the network (protocol.py)."""
READ_AND_DISCARDED = 4  # times the limit: whoever sends a little too much is to see why it is refused

_AT_ONCE = nullcontext()  # a timer would be a twentieth of a short request


class HungUp(Exception):  # noqa: N818  a fact about the caller, whom nobody answers any more
    """The caller is gone."""


class Limit(NamedTuple):
    """How large a body may be, in bytes; `refusal` is what is said beyond that, if it is not BODY_TOO_LARGE."""

    size: int
    refusal: errors.Refusal | None = None

    def refused(self) -> errors.Refusal:
        return self.refusal or errors.BODY_TOO_LARGE(limit=self.size)


def hang_up(scope: Message) -> None:
    """Let the connection end with the answer, which says so: the rest of the body is not waited for."""
    if CONNECTION in scope:
        scope[CONNECTION].hang_up(scope)


async def whole(
    scope: Message,
    receive: Receive,
    headers: Mapping[str, str],
    *,
    limit: Limit,
    seconds: float,
    discarded: int | None = None,
) -> bytes:
    """The body, which has `seconds` to arrive. Raises HungUp, what `limit` says beyond it, and REQUEST_TIMEOUT.

    A body over the limit is read to its end before it is refused, though not kept: an ordinary client looks for an
    answer only when it has sent everything, and a connection closed on it before is all it would see. Beyond
    `discarded` bytes that is what happens, and to a client that waits to be told to continue the answer is told at once.
    """
    if discarded is None:
        discarded = READ_AND_DISCARDED * limit.size
    size_declared = declared(headers)
    too_large = size_declared > limit.size
    if size_declared > discarded or (too_large and headers.get("expect", "").lower() == "100-continue"):
        raise limit.refused()
    chunks: list[bytes] = []
    size = 0
    try:
        async with _AT_ONCE if WHOLE in scope else asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise HungUp
                chunk: bytes = message.get("body", b"")
                size += len(chunk)
                too_large = too_large or size > limit.size
                at_end = not message.get("more_body", False)
                if too_large:
                    chunks.clear()
                    if at_end or size > discarded:
                        raise limit.refused()
                elif at_end:
                    return b"".join([*chunks, chunk]) if chunks else chunk
                else:
                    chunks.append(chunk)
    except TimeoutError:
        hang_up(scope)
        if too_large:
            raise limit.refused() from None
        raise errors.REQUEST_TIMEOUT() from None


_DIGITS = 18  # beyond these it is no number to parse, and too much for anybody


def declared(headers: Mapping[str, str]) -> int:
    """How many bytes the body has by its own account; 0 where it says nothing."""
    said = headers.get("content-length", "")
    return int(said[: _DIGITS + 1]) if said.isdecimal() else 0
