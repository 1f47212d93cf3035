"""The limits that the HTTP server itself does not have: size and time of the head of a request, time to take an answer.

A subclass of uvicorn's httptools protocol, named in app.py. Without it a stranger could send headers without end, keep
a connection open for ever with half a request line, or never read what he has asked for. Bodies have their limits in front.py,
idle connections uvicorn's keep-alive timeout.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cognomen.wire.bodies import CONNECTION, WHOLE

HEAD_LIMIT = 64 * 1024  # bytes of request line and headers; SDKs send some 2 kB
HEADERS_MAX = 100
FRAMING = 8  # times the body; what the sizes of its chunks may take
HEAD_SECONDS = 10.0
TAKE_SECONDS = 30.0
"""How long the caller may let what was answered wait before he takes some of it."""
GOODBYE_SECONDS = 1.0

_HEAD = b"HTTP/1.1 "
_CONTINUE = b"HTTP/1.1 100 "


class TooLargeHeadError(Exception):
    """Raised inside the parser's callbacks, which makes the server answer 400 and close."""


class _Trailers(list[tuple[bytes, bytes]]):
    """Takes what comes after a body and keeps nothing. Raises TooLargeHeadError beyond HEADERS_MAX."""

    _count = 0

    def append(self, _: tuple[bytes, bytes]) -> None:
        self._count += 1
        if self._count > HEADERS_MAX:
            raise TooLargeHeadError


class _Joined:
    """A transport that keeps the head of an answer until its body comes: one packet, and one call of the system.

    A body that begins like a head is kept at most until its answer is complete.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._kept = b""
        self.is_closing = transport.is_closing  # asked for all data, and not worth a detour

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._kept:
            data, self._kept = self._kept + data, b""
        elif data.startswith(_HEAD) and not data.startswith(_CONTINUE):
            self._kept = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        if self._kept:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = False  # a message has begun, and its headers have not ended
        self._in_message = False  # a message has begun, and its body has not ended
        self._messages = 0  # that have ended
        self._size = 0  # of this message, as far as it has come
        self._body_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._untaken: asyncio.TimerHandle | None = None
        self._idle_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self._joined = _Joined(transport)
        super().connection_made(self._joined)  # type: ignore[arg-type]  # all of a transport that uvicorn uses
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        self._forget_timer()
        self._forget_untaken()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_taker()

    def resume_writing(self) -> None:
        self._forget_untaken()
        super().resume_writing()

    def shutdown(self) -> None:
        """Nobody waits for a goodbye: over TLS the other side owes one too, and says it with its next request if it is idle."""
        is_sent = not self.transport.get_write_buffer_size()
        super().shutdown()
        if is_sent and self.transport.is_closing():
            self.loop.call_later(GOODBYE_SECONDS, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._expect_taker()

    def _unset_keepalive_if_required(self) -> None:
        """Called by the server when a connection is not idle any more."""
        self._idle_since = None

    def _look_when_idle(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self._close_if_idle)

    def _close_if_idle(self) -> None:
        """Called by the connection's one timer, which is never set to later than an idle connection is due."""
        now = self.loop.time()
        due = (now if self._idle_since is None else self._idle_since) + self.timeout_keep_alive
        if due > now:
            self._look_when_idle(due - now)
        else:
            self.timeout_keep_alive_handler()

    def data_received(self, data: bytes) -> None:
        messages = self._messages
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_message and messages == self._messages:
            # A header or trailer that has not ended yet is known to the parser alone. Where a message ended in these
            # data, how much of them belongs to the next one is not known, and they do not count.
            self._size += len(data)
            if self._size > HEAD_LIMIT + (1 + FRAMING) * self._body_size:
                self.send_400_response("The head of the request, or what frames its body, is too large.")
                return
        if self._in_head:
            if self._timer is None:
                self._expect_head()
        elif self._is_answered():
            if self._in_message:
                self.transport.close()  # nobody reads the rest of this body
            elif self._timer is None:
                self._expect_head()  # these data were no request, yet the server has stopped its keep-alive timer

    def _is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._in_message = True
        self._size = self._body_size = 0

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(map(len, chain.from_iterable(self.headers)))
        if size > HEAD_LIMIT or len(self.headers) > HEADERS_MAX:
            raise TooLargeHeadError
        self._in_head = False
        self._forget_timer()
        super().on_headers_complete()
        self.scope[CONNECTION] = self  # type: ignore[literal-required]
        self.headers = _Trailers()  # what follows the body is a header to the parser, and nobody reads it

    def hang_up(self, scope: Any) -> None:
        """Where another request has come after that of the scope, its body has ended meanwhile, and nothing keeps anybody waiting."""
        if self.cycle.scope is scope:
            self.cycle.keep_alive = False

    def _unsupported_upgrade_warning(self) -> None:
        """Says nothing: anybody may ask for another protocol, and is answered in this one."""

    def on_response_complete(self) -> None:
        """As the server's own, but for the timer: it would make and cancel one for each answer."""
        self._joined.flush()
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_when_idle(self.timeout_keep_alive)

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._messages += 1
        self._in_message = False
        self.scope[WHOLE] = True  # type: ignore[literal-required]
        super().on_message_complete()

    def _expect_head(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
            self._expect_taker()

    def _expect_taker(self) -> None:
        """Close for good what is still not taken, or not closed, after a while: closing waits for what is to be sent."""
        if self._untaken is None:
            self._untaken = self.loop.call_later(TAKE_SECONDS, self.transport.abort)

    def _forget_untaken(self) -> None:
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
