"""Assertions that a SAML provider encrypted for us (XML Encryption 1.1).

    decrypted(encrypted, private_key)   the assertion, to be verified like any other

What is tried against us is to send the same ciphertext again and again, a little changed, and to learn from our answers what
was in it. So whether a key, a padding or what came out was wrong, it is one refusal: that of a wrong signature, which saml_reading.py
holds back until a time that tells nothing either. Algorithms that are not accepted are told, since no secret decides on them.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from lxml import etree

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.federation import saml_documents

_XENC = "{http://www.w3.org/2001/04/xmlenc#}"
_XENC11 = "{http://www.w3.org/2009/xmlenc11#}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_VALUE = f"{_XENC}CipherData/{_XENC}CipherValue"
_METHOD = f"{_XENC}EncryptionMethod"

_KEYS = {
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc": 16,
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc": 32,
    "http://www.w3.org/2009/xmlenc11#aes128-gcm": 16,
    "http://www.w3.org/2009/xmlenc11#aes256-gcm": 32,
}
_BLOCK = 16
_NONCE = 12

_OAEP_OF_2001 = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"  # its mask is always made with SHA-1
_OAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
_DIGESTS: dict[str | None, type[HashAlgorithm]] = {
    None: SHA1,
    "http://www.w3.org/2000/09/xmldsig#sha1": SHA1,
    "http://www.w3.org/2001/04/xmlenc#sha256": SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": SHA384,
    "http://www.w3.org/2001/04/xmlenc#sha512": SHA512,
}
_MASKS: dict[str | None, type[HashAlgorithm]] = {
    None: SHA1,
    "http://www.w3.org/2009/xmlenc11#mgf1sha1": SHA1,
    "http://www.w3.org/2009/xmlenc11#mgf1sha256": SHA256,
    "http://www.w3.org/2009/xmlenc11#mgf1sha384": SHA384,
    "http://www.w3.org/2009/xmlenc11#mgf1sha512": SHA512,
}


def decrypted(encrypted: etree._Element, private_key: RSAPrivateKey) -> etree._Element:
    """The element in an EncryptedAssertion.

    Raises SAML_RESPONSE for what is not of the form and for algorithms that are not accepted, else SAML_SIGNATURE.
    """
    data = encrypted.find(f"{_XENC}EncryptedData")
    keys = list(encrypted.iter(f"{_XENC}EncryptedKey"))
    if data is None or len(keys) != 1:
        raise errors.SAML_RESPONSE(reason="The encrypted assertion is not encrypted with one key.")
    content = _content_algorithm(data)
    wrapped, padding = _ciphertext(keys[0]), _padding(keys[0])
    ciphertext = _ciphertext(data)
    try:
        key = private_key.decrypt(wrapped, padding)
        return _element(_opened(content, key, ciphertext), encrypted)
    except (ValueError, LookupError, InvalidTag, Refusal):
        raise errors.SAML_SIGNATURE() from None


def _content_algorithm(data: etree._Element) -> str:
    algorithm = _algorithm(data.find(_METHOD))
    if algorithm is None or algorithm not in _KEYS:
        raise errors.SAML_RESPONSE(reason=f"The encryption algorithm {_shown(algorithm)} is not supported.")
    return algorithm


def _padding(key: etree._Element) -> OAEP:
    """The padding that the content's key was encrypted with; RSA with PKCS #1 v1.5 is not accepted."""
    method = key.find(_METHOD)
    algorithm = _algorithm(method)
    if method is None or algorithm not in (_OAEP_OF_2001, _OAEP):
        raise errors.SAML_RESPONSE(
            reason=f"The key transport algorithm {_shown(algorithm)} is not supported."
        )
    digest = _algorithm(method.find(f"{_DS}DigestMethod"))
    mask = _algorithm(method.find(f"{_XENC11}MGF")) if algorithm == _OAEP else None
    if digest not in _DIGESTS or mask not in _MASKS:
        raise errors.SAML_RESPONSE(reason="The digest of the key transport is not supported.")
    label = method.find(f"{_XENC}OAEPparams")
    return OAEP(
        mgf=MGF1(_MASKS[mask]()),
        algorithm=_DIGESTS[digest](),
        label=saml_documents.from_base64(label.text or "") if label is not None else None,
    )


def _opened(algorithm: str, key: bytes, ciphertext: bytes) -> bytes:
    """The content. ValueError or InvalidTag where it was not encrypted with this key."""
    if len(key) != _KEYS[algorithm]:
        raise ValueError
    if algorithm.endswith("gcm"):
        return AESGCM(key).decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], None)
    decryptor = Cipher(AES(key), CBC(ciphertext[:_BLOCK])).decryptor()
    padded = decryptor.update(ciphertext[_BLOCK:]) + decryptor.finalize()
    if not 1 <= padded[-1] <= _BLOCK:  # of the padding, only its length is told
        raise ValueError
    return padded[: -padded[-1]]


def _element(plain: bytes, encrypted: etree._Element) -> etree._Element:
    """The element that a plaintext is, by itself or in the place of what was encrypted: some leave its prefixes to be found there."""
    try:
        return saml_documents.parsed(plain)
    except Refusal:
        context = etree.tostring(etree.Element("context", nsmap=encrypted.nsmap)).removesuffix(b"/>")
        return saml_documents.parsed(b"%b>%b</context>" % (context, plain))[0]


def _algorithm(element: etree._Element | None) -> str | None:
    return element.get("Algorithm") if element is not None else None


def _shown(algorithm: str | None) -> str:
    return (algorithm or "without a name")[:100]


def _ciphertext(element: etree._Element) -> bytes:
    value = element.find(_VALUE)
    if value is None:
        raise errors.SAML_RESPONSE(reason="The encrypted assertion has no content.")
    return saml_documents.from_base64(value.text or "")
