"""How the sign-in pages of a client look: the style of managed login with its assets, and the classic pages' CSS and logo.

A client has at most one style, and one customization of the classic pages; those of ALL_CLIENTS are the pool's. Images lie in rows of
their own, so that only who asks for them reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, func, select, update

from cognomen.store.app_client_settings import ALL_CLIENTS
from cognomen.store.database import Db, Row
from cognomen.store.tables import CONFIGURATION, blob, insert, json_text, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class Style:
    """A style of managed login: the settings that differ from the defaults, as a document in the API's own names."""

    pool_id: str
    client_id: str
    id: str
    settings: dict[str, Any]
    is_provided: bool
    created_at: int
    modified_at: int


@dataclass(frozen=True, slots=True)
class Asset:
    """An image of a style; `slot` tells apart the icons of several identity providers, and is empty else."""

    category: str
    color_mode: str
    slot: str
    extension: str
    resource_id: str | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Customization:
    """The classic pages of a client, or of ALL_CLIENTS; `version` is the moment of the last change as digits."""

    pool_id: str
    client_id: str
    css: str | None
    image_format: str | None
    version: str
    created_at: int
    modified_at: int


styles = Table(
    "branding_styles",
    metadata,
    key("pool_id"),
    key("client_id"),
    text("style_id"),
    text("settings"),
    number("is_provided"),
    number("created_at"),
    number("modified_at"),
    info=CONFIGURATION,
)
Index("branding_styles_by_id", styles.c.pool_id, styles.c.style_id, unique=True)
assets = Table(
    "branding_assets",
    metadata,
    key("pool_id"),
    key("client_id"),
    key("category"),
    key("color_mode"),
    key("slot"),
    text("extension"),
    text("resource_id", optional=True),
    blob("content"),
    info=CONFIGURATION,
)
customizations = Table(
    "ui_customizations",
    metadata,
    key("pool_id"),
    key("client_id"),
    text("css", optional=True),
    text("image_format", optional=True),
    text("version"),
    number("created_at"),
    number("modified_at"),
    info=CONFIGURATION,
)
images = Table("ui_images", metadata, key("pool_id"), key("client_id"), blob("content"), info=CONFIGURATION)

