"""What a page of another site may send: the answer to the question that its browser asks before (a preflight request)."""

from __future__ import annotations

import re
from collections.abc import Collection

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def sendable(asked: str, refused: Collection[str] = ()) -> list[str]:
    """Of the headers in Access-Control-Request-Headers those that a page may send; `refused` are in lower case."""
    names = (name.strip() for name in asked.split(","))
    return [name for name in names if _TOKEN.fullmatch(name) and name.lower() not in refused]
