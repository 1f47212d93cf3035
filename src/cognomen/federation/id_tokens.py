"""ID tokens of other providers: whether they are what they say (OpenID Connect Core 1.0, section 3.1.3.7).

Our own tokens are the business of tokens/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cognomen import errors
from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import foreign_jws, hashes, jws
from cognomen.crypto.jws import Parsed
from cognomen.federation.key_sets import KeySets
from cognomen.federation.social import VENDORS
from cognomen.outgoing import TooSlow, Unreachable

LONGEST = 64 * 1024
SKEW = MINUTE
"""How far the clock of a provider may be from ours."""

_NEVER = 10**12
"""In seconds: JSON knows numbers that are no moment any more."""
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must fit; `secret` may have signed it, where there is one, and `nonce` None says that none was sent.

    `authenticated_since`: a moment before which the person must not have been asked, if the token says when that was.
    """

    issuers: frozenset[str]
    client_id: str
    jwks_uri: str
    secret: str | None = field(default=None, repr=False)
    nonce: str | None = None
    access_token: str | None = field(default=None, repr=False)
    authenticated_since: int | None = None


def expected(provider_type: str, details: Mapping[str, str], **more: Any) -> Expected:
    """What the ID tokens of a provider must fit, by the details that count; `more` are members that only one sign-in has."""
    vendor = VENDORS[provider_type]
    return Expected(
        issuers=frozenset(filter(None, (details["oidc_issuer"].rstrip("/"), vendor.other_issuer))),
        client_id=details["client_id"],
        jwks_uri=details.get("jwks_uri") or vendor.jwks_uri or "",
        **more,
    )


async def verified(key_sets: KeySets, token: str, expected: Expected, now: int) -> dict[str, Any]:
    """The claims of a token. Raises BAD_ID_TOKEN, ID_TOKEN_EXPIRED, NONCE_MISSING, IDP_KEYS_TIMEOUT, IDP_UNREACHABLE."""
    try:
        parsed = jws.taken_apart(token, LONGEST)
    except ValueError:
        raise errors.BAD_ID_TOKEN(fault="format") from None
    _check_claims(parsed.claims, expected, now)
    if not await _is_signed(key_sets, parsed, expected, now):
        raise errors.BAD_ID_TOKEN(fault="signature")
    _check_access_token(parsed, expected)
    return parsed.claims


async def _is_signed(key_sets: KeySets, parsed: Parsed, expected: Expected, now: int) -> bool:
    if foreign_jws.is_symmetric(parsed):
        return expected.secret is not None and foreign_jws.verify_mac(expected.secret.encode(), parsed)
    kid = parsed.header.get("kid")
    if not isinstance(kid, str):
        raise errors.BAD_ID_TOKEN(fault="kid")
    try:
        keys = await key_sets.named(expected.jwks_uri, kid, now)
    except TooSlow:
        raise errors.IDP_KEYS_TIMEOUT() from None
    except Unreachable:
        raise errors.IDP_UNREACHABLE() from None
    if not keys:
        raise errors.BAD_ID_TOKEN(fault="kid")
    return any(foreign_jws.verify(key, parsed) for key in keys)


def _check_claims(claims: Mapping[str, Any], expected: Expected, now: int) -> None:
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer.rstrip("/") not in expected.issuers:
        shown = issuer[:_SHOWN] if isinstance(issuer, str) else ""
        raise errors.BAD_ID_TOKEN(fault=f"issuer {shown}".rstrip())
    if not _is_for(claims, expected.client_id):
        raise errors.BAD_ID_TOKEN(fault="audience")
    if _moment(claims, "exp") <= now - SKEW:
        raise errors.ID_TOKEN_EXPIRED()
    if _moment(claims, "iat") > now + SKEW or ("nbf" in claims and _moment(claims, "nbf") > now + SKEW):
        raise errors.BAD_ID_TOKEN(fault="issue time")
    since = expected.authenticated_since
    if since is not None and "auth_time" in claims and _moment(claims, "auth_time") < since - SKEW:
        raise errors.BAD_ID_TOKEN(fault="auth_time")
    if expected.nonce is not None:
        nonce = claims.get("nonce")
        if nonce is None:
            raise errors.NONCE_MISSING()
        if not isinstance(nonce, str) or not hashes.matches(nonce, expected.nonce):
            raise errors.BAD_ID_TOKEN(fault="nonce")


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    """Whether it was issued to us; one for several must say that we are whom it was issued to."""
    audience, party = claims.get("aud"), claims.get("azp")
    if party is not None and party != client_id:
        return False
    if isinstance(audience, list):
        return client_id in audience and (len(audience) == 1 or party is not None)
    return isinstance(audience, str) and audience == client_id


def _moment(claims: Mapping[str, Any], name: str) -> float:
    """A moment in milliseconds; tokens have seconds, which may be fractions."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _NEVER:
        raise errors.BAD_ID_TOKEN(fault=name)
    return value * SECOND


def _check_access_token(parsed: Parsed, expected: Expected) -> None:
    """The ID token may say which access token came with it."""
    told = parsed.claims.get("at_hash")
    if told is None or expected.access_token is None:
        return
    if told != foreign_jws.at_hash(parsed.header["alg"], expected.access_token):
        raise errors.BAD_ID_TOKEN(fault="at_hash")
