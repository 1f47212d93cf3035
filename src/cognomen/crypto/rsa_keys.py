"""RSA-2048 keys that sign tokens: made, kept as bytes, published as JSON Web Keys.

jws.py signs with them. Making one takes some 50 ms and lets other threads run: callers do it in a thread.
"""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from cognomen.crypto import base64url

_KID_BYTES = 32


def generate() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def kid(random: bytes) -> str:
    """A key id of 32 random bytes as Cognito writes them: standard base64, 44 characters, `=` at the end."""
    if len(random) != _KID_BYTES:
        raise ValueError("a key id takes 32 random bytes")
    return base64.b64encode(random).decode("ascii")


def to_der(key: RSAPrivateKey) -> bytes:
    """PKCS #8, not encrypted: to be sealed before it is kept."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def load(der: bytes) -> RSAPrivateKey:
    """The key of `to_der`'s bytes; ValueError for others.

    Its primes are not tested again (36 ms): only bytes that were sealed by us may come here.
    """
    key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004  the bytes are wrong, not the caller's types
    return key


def public_jwk(key: RSAPrivateKey | RSAPublicKey, kid: str) -> dict[str, str]:
    """The public half as an entry of a pool's jwks.json, members in alphabetical order as Cognito has them."""
    public = key.public_key() if isinstance(key, RSAPrivateKey) else key
    numbers = public.public_numbers()
    return {
        "alg": "RS256",
        "e": _unsigned(numbers.e),
        "kid": kid,
        "kty": "RSA",
        "n": _unsigned(numbers.n),
        "use": "sig",
    }


def _unsigned(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8))
