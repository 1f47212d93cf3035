"""The operations of the API for whoever holds the database: nobody signs, and nothing goes over a wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from cognomen.operations import dispatch
from cognomen.wire import answers

if TYPE_CHECKING:
    from cognomen.call import Node


@dataclass(frozen=True, slots=True)
class Caller:
    node: Node

    async def ask(self, operation: str, *, wanted_id: str | None = None, **request: Any) -> dict[str, Any]:
        """The answer as a client would read it (blobs in base64); raises Refusal."""
        answer = await dispatch.perform(self.node, operation, request, wanted_id)
        told: dict[str, Any] = msgspec.json.decode(answers.encode(answer))
        return told

    async def every(self, operation: str, member: str, **request: Any) -> list[dict[str, Any]]:
        """The entries of all pages of a list."""
        found: list[dict[str, Any]] = []
        while True:
            answer = await self.ask(operation, **request)
            found += answer[member]
            if "NextToken" not in answer:
                return found
            request["NextToken"] = answer["NextToken"]
