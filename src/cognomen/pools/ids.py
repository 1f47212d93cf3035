"""The ids of pools and clients: random, or the one that a call wishes for (`call.wanted_id`)."""

from __future__ import annotations

import string

from cognomen import clock, errors
from cognomen.wire import model
from cognomen.wire.patterns import matcher

POOL_ALPHABET = string.ascii_letters + string.digits
POOL_LENGTH = 9
CLIENT_ALPHABET = string.digits + string.ascii_lowercase
CLIENT_LENGTH = 26


def region_of(pool_id: str) -> str:
    """The region that a pool is at home in."""
    return pool_id.rpartition("_")[0]


def of_pool(region: str, wanted: str | None) -> str:
    """The id of a new pool. Raises POOL_ID_MALFORMED."""
    if wanted is None:
        return f"{region}_{clock.random_text(POOL_ALPHABET, POOL_LENGTH)}"
    # The model lets a name before the underscore be anything; clients and tokens' issuers read the region from it.
    if not (
        wanted.startswith(f"{region}_")
        and "_" not in wanted[len(region) + 1 :]
        and _fits("UserPoolIdType", wanted)
    ):
        raise errors.POOL_ID_MALFORMED(id=wanted, region=region)
    return wanted


def of_client(wanted: str | None) -> str:
    """The id of a new client. Raises APP_CLIENT_ID_MALFORMED."""
    if wanted is None:
        return clock.random_text(CLIENT_ALPHABET, CLIENT_LENGTH)
    if not _fits("ClientIdType", wanted):
        raise errors.APP_CLIENT_ID_MALFORMED(id=wanted)
    return wanted


def may_be_pool(text: str) -> bool:
    """Whether a pool may have this id, which nobody has checked: it comes from a path, or a token that nobody has verified."""
    return _fits("UserPoolIdType", text)


def may_be_client(text: str) -> bool:
    """As `may_be_pool`, of a client."""
    return _fits("ClientIdType", text)


def _fits(shape_name: str, text: str) -> bool:
    shape = model.load().shapes[shape_name]
    return (
        (shape.min or 0) <= len(text) <= (shape.max or len(text))
        and shape.pattern is not None
        and bool(matcher(shape.pattern)(text))
    )
