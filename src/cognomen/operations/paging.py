"""Paging tokens: sealed, bound to the operation and its arguments, and good for an hour.

A token carries the position of the last item of its page (a key, never an offset), so page N costs what page 1 costs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import HOUR
from cognomen.crypto.sealing import CannotUnseal

PURPOSE = "paging"
TOKEN_MEMBERS = frozenset({"NextToken", "PaginationToken"})
SIZE_MEMBERS = frozenset({"MaxResults", "Limit"})


def token_for(call: Call, request: Mapping[str, Any], *position: str) -> str:
    """The token of the page that begins behind `position`, for the same operation and arguments."""
    document = msgspec.json.encode((call.now + HOUR, position))
    return call.vault.seal_text(PURPOSE, document, _binding(call, request))


def position_in(call: Call, request: Mapping[str, Any], parts: int) -> tuple[str, ...] | None:
    """Where the asked page begins: `parts` texts, or None for the first page.

    Raises INVALID_PAGINATION_TOKEN for anything that was not given out for these arguments within the hour.
    """
    token = next((request[name] for name in TOKEN_MEMBERS if name in request), None)
    if token is None:
        return None
    try:
        document = call.vault.unseal_text(PURPOSE, token, _binding(call, request))
    except CannotUnseal:
        raise errors.INVALID_PAGINATION_TOKEN() from None
    expires_at, position = msgspec.json.decode(document, type=tuple[int, tuple[str, ...]])
    if expires_at < call.now or len(position) != parts:
        raise errors.INVALID_PAGINATION_TOKEN()
    return position


def _binding(call: Call, request: Mapping[str, Any]) -> bytes:
    arguments = {name: value for name, value in request.items() if name not in TOKEN_MEMBERS | SIZE_MEMBERS}
    digest = hashlib.sha256(msgspec.json.encode(arguments, order="deterministic")).digest()
    return call.operation.encode() + b"\0" + digest
