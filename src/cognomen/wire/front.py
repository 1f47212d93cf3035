"""`POST /` and `OPTIONS /` as a bare ASGI callable: the AWS JSON 1.1 protocol over HTTP.

`front(run)` reads a request within its limits, hands it to `run` (operations' dispatch) and sends what comes back: the
bytes of an answer, or the error document of a Refusal. It is on the path of every request and does nothing twice.
Shapes are checked behind `run`; other paths are served elsewhere.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec

from cognomen import clock, errors, logs
from cognomen.wire import bodies, cors, model
from cognomen.wire.bodies import HungUp, Limit
from cognomen.wire.corrections import LARGE_BODIES
from cognomen.wire.forwarded import Networks, forwarded
from cognomen.wire.watching import OK, UNKNOWN, About, Message, Receive, Send, Watcher, watched

TARGET_PREFIX = "AWSCognitoIdentityProviderService."
BODY_LIMIT = 3 * 1024 * 1024  # bytes; branding assets are the largest thing sent, 2 MB before base64
PLAIN_BODY_LIMIT = 256 * 1024  # bytes, where no images or documents are sent; two texts of the longest fit
BODY_SECONDS = 10.0

Application = Callable[[Message, Receive, Send], Awaitable[None]]

log = logging.getLogger(__name__)


class WireRequest(msgspec.Struct, frozen=True, eq=False):
    """A request as it came: nothing of it is checked but that it has a target of this service and a bounded body."""

    request_id: str
    operation: str  # as the caller wrote it; it may not exist
    body: bytes
    headers: dict[str, str]  # lower-case names; values of a repeated header joined by ",", where it may be
    method: str
    raw_path: str
    query: str  # raw, without the question mark
    client_ip: str | None
    host: str
    about: About = msgspec.field(default_factory=About)

    def __repr__(self) -> str:
        return f"WireRequest({self.operation}, {self.request_id})"  # body and headers hold secrets


Run = Callable[[WireRequest], Awaitable[bytes]]
MaySendMuch = Callable[[dict[str, str], str], Awaitable[None]]
"""Given the headers and the query of a request, raises a Refusal unless its caller may send a large body."""


async def anyone(_headers: dict[str, str], _query: str) -> None:
    """Lets everybody send a large body."""


def front(
    run: Run,
    *,
    may_send_much: MaySendMuch = anyone,
    body_limit: int = BODY_LIMIT,
    body_seconds: float = BODY_SECONDS,
    trusted: Networks = (),
    allow_signed_from_browsers: bool = False,
    watcher: Watcher | None = None,
) -> Application:
    """The ASGI callable. `run` answers with the body of a 200, or raises a Refusal.

    `body_limit` is in bytes, for the operations that send large things, and for callers who `may_send_much`; others have
    PLAIN_BODY_LIMIT at most: a body is kept before its signature is looked at.
    `body_seconds` is the time a body may take to arrive. A peer in `trusted` may say for whom it forwards. Signed
    operations are not for web pages unless `allow_signed_from_browsers`; see `_preflight`. `watcher` is told of all.
    """
    limit_of = _limits(may_send_much, body_limit)
    discarded = bodies.READ_AND_DISCARDED * body_limit
    operations = model.load().operations
    for_browsers = frozenset(
        name
        for name, operation in operations.items()
        if allow_signed_from_browsers or operation.auth != "signed"
    )

    async def respond(scope: Message, receive: Receive, send: Send, about: About) -> None:
        headers, repeated = _headers(scope["headers"])
        if scope["method"] != "POST":
            refused = () if allow_signed_from_browsers else _SIGNING_HEADERS
            await _answer_other(scope["method"], headers, refused, send)
            about.operation, about.outcome = (
                ("OPTIONS", OK) if scope["method"] == "OPTIONS" else (UNKNOWN, "405")
            )
            return
        about.request_id = request_id = clock.uuid4()
        target = headers.get("x-amz-target", "")
        name = target.removeprefix(TARGET_PREFIX)
        known = name != target and name in operations
        if known:
            about.operation = name
        with_cors = "origin" in headers and name in for_browsers
        try:
            _admit(headers, repeated, known=known, with_cors=with_cors)
            query = scope["query_string"].decode("latin-1")
            limit = await limit_of(name, headers, query)
            body = await bodies.whole(
                scope, receive, headers, limit=limit, seconds=body_seconds, discarded=discarded
            )
            peer = scope.get("client")
            client_ip, _, host = forwarded(
                headers, peer=peer[0] if peer else None, scheme=scope.get("scheme", "http"), trusted=trusted
            )
            request = WireRequest(
                request_id=request_id,
                operation=name,
                body=body,
                headers=headers,
                method="POST",
                raw_path=(scope.get("raw_path") or b"/").decode("latin-1"),
                query=query,
                client_ip=client_ip,
                host=host,
                about=about,
            )
            answer = await run(request)
        except HungUp:
            return
        except errors.Refusal as refusal:
            about.outcome = refusal.type
            await _send_refusal(send, refusal, request_id, with_cors=with_cors)
        except Exception as fault:  # noqa: BLE001  whatever it is, the caller gets an answer and the log the place
            log.error("request %s of %s failed: %s", request_id, name, logs.place(fault))  # noqa: TRY400  exception() would print the message, which may quote the request
            internal = errors.INTERNAL_ERROR()
            about.outcome = internal.type
            await _send_refusal(send, internal, request_id, with_cors=with_cors)
        else:
            about.outcome = OK
            await _send(send, 200, answer, request_id, _CORS if with_cors else ())

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if watcher is None:
            await respond(scope, receive, send, About())
        else:
            await watched(respond, watcher, scope, receive, send)

    return application


# -- in ---------------------------------------------------------------------------------------------------------------


# Of two that differ, a proxy may read the first and we the last. Whatever else is repeated is a list in parts.
_SINGLE = frozenset({"authorization", "content-length", "content-type", "host", "x-amz-date", "x-amz-target"})


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> tuple[dict[str, str], frozenset[str]]:
    """The headers by name, and the names that came more than once."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) == len(raw):
        return headers, frozenset()
    parts: dict[str, list[str]] = {}
    for name, value in raw:
        parts.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    joined = {name: ",".join(values) for name, values in parts.items()}
    return joined, frozenset(name for name, values in parts.items() if len(values) > 1)


