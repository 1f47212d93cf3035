"""A question to the test control: its query and its JSON body, both of a few known members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognomen import errors
from cognomen.call import Call, Node


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that may be asked; `query` and `body` have no members but those that its entry in front.py names."""

    node: Node
    call: Call
    query: Mapping[str, str]
    body: Mapping[str, Any]

    def pool_id(self) -> str:
        """The pool that the query names. Raises CONTROL_QUERY."""
        pool_id = self.query.get("pool")
        if not pool_id or not pool_id.isprintable():
            raise errors.CONTROL_QUERY(reason="Say which pool: ?pool=ID")
        return pool_id


def refuse_unknown(what: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raises CONTROL_QUERY for a member that would otherwise be passed over in silence."""
    for name in given:
        if name not in known:
            there_is = (
                f"There {'is' if len(known) == 1 else 'are'} {', '.join(known)}."
                if known
                else "There is none."
            )
            raise errors.CONTROL_QUERY(reason=f"There is no {what} {name!r} here. {there_is}")
