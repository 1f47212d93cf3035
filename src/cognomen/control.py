"""What a test suite may ask of a server in open mode, under /_cognomen/. In signed mode none of it is there.

    GET /_cognomen/inbox?pool=ID    the newest messages of a pool, with the codes and passwords in them

There is no CORS here, and a foreign Host header is refused, so a web page cannot read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognomen import clock
from cognomen.call import Node, begin
from cognomen.errors import Refusal
from cognomen.messages import inbox
from cognomen.operations import access

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse

PATH = "/_cognomen/"
NEWEST = 100


def front(node: Node) -> Starlette:
    """The ASGI application of the test control."""
    from starlette.applications import Starlette  # noqa: PLC0415  most nodes are never asked
    from starlette.responses import JSONResponse  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    async def read_inbox(request: Request) -> JSONResponse:
        if not await node.configurations.is_open():
            return JSONResponse({"message": "There is nothing at this address."}, 404)
        call = begin(node, request.url.path, clock.uuid4())
        try:
            await access.refuse_foreign_host(call, request.headers.get("host", ""))
        except Refusal as refusal:
            return JSONResponse({"message": refusal.message}, refusal.status)
        pool_id = request.query_params.get("pool")
        if not pool_id or not pool_id.isprintable():
            return JSONResponse({"message": "Say which pool: ?pool=ID"}, 400)
        return JSONResponse({"Messages": await inbox.newest(node.store, node.vault, pool_id, NEWEST)})

    return Starlette(routes=[Route(f"{PATH}inbox", read_inbox, methods=["GET"])])
