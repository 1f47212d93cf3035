"""How the pages of a client look: managed login with the client's branding document, or the classic pages.

    of_client(...)      the look, read from the store
    managed, classic    the same from what was read: pure

Neither needs more than a few small rows: images are fetched by the browser, from addresses that change with the style.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from cognomen.pages import static, style_sheet
from cognomen.pages.style_sheet import DARK, DYNAMIC, LIGHT
from cognomen.pools import branding_settings, hosted_ui
from cognomen.pools.branding_assets import Slot
from cognomen.store import branding
from cognomen.store.branding import Customization, Style
from cognomen.store.database import Db

STYLE = f"{static.PATH}style/"
ASSETS = f"{static.PATH}assets/"
NO_CLIENT = "-"
"""What stands for a client in the address of the style sheet of pages that are of none."""

_DIGITS = 12

_MEDIA_TYPES = {
    "ICO": "image/x-icon",
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "SVG": "image/svg+xml",
    "WEBP": "image/webp",
}
_FAVICONS = {"ICO": "FAVICON_ICO", "SVG": "FAVICON_SVG"}
_ICON = "IDP_BUTTON_ICON"
_BUTTONS = "BUTTON_LIST"
_GRAPHICS = ("EMAIL_GRAPHIC", "SMS_GRAPHIC", "AUTH_APP_GRAPHIC", "PASSWORD_GRAPHIC", "PASSKEY_GRAPHIC")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image, and the one in its place where the browser is dark."""

    url: str
    dark_url: str = ""


@dataclass(frozen=True, slots=True)
class Favicon:
    url: str
    type: str
    media: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """The strip above or below the page; `place` is the class of its logo's place."""

    place: str
    logo: Picture | None


@dataclass(frozen=True, slots=True)
class FormLogo:
    picture: Picture
    place: str
    is_inside: bool
    is_on_top: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything about the outside of a page that its template must know.

    `provider_icons` are by the names of identity providers, `provider_order` are those that come first. `asks_for_domain`: a provider
    with identifiers is found by an e-mail address and has no button.
    """

    is_managed: bool
    style_sheets: tuple[str, ...]
    scheme: str = "light"
    placement: str = ""
    favicons: tuple[Favicon, ...] = ()
    header: Bar | None = None
    footer: Bar | None = None
    form_logo: FormLogo | None = None
    has_graphics: bool = False
    graphics: Mapping[str, Picture] = field(default_factory=dict)
    federated_first: bool = True
    provider_icons: Mapping[str, Picture] = field(default_factory=dict)
    provider_order: tuple[str, ...] = ()
    asks_for_domain: bool = True
    logo_url: str = ""


# -- reading ----------------------------------------------------------------------------------------------------------


def of_client(db: Db, pool_id: str, client_id: str, *, is_managed: bool) -> Look | None:
    """The look of a client; None where managed login is to be shown and the client has no style (developer guide)."""
    if not is_managed:
        return classic(client_id, branding.customization_of(db, pool_id, client_id))
    style = branding.of_client(db, pool_id, client_id)
    return None if style is None else managed(style, branding.slots_of(db, style))


def media_type(extension: str) -> str:
    return _MEDIA_TYPES[extension]


def asset_url(style: Style, slot: Slot) -> str:
    category, mode, of_provider = slot
    query = {"v": style.modified_at} | ({"slot": of_provider} if of_provider else {})
    return f"{ASSETS}{style.client_id}/{category}/{mode}?{urlencode(query)}"


# -- both looks -------------------------------------------------------------------------------------------------------


def classic(client_id: str, found: Customization | None) -> Look:
    sheets = [static.url("classic.css")]
    if found is not None and found.css:
        sheets.append(f"{STYLE}{client_id}/classic.css?v={found.version}")
    path = None if found is None else hosted_ui.path_of_logo(found)
    return Look(is_managed=False, style_sheets=tuple(sheets), logo_url=f"/{path}" if path else "")


def plain() -> Look:
    """The look of a page that is of no client."""
    return classic("", None)


def of_pool(pool_id: str) -> Look:
    """Managed login for a page that is of no client."""
    return managed(provided(pool_id, NO_CLIENT), {})


def managed(style: Style, slots: Mapping[Slot, str]) -> Look:
    settings = document(style)
    category, form = settings["categories"]["global"], settings["categories"]["form"]
    place = form["location"]
    mode = category["colorSchemeMode"]
    pictures = _Pictures(style, slots, mode)
    auth = settings["categories"]["auth"]
    methods = [entry["type"] for line in auth["authMethodOrder"] for entry in line]
    return Look(
        is_managed=True,
        scheme={LIGHT: "light", DARK: "dark", DYNAMIC: "light dark"}[mode],
        style_sheets=(
            f"{STYLE}{style.client_id}/managed.css?v={style.modified_at}-{_RELEASE}",
            static.url("managed.css"),
        ),
        placement=(
            f"across-{place['horizontal'].lower()} down-{place['vertical'].lower()} "
            f"density-{category['spacingDensity'].lower()}"
        ),
        favicons=_favicons(settings, pictures),
        header=_bar(settings, pictures, "Header"),
        footer=_bar(settings, pictures, "Footer"),
        form_logo=_form_logo(settings, pictures),
        has_graphics=form["displayGraphics"],
        graphics={name: found for name in _GRAPHICS if (found := pictures.of(name))},
        federated_first=not methods or methods[0] == "FEDERATED",
        provider_icons=_provider_icons(settings, pictures),
        provider_order=tuple(auth["federation"]["order"]),
        asks_for_domain=auth["federation"]["interfaceStyle"] != _BUTTONS,
    )


def release(defaults: Mapping[str, Any]) -> str:
    """What changes where another release makes another style sheet of the same document.

    It is a digest of the sheet in both modes that a document gets of which nothing is the client's own.
    """
    both = branding_settings.merged(defaults, {"categories": {"global": {"colorSchemeMode": DYNAMIC}}})
    backgrounds = {mode: {"page": "image"} for mode in (LIGHT, DARK)}
    return sha256(style_sheet.of_document(both, backgrounds).encode()).hexdigest()[:_DIGITS]


_RELEASE = release(branding_settings.DEFAULTS)


def provided(pool_id: str, client_id: str) -> Style:
    """What stands in for the style of a client that has none."""
    return Style(pool_id, client_id, "", {}, is_provided=True, created_at=0, modified_at=0)


@functools.cache
def provided_sheet() -> str:
    """The style sheet of a page that is of no client."""
    return style_sheet.of_document(branding_settings.DEFAULTS, {})


def document(style: Style) -> dict[str, Any]:
    """The whole branding document: the defaults, and on top of them what is the client's own."""
    return branding_settings.merged(branding_settings.DEFAULTS, style.settings)


