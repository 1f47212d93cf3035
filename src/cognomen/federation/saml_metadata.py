"""What the metadata of a SAML provider says (SAML 2.0 Metadata, section 2.4): who it is, where it is, how it signs.

    fetched     from a URL
    parsed      from a document, whoever wrote it

A document comes from strangers. It is read by expat in one pass, without recursion; one with a document type is refused
before anything in it is looked at, so there are no entities to expand and nothing else is ever opened or fetched
(docs/decisions/0009-saml-metadata-needs-no-library.md).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat

import msgspec

from cognomen import clock, errors
from cognomen.clock import HOUR
from cognomen.outgoing import URL_MAX, Outgoing, Unreachable

LARGEST = 1024 * 1024
DEPTH = 50
CERTIFICATE_MAX = 4_096
"""Characters (developer guide, "Things to know about SAML IdPs")."""
CERTIFICATES_MAX = 20
"""Each is tried with a response that none of them signed."""

_METADATA = "urn:oasis:names:tc:SAML:2.0:metadata "
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig# "
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"

_ENTITY = _METADATA + "EntityDescriptor"
_IDP = _METADATA + "IDPSSODescriptor"
_KEY = _METADATA + "KeyDescriptor"
_SSO = [_ENTITY, _IDP, _METADATA + "SingleSignOnService"]
_SLO = [_ENTITY, _IDP, _METADATA + "SingleLogoutService"]
_CERTIFICATE = [
    _ENTITY,
    _IDP,
    _KEY,
    _SIGNATURE + "KeyInfo",
    _SIGNATURE + "X509Data",
    _SIGNATURE + "X509Certificate",
]


KEPT_FOR = 6 * HOUR
"""How long metadata from a URL counts before it is read again (developer guide)."""


class SamlMetadata(msgspec.Struct, frozen=True):
    """A provider: the URLs are those of the redirect binding; certificates are DER in base64, any may have signed."""

    entity_id: str
    sso_url: str
    slo_url: str | None
    certificates: tuple[str, ...]


async def fetched(outgoing: Outgoing, url: str, now: int) -> SamlMetadata:
    """The metadata at a URL. Raises METADATA_UNREACHABLE, METADATA_STATUS and what `parsed` raises."""
    try:
        document = await outgoing.get(url, limit=LARGEST)
    except Unreachable as fault:
        shown = url[:URL_MAX]
        if fault.status is not None:
            raise errors.METADATA_STATUS(status=fault.status, url=shown) from None
        raise errors.METADATA_UNREACHABLE(url=shown, reason=fault.reason) from None
    return await asyncio.to_thread(parsed, document, now)  # a tenth of a second for a large one


def parsed(document: bytes | str, now: int) -> SamlMetadata:
    """The provider that a document describes.

    Raises METADATA_UNREADABLE, METADATA_WITHOUT_SSO, METADATA_FAULT.
    """
    entities = [entity for entity in _read(document) if entity.is_provider]
    if not entities:
        raise errors.METADATA_FAULT(reason="describes no identity provider")
    if len(entities) > 1:
        raise errors.METADATA_FAULT(reason="describes more than one identity provider")
    (entity,) = entities
    if not entity.id:
        raise errors.METADATA_FAULT(reason="has no entity ID")
    if entity.sso_url is None:
        raise errors.METADATA_WITHOUT_SSO()
    for url in (entity.sso_url, entity.slo_url):
        if url is not None and not url.startswith(("https://", "http://")):
            raise errors.METADATA_FAULT(reason="has a location that is not a URL")
    return SamlMetadata(entity.id, entity.sso_url, entity.slo_url, _valid(entity.certificates, now))


@dataclass(slots=True)
class _Entity:
    """What was read so far of an EntityDescriptor."""

    id: str
    is_provider: bool = False
    sso_url: str | None = None
    slo_url: str | None = None
    certificates: list[str] = field(default_factory=list)


class _Refused(Exception):  # noqa: N818  only to leave the parser
    pass


def _read(document: bytes | str) -> list[_Entity]:
    # What a text says of its own encoding was true of the file it was read from.
    encoding, content = ("utf-8", document.encode()) if isinstance(document, str) else (None, document)
    reader = _Reader()
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, _Refused, ValueError, LookupError):
        raise errors.METADATA_UNREADABLE() from None
    return reader.entities


class _Reader:
    """The handlers of the parser; `path` are the elements that are open, from the root on."""

    def __init__(self) -> None:
        self.entities: list[_Entity] = []
        self._path: list[str] = []
        self._certificate: list[str] | None = None
        self._key_signs = False

    def refuse(self, *_: object) -> None:
        raise _Refused

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > DEPTH:
            raise _Refused
        if name == _ENTITY:
            self.entities.append(_Entity(attributes.get("entityID", "")))
        elif self._path[-2:] == [_ENTITY, _IDP]:
            protocols = attributes.get("protocolSupportEnumeration", "").split()
            self.entities[-1].is_provider |= _PROTOCOL in protocols
        elif self._path[-3:] == [_ENTITY, _IDP, _KEY]:
            self._key_signs = attributes.get("use", "signing") == "signing"
        elif attributes.get("Binding") == _REDIRECT:
            self._location(attributes.get("Location"))
        elif self._path[-6:] == _CERTIFICATE and self._key_signs:
            self._certificate = []

    def end(self, _: str) -> None:
        if self._certificate is not None:
            self.entities[-1].certificates.append("".join("".join(self._certificate).split()))
            self._certificate = None
        self._path.pop()

    def text(self, part: str) -> None:
        if self._certificate is not None:
            self._certificate.append(part)

    def _location(self, url: str | None) -> None:
        if self._path[-3:] == _SSO:
            self.entities[-1].sso_url = self.entities[-1].sso_url or url
        elif self._path[-3:] == _SLO:
            self.entities[-1].slo_url = self.entities[-1].slo_url or url


def _valid(certificates: list[str], now: int) -> tuple[str, ...]:
    """Those that have not expired: while one is replaced by another, metadata has both."""
    from cryptography import x509  # noqa: PLC0415  a start of the server takes 25 ms less without it

    moment = datetime.fromtimestamp(now // clock.SECOND, UTC)
    valid = []
    for text in dict.fromkeys(certificates):
        if len(text) > CERTIFICATE_MAX:
            raise errors.METADATA_FAULT(reason=f"has a certificate of more than {CERTIFICATE_MAX} characters")
        try:
            certificate = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            raise errors.METADATA_FAULT(reason="has a certificate that cannot be read") from None
        if certificate.not_valid_after_utc > moment:
            valid.append(text)
    if len(valid) > CERTIFICATES_MAX:
        raise errors.METADATA_FAULT(
            reason=f"has more than {CERTIFICATES_MAX} certificates to verify signatures with"
        )
    if not valid:
        raise errors.METADATA_FAULT(
            reason="has no certificate to verify signatures with that has not expired"
        )
    return tuple(valid)
