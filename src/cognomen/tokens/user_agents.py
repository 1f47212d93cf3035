"""What a person is told of the device behind a request: the operating system and the browser or program, by its User-Agent.

Pure. Whoever sends a request may write there what it likes: the words are these tables', or the name that a program gives
itself, and nothing is decided by them.
"""

from __future__ import annotations

import re
from functools import lru_cache

UNKNOWN = "unknown"

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
_BROWSER_LIKE = "Mozilla/"
_PROGRAM = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)(?:/|$| )")


def device(user_agent: str) -> str:
    """For example `Windows Chrome`, `Linux Boto3`, or `unknown`."""
    return _device(user_agent[:LONGEST_READ])


@lru_cache(maxsize=1_000)
def _device(text: str) -> str:
    found = [name for name in (_first(_SYSTEMS, text), _first(_BROWSERS, text) or _program(text)) if name]
    return " ".join(found) or UNKNOWN


def _first(table: tuple[tuple[re.Pattern[str], str], ...], text: str) -> str | None:
    return next((name for pattern, name in table if pattern.search(text)), None)


def _program(text: str) -> str | None:
    found = None if text.startswith(_BROWSER_LIKE) else _PROGRAM.match(text)
    return found[1][:LONGEST_NAME] if found else None
