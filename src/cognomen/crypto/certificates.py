"""X.509 certificates that a key makes for itself: what identity providers check the signatures of SAML requests with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cognomen.clock import SECOND

SERIAL_BYTES = 19  # RFC 5280 allows 20, and the number must be positive


def self_signed(key: RSAPrivateKey, name: str, serial: bytes, issued_at: int, days: int) -> bytes:
    """A certificate in DER, of a common name of at most 64 characters, valid for `days` from `issued_at` (milliseconds).

    `serial` is SERIAL_BYTES random bytes.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.fromtimestamp(issued_at // SECOND, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(serial) | 1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.DER)
