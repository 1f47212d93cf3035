"""Who signed an element of XML (XML Signature as SAML Core, section 5.4, narrows it).

    is_signed(element)                  whether it has a signature of its own
    verified(element, certificates)     what exactly was signed: the only thing that may be read

An element is verified by itself, cut out of whatever stands around it, and its signature must be its child and refer to it.
So no other element can be what was signed, wherever an attacker moves things. Imported when the first answer is read: lxml and
signxml take 0.2 s.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from cognomen import errors
from cognomen.federation import saml_documents

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_CANONICALIZATION = f"{_DS}SignedInfo/{_DS}CanonicalizationMethod"
_REFERENCE = f"{_DS}SignedInfo/{_DS}Reference"
_TRANSFORM = f"{_DS}Transforms/{_DS}Transform"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_PREFIXES = f"{{{_EXCLUSIVE}}}InclusiveNamespaces"
_TRANSFORMS = frozenset({_ENVELOPED, _EXCLUSIVE, f"{_EXCLUSIVE}WithComments"})

_METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


ELEMENTS_MAX = 50
"""Of a signature: it has a dozen, and some more where it comes with a chain of certificates."""


def is_signed(element: etree._Element) -> bool:
    return element.find(SIGNATURE) is not None


def verified(element: etree._Element, certificates: Sequence[str]) -> etree._Element:
    """The element as the key of one of the certificates (DER in base64) signed it. Raises SAML_SIGNATURE.

    That a certificate has not expired was looked at when it was configured, as the guide says; here its key alone counts.
    """
    if _is_of_profile(element):
        signed = _signed(etree.tostring(element, with_tail=False), certificates)
        if signed is not None and (signed.tag, signed.get("ID")) == (element.tag, element.get("ID")):
            return signed
    raise errors.SAML_SIGNATURE()


def _is_of_profile(element: etree._Element) -> bool:
    """Whether its one signature is over the element itself and over nothing else, and no work to look at."""
    signatures = element.findall(SIGNATURE)
    if len(signatures) != 1 or not element.get("ID") or signatures[0].find(f"{_DS}Object") is not None:
        return False
    references = signatures[0].findall(_REFERENCE)
    if len(references) != 1 or references[0].get("URI") != f"#{element.get('ID')}":
        return False
    transforms = references[0].findall(_TRANSFORM)
    algorithms = {each.get("Algorithm") for each in transforms}
    if _ENVELOPED not in algorithms or not algorithms <= _TRANSFORMS:
        return False
    methods = [*signatures[0].iterfind(_CANONICALIZATION), *transforms]
    return sum(1 for _ in signatures[0].iter()) <= ELEMENTS_MAX and all(map(_is_canonicalization, methods))


def _is_canonicalization(method: etree._Element) -> bool:
    """Whether nothing is in it but prefixes, of which no document has many: each is looked for at each element."""
    prefixes = [prefix for each in method for prefix in each.get("PrefixList", "").split()]
    return len(prefixes) <= saml_documents.NAMESPACES_MAX and [each.tag for each in method] in (
        [],
        [_PREFIXES],
    )


def _signed(document: bytes, certificates: Sequence[str]) -> etree._Element | None:
    """What the key of one of the certificates signed; None where none did, or in a way that is not accepted."""
    known = [x509.load_der_x509_certificate(base64.b64decode(each)) for each in certificates]
    expected = SignatureConfiguration(
        location="./",
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        ignore_ambiguous_key_info=True,  # the key is known: what the document says of it is not read
        verification_time=known[0].not_valid_after_utc,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    try:
        result = _Verifier(known).verify(
            document,
            x509_cert=known[0],
            parser=saml_documents.parser(),
            id_attribute="ID",
            expect_config=expected,
        )
    except Exception:  # noqa: BLE001  whatever a hostile document makes the library stumble over, it is not signed
        return None
    return result.signed_xml if isinstance(result, VerifyResult) else None


class _Verifier(XMLVerifier):
    """signxml's, put right: of a part of a document lxml writes a wrong canonical form where the default namespace is another one's.

    What .NET signs by default is of that kind. As a document of its own it is written as the standard has it. And where there are several
    certificates, what they are tried with is made once.
    """

    def __init__(self, certificates: Sequence[x509.Certificate]) -> None:
        super().__init__()
        self._certificates = certificates

    def _verify_signature_with_pubkey(self, **what: Any) -> Any:
        for certificate in self._certificates:
            try:
                return super()._verify_signature_with_pubkey(**what | {"signing_certificate": certificate})
            except (InvalidSignature, SignXMLException, UnsupportedAlgorithm, ValueError):
                continue  # of another key, or of a key of another kind
        raise SignXMLException("None of the certificates has signed it.")

    def _c14n(self, nodes: etree._Element, *rest: Any, **more: Any) -> bytes:
        alone = etree.fromstring(etree.tostring(nodes, with_tail=False), saml_documents.parser())
        canonical: bytes = super()._c14n(alone, *rest, **more)
        return canonical
