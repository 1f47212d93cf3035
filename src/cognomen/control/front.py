"""Who may ask, what is there, and how it is answered.

A question is answered in open mode only, under a host name that no stranger may own, and never to a web page: there is
no CORS, a request with an Origin is refused, and a body must be JSON, which no page can send without asking first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from cognomen import clock, errors
from cognomen.call import Node, begin
from cognomen.control import clock as time
from cognomen.control import inbox, kms, reset
from cognomen.control.asked import Asked, refuse_unknown
from cognomen.errors import Refusal
from cognomen.operations import access
from cognomen.store.database import Unavailable
from cognomen.wire import bodies
from cognomen.wire.bodies import HungUp, Limit

if TYPE_CHECKING:
    from starlette.requests import Request

    from cognomen.wire.front import Application
    from cognomen.wire.watching import Message, Receive, Send

PATH = "/_cognomen/"
BODY_LIMIT = 4 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be asked; `query` and `body` are the members it may have."""

    answer: Callable[[Asked], Awaitable[dict[str, Any]]]
    about: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    content_type: str = "application/json"


async def index(_asked: Asked) -> dict[str, Any]:
    return {
        "Requests": [
            {
                "request": f"{method} {PATH}{name}",
                "query": list(entry.query),
                "body": list(entry.body),
                "about": entry.about,
            }
            for (method, name), entry in ENTRIES.items()
        ]
    }


ENTRIES = {
    ("GET", ""): Entry(index, "This list."),
    ("GET", "inbox"): Entry(
        inbox.read,
        "The newest messages of a pool, newest first, with the codes and passwords in them; those to one user "
        "(user name, sub, or what they sign in with) or to one address.",
        query=("pool", "user", "to", "limit"),
    ),
    ("GET", "outbox"): Entry(
        inbox.outstanding,
        "The newest messages of a pool that wait to be carried or were given up, and why.",
        query=("pool", "limit"),
    ),
    ("DELETE", "inbox"): Entry(inbox.empty, "Remove the messages of a pool.", query=("pool",)),
    ("POST", "reset"): Entry(
        reset.reset,
        "Remove everything and put the clock right; or, of one pool, its users and all that came of them.",
        query=("pool",),
    ),
    ("GET", "clock"): Entry(time.read, "The server's time, and the seconds it is ahead."),
    ("POST", "clock"): Entry(
        time.move,
        "Move the server's time forwards by a span (15m, 1d12h, or seconds) or to a moment, or put it right.",
        body=("advance", "set", "reset"),
    ),
    ("POST", "kms"): Entry(
        kms.decrypt,
        "Decrypt of AWS KMS, for functions that open codes with a KMS keyring; see docs/custom-senders.md.",
        body=("CiphertextBlob", "KeyId", "EncryptionContext", "EncryptionAlgorithm", "GrantTokens"),
        content_type="application/x-amz-json-1.1",
    ),
}


def front(node: Node) -> Application:
    """The ASGI callable of the test control."""
    from starlette.requests import Request  # noqa: PLC0415  most nodes are never asked
    from starlette.responses import JSONResponse  # noqa: PLC0415

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        try:
            document, status = await _answer(node, Request(scope, receive)), 200
        except Refusal as refusal:
            document, status = _told(refusal), refusal.status
        except Unavailable:
            document, status = {"message": errors.UNAVAILABLE.text}, errors.UNAVAILABLE.status
        except HungUp:
            return
        await JSONResponse(document, status, {"cache-control": "no-store"})(scope, receive, send)

    return application


async def _answer(node: Node, request: Request) -> dict[str, Any]:
    if not await node.configurations.is_open():
        raise errors.NOTHING_HERE()
    call = begin(node, request.url.path, clock.uuid4())
    await access.refuse_foreign_host(call, request.headers.get("host", ""))
    if "origin" in request.headers:
        raise errors.CONTROL_FROM_BROWSER(origin=request.headers["origin"])
    # Clients of AWS add a slash to the path of an endpoint.
    name = request.scope["path"].removeprefix(PATH).removesuffix("/")
    entry = ENTRIES.get((request.method, name))
    if entry is None:
        raise errors.NOT_IN_CONTROL(method=request.method, path=f"{PATH}{name}")
    refuse_unknown("parameter", request.query_params, entry.query)
    body = await _body(request, node.settings.request_timeout_s, entry.content_type)
    refuse_unknown("member", body, entry.body)
    return await entry.answer(Asked(node, call, request.query_params, body))


def _told(refusal: Refusal) -> dict[str, Any]:
    """The sentence; AWS's own errors that have none are told by their type, as clients of AWS read it."""
    return {"message": refusal.message} if refusal.message else {"__type": refusal.type}


async def _body(request: Request, seconds: float, expected: str) -> dict[str, Any]:
    """The JSON object of the body; an empty body is an empty object."""
    body = await bodies.whole(
        request.scope, request.receive, request.headers, limit=Limit(BODY_LIMIT), seconds=seconds
    )
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (body or (kind and request.method == "POST")) and kind != expected:
        raise errors.CONTROL_CONTENT_TYPE(expected=expected)
    try:
        document = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError, ValueError):
        document = None
    if not isinstance(document, dict):
        raise errors.CONTROL_BODY(reason="The body must be a JSON object.")
    return document
