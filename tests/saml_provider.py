"""A SAML identity provider on loopback, whose answers can be wrong in every way.

saml_provider       the server: /metadata, /sso and /slo; it signs in whoever the test names, without asking
SamlProvider        what it knows, and what it answers: `response` makes one without a server
Told, Encryption    what a response says, and how it is encrypted; a fault is one member changed
signed, encrypted   the same for a document of a test's own

`.venv/bin/python -m tests.saml_provider --port 4701` serves one for a laptop, and prints the settings of CreateIdentityProvider.
"""

from __future__ import annotations

import base64
import html
import secrets
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from cognomen import clock
from cognomen.clock import DAY, HOUR, MINUTE
from cognomen.crypto import certificates
from tests import providers

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
XMLENC = "http://www.w3.org/2001/04/xmlenc#"
XMLENC11 = "http://www.w3.org/2009/xmlenc11#"
OAEP_OF_2001 = f"{XMLENC}rsa-oaep-mgf1p"


@dataclass(frozen=True)
class Encryption:
    """How an assertion is encrypted: the algorithm of the content, that of its key, and the key's digest and mask (SHA-256 or none)."""

    content: str = f"{XMLENC}aes256-cbc"
    transport: str = OAEP_OF_2001
    digest: str | None = None
    mask: str | None = None


@dataclass(frozen=True)
class Asked:
    """What an AuthnRequest asked for. `id` is None where nobody asked."""

    id: str | None
    acs_url: str
    audience: str


@dataclass(frozen=True)
class Told:
    """What a response says. Members that are None are left out; moments are milliseconds after it is issued.

    `sign`: which elements are signed, of "assertion" and "response". `assertion` and `document` change the XML before the former
    is signed, and after all is done.
    """

    issuer: str | None
    destination: str | None
    recipient: str | None
    audience: str | None
    in_response_to: str | None
    confirmed_in_response_to: str | None
    response_issuer: str | None
    name_id: str | None = "jane@example.com"
    name_id_format: str | None = EMAIL_FORMAT
    attributes: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"email": ["jane@example.com"], "given_name": ["Jane"]}
    )
    session_index: str | None = "_session-1"
    status: str = SUCCESS
    version: str = "2.0"
    method: str = BEARER
    issued: int = 0
    not_before: int | None = -MINUTE
    not_on_or_after: int | None = 5 * MINUTE
    confirmed_until: int | None = 5 * MINUTE
    session_until: int | None = 8 * HOUR
    more: str = ""
    conditions: str = ""
    sign: tuple[str, ...] = ("assertion",)
    signature_method: SignatureMethod = SignatureMethod.RSA_SHA256
    digest: DigestAlgorithm = DigestAlgorithm.SHA256
    encryption: Encryption | None = None
    assertion: Callable[[bytes], bytes] = bytes
    document: Callable[[bytes], bytes] = bytes


@dataclass
class SamlProvider:
    """`changed` are members of Told for the answers of the server; `asked` and `ended` what it was asked, in order.

    `now` is its time, where it is not the clock's. `encrypts_for` is the certificate of the service provider (DER in base64), as is
    `checks`: where it is set, requests that it did not sign are answered 403. `ends_at` is where answers to LogoutRequests are posted.
    """

    entity_id: str
    key: RSAPrivateKey = providers.KEY
    certificate: str = ""
    now: int | None = None
    changed: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    ended: list[tuple[str, str | None]] = field(default_factory=list)
    encrypts_for: str | None = None
    checks: str | None = None
    ends_at: str | None = None
    extra_certificates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.certificate = self.certificate or certificate(self.key, self.time())

    def time(self) -> int:
        return clock.now() if self.now is None else self.now

    def metadata(self) -> str:
        logout = providers.single_logout(f"{self.entity_id}/slo")
        return providers.metadata(self.entity_id, *self.extra_certificates, self.certificate, slo=logout)

    def response(self, asked: Asked, now: int | None = None, **changed: Any) -> str:
        """A `SAMLResponse`. `changed` are members of Told."""
        moment = self.time() if now is None else now
        told = Told(
            issuer=self.entity_id,
            response_issuer=self.entity_id,
            destination=asked.acs_url,
            recipient=asked.acs_url,
            audience=asked.audience,
            in_response_to=asked.id,
            confirmed_in_response_to=asked.id,
        )
        document = self._document(replace(told, **(self.changed | changed)), moment)
        return base64.b64encode(document).decode()

    def _document(self, told: Told, now: int) -> bytes:
        assertion = told.assertion(_assertion(told, now))
        if "assertion" in told.sign:
            assertion = signed(assertion, self.key, self.certificate, told.signature_method, told.digest)
        if told.encryption is not None and self.encrypts_for is not None:
            assertion = encrypted(assertion, self.encrypts_for, told.encryption)
        response = _response(told, assertion, now)
        if "response" in told.sign:
            response = signed(response, self.key, self.certificate, told.signature_method, told.digest)
        return told.document(response)


