"""A client whose requests come too late: another is faster, between what they have read and what they write."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cognomen.call import Node
from cognomen.operations import dispatch
from cognomen.wire.front import WireRequest
from tests.server import Server
from tests.watched_store import WatchedStore
from tests.writing import SIGNED

HEADERS = {"authorization": SIGNED, "x-amz-date": "20260101T000000Z"}


class Late:
    """In the place of boto3: its methods are the operations; a refusal is raised as such.

    `overtake` happens once, before the first write of a request.
    """

    def __init__(self, server: Server, overtake: Callable[[], object]) -> None:
        self._server, self._overtake = server, overtake

    def __getattr__(self, method: str) -> Callable[..., Any]:
        operation = method.title().replace("_", "")
        return lambda **request: self._send(operation, request)

    def _send(self, operation: str, request: dict[str, Any]) -> Any:
        async def happen() -> None:
            await asyncio.to_thread(self._overtake)

        answer, _ = sent(self._server, operation, request, WatchedStore(self._server.store, happen))
        return answer


def sent(
    server: Server, operation: str, request: dict[str, Any], store: WatchedStore
) -> tuple[Any, list[str]]:
    """Send a request past the HTTP: its answer, and what it asked of the store."""
    node: Node = replace(server.node, store=store)
    return json.loads(server.run(dispatch.run(node, received(operation, request)))), store.ran


def received(operation: str, request: dict[str, Any]) -> WireRequest:
    """The request as it comes from the wire."""
    return WireRequest(
        request_id="00000000-0000-4000-8000-000000000000",
        operation=operation,
        body=json.dumps(request).encode(),
        headers=HEADERS,
        method="POST",
        raw_path="/",
        query="",
        client_ip="127.0.0.1",
        host="localhost",
    )