_ADD = insert(styles).on_conflict_do_nothing()
# Counts at most the styles of one pool, which are limited to twenty.
_COUNT = select(func.count()).where(styles.c.pool_id == bindparam("pool_id"))
_BY_ID = (
    select(styles)
    .where(styles.c.pool_id == bindparam("pool_id"))
    .where(styles.c.style_id == bindparam("style_id"))
)
_OF_CLIENT = (
    select(styles)
    .where(styles.c.pool_id == bindparam("pool_id"))
    .where(styles.c.client_id == bindparam("client_id"))
)
_of_asset = (
    assets.c.category,
    assets.c.color_mode,
    assets.c.slot,
    assets.c.extension,
    assets.c.resource_id,
    assets.c.content,
)
# One statement, so that settings and assets are of one moment.
_joined = styles.outerjoin(
    assets, (assets.c.pool_id == styles.c.pool_id) & (assets.c.client_id == styles.c.client_id)
)
_WITH_ASSETS_BY_ID = (
    select(styles, *_of_asset)
    .select_from(_joined)
    .where(styles.c.pool_id == bindparam("pool_id"))
    .where(styles.c.style_id == bindparam("style_id"))
    .order_by(assets.c.category, assets.c.color_mode, assets.c.slot)
)
_WITH_ASSETS_OF_CLIENT = (
    select(styles, *_of_asset)
    .select_from(_joined)
    .where(styles.c.pool_id == bindparam("pool_id"))
    .where(styles.c.client_id == bindparam("client_id"))
    .order_by(assets.c.category, assets.c.color_mode, assets.c.slot)
)
_CHANGE = (
    update(styles)
    .where(styles.c.pool_id == bindparam("of_pool"))
    .where(styles.c.client_id == bindparam("of_client"))
    .values(
        settings=bindparam("new_settings"),
        is_provided=bindparam("new_is_provided"),
        modified_at=bindparam("now"),
    )
)
_REMOVE = (
    delete(styles)
    .where(styles.c.pool_id == bindparam("pool_id"))
    .where(styles.c.client_id == bindparam("client_id"))
)
_insert_asset = insert(assets)
_PUT_ASSET = _insert_asset.on_conflict_do_update(
    index_elements=[*assets.primary_key.columns],
    set_={
        "extension": _insert_asset.excluded.extension,
        "resource_id": _insert_asset.excluded.resource_id,
        "content": _insert_asset.excluded.content,
    },
)
_SLOTS = (
    select(assets.c.category, assets.c.color_mode, assets.c.slot, assets.c.extension)
    .where(assets.c.pool_id == bindparam("pool_id"))
    .where(assets.c.client_id == bindparam("client_id"))
)
_ASSET = (
    select(*_of_asset)
    .where(assets.c.pool_id == bindparam("pool_id"))
    .where(assets.c.client_id == bindparam("client_id"))
    .where(assets.c.category == bindparam("category"))
    .where(assets.c.color_mode == bindparam("color_mode"))
    .where(assets.c.slot == bindparam("slot"))
)
_REMOVE_ASSETS = (
    delete(assets)
    .where(assets.c.pool_id == bindparam("pool_id"))
    .where(assets.c.client_id == bindparam("client_id"))
)
_insert_customization = insert(customizations)
_PUT_CUSTOMIZATION = _insert_customization.on_conflict_do_update(
    index_elements=[customizations.c.pool_id, customizations.c.client_id],
    set_={
        name: _insert_customization.excluded[name]
        for name in ("css", "image_format", "version", "modified_at")
    },
).returning(*customizations.c)
# That of the client comes before that of the pool.
_CUSTOMIZATION = (
    select(customizations)
    .where(customizations.c.pool_id == bindparam("pool_id"))
    .where(customizations.c.client_id.in_((bindparam("client_id"), bindparam("otherwise"))))
    .order_by(customizations.c.client_id == bindparam("otherwise"))
    .limit(1)
)
_REMOVE_CUSTOMIZATION, _REMOVE_IMAGE = (
    delete(table)
    .where(table.c.pool_id == bindparam("pool_id"))
    .where(table.c.client_id == bindparam("client_id"))
    for table in (customizations, images)
)
_ADD_IMAGE = insert(images)
_IMAGE = (
    select(images.c.content)
    .where(images.c.pool_id == bindparam("pool_id"))
    .where(images.c.client_id == bindparam("client_id"))
)


def add(db: Db, style: Style) -> bool:
    """A new style without assets; False when the client has one."""
    written = db.run(
        _ADD,
        pool_id=style.pool_id,
        client_id=style.client_id,
        style_id=style.id,
        settings=json_text(style.settings),
        is_provided=int(style.is_provided),
        created_at=style.created_at,
        modified_at=style.modified_at,
    )
    return written == 1


def count(db: Db, pool_id: str) -> int:
    return db.value(_COUNT, pool_id=pool_id) or 0


def by_id(db: Db, pool_id: str, style_id: str) -> Style | None:
    row = db.one(_BY_ID, pool_id=pool_id, style_id=style_id)
    return _style(*row) if row else None


def with_assets_by_id(db: Db, pool_id: str, style_id: str) -> tuple[Style, list[Asset]] | None:
    return _with_assets(db.all(_WITH_ASSETS_BY_ID, pool_id=pool_id, style_id=style_id))


def with_assets_of_client(db: Db, pool_id: str, client_id: str) -> tuple[Style, list[Asset]] | None:
    return _with_assets(db.all(_WITH_ASSETS_OF_CLIENT, pool_id=pool_id, client_id=client_id))


def of_client(db: Db, pool_id: str, client_id: str) -> Style | None:
    row = db.one(_OF_CLIENT, pool_id=pool_id, client_id=client_id)
    return _style(*row) if row else None


def change(db: Db, style: Style) -> None:
    """Write settings, `is_provided` and `modified_at`."""
    db.run(
        _CHANGE,
        of_pool=style.pool_id,
        of_client=style.client_id,
        new_settings=json_text(style.settings),
        new_is_provided=int(style.is_provided),
        now=style.modified_at,
    )


