"""The settings document of a managed login style: what may stand in it, and the defaults it is laid upon.

    check(settings)             the first fault of a document
    check_together(document)    of one that was laid upon another
    merged(document, on_top)    one document laid upon another
    DEFAULTS                    what the pages look like without a style of one's own (branding_defaults.json)

The tree is that of the public examples of the API (AWS CLI reference, create-managed-login-branding). Colours are eight
hexadecimal digits, RRGGBBAA; radii are pixels. A document may hold any part of the tree. The colours of DEFAULTS are
Cognomen's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cognomen import errors

RADIUS_MAX = 100
PROVIDERS_MAX = 300  # identity providers of a pool
_LONGEST_TEXT = 128
_LONGEST_SHOWN = 60
_TOO_MANY = f"must have at most {PROVIDERS_MAX} members"

DEFAULTS: dict[str, Any] = msgspec.json.decode(
    Path(__file__).with_name("branding_defaults.json").read_bytes()
)

_COLOR = re.compile(r"[0-9a-fA-F]{8}")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def check(settings: Mapping[str, Any]) -> None:
    """Raises INVALID_STYLE_SETTINGS at the first fault."""
    fault = _fault(_SETTINGS, settings, ())
    if fault is not None:
        path, reason = fault
        raise errors.INVALID_STYLE_SETTINGS(path=".".join(("$", *path)), reason=reason)


def check_together(document: Mapping[str, Any]) -> None:
    """As `check`, of a document laid upon another: both were checked, the lower one perhaps by a release that knows more."""
    custom = document.get("components", {}).get("idpButton", {}).get("custom", {})
    if len(custom) > PROVIDERS_MAX:
        path, reason = "$.components.idpButton.custom", _TOO_MANY
        raise errors.INVALID_STYLE_SETTINGS(path=path, reason=reason)


def merged(document: Mapping[str, Any], on_top: Mapping[str, Any]) -> dict[str, Any]:
    """`document` with everything that `on_top` says otherwise; a list is one value."""
    result = dict(document)
    for name, value in on_top.items():
        below = result.get(name)
        is_tree = isinstance(below, dict) and isinstance(value, dict)
        result[name] = merged(below, value) if is_tree else value  # type: ignore[arg-type]  # `is_tree` has seen it
    return result


# -- what may stand where ----------------------------------------------------------------------------------------------

Leaf = tuple[str, Callable[[Any], bool]]
"""What a value must be, as the end of a sentence, and whether it is."""
Tree = Mapping[str, Any]
"""The members of an object; each is a Leaf or a Tree."""
ANY_NAME = "*"
"""The one member of a tree that is a map from names to equal parts."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST_TEXT


def _is_constant(value: Any) -> bool:
    return isinstance(value, str) and _CONSTANT.fullmatch(value) is not None


