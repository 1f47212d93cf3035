"""Files of the pages that are the same for everyone, under addresses that change with what is in them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

PATH = "/_pages/"

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    media_type: str
    version: str


@functools.cache
def files() -> dict[str, File]:
    """By name."""
    found = {}
    for entry in (resources.files("cognomen.pages") / "files").iterdir():
        content = entry.read_bytes()
        version = sha256(content).hexdigest()[:_DIGITS]
        found[entry.name] = File(content, _TYPES[entry.name.rpartition(".")[2]], version)
    return found


def url(name: str) -> str:
    return f"{PATH}{name}?v={files()[name].version}"
