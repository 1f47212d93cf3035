"""The body of a request, within its limits; what becomes of it at `POST /` is told in front/test_limits.py."""

from __future__ import annotations

from typing import Any

import pytest

from cognomen.errors import Refusal
from cognomen.wire import bodies
from cognomen.wire.bodies import HungUp, Limit


class Sender:
    """A client that sends a body in pieces, and then no more; `taken` of its messages were read."""

    def __init__(self, *pieces: bytes, hangs_up: bool = False) -> None:
        self._messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
        ]
        if hangs_up:
            self._messages.append({"type": "http.disconnect"})
        else:
            self._messages[-1]["more_body"] = False
        self.taken = 0

    async def receive(self) -> dict[str, Any]:
        self.taken += 1
        return self._messages[self.taken - 1]


async def read(sender: Sender, **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await bodies.whole({}, sender.receive, named, limit=Limit(4), seconds=5)


async def test_a_body_is_whole_however_it_comes() -> None:
    assert await read(Sender(b"")) == b""
    assert await read(Sender(b"abcd")) == b"abcd"
    assert await read(Sender(b"ab", b"", b"cd"), content_length="4") == b"abcd"


async def test_one_that_is_a_little_too_large_is_read_to_its_end_before_it_is_refused() -> None:
    sender = Sender(b"abc", b"def", b"ghi")
    with pytest.raises(Refusal, match="4 bytes"):
        await read(sender)
    assert sender.taken == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"content_length": "17"},
        {"content_length": "9" * 5_000},
        {"content_length": "5", "expect": "100-Continue"},
    ],
)
async def test_one_that_says_beforehand_that_it_is_far_too_large_is_not_read(headers: dict[str, str]) -> None:
    sender = Sender(b"abcde")
    with pytest.raises(Refusal, match="4 bytes"):
        await read(sender, **headers)
    assert sender.taken == 0


async def test_one_that_has_no_end_is_refused_before_it() -> None:
    sender = Sender(*[b"abcd"] * 9)
    with pytest.raises(Refusal, match="4 bytes"):
        await read(sender)
    assert sender.taken == bodies.READ_AND_DISCARDED + 1


async def test_a_caller_that_is_gone_is_nobody_to_refuse() -> None:
    with pytest.raises(HungUp):
        await read(Sender(b"ab", hangs_up=True))