def backgrounds(style: Style, slots: Mapping[Slot, str]) -> dict[str, dict[str, str]]:
    """The addresses of background images that are switched on, by mode and by what they lie behind."""
    components = document(style)["components"]
    enabled = {
        "page": components["pageBackground"]["image"]["enabled"],
        "form": components["form"]["backgroundImage"]["enabled"],
        "page-header": components["pageHeader"]["backgroundImage"]["enabled"],
        "page-footer": components["pageFooter"]["backgroundImage"]["enabled"],
    }
    found: dict[str, dict[str, str]] = {LIGHT: {}, DARK: {}}
    for name, is_enabled in enabled.items():
        category = name.replace("-", "_").upper() + "_BACKGROUND"
        for mode, urls in found.items():
            slot = _slot(slots, category, mode)
            if is_enabled and slot:
                urls[name] = asset_url(style, slot)
    return found


@dataclass(frozen=True, slots=True)
class _Pictures:
    style: Style
    slots: Mapping[Slot, str]
    mode: str

    def of(self, category: str, provider: str = "") -> Picture | None:
        """The image of a category for the look's mode; where the browser chooses, one for each."""
        light, dark = (_slot(self.slots, category, mode, provider) for mode in (LIGHT, DARK))
        if self.mode != DYNAMIC:
            light, dark = (dark if self.mode == DARK else light), None
        shown = light or dark
        if shown is None:
            return None
        dark_url = asset_url(self.style, dark) if dark and dark != shown else ""
        return Picture(asset_url(self.style, shown), dark_url)


def _slot(slots: Mapping[Slot, str], category: str, mode: str, provider: str = "") -> Slot | None:
    possible = ((category, mode, provider), (category, DYNAMIC, provider))
    return next((slot for slot in possible if slot in slots), None)


def _provider_icons(settings: Mapping[str, Any], pictures: _Pictures) -> dict[str, Picture]:
    if not settings["componentClasses"]["idpButtons"]["icons"]["enabled"]:
        return {}
    names = {provider for category, _, provider in pictures.slots if category == _ICON and provider}
    return {name: found for name in sorted(names) if (found := pictures.of(_ICON, name))}


def _favicons(settings: Mapping[str, Any], pictures: _Pictures) -> tuple[Favicon, ...]:
    icons = []
    for extension in settings["components"]["favicon"]["enabledTypes"]:
        found = pictures.of(_FAVICONS[extension])
        if found is None:
            continue
        media_type_ = _MEDIA_TYPES[extension]
        if found.dark_url:
            icons.append(Favicon(found.dark_url, media_type_, "(prefers-color-scheme: dark)"))
        icons.append(Favicon(found.url, media_type_))
    return tuple(icons)


def _form_logo(settings: Mapping[str, Any], pictures: _Pictures) -> FormLogo | None:
    logo = settings["components"]["form"]["logo"]
    picture = pictures.of("FORM_LOGO") if logo["enabled"] else None
    if picture is None:
        return None
    return FormLogo(
        picture,
        _place(logo["location"]),
        is_inside=logo["formInclusion"] == "IN",
        is_on_top=logo["position"] == "TOP",
    )


def _bar(settings: Mapping[str, Any], pictures: _Pictures, which: str) -> Bar | None:
    if not settings["categories"]["global"][f"page{which}"]["enabled"]:
        return None
    logo = settings["components"][f"page{which}"]["logo"]
    picture = pictures.of(f"PAGE_{which.upper()}_LOGO") if logo["enabled"] else None
    return Bar(_place(logo["location"]), picture)


def _place(location: str) -> str:
    return f"at-{location.lower()}"
