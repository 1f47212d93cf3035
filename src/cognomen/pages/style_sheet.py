"""A branding document as a style sheet: every colour and radius of it becomes a property that files/managed.css uses.

`components.primaryButton.lightMode.defaults.backgroundColor` is `--primary-button-defaults-background-color`. Both modes
stand under `:root`, the dark one behind a media query where the browser chooses (DYNAMIC).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

LIGHT, DARK, DYNAMIC = "LIGHT", "DARK", "DYNAMIC"
_MODES = {LIGHT: "lightMode", DARK: "darkMode"}
_OWN_NAMES = "custom"  # the parts below it have the names of providers

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_QUOTED = re.compile(r"[\"\\<\x00-\x1f]")


def of_document(settings: Mapping[str, Any], backgrounds: Mapping[str, Mapping[str, str]]) -> str:
    """The style sheet of a whole document.

    `backgrounds` are addresses of images: by mode, and in it by what they lie behind (`page`, `form`, `header`, `footer`).
    """
    scheme = settings["categories"]["global"]["colorSchemeMode"]
    first = DARK if scheme == DARK else LIGHT
    sheet = _rule(settings, first, backgrounds)
    if scheme == DYNAMIC:
        sheet += f"@media (prefers-color-scheme: dark) {{\n{_rule(settings, DARK, backgrounds)}}}\n"
    return sheet


def _rule(settings: Mapping[str, Any], mode: str, backgrounds: Mapping[str, Mapping[str, str]]) -> str:
    properties = dict(_properties(settings, _MODES[mode]))
    for name, url in backgrounds.get(mode, {}).items():
        properties[f"--{name}-image"] = f'url("{url}")'
    sheet = _block(":root", properties)
    for name, part in settings["components"]["idpButton"][_OWN_NAMES].items():
        own = dict(_leaves(part.get(_MODES[mode], {}), ("idpButton", "standard")))
        sheet += _block(f'.idp-button[data-provider="{_quoted(name)}"]', own)
    return sheet


def _block(selector: str, properties: Mapping[str, str]) -> str:
    lines = "".join(f"  {name}: {value};\n" for name, value in properties.items())
    return f"{selector} {{\n{lines}}}\n" if properties else ""


def _properties(settings: Mapping[str, Any], mode: str) -> Iterator[tuple[str, str]]:
    for part in ("componentClasses", "components"):
        yield from _leaves(settings[part], (), mode)


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...], mode: str = "") -> Iterator[tuple[str, str]]:
    """The colours and radii of a tree; of its two modes the one that is asked for."""
    for name, value in tree.items():
        if isinstance(value, dict):
            if name == mode:
                yield from _leaves(value, path, mode)
            elif name not in _MODES.values() and name != _OWN_NAMES:
                yield from _leaves(value, (*path, name), mode)
        elif name.lower().endswith("color"):
            yield _name((*path, name)), f"#{value}"
        elif name == "borderRadius":
            yield _name((*path, name)), f"{value:g}px"


def _name(path: tuple[str, ...]) -> str:
    return "--" + "-".join(_CAPITAL.sub("-", part).lower() for part in path)


def _quoted(name: str) -> str:
    """A provider's name inside of a quoted string of CSS."""
    return _QUOTED.sub(lambda found: f"\\{ord(found[0]):x} ", name)
