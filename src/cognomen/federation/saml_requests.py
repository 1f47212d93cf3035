"""What is asked of a SAML provider: requests that the browser carries to it in a redirect (SAML Bindings, section 3.4).

    is_signed(...)      whether a provider wants the request to sign in signed
    redirect_url(...)   where a browser goes to sign in there
    logout_url(...)     where it goes to end the session that it has there
    new_id()            the ID of a request, which the answer repeats

A signature is over the query string as it stands in the URL, and not in the document. Guide, "SAML signing and encryption".
"""

from __future__ import annotations

import base64
import zlib
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from cognomen import clock
from cognomen.federation.asserted import SamlSession
from cognomen.federation.configuration import Configuration

SIGNATURE_ALGORITHM = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

_NAMESPACES = (
    'xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"'
)
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def new_id() -> str:
    return f"_{clock.uuid4()}"  # a name of XML does not begin with a digit


def is_signed(configuration: Configuration) -> bool:
    return "RequestSigningAlgorithm" in configuration.details


def redirect_url(
    configuration: Configuration,
    signing: RSAPrivateKey | None,
    *,
    request_id: str,
    acs_url: str,
    audience: str,
    relay_state: str,
    now: int,
) -> str:
    """The provider's URL with an AuthnRequest; `signing` is the pool's key, where the provider wants a signature.

    `acs_url` is where the answer shall go, `audience` the entity ID of the pool.
    """
    url = configuration.metadata.sso_url
    document = (
        f"<saml2p:AuthnRequest {_NAMESPACES} {_head(request_id, url, now)} "
        f'AssertionConsumerServiceURL={quoteattr(acs_url)} ProtocolBinding="{_POST}">'
        f"{_issuer(audience)}</saml2p:AuthnRequest>"
    )
    return _url(url, document, relay_state, signing)


def logout_url(
    configuration: Configuration,
    signing: RSAPrivateKey,
    *,
    session: SamlSession,
    request_id: str,
    audience: str,
    relay_state: str,
    now: int,
) -> str | None:
    """The provider's URL for single logout with a LogoutRequest for a session there, always signed; None if it has no such URL."""
    url = configuration.metadata.slo_url
    if url is None:
        return None
    told = {
        "Format": session.name_id_format,
        "NameQualifier": session.name_qualifier,
        "SPNameQualifier": session.sp_name_qualifier,
    }
    members = "".join(f" {name}={quoteattr(value)}" for name, value in told.items() if value is not None)
    index = session.session_index
    document = (
        f"<saml2p:LogoutRequest {_NAMESPACES} {_head(request_id, url, now)}>{_issuer(audience)}"
        f"<saml2:NameID{members}>{escape(session.name_id)}</saml2:NameID>"
        f"{'' if index is None else f'<saml2p:SessionIndex>{escape(index)}</saml2p:SessionIndex>'}"
        "</saml2p:LogoutRequest>"
    )
    return _url(url, document, relay_state, signing)


def _head(request_id: str, destination: str, now: int) -> str:
    return (
        f'ID={quoteattr(request_id)} Version="2.0" IssueInstant="{clock.written(now)}" '
        f"Destination={quoteattr(destination)}"
    )


def _issuer(audience: str) -> str:
    return f"<saml2:Issuer>{escape(audience)}</saml2:Issuer>"


def _url(url: str, document: str, relay_state: str, signing: RSAPrivateKey | None) -> str:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)  # without a header, as the binding has it
    compressed = compressor.compress(document.encode()) + compressor.flush()
    told = {"SAMLRequest": base64.b64encode(compressed), "RelayState": relay_state}
    if signing is None:
        query = urlencode(told)
    else:
        query = urlencode(told | {"SigAlg": SIGNATURE_ALGORITHM})
        signature = signing.sign(query.encode(), PKCS1v15(), SHA256())
        query += f"&{urlencode({'Signature': base64.b64encode(signature)})}"
    return f"{url}{'&' if '?' in url else '?'}{query}"
