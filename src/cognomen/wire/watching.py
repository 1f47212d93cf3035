"""What is told of every request to those who keep count: the access log, the metrics.

About       what is found out about a request on its way
Watcher     who is told
watched     serve a request under the eyes of a watcher
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Protocol

import msgspec

from cognomen import clock, logs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

UNKNOWN = "unknown"
OK = "ok"
GONE = "gone"


class About(msgspec.Struct, eq=False):
    """What is found out about a request on its way, for a Watcher; nothing in it is secret or personal."""

    operation: str = UNKNOWN
    """The name of an operation there is, or else UNKNOWN: never what a caller wrote."""
    outcome: str = GONE
    """OK, the type of an error, or GONE: the caller hung up, or the server ended before there was an answer."""
    request_id: str | None = None
    pool_id: str | None = None
    client_id: str | None = None


Respond = Callable[[Message, Receive, Send, About], Awaitable[None]]


class Watcher(Protocol):
    """Who is told of every request: the access log, the metrics."""

    def began(self) -> None: ...

    def ended(self, about: About, seconds: float) -> None: ...


async def watched(respond: Respond, watcher: Watcher, scope: Message, receive: Receive, send: Send) -> None:
    """Serve a request, and tell the watcher what `respond` found out about it."""
    about = About()
    started = clock.elapsed()
    watcher.began()
    try:
        await respond(scope, receive, send, about)
    finally:
        watcher.ended(about, clock.elapsed() - started)


def all_of(watchers: Sequence[Watcher]) -> Watcher | None:
    """One who tells them all; None where there is nobody to tell."""
    return watchers[0] if len(watchers) == 1 else _All(watchers) if watchers else None


class _All:
    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers

    def began(self) -> None:
        for watcher in self._watchers:
            watcher.began()

    def ended(self, about: About, seconds: float) -> None:
        for watcher in self._watchers:
            watcher.ended(about, seconds)


class AccessLog:
    """A line of the log for each request; `form` is one of logs.FORMS."""

    def __init__(self, form: str) -> None:
        self._form = form

    def began(self) -> None:
        pass

    def ended(self, about: About, seconds: float) -> None:
        logs.write_request(
            self._form,
            clock.now(),
            operation=about.operation,
            outcome=about.outcome,
            duration_ms=round(seconds * 1000, 3),
            request_id=about.request_id,
            pool_id=about.pool_id,
            client_id=about.client_id,
        )
