"""Parameters as they are sent: in a query string, or in the body of a POST.

    parameters(text)        names and values, and the names that came more than once
    of_query(query)         the same, of a query string within its limits
    body(request, seconds)  a body within its limits, whatever it is
    once(request, seconds)  the parameters in one, each of which may come once
    refuse_repeated(names)  for who has to say where the refusal goes

An empty parameter counts as not sent (RFC 6749, 3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.wire import bodies
from cognomen.wire.bodies import Limit

QUERY_MAX = 16 * 1024  # characters
BODY_MAX = 64 * 1024  # bytes; two of the longest tokens fit
FIELDS_MAX = 100
_SHOWN = 40  # characters of a name

FORM = "application/x-www-form-urlencoded"


def parameters(text: str) -> tuple[dict[str, str], frozenset[str]]:
    """The parameters of a form-encoded text, and the names that came more than once. Raises OAUTH_MALFORMED."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError:
        raise errors.OAUTH_MALFORMED(reason="it is not form-encoded UTF-8") from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise errors.OAUTH_MALFORMED(reason="it has a NUL, which no database keeps")
    names = [name for name, _ in pairs]
    repeated = frozenset(name for name in names if names.count(name) > 1)
    return {name: value for name, value in pairs if value}, repeated


def of_query(query: str) -> tuple[dict[str, str], frozenset[str]]:
    """As `parameters`, of a query string."""
    if len(query) > QUERY_MAX:
        raise errors.OAUTH_MALFORMED(reason="it is too long")
    return parameters(query)


async def body(request: Request, seconds: float, limit: int = BODY_MAX) -> bytes:
    """The whole body of at most `limit` bytes, which has `seconds` to arrive. Raises OAUTH_MALFORMED, HungUp."""
    scope, most = request.scope, Limit(limit, errors.OAUTH_MALFORMED(reason="it is too long"))
    try:
        return await bodies.whole(scope, request.receive, request.headers, limit=most, seconds=seconds)
    except Refusal as refusal:
        if refusal.is_(errors.REQUEST_TIMEOUT):
            raise errors.OAUTH_MALFORMED(reason="it did not arrive in time") from None
        raise


async def once(request: Request, seconds: float, limit: int = BODY_MAX) -> Mapping[str, str]:
    """The parameters of a body of at most `limit` bytes that has `seconds` to arrive. Raises OAUTH_MALFORMED, OAUTH_REPEATED."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    received = await body(request, seconds, limit)
    if received and kind != FORM:
        raise errors.OAUTH_MALFORMED(reason=f"its content type is not {FORM}")
    try:
        text = received.decode("ascii")
    except UnicodeDecodeError:
        raise errors.OAUTH_MALFORMED(reason="it is not form-encoded UTF-8") from None
    sent, repeated = parameters(text)
    refuse_repeated(repeated)
    return sent


def refuse_repeated(names: frozenset[str]) -> None:
    """Raises OAUTH_REPEATED, of the first of the names that came more than once."""
    if names:
        raise errors.OAUTH_REPEATED(name=min(names)[:_SHOWN])
