"""Pages of lists, and their tokens: sealed, bound to the operation and its arguments, and good for an hour.

    position_in, key_in     where the asked page begins
    page                    a page of what was found there, with the token of the next one
    refuse_token            where all fits on one page

A token carries the position of the last item of its page (a key, never an offset), so page N costs what page 1 costs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import HOUR
from cognomen.crypto.sealing import CannotUnseal

PURPOSE = "paging"
TOKEN_MEMBERS = frozenset({"NextToken", "PaginationToken"})
SIZE_MEMBERS = frozenset({"MaxResults", "Limit"})

Item = TypeVar("Item")


def page(
    call: Call, request: Mapping[str, Any], found: list[Item], limit: int, *position: str
) -> tuple[list[Item], str | None]:
    """The first `limit` of the items found, and the token of the page behind them where there are more.

    Whoever reads therefore asks for one more than `limit`. `position` names the members of an item that say where it stands.
    """
    shown = found[:limit]
    if len(found) <= limit:
        return shown, None
    return shown, token_for(call, request, *(str(getattr(shown[-1], name)) for name in position))


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


def key_in(call: Call, request: Mapping[str, Any]) -> str:
    """As `position_in` of lists in the order of one key; the first page begins behind the empty one."""
    (key,) = position_in(call, request, 1) or ("",)
    return key


def refuse_token(request: Mapping[str, Any]) -> None:
    """All there is stands on one page, so no token was ever given out."""
    if not TOKEN_MEMBERS.isdisjoint(request):
        raise errors.INVALID_PAGINATION_TOKEN()


def _binding(call: Call, request: Mapping[str, Any]) -> bytes:
    arguments = {name: value for name, value in request.items() if name not in TOKEN_MEMBERS | SIZE_MEMBERS}
    digest = hashlib.sha256(msgspec.json.encode(arguments, order="deterministic")).digest()
    return call.operation.encode() + b"\0" + digest