def _admit(headers: dict[str, str], repeated: frozenset[str], *, known: bool, with_cors: bool) -> None:
    if doubtful := repeated & _SINGLE:
        raise errors.REPEATED_HEADER(header=min(doubtful))
    if not known:
        raise errors.UNKNOWN_OPERATION()
    if "origin" in headers and not with_cors:
        raise errors.SIGNED_FROM_BROWSER(origin=headers["origin"])


def _limits(
    may_send_much: MaySendMuch, body_limit: int
) -> Callable[[str, dict[str, str], str], Awaitable[Limit]]:
    """What tells how large the body of an operation may be."""
    plain = Limit(min(body_limit, PLAIN_BODY_LIMIT))
    large = Limit(body_limit)

    async def limit_of(name: str, headers: dict[str, str], query: str) -> Limit:
        if name not in LARGE_BODIES:
            return plain
        try:
            await may_send_much(headers, query)
        except errors.Refusal as refusal:
            return plain._replace(refusal=refusal)
        return large

    return limit_of


# -- out --------------------------------------------------------------------------------------------------------------

_CONTENT_TYPE = (b"content-type", b"application/x-amz-json-1.1")
_CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
)
_SIGNING_HEADERS = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST_HEADER = 1_024
_encoder = msgspec.json.Encoder()


async def _send(
    send: Send, status: int, body: bytes, request_id: str, more: Iterable[tuple[bytes, bytes]]
) -> None:
    headers = [
        _CONTENT_TYPE,
        (b"content-length", b"%d" % len(body)),
        (b"x-amzn-requestid", request_id.encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_refusal(send: Send, refusal: errors.Refusal, request_id: str, *, with_cors: bool) -> None:
    """The error document, with its type and message in headers too: clients read one or the other."""
    document = {"__type": refusal.type}
    more = [(b"x-amzn-errortype", refusal.type.encode() + b":")]
    if refusal.message is not None:
        document["message"] = refusal.message.encode("utf-8", "replace").decode()
        more.append((b"x-amzn-errormessage", _header_safe(refusal.message)))
    if refusal.status in {408, 413}:
        more.append((b"connection", b"close"))  # the rest of the body is not waited for
    if with_cors:
        more.extend(_CORS)
    await _send(send, refusal.status, _encoder.encode(document), request_id, more)


async def _answer_other(method: str, headers: dict[str, str], refused: tuple[str, ...], send: Send) -> None:
    if method == "OPTIONS":
        status, body, sent = 200, b"", _preflight(headers, refused)
    else:
        status, body, sent = (
            405,
            b"Use POST.\n",
            [(b"allow", b"POST, OPTIONS"), (b"content-type", b"text/plain")],
        )
    sent.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


def _preflight(headers: dict[str, str], refused: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """What a web page may send. A preflight does not name the operation, so the line is drawn by headers.

    A signed operation needs Authorization: a page that is not allowed to send it cannot call one, not even on a server
    in open mode that would take any key. The public operations need none of the refused headers. A signature in the
    query would slip past this, so `front` refuses a signed operation whenever an Origin is sent, too.
    """
    allowed = cors.sendable(headers.get("access-control-request-headers", ""), refused)
    return [
        *_CORS,
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", ",".join(allowed).encode()),
        (b"access-control-max-age", b"172800"),
    ]


def _header_safe(message: str) -> bytes:
    return _CONTROLS.sub(" ", message)[:_LONGEST_HEADER].encode("latin-1", "replace")
