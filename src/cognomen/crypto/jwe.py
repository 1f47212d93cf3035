"""Encrypted tokens: JWE compact with a direct AES-256-GCM key, the form of refresh tokens.

Cognito's own refresh tokens carry `"alg":"RSA-OAEP"`; nobody but their issuer can open either kind, and this one opens
in ten microseconds where a private RSA operation takes 250. The key's id stands in the header, so that keys can be
rotated.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cognomen import clock
from cognomen.crypto import base64url

SIZE_LIMIT = 16_384

_LONGEST_HEADER = 1_024  # characters; with a key's id of eight letters it has 78
_NONCE_BYTES = 12
_TAG_BYTES = 16


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    cty: str
    enc: str
    alg: str
    kid: str


class Parsed(NamedTuple):
    """A token taken apart: the id of the key that opens it, the header as authenticated, ciphertext with tag."""

    kid: str
    header: bytes
    nonce: bytes
    sealed: bytes


_header = msgspec.json.Decoder(_Header)


def encrypt(key: AESGCM, kid: str, plaintext: bytes) -> str:
    """`plaintext` as a token under `key` (of 32 bytes), which `kid` will find again."""
    header = _encode_header(kid)
    nonce = clock.random_bytes(_NONCE_BYTES)
    sealed = key.encrypt(nonce, plaintext, header.encode("ascii"))
    ciphertext, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    return f"{header}..{base64url.encode(nonce)}.{base64url.encode(ciphertext)}.{base64url.encode(tag)}"


def parse(token: str) -> Parsed:
    """The parts of a token, not yet opened; ValueError if it is not a token of this form."""
    if len(token) > SIZE_LIMIT:
        raise ValueError("token too long")
    parts = token.split(".")
    if len(parts) != 5 or parts[1]:  # noqa: PLR2004  RFC 7516's five parts, no encrypted key with "dir"
        raise ValueError("token not of five parts with an empty key")
    kid = _kid_of(parts[0])
    nonce, ciphertext, tag = map(base64url.decode, parts[2:])
    if len(nonce) != _NONCE_BYTES or len(tag) != _TAG_BYTES:
        raise ValueError("token not of our form")
    return Parsed(kid, parts[0].encode("ascii"), nonce, ciphertext + tag)


def decrypt(key: AESGCM, parsed: Parsed) -> bytes:
    """What was encrypted; ValueError if the token was altered, or is under another key."""
    try:
        return key.decrypt(parsed.nonce, parsed.sealed, parsed.header)
    except InvalidTag:
        raise ValueError("token altered, or encrypted with another key") from None


# Strangers fill this too, so that it keeps little; the keys of a node are few.
@lru_cache(maxsize=16)
def _kid_of(header: str) -> str:
    if len(header) > _LONGEST_HEADER:
        raise ValueError("token header too long")
    try:
        kid = _header.decode(base64url.decode(header)).kid
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("token header not accepted") from error
    if header != _encode_header(kid):
        raise ValueError("token not of our form")
    return kid


@lru_cache(maxsize=16)
def _encode_header(kid: str) -> str:
    return base64url.encode(msgspec.json.encode(_Header(cty="JWT", enc="A256GCM", alg="dir", kid=kid)))
