"""The addresses of the OAuth and OpenID endpoints.

    GET /{pool id}/.well-known/jwks.json
    GET /{pool id}/.well-known/openid-configuration

Both may be read by any web page, and kept for a few minutes. A pool's keys stay as they are from its creation on.
"""

from __future__ import annotations

import logging
import re

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cognomen import clock, errors
from cognomen.call import Node
from cognomen.oauth import discovery
from cognomen.pools.configuration import PoolConfiguration
from cognomen.store.database import Unavailable

LONGEST_SHOWN = 60  # characters; a pool id has at most 55
HEADERS = {
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
}
log = logging.getLogger(__name__)

_POOL_ID = re.compile(r"[\w-]{1,43}_[0-9a-zA-Z]{1,43}", re.ASCII)


def front(node: Node) -> Starlette:
    """The ASGI application of these addresses; anything else below it is not found."""

    async def jwks(request: Request) -> Response:
        configuration = await _configuration(node, request)
        return _unknown(request) if configuration is None else _document(discovery.jwks(configuration))

    async def openid_configuration(request: Request) -> Response:
        configuration = await _configuration(node, request)
        if configuration is None:
            return _unknown(request)
        return _document(
            discovery.openid_configuration(node.settings, configuration.pool, node.settings.own_url)
        )

    return Starlette(
        routes=[
            Route("/{pool_id}/.well-known/jwks.json", jwks, methods=["GET"]),
            Route("/{pool_id}/.well-known/openid-configuration", openid_configuration, methods=["GET"]),
        ],
        exception_handlers={404: _not_found, Unavailable: _unavailable},
    )


async def _configuration(node: Node, request: Request) -> PoolConfiguration | None:
    pool_id = request.path_params["pool_id"]
    if not _POOL_ID.fullmatch(pool_id):
        return None
    return await node.configurations.of_pool(pool_id, clock.now())


def _document(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers=HEADERS)


def _unknown(request: Request) -> Response:
    refusal = errors.USER_POOL_NOT_FOUND(id=request.path_params["pool_id"][:LONGEST_SHOWN])
    return JSONResponse({"message": refusal.message}, 404, {"access-control-allow-origin": "*"})


async def _not_found(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"message": "There is nothing at this address."}, 404)


async def _unavailable(_request: Request, fault: Exception) -> Response:
    log.warning("the database is not available: %s", fault)
    return JSONResponse({"message": errors.UNAVAILABLE().message}, 503)
