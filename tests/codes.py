"""Codes as they arrive: read from the inbox of a pool."""

from __future__ import annotations

from typing import Any

from cognomen.messages import inbox
from tests.server import Server


def messages_of(server: Server, pool_id: str) -> list[dict[str, Any]]:
    """The messages of a pool, newest first."""
    return server.run(inbox.newest(server.store, server.node.vault, pool_id, 60))


def newest_code(server: Server, pool_id: str) -> str:
    code: str = messages_of(server, pool_id)[0]["code"]
    return code


def wrong(code: str) -> str:
    """A code of the same form that is another."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