def remove(db: Db, style: Style) -> None:
    """Take a style away with its assets."""
    db.run(_REMOVE, pool_id=style.pool_id, client_id=style.client_id)
    remove_assets(db, style)


def put_asset(db: Db, style: Style, asset: Asset) -> None:
    """Add an asset to a style, or put it in the place of the one in its slot."""
    db.run(
        _PUT_ASSET,
        pool_id=style.pool_id,
        client_id=style.client_id,
        category=asset.category,
        color_mode=asset.color_mode,
        slot=asset.slot,
        extension=asset.extension,
        resource_id=asset.resource_id,
        content=asset.content,
    )


def slots_of(db: Db, style: Style) -> dict[tuple[str, str, str], str]:
    """The extension of each asset by category, colour mode and slot; not more than forty."""
    rows = db.all(_SLOTS, pool_id=style.pool_id, client_id=style.client_id)
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def asset_in(db: Db, pool_id: str, client_id: str, slot: tuple[str, str, str]) -> Asset | None:
    """The asset of this category, colour mode and slot."""
    category, color_mode, of_provider = slot
    row = db.one(
        _ASSET,
        pool_id=pool_id,
        client_id=client_id,
        category=category,
        color_mode=color_mode,
        slot=of_provider,
    )
    return _asset(*row) if row else None


def remove_assets(db: Db, style: Style) -> None:
    db.run(_REMOVE_ASSETS, pool_id=style.pool_id, client_id=style.client_id)


def put_customization(db: Db, customization: Customization, image: bytes | None) -> Customization:
    """Replace what there is of the client's classic pages, and tell it; the moment of its creation stays."""
    written = db.one(
        _PUT_CUSTOMIZATION,
        pool_id=customization.pool_id,
        client_id=customization.client_id,
        css=customization.css,
        image_format=customization.image_format,
        version=customization.version,
        created_at=customization.created_at,
        modified_at=customization.modified_at,
    )
    db.run(_REMOVE_IMAGE, pool_id=customization.pool_id, client_id=customization.client_id)
    if image is not None:
        db.run(_ADD_IMAGE, pool_id=customization.pool_id, client_id=customization.client_id, content=image)
    if written is None:
        raise AssertionError("an upsert returns its row")
    return Customization(*written)


def customization_of(db: Db, pool_id: str, client_id: str) -> Customization | None:
    """That of the client, otherwise that of ALL_CLIENTS."""
    row = db.one(_CUSTOMIZATION, pool_id=pool_id, client_id=client_id, otherwise=ALL_CLIENTS)
    return Customization(*row) if row else None


def image_of(db: Db, pool_id: str, client_id: str) -> bytes | None:
    """The logo that belongs to this very customization."""
    return db.value(_IMAGE, pool_id=pool_id, client_id=client_id)


def remove_customization(db: Db, pool_id: str, client_id: str) -> None:
    for statement in (_REMOVE_CUSTOMIZATION, _REMOVE_IMAGE):
        db.run(statement, pool_id=pool_id, client_id=client_id)


def _style(
    pool_id: str,
    client_id: str,
    style_id: str,
    settings: str,
    is_provided: int,
    created_at: int,
    modified_at: int,
) -> Style:
    return Style(
        pool_id=pool_id,
        client_id=client_id,
        id=style_id,
        settings=msgspec.json.decode(settings),
        is_provided=bool(is_provided),
        created_at=created_at,
        modified_at=modified_at,
    )


def _with_assets(rows: Sequence[Row]) -> tuple[Style, list[Asset]] | None:
    """A style and its assets out of the rows of both, side by side; where there is no asset, its side is empty."""
    if not rows:
        return None
    width = len(styles.c)
    return _style(*rows[0][:width]), [_asset(*row[width:]) for row in rows if row[-1] is not None]


def _asset(
    category: str, color_mode: str, slot: str, extension: str, resource_id: str | None, content: bytes
) -> Asset:
    return Asset(
        category=category,
        color_mode=color_mode,
        slot=slot,
        extension=extension,
        resource_id=resource_id,
        content=bytes(content),
    )
