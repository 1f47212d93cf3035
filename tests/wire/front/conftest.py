"""An application in front of a function, and what is sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cognomen.wire.front import Application, WireRequest
from cognomen.wire.watching import Message

TARGET = "AWSCognitoIdentityProviderService."


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return msgspec.json.decode(self.body)


async def call(
    application: Application,
    operation: str | None = "GetUser",
    chunks: Sequence[bytes] = (b"{}",),
    *,
    method: str = "POST",
    query: bytes = b"",
    client: tuple[str, int] | None = ("198.51.100.7", 4711),
    ends: str = "http.request",
    headers: dict[str, str] | None = None,
    more_headers: Sequence[tuple[bytes, bytes]] = (),
    received: list[Message] | None = None,
) -> Answer | None:
    """One request; None when nothing was answered. `ends` is the last thing the server has to tell.

    What the application asked for is put in `received`.
    """
    sent: list[Message] = []
    target = {} if operation is None else {"x-amz-target": TARGET + operation}
    all_headers = {"host": "localhost:9229", **target, **(headers or {})}
    pending: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if ends == "http.request":
        pending[-1]["more_body"] = False
    elif ends == "http.disconnect":
        pending.append({"type": "http.disconnect"})

    async def receive() -> Message:
        if not pending:
            await asyncio.Event().wait()  # the caller says no more and does not hang up
        if received is not None:
            received.append(pending[0])
        return pending.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "raw_path": b"/",
        "query_string": query,
        "scheme": "http",
        "client": client,
        "headers": [
            *((name.encode(), value.encode("latin-1")) for name, value in all_headers.items()),
            *more_headers,
        ],
    }
    await application(scope, receive, send)
    if not sent:
        return None
    start, body = sent
    answered = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    assert int(answered["content-length"]) == len(body["body"])
    return Answer(start["status"], answered, body["body"])


async def answered(application: Application, *args: Any, **more: Any) -> Answer:
    answer = await call(application, *args, **more)
    assert answer is not None
    return answer


class Ran:
    """A `run` that keeps what it was handed."""

    def __init__(self, outcome: bytes | Exception = b'{"Username":"maria"}') -> None:
        self.requests: list[WireRequest] = []
        self.outcome = outcome

    async def __call__(self, request: WireRequest) -> bytes:
        self.requests.append(request)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome
