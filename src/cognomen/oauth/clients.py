"""Which app asks, and that it is so: by its secret, in the Authorization header or the body, or by its id where it has none.

RFC 6749, 2.3; developer guide, "Token endpoint". Either of a client's two secrets proves it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import unquote

from starlette.requests import Request

from cognomen import errors
from cognomen.call import Call
from cognomen.oauth import places


async def authenticate(call: Call, request: Request, sent: Mapping[str, str]) -> None:
    """Put the client that a request names and proves into the call, and its pool.

    Raises OAUTH_REQUEST for a request that names none, or proves itself twice; OAUTH_CLIENT, OAUTH_CLIENT_SECRET.
    """
    client_id, secret = sent.get("client_id"), sent.get("client_secret")
    header = request.headers.get("authorization")
    if header is not None:
        named, proof = _basic(header)
        if secret is not None:
            raise errors.OAUTH_REQUEST()
        if client_id not in (None, named):
            raise errors.OAUTH_CLIENT()
        client_id, secret = named, proof
    if not client_id:
        raise errors.OAUTH_MISSING(name="client_id")
    if not await places.find_client(call, client_id):
        raise errors.OAUTH_CLIENT()
    if not call.configuration.proves(call.client, secret):
        raise errors.OAUTH_CLIENT_SECRET()


def _basic(header: str) -> tuple[str, str | None]:
    """Id and secret in an Authorization header; they may be percent-encoded. Raises OAUTH_CLIENT."""
    scheme, _, credentials = header.partition(" ")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except ValueError:
        raise errors.OAUTH_CLIENT() from None
    client_id, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise errors.OAUTH_CLIENT()
    # Ids and secrets may have a plus, which many apps send as it is; neither has a blank or a percent sign.
    return unquote(client_id), unquote(secret) or None
