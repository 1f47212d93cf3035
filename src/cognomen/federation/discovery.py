"""What an OpenID Connect issuer publishes of itself (OpenID Connect Discovery 1.0, section 4; RFC 9207, section 3)."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import msgspec

from cognomen import errors
from cognomen.outgoing import Outgoing, Unreachable

PATH = "/.well-known/openid-configuration"
LARGEST = 256 * 1024

log = logging.getLogger(__name__)


class Document(msgspec.Struct, frozen=True):
    """The members we read; the others are nobody's business."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True, slots=True)
class Discovered:
    """The endpoints in the names that ProviderDetails has for them; `names_itself`: each answer says from whom it is."""

    endpoints: dict[str, str]
    names_itself: bool


async def discovered(outgoing: Outgoing, issuer: str) -> Discovered:
    """Raises WELL_KNOWN_UNREACHABLE, DISCOVERY_FAULT, OIDC_NOT_HTTPS."""
    try:
        body = await outgoing.get(issuer.rstrip("/") + PATH, limit=LARGEST)
    except Unreachable as fault:
        log.info("the discovery document of %r: %s", issuer, fault.reason)
        raise errors.WELL_KNOWN_UNREACHABLE() from None
    try:
        document = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise errors.DISCOVERY_FAULT(
            issuer=issuer, reason="is no OpenID Connect discovery document"
        ) from None
    # A slash at the end is what people leave out; another issuer would be refused with each of its tokens.
    if document.issuer.rstrip("/") != issuer.rstrip("/"):
        raise errors.DISCOVERY_FAULT(issuer=issuer, reason="names another issuer")
    found = {
        "authorize_url": document.authorization_endpoint,
        "token_url": document.token_endpoint,
        "jwks_uri": document.jwks_uri,
    }
    if document.userinfo_endpoint is not None:
        found["attributes_url"] = document.userinfo_endpoint
    if any(outgoing.refusal(url) for url in found.values()):
        raise errors.OIDC_NOT_HTTPS()
    return Discovered(found, document.authorization_response_iss_parameter_supported)


_decoder = msgspec.json.Decoder(Document)
