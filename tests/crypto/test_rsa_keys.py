from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import RSAAlgorithm

from cognomen.crypto import rsa_keys


def test_a_key_comes_back_from_its_bytes(rsa_key: RSAPrivateKey) -> None:
    loaded = rsa_keys.load(rsa_keys.to_der(rsa_key))
    assert loaded.private_numbers() == rsa_key.private_numbers()
    assert loaded.key_size == 2048


def test_bytes_of_something_else_are_refused(rsa_key: RSAPrivateKey) -> None:
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    for der in (b"", b"\0" * 100, rsa_keys.to_der(rsa_key)[:-40], other):
        with pytest.raises(ValueError):  # noqa: PT011  the library's texts vary
            rsa_keys.load(der)


def test_the_public_half_is_published_as_cognito_does(rsa_key: RSAPrivateKey) -> None:
    jwk = rsa_keys.public_jwk(rsa_key, "key=")
    assert list(jwk) == ["alg", "e", "kid", "kty", "n", "use"]
    assert {**jwk, "n": "…"} == {
        "alg": "RS256",
        "e": "AQAB",
        "kid": "key=",
        "kty": "RSA",
        "n": "…",
        "use": "sig",
    }
    assert len(jwk["n"]) == 342
    assert rsa_keys.public_jwk(rsa_key.public_key(), "key=") == jwk
    read = RSAAlgorithm.from_jwk(json.dumps(jwk))
    assert not isinstance(read, RSAPrivateKey)
    assert read.public_numbers() == rsa_key.public_key().public_numbers()


def test_a_key_id_is_44_characters_of_base64() -> None:
    assert rsa_keys.kid(bytes([255] * 32)) == "//////////////////////////////////////////8="
    with pytest.raises(ValueError, match="32 random bytes"):
        rsa_keys.kid(bytes(31))
