"""A plain HTTP request and what came back, whatever its status."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    text: str


def asked(
    method: str,
    url: str,
    body: bytes | Iterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answered:
    """The answer; a body in pieces is sent chunked. Names of headers are in lower case."""
    request = urllib.request.Request(url, body, dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answered(answer.status, _named(answer.headers), answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answered(error.code, _named(error.headers), error.read().decode())


def _named(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
