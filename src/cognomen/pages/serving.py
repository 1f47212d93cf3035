"""Style sheets, scripts and images of the pages: what a browser fetches beside them, and may keep.

    static      what is the same for everyone
    style       a client's branding document, or its classic customization, as CSS
    asset       an image of a client's branding
    logo        the logo of classic pages, at the ImageUrl of GetUICustomization

Their addresses change with what is behind them. An image that somebody opens by itself can do nothing either.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from cognomen import clock
from cognomen.call import Node
from cognomen.pages import looks, static, style_sheet
from cognomen.pools import hosted_ui, ids
from cognomen.store import branding
from cognomen.store.branding import Asset
from cognomen.store.database import Db

Endpoint = Callable[[Request], Awaitable[Response]]

_PLAIN = re.compile(r"[\w +-]*", re.ASCII)
"""What categories, modes and slots are made of; no database keeps a NUL, which a path may have."""

_CSS = "text/css; charset=utf-8"
_KEPT = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


async def page_file(request: Request) -> Response:
    found = static.files().get(request.path_params["name"])
    return _nothing() if found is None else _kept(found.content, found.media_type)


def page_style(node: Node) -> Endpoint:
    async def page_style(request: Request) -> Response:
        client_id, is_managed = request.path_params["client_id"], request.path_params["kind"] == "managed"
        if is_managed and client_id == looks.NO_CLIENT:
            return _kept(looks.provided_sheet(), _CSS)
        found = await node.configurations.of_client(client_id, clock.now())
        if found is None:
            return _nothing()
        sheet = _managed if is_managed else _classic
        return _kept(await node.store.read(sheet, found[0].pool.id, client_id), _CSS)

    return page_style


def page_asset(node: Node) -> Endpoint:
    async def page_asset(request: Request) -> Response:
        given = request.path_params
        found = await node.configurations.of_client(given["client_id"], clock.now())
        if found is None:
            return _nothing()
        slot = (given["category"], given["mode"], request.query_params.get("slot", ""))
        if not all(map(_PLAIN.fullmatch, slot)):
            return _nothing()
        asset: Asset | None = await node.store.read(
            branding.asset_in, found[0].pool.id, given["client_id"], slot
        )
        return _nothing() if asset is None else _kept(asset.content, looks.media_type(asset.extension))

    return page_asset


def classic_logo(node: Node) -> Endpoint:
    async def classic_logo(request: Request) -> Response:
        pool_id, client_id = (request.path_params[name] for name in ("pool_id", "client_id"))
        if not ids.may_be_pool(pool_id) or not ids.may_be_client(client_id):
            return _nothing()
        found = await node.store.read(_logo, pool_id, client_id)
        if found is None or found[0] != request.url.path.removeprefix("/"):
            return _nothing()
        return _kept(found[1], looks.media_type(found[2]))

    return classic_logo


def _kept(content: str | bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers=_KEPT)


def _nothing() -> Response:
    return Response("There is nothing at this address.\n", 404, media_type="text/plain")


def _managed(db: Db, pool_id: str, client_id: str) -> str:
    style = branding.of_client(db, pool_id, client_id)
    if style is None:
        style = looks.provided(pool_id, client_id)
    slots = branding.slots_of(db, style)
    return style_sheet.of_document(looks.document(style), looks.backgrounds(style, slots))


def _classic(db: Db, pool_id: str, client_id: str) -> str:
    found = branding.customization_of(db, pool_id, client_id)
    return "" if found is None else found.css or ""


def _logo(db: Db, pool_id: str, client_id: str) -> tuple[str | None, bytes, str] | None:
    """Address, content and format of the logo that belongs to this very customization."""
    found = branding.customization_of(db, pool_id, client_id)
    image = branding.image_of(db, pool_id, client_id)
    if found is None or image is None or found.client_id != client_id or found.image_format is None:
        return None
    return hosted_ui.path_of_logo(found), image, found.image_format
