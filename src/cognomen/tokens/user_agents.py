"""What a person is told of the device behind a request: the operating system and the browser or program, by its User-Agent.

Pure. Whoever sends a request may write there what it likes: the words are these tables', or the name that a program gives
itself, and nothing is decided by them.
"""

from __future__ import annotations

import re
from functools import lru_cache

UNKNOWN = "unknown"
OTHER = "Other"

LONGEST_READ = 512
LONGEST_NAME = 64

# The first that is there counts: browsers name those they are descended from, and phones the system they are built on.
_SYSTEMS = (
    (re.compile(r"Windows", re.IGNORECASE), "Windows"),
    (re.compile(r"iPad"), "iPadOS"),
    (re.compile(r"iPhone|iPod|\biOS\b", re.IGNORECASE), "iOS"),
    (re.compile(r"Android", re.IGNORECASE), "Android"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"Macintosh|Mac OS X|macOS|darwin", re.IGNORECASE), "macOS"),
    (re.compile(r"Linux", re.IGNORECASE), "Linux"),
)
_BROWSERS = (
    (re.compile(r"\b(?:Edg|Edge|EdgA|EdgiOS)/"), "Edge"),
    (re.compile(r"\b(?:OPR|OPT|Opera)/"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\b(?:Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(?:Chrome|CriOS|Chromium)/"), "Chrome"),
    (re.compile(r"\bVersion/[^ ]+ (?:Mobile/[^ ]+ )?Safari/"), "Safari"),
)
# What a browser writes its version behind, where that is not its own name.
_VERSION_OF = {
    "Edge": r"(?:Edg|Edge|EdgA|EdgiOS)",
    "Opera": r"(?:OPR|OPT|Opera)",
    "Samsung Internet": "SamsungBrowser",
    "Firefox": r"(?:Firefox|FxiOS)",
    "Chrome": r"(?:Chrome|CriOS|Chromium)",
    "Safari": "Version",
}
_VERSIONS = {name: re.compile(rf"\b{pattern}/(\d+)") for name, pattern in _VERSION_OF.items()}
_SYSTEM_VERSIONS = {
    "Windows": re.compile(r"Windows NT (\d+)"),
    "iPadOS": re.compile(r"OS (\d+)"),
    "iOS": re.compile(r"OS (\d+)"),
    "Android": re.compile(r"Android (\d+)"),
}
_BROWSER_LIKE = "Mozilla/"
_PROGRAM = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)(?:/|$| )")


def device(user_agent: str) -> str:
    """For example `Windows Chrome`, `Linux Boto3`, or `unknown`."""
    return _device(user_agent[:LONGEST_READ])


def browser_and_system(user_agent: str) -> str:
    """For example `Chrome 126, Windows 10`, `Boto3 1, Other`, `Other, Other`: as histories of sign-ins have it.

    Versions are what is written, up to the first full stop: Windows 11 and a Mac tell an old one, so a Mac's is left out.
    """
    return _browser_and_system(user_agent[:LONGEST_READ])


@lru_cache(maxsize=1_000)
def _browser_and_system(text: str) -> str:
    browser, system = _first(_BROWSERS, text), _first(_SYSTEMS, text)
    if browser is not None:
        browser = _with_version(browser, _VERSIONS[browser], text)
    else:
        program = _program(text)
        browser = program and _with_version(program, re.compile(rf"{re.escape(program)}/(\d+)"), text)
    if system in _SYSTEM_VERSIONS:
        system = _with_version(system, _SYSTEM_VERSIONS[system], text)
    return f"{browser or OTHER}, {system or OTHER}"


def _with_version(name: str, pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return f"{name} {found[1]}" if found else name


@lru_cache(maxsize=1_000)
def _device(text: str) -> str:
    found = [name for name in (_first(_SYSTEMS, text), _first(_BROWSERS, text) or _program(text)) if name]
    return " ".join(found) or UNKNOWN


def _first(table: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    return next((name for pattern, name in table if pattern.search(text)), None)


def _program(text: str) -> str | None:
    found = None if text.startswith(_BROWSER_LIKE) else _PROGRAM.match(text)
    return found[1][:LONGEST_NAME] if found else None
