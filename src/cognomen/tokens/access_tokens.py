"""An access token that comes back: whose it is, and whether it still counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.crypto import jws
from cognomen.store import tokens
from cognomen.tokens import standing
from cognomen.tokens.scopes import USER_SCOPE


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified access token says; moments in milliseconds.

    `origin` is the sign-in it comes from; the token's own id where its client does not have origins in tokens. `amr` is what was
    proven there (assurance.py).
    """

    origin: str
    jti: str
    scopes: frozenset[str]
    auth_time: int
    expires_at: int
    device_key: str | None
    amr: tuple[str, ...]


async def verify(call: Call, text: str, scope: str = USER_SCOPE) -> None:
    """Believe the access token `text`: fills the call's configuration, client, user and access_token.

    The client names the pool (its id is unique over all pools), so a token counts under whichever issuer it was made.
    Raises what the API answers where the token does not count, in the order in which it is examined: form and key,
    signature, expiry, scope, user, revocation.
    """
    await _believe_user(call, await _claims(call, text, scope))


async def verify_scope(call: Call, text: str, scope: str) -> None:
    """As `verify`, also of a token that a client got for itself: then nobody is put into the call but that client."""
    claims = await _claims(call, text, scope)
    if claims["sub"] != claims["client_id"]:
        await _believe_user(call, claims)


async def _believe_user(call: Call, claims: dict[str, Any]) -> None:
    origin = claims.get("origin_jti", claims["jti"])
    holder = await call.store.read(tokens.holder, call.pool.id, claims["sub"], origin)
    call.found_user = standing.user_of(holder, clock.moment_of(origin), errors.ACCESS_TOKEN_REVOKED)
    call.found_token = AccessToken(
        origin=origin,
        jti=claims["jti"],
        scopes=frozenset(claims["scope"].split()),
        auth_time=claims["auth_time"] * SECOND,
        expires_at=claims["exp"] * SECOND,
        device_key=claims.get("device_key"),
        amr=tuple(claims.get("amr", ())),
    )


async def _claims(call: Call, text: str, scope: str) -> dict[str, Any]:
    """The signed claims of a token that has not expired and has the scope."""
    claims = await _signed_claims(call, text)
    if claims["exp"] * SECOND <= call.now:
        raise errors.ACCESS_TOKEN_EXPIRED()
    if scope not in claims["scope"].split():
        raise errors.ACCESS_TOKEN_SCOPES()
    return claims


async def _signed_claims(call: Call, text: str) -> dict[str, Any]:
    """The claims, signed by the access key (maybe a retired one) of the pool of a client that still exists."""
    try:
        parsed = jws.parse(text)
    except ValueError:
        raise errors.INVALID_ACCESS_TOKEN() from None
    client_id = parsed.claims.get("client_id")
    if parsed.claims.get("token_use") != "access" or not isinstance(client_id, str):
        raise errors.INVALID_ACCESS_TOKEN()
    found = await call.configurations.of_client(client_id, call.now)
    if found is None:
        raise errors.INVALID_ACCESS_TOKEN()
    call.found_pool, call.found_client = found
    key = call.configuration.keys.get(parsed.header["kid"])
    if key is None or key.token_use != "access":
        raise errors.INVALID_ACCESS_TOKEN()
    if not jws.verify(key.public, parsed):
        raise errors.ACCESS_TOKEN_SIGNATURE()
    return parsed.claims
