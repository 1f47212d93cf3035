"""The certificate with which a SAML provider encrypts for us: one key pair per provider, signed by itself.

Nobody checks who signed it: providers take the key out of it (developer guide, "Signing and encryption").
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cognomen import clock

YEARS = 10


def self_signed(key: RSAPrivateKey, name: str, now: int) -> str:
    """A certificate of ten years for `key`, as base64 of its DER, without the lines around it."""
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.fromtimestamp(now // clock.SECOND, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(clock.random_bytes(16)) | 1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365 * YEARS))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