@contextmanager
def saml_provider(key: RSAPrivateKey = providers.KEY, port: int = 0) -> Iterator[SamlProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/metadata":
                self._answer(provider.metadata(), "application/samlmetadata+xml")
            elif provider.checks is not None and not is_signed(parts.query, provider.checks):
                self._answer("The request is not signed.", status=403)
            elif parts.path == "/sso":
                asked = asked_in(sent["SAMLRequest"])
                provider.asked.append(asked)
                self._post(asked.acs_url, provider.response(asked), sent["RelayState"])
            elif parts.path == "/unasked":
                asked = Asked(None, sent["acs_url"], sent["audience"])
                self._post(asked.acs_url, provider.response(asked), sent["relay_state"])
            elif parts.path == "/slo":
                root = etree.fromstring(inflated(sent["SAMLRequest"]))
                name, index = root.findtext(f"{{{SAML}}}NameID"), root.findtext(f"{{{PROTOCOL}}}SessionIndex")
                provider.ended.append((name or "", index))
                self._post(provider.ends_at or "", _logout_response(root), sent["RelayState"])
            else:
                self._answer("", status=404)

        def _post(self, url: str, response: str, relay_state: str) -> None:
            """A page that posts itself, as products make it."""
            inputs = {"SAMLResponse": response, "RelayState": relay_state}
            fields = "".join(
                f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
                for name, value in inputs.items()
            )
            form = f'<form method="post" action="{html.escape(url)}">{fields}<button>Go on</button></form>'
            self._answer(f"<!doctype html><body onload='document.forms[0].submit()'>{form}</body>")

        def _answer(
            self, text: str, content_type: str = "text/html; charset=utf-8", status: int = 200
        ) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    provider = SamlProvider(f"http://127.0.0.1:{server.server_address[1]}", key)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# -- what it is asked --------------------------------------------------------------------------------------------------


def inflated(parameter: str) -> bytes:
    """The document of a `SAMLRequest` that came by redirect."""
    return zlib.decompress(base64.b64decode(parameter, validate=True), wbits=-zlib.MAX_WBITS)


def asked_in(parameter: str) -> Asked:
    root = etree.fromstring(inflated(parameter))
    return Asked(
        root.get("ID"), root.get("AssertionConsumerServiceURL", ""), root.findtext(f"{{{SAML}}}Issuer", "")
    )


def is_signed(query: str, certificate: str) -> bool:
    """Whether the query string of a redirect was signed by the key of a certificate (DER in base64)."""
    told, _, signature = query.partition("&Signature=")
    key = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(
            base64.b64decode(parse_qs(f"s={signature}").get("s", [""])[0]),
            told.encode(),
            PKCS1v15(),
            SHA256(),
        )
    except InvalidSignature:
        return False
    return parse_qs(told)["SigAlg"] == ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"]


# -- what it says ------------------------------------------------------------------------------------------------------


def _assertion(told: Told, now: int) -> bytes:
    attributes = "".join(
        f'<saml:Attribute Name={quoteattr(name)} NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">'
        + "".join(
            '<saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">'
            f"{escape(value)}</saml:AttributeValue>"
            for value in values
        )
        + "</saml:Attribute>"
        for name, values in told.attributes.items()
    )
    name_id = (
        f"<saml:NameID{_members(Format=told.name_id_format)}>{escape(told.name_id)}</saml:NameID>"
        if told.name_id is not None
        else ""
    )
    confirmation = _members(
        InResponseTo=told.confirmed_in_response_to,
        Recipient=told.recipient,
        NotOnOrAfter=_time(now, told.confirmed_until),
    )
    times = _members(NotBefore=_time(now, told.not_before), NotOnOrAfter=_time(now, told.not_on_or_after))
    session = _members(
        AuthnInstant=_time(now, told.issued),
        SessionIndex=told.session_index,
        SessionNotOnOrAfter=_time(now, told.session_until),
    )
    restriction = (
        f"<saml:AudienceRestriction>{_element('Audience', told.audience)}</saml:AudienceRestriction>"
    )
    head = _members(ID=f"_{secrets.token_hex(8)}", Version="2.0", IssueInstant=_time(now, told.issued))
    return (
        f'<saml:Assertion xmlns:saml="{SAML}"{head}>{_element("Issuer", told.issuer)}<saml:Subject>{name_id}'
        f'<saml:SubjectConfirmation Method="{told.method}"><saml:SubjectConfirmationData{confirmation}/>'
        f"</saml:SubjectConfirmation></saml:Subject><saml:Conditions{times}>"
        f"{restriction if told.audience else ''}{told.conditions}</saml:Conditions>"
        f"<saml:AuthnStatement{session}><saml:AuthnContext><saml:AuthnContextClassRef>"
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
        f"</saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement>{told.more}"
        "</saml:Assertion>"
    ).encode()


def _response(told: Told, assertion: bytes, now: int) -> bytes:
    head = _members(
        ID=f"_{secrets.token_hex(8)}",
        Version=told.version,
        IssueInstant=_time(now, told.issued),
        Destination=told.destination,
        InResponseTo=told.in_response_to,
    )
    return (
        f'<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{SAML}"{head}>'
        f"{_element('Issuer', told.response_issuer)}"
        f'<samlp:Status><samlp:StatusCode Value="{told.status}"/></samlp:Status>'
    ).encode() + b"%b</samlp:Response>" % assertion


def _logout_response(request: etree._Element) -> str:
    head = _members(
        ID=f"_{secrets.token_hex(8)}",
        Version="2.0",
        IssueInstant=_time(clock.now(), 0),
        InResponseTo=request.get("ID"),
    )
    status = f'<samlp:Status><samlp:StatusCode Value="{SUCCESS}"/></samlp:Status>'
    document = f'<samlp:LogoutResponse xmlns:samlp="{PROTOCOL}"{head}>{status}</samlp:LogoutResponse>'
    return base64.b64encode(document.encode()).decode()


def _members(**members: str | None) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in members.items() if value is not None)


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<saml:{name}>{escape(text)}</saml:{name}>"


