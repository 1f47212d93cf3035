"""The images of a managed login style: which format may be of which category, and what takes the place of what.

    assets_of(given)                the images of a request, checked
    check_together(slots, given)    what a style holds when they are laid upon what it has

Sources: developer guide, "Branding designer" (formats), API reference (sizes and numbers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cognomen import errors
from cognomen.pools import images
from cognomen.store.branding import Asset

ASSETS_MAX = 40

_PICTURE = frozenset({"PNG", "SVG", "JPEG", "WEBP"})
_EXTENSIONS = {
    "FAVICON_ICO": frozenset({"ICO"}),
    "FAVICON_SVG": frozenset({"SVG"}),
    "IDP_BUTTON_ICON": frozenset({"ICO", "SVG"}),
}

Slot = tuple[str, str, str]
"""Category, colour mode, and for the icon of a provider its ResourceId: there is one image in each."""


def slot_of(asset: Asset) -> Slot:
    return asset.category, asset.color_mode, asset.slot


def slot_of_entry(entry: Mapping[str, Any]) -> Slot:
    """That of an image as requests and answers have it."""
    of_provider = entry["Category"] == "IDP_BUTTON_ICON"
    return entry["Category"], entry["ColorMode"], (entry.get("ResourceId") or "") if of_provider else ""


def assets_of(given: Iterable[Mapping[str, Any]]) -> list[Asset]:
    """The images of a checked request, in the order that the store has them; one without Bytes has none here either.

    Raises ASSET_EXTENSION, ASSET_CONTENT, UNSAFE_SVG, DUPLICATE_ASSET. It reads every SVG to its end, which may take a
    tenth of a second.
    """
    found: dict[Slot, Asset] = {}
    for entry in given:
        asset = _asset(entry)
        if slot_of(asset) in found:
            raise errors.DUPLICATE_ASSET(category=asset.category, color_mode=asset.color_mode)
        found[slot_of(asset)] = asset
    return sorted(found.values(), key=slot_of)


def check_together(slots: Mapping[Slot, str], given: Iterable[Asset]) -> None:
    """Whether `given` may be laid upon the images that a style has, told by their extensions.

    An image without Bytes stands for the one that is there. Raises ASSET_BYTES_MISSING, TOO_MANY_ASSETS.
    """
    given = list(given)
    for asset in given:
        if not asset.content and slots.get(slot_of(asset)) != asset.extension:
            raise errors.ASSET_BYTES_MISSING(category=asset.category, color_mode=asset.color_mode)
    if len({*slots, *map(slot_of, given)}) > ASSETS_MAX:
        raise errors.TOO_MANY_ASSETS(limit=ASSETS_MAX)


def _asset(entry: Mapping[str, Any]) -> Asset:
    category, color_mode, extension = entry["Category"], entry["ColorMode"], entry["Extension"]
    content = entry.get("Bytes", b"")
    if extension not in _EXTENSIONS.get(category, _PICTURE):
        raise errors.ASSET_EXTENSION(category=category, extension=extension)
    if content and images.format_of(content) != extension:
        raise errors.ASSET_CONTENT(category=category, color_mode=color_mode, extension=extension)
    if content and extension == "SVG":
        fault = images.fault_of_svg(content)
        if fault is not None:
            raise errors.UNSAFE_SVG(category=category, color_mode=color_mode, reason=fault)
    return Asset(
        category=category,
        color_mode=color_mode,
        slot=slot_of_entry(entry)[2],
        extension=extension,
        resource_id=entry.get("ResourceId"),
        content=content,
    )