def _is_radius(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= RADIUS_MAX


def _one_of(*names: str) -> Leaf:
    return f"must be one of {', '.join(names)}", lambda value: isinstance(value, str) and value in names


def _list_of(what: str, is_entry: Callable[[Any], bool], most: int) -> Leaf:
    return (
        f"must be a list of at most {most} {what}",
        lambda value: isinstance(value, list) and len(value) <= most and all(map(is_entry, value)),
    )


def _constants(*names: str) -> Callable[[Any], bool]:
    """An object with these members, all of them constants."""
    return lambda value: (
        isinstance(value, dict) and value.keys() == set(names) and all(map(_is_constant, value.values()))
    )


def _modes(members: Tree) -> dict[str, Any]:
    return {"lightMode": members, "darkMode": members}


_color: Leaf = (
    "must be eight hexadecimal digits, RRGGBBAA",
    lambda value: isinstance(value, str) and _COLOR.fullmatch(value) is not None,
)
_constant: Leaf = ("must be a name in capital letters", _is_constant)
_radius: Leaf = (f"must be a number of pixels from 0 to {RADIUS_MAX}", _is_radius)
_switch: Leaf = ("must be true or false", lambda value: isinstance(value, bool))
_place = _one_of("START", "CENTER", "END")

_ENABLED = {"enabled": _switch}
_BOX = {"backgroundColor": _color, "borderColor": _color}
_STATUS = _BOX | {"indicatorColor": _color}
_BUTTON = {state: _BOX | {"textColor": _color} for state in ("defaults", "hover", "active")}
_BAR = {
    "backgroundImage": _ENABLED,
    "logo": _ENABLED | {"location": _place},
    **_modes({"background": {"color": _color}, "borderColor": _color}),
}
_METHODS = _constants("display", "type")

_SETTINGS: Tree = {
    "categories": {
        "global": {
            "colorSchemeMode": _one_of("LIGHT", "DARK", "DYNAMIC"),
            "pageHeader": _ENABLED,
            "pageFooter": _ENABLED,
            "spacingDensity": _constant,
        },
        "form": {
            "displayGraphics": _switch,
            "location": {"horizontal": _place, "vertical": _place},
            "instructions": _ENABLED,
            "languageSelector": _ENABLED,
            "sessionTimerDisplay": _constant,
        },
        "auth": {
            "authMethodOrder": _list_of(
                "lists of sign-in methods",
                lambda entry: isinstance(entry, list) and len(entry) <= 10 and all(map(_METHODS, entry)),  # noqa: PLR2004  there are two methods
                10,
            ),
            "federation": {
                "interfaceStyle": _constant,
                "order": _list_of("names", _is_text, PROVIDERS_MAX),
            },
        },
        "signUp": {
            "acceptanceElements": _list_of(
                "objects with enforcement and textKey",
                lambda entry: (
                    isinstance(entry, dict)
                    and entry.keys() == {"enforcement", "textKey"}
                    and _is_constant(entry["enforcement"])
                    and _is_text(entry["textKey"])
                ),
                10,
            )
        },
    },
    "componentClasses": {
        "buttons": {"borderRadius": _radius},
        "divider": _modes({"borderColor": _color}),
        "dropDown": {
            "borderRadius": _radius,
            **_modes(
                {
                    "defaults": {"itemBackgroundColor": _color},
                    "hover": {
                        "itemBackgroundColor": _color,
                        "itemBorderColor": _color,
                        "itemTextColor": _color,
                    },
                    "match": {"itemBackgroundColor": _color, "itemTextColor": _color},
                }
            ),
        },
        "focusState": _modes({"borderColor": _color}),
        "idpButtons": {"icons": _ENABLED},
        "input": {"borderRadius": _radius, **_modes({"defaults": _BOX, "placeholderColor": _color})},
        "inputDescription": _modes({"textColor": _color}),
        "inputLabel": _modes({"textColor": _color}),
        "link": _modes({"defaults": {"textColor": _color}, "hover": {"textColor": _color}}),
        "optionControls": _modes(
            {"defaults": _BOX, "selected": {"backgroundColor": _color, "foregroundColor": _color}}
        ),
        "statusIndicator": _modes(
            {
                "success": _STATUS,
                "warning": _STATUS,
                "error": _STATUS,
                "pending": {"indicatorColor": _color},
            }
        ),
    },
    "components": {
        "alert": {"borderRadius": _radius, **_modes({"error": _BOX})},
        "favicon": {"enabledTypes": _list_of("of ICO, SVG", lambda entry: entry in ("ICO", "SVG"), 2)},
        "form": {
            "borderRadius": _radius,
            "backgroundImage": _ENABLED,
            "logo": _ENABLED
            | {
                "location": _place,
                "position": _one_of("TOP", "BOTTOM"),
                "formInclusion": _one_of("IN", "OUT"),
            },
            **_modes(_BOX),
        },
        "idpButton": {"standard": _modes(_BUTTON), "custom": {ANY_NAME: _modes(_BUTTON)}},
        "pageBackground": {"image": _ENABLED, **_modes({"color": _color})},
        "pageFooter": _BAR,
        "pageHeader": _BAR,
        "pageText": _modes({"bodyColor": _color, "headingColor": _color, "descriptionColor": _color}),
        "phoneNumberSelector": {"displayType": _constant},
        "primaryButton": _modes(
            {
                state: {"backgroundColor": _color, "textColor": _color}
                for state in ("defaults", "hover", "active")
            }
            | {"disabled": _BOX}
        ),
        "secondaryButton": _modes(_BUTTON),
    },
}


def _fault(part: Any, value: Any, path: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    """Where the first fault is, and what is wrong there."""
    if isinstance(part, tuple):
        reason, is_valid = part
        return None if is_valid(value) else (path, reason)
    if not isinstance(value, dict):
        return path, "must be an object"
    if ANY_NAME in part and len(value) > PROVIDERS_MAX:
        return path, _TOO_MANY
    for name, inner in value.items():
        inner_path = (*path, name[:_LONGEST_SHOWN])
        known = part.get(name) or (part.get(ANY_NAME) if _is_text(name) else None)
        if known is None:
            return inner_path, "is unknown"
        fault = _fault(known, inner, inner_path)
        if fault is not None:
            return fault
    return None
