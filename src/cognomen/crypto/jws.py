"""Signed tokens: JWS compact, RS256 only, the header `{"kid":…,"alg":"RS256"}` without `typ`, as Cognito's have it.

What is in a token and whether it still counts is the business of tokens/; keys are in rsa_keys.py. Tokens that others sign
are taken apart by the same hands, and verified by foreign_jws.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from cognomen.crypto import base64url

SIZE_LIMIT = 16_384

_PADDING = PKCS1v15()
_HASH = SHA256()
_object = msgspec.json.Decoder(dict[str, Any])


class Parsed(NamedTuple):
    """A token taken apart; nothing in it may be believed before `verify`."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes


def sign(key: RSAPrivateKey, kid: str, claims: dict[str, Any] | bytes) -> str:
    """The token of `claims`, which may be encoded JSON already."""
    payload = claims if isinstance(claims, bytes) else msgspec.json.encode(claims)
    signing_input = f"{_encode_header(kid)}.{base64url.encode(payload)}"
    signature = key.sign(signing_input.encode("ascii"), _PADDING, _HASH)
    return f"{signing_input}.{base64url.encode(signature)}"


def parse(token: str) -> Parsed:
    """The parts of a token, not yet verified; ValueError if it is not RS256 with a `kid`, or not exactly written."""
    parsed = taken_apart(token, SIZE_LIMIT)
    if parsed.header.get("alg") != "RS256" or not isinstance(parsed.header.get("kid"), str):
        raise ValueError("token header not accepted")
    return parsed


def taken_apart(token: str, limit: int) -> Parsed:
    """The parts of a token of any algorithm and at most `limit` characters; ValueError if it is not exactly written."""
    if len(token) > limit:
        raise ValueError("token too long")
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  header, payload, signature of RFC 7515
        raise ValueError("token not of three parts")
    header, payload, signature = (base64url.decode(part) for part in parts)
    members = _parse_object(header)
    # RFC 7515 §4.1.11: who does not understand a critical extension refuses the token, and we understand none.
    if "crit" in members:
        raise ValueError("token header not accepted")
    return Parsed(members, _parse_object(payload), token.rpartition(".")[0].encode("ascii"), signature)


def verify(public_key: RSAPublicKey, parsed: Parsed) -> bool:
    """Whether the token's signature was made with this key."""
    try:
        public_key.verify(parsed.signature, parsed.signing_input, _PADDING, _HASH)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=1_024)
def _encode_header(kid: str) -> str:
    return base64url.encode(msgspec.json.encode({"kid": kid, "alg": "RS256"}))


def _parse_object(raw: bytes) -> dict[str, Any]:
    try:
        return _object.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("token part not a JSON object") from error


def is_one(text: str) -> bool:
    """Whether this is a signed token, whoever signed it."""
    try:
        parse(text)
    except ValueError:
        return False
    return True
