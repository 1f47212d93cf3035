"""What a test suite may ask of a server in open mode, under /_cognomen/. In signed mode none of it is there.

    GET /_cognomen/inbox?pool=ID    the newest messages of a pool, with the codes and passwords in them

There is no CORS here, and a foreign Host header is refused, so a web page cannot read it.
"""

from __future__ import annotations

import uuid

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from cognomen import clock
from cognomen.call import Call, Node
from cognomen.errors import Refusal
from cognomen.messages import inbox
from cognomen.operations import access
from cognomen.store import access_keys

PATH = "/_cognomen/"
NEWEST = 100


def front(node: Node) -> Starlette:
    """The ASGI application of the test control."""

    async def read_inbox(request: Request) -> JSONResponse:
        if await node.store.read(access_keys.any_exists):
            return JSONResponse({"message": "Only in open mode."}, 404)
        call = Call(
            operation=request.url.path,
            request_id=str(uuid.UUID(bytes=clock.random_bytes(16))),
            now=clock.now(),
            settings=node.settings,
            store=node.store,
            vault=node.vault,
            configurations=node.configurations,
        )
        try:
            await access.refuse_foreign_host(call, request.headers.get("host", ""))
        except Refusal as refusal:
            return JSONResponse({"message": refusal.message}, refusal.status)
        pool_id = request.query_params.get("pool")
        if not pool_id:
            return JSONResponse({"message": "Say which pool: ?pool=ID"}, 400)
        return JSONResponse({"Messages": await inbox.newest(node.store, node.vault, pool_id, NEWEST)})

    return Starlette(routes=[Route(f"{PATH}inbox", read_inbox, methods=["GET"])])