def _time(now: int, after: int | None) -> str | None:
    return None if after is None else clock.written(now + after)


# -- signatures and encryption -----------------------------------------------------------------------------------------


class _Signer(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """SHA-1 too, which is one of the faults."""


def certificate(key: RSAPrivateKey, now: int) -> str:
    serial = secrets.token_bytes(certificates.SERIAL_BYTES)
    return base64.b64encode(certificates.self_signed(key, "a provider", serial, now - DAY, 3_650)).decode()


def signed(
    element: bytes,
    key: RSAPrivateKey | EllipticCurvePrivateKey,
    certificate: str,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
) -> bytes:
    """The element with an enveloped signature behind its Issuer, where the schema wants it."""
    root = etree.fromstring(element)
    namespaces = {"ds": "http://www.w3.org/2000/09/xmldsig#"}
    place = etree.Element(f"{{{namespaces['ds']}}}Signature", {"Id": "placeholder"}, namespaces)
    root.insert(1, place)
    signer = _Signer(
        signature_algorithm=method,
        digest_algorithm=digest,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    chain = [x509.load_der_x509_certificate(base64.b64decode(certificate))]
    return etree.tostring(
        signer.sign(root, key=key, cert=chain, reference_uri=f"#{root.get('ID')}", id_attribute="ID")
    )


def encrypted(element: bytes, certificate: str, how: Encryption) -> bytes:
    """An EncryptedAssertion for the key of a certificate (DER in base64)."""
    public = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    assert isinstance(public, RSAPublicKey)
    key = secrets.token_bytes(16 if "aes128" in how.content else 32)
    sha_1 = SHA1()  # noqa: S303  what XML Encryption takes where nothing else is said
    mask_digest, digest = (SHA256() if each else sha_1 for each in (how.mask, how.digest))
    padding: OAEP | PKCS1v15 = OAEP(MGF1(mask_digest), digest, None)
    if how.transport.endswith("rsa-1_5"):
        padding = PKCS1v15()
    wrapped = base64.b64encode(public.encrypt(key, padding)).decode()
    content = base64.b64encode(_sealed(element, key, how.content)).decode()
    parameters = f'<ds:DigestMethod Algorithm="{how.digest}"/>' if how.digest else ""
    parameters += f'<xenc11:MGF xmlns:xenc11="{XMLENC11}" Algorithm="{how.mask}"/>' if how.mask else ""
    return (
        f'<saml:EncryptedAssertion xmlns:saml="{SAML}"><xenc:EncryptedData xmlns:xenc="{XMLENC}"'
        f' Type="{XMLENC}Element"><xenc:EncryptionMethod Algorithm="{how.content}"/>'
        '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>'
        f'<xenc:EncryptionMethod Algorithm="{how.transport}">{parameters}</xenc:EncryptionMethod>'
        f"<xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
        f"</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{content}</xenc:CipherValue></xenc:CipherData>"
        "</xenc:EncryptedData></saml:EncryptedAssertion>"
    ).encode()


def _sealed(plain: bytes, key: bytes, algorithm: str) -> bytes:
    if algorithm.endswith("gcm"):
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(key).encrypt(nonce, plain, None)
    vector = secrets.token_bytes(16)
    encryptor = Cipher(AES(key), CBC(vector)).encryptor()
    length = 16 - len(plain) % 16
    padded = plain + secrets.token_bytes(length - 1) + bytes([length])
    return vector + encryptor.update(padded) + encryptor.finalize()


@contextmanager
def _alone(port: int, email: str) -> Iterator[dict[str, object]]:
    with saml_provider(port=port) as provider:
        provider.changed = {"name_id": email, "attributes": {"email": [email]}}
        yield {
            "ProviderType": "SAML",
            "ProviderDetails": {"MetadataURL": f"{provider.entity_id}/metadata"},
            "AttributeMapping": {"email": "email"},
        }


if __name__ == "__main__":
    providers.run(_alone)
