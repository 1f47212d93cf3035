"""Tokens that other servers sign: with RSA, ECDSA or HMAC (RFC 7518), by keys that they publish (RFC 7517).

    public_keys(document)       the keys of a published set, by their `kid`
    verify(key, parsed)         whether a published key has signed
    verify_mac(secret, parsed)  whether a shared secret has
    at_hash(algorithm, token)   what an ID token says of an access token
    sign_es256(…)               the one signature of this kind that we make ourselves: Apple knows its clients by it

What a key is decides what it verifies: a public key never serves as the secret of an HMAC, a secret verifies nothing else, and
`none` is no algorithm here. Tokens are taken apart by jws.py, and our own are its business alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from cognomen.crypto import base64url, hashes
from cognomen.crypto.jws import Parsed

KEYS_MAX = 100
"""More of a published set are not looked at."""
RSA_BITS = (2_048, 8_192)
"""RFC 7518, section 3.3, asks for the one; a key beyond the other takes long to verify with."""

_HASHES: Mapping[str, HashAlgorithm] = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
_CURVES: Mapping[str, tuple[str, type[ec.EllipticCurve]]] = {
    "P-256": ("ES256", ec.SECP256R1),
    "P-384": ("ES384", ec.SECP384R1),
    "P-521": ("ES512", ec.SECP521R1),
}
_OF_CURVE: Mapping[str, str] = {curve().name: algorithm for algorithm, curve in _CURVES.values()}
_OF_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_OF_SECRET = frozenset({"HS256", "HS384", "HS512"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`algorithm` is the only one it is for, where whoever published it says so."""

    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    algorithm: str | None


class _Set(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


def public_keys(document: bytes) -> dict[str, tuple[PublicKey, ...]]:
    """The keys that signatures are verified with, by `kid`, which two may share; ValueError for what is no key set.

    Keys of other kinds or for other uses, and those that cannot be read, are passed over: a set may have them.
    """
    try:
        published = _sets.decode(document).keys
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not a set of keys") from error
    found: dict[str, tuple[PublicKey, ...]] = {}
    for jwk in published[:KEYS_MAX]:
        kid = jwk.get("kid")
        key = _public_key(jwk)
        if isinstance(kid, str) and key is not None:
            found[kid] = (*found.get(kid, ()), key)
    return found


def is_symmetric(parsed: Parsed) -> bool:
    """Whether the token says that a shared secret has signed it."""
    return _algorithm(parsed) in _OF_SECRET


def verify(key: PublicKey, parsed: Parsed) -> bool:
    """Whether the token's signature was made with this key, by an algorithm that is its own."""
    algorithm = _algorithm(parsed)
    if key.algorithm not in (None, algorithm):
        return False
    try:
        if isinstance(key.key, rsa.RSAPublicKey):
            return algorithm in _OF_RSA and _verify_rsa(key.key, algorithm, parsed)
        return algorithm == _OF_CURVE[key.key.curve.name] and _verify_ecdsa(key.key, algorithm, parsed)
    except InvalidSignature:
        return False


def verify_mac(secret: bytes, parsed: Parsed) -> bool:
    """Whether the token's MAC was made with this secret; never where the secret is shorter than the MAC (RFC 7518, section 3.2)."""
    if not is_symmetric(parsed):
        return False
    hashed = _hash_of(_algorithm(parsed))
    made = hmac.digest(secret, parsed.signing_input, hashed.name)
    return len(secret) >= hashed.digest_size and hmac.compare_digest(made, parsed.signature)


def at_hash(algorithm: str, access_token: str) -> str:
    """What a token that is signed by `algorithm` says of the access token that came with it."""
    return hashes.left_half(access_token, _hash_of(algorithm).name)


def sign_es256(key: ec.EllipticCurvePrivateKey, kid: str, claims: Mapping[str, Any]) -> str:
    """The token of `claims`, signed with a key on P-256."""
    header = msgspec.json.encode({"alg": "ES256", "kid": kid})
    signing_input = f"{base64url.encode(header)}.{base64url.encode(msgspec.json.encode(claims))}"
    r, s = decode_dss_signature(key.sign(signing_input.encode("ascii"), ec.ECDSA(SHA256())))
    return f"{signing_input}.{base64url.encode(r.to_bytes(32) + s.to_bytes(32))}"


def _verify_rsa(key: rsa.RSAPublicKey, algorithm: str, parsed: Parsed) -> bool:
    hashed = _hash_of(algorithm)
    filling: padding.AsymmetricPadding = padding.PKCS1v15()
    if algorithm.startswith("PS"):
        filling = padding.PSS(padding.MGF1(hashed), hashed.digest_size)
    key.verify(parsed.signature, parsed.signing_input, filling, hashed)
    return True


def _verify_ecdsa(key: ec.EllipticCurvePublicKey, algorithm: str, parsed: Parsed) -> bool:
    size = (key.curve.key_size + 7) // 8
    if len(parsed.signature) != 2 * size:
        return False
    r, s = int.from_bytes(parsed.signature[:size]), int.from_bytes(parsed.signature[size:])
    key.verify(encode_dss_signature(r, s), parsed.signing_input, ec.ECDSA(_hash_of(algorithm)))
    return True


def _public_key(jwk: Mapping[str, Any]) -> PublicKey | None:
    if jwk.get("use", "sig") != "sig":
        return None
    algorithm = jwk.get("alg")
    try:
        key = _rsa_key(jwk) if jwk.get("kty") == "RSA" else _ec_key(jwk)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if key is None:
        return None
    return PublicKey(key, algorithm if isinstance(algorithm, str) else None)


def _rsa_key(jwk: Mapping[str, Any]) -> rsa.RSAPublicKey | None:
    key = rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key()
    smallest, largest = RSA_BITS
    return key if smallest <= key.key_size <= largest else None


def _ec_key(jwk: Mapping[str, Any]) -> ec.EllipticCurvePublicKey | None:
    curve = jwk.get("crv")
    if jwk.get("kty") != "EC" or not isinstance(curve, str) or curve not in _CURVES:
        return None
    return ec.EllipticCurvePublicNumbers(
        _number(jwk, "x"), _number(jwk, "y"), _CURVES[curve][1]()
    ).public_key()


def _number(jwk: Mapping[str, Any], name: str) -> int:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise ValueError("not a number")  # noqa: TRY004  the document is wrong, not the caller's types
    return int.from_bytes(base64url.decode(text))


def _algorithm(parsed: Parsed) -> str:
    """What the header names; anything but a text is no algorithm."""
    named = parsed.header.get("alg")
    return named if isinstance(named, str) else ""


def _hash_of(algorithm: str) -> HashAlgorithm:
    return _HASHES[algorithm[-3:]]


_sets = msgspec.json.Decoder(_Set)
