"""The client secret's hash, how secrets are compared, and what is kept of those that are only looked up.

SRP's proofs are in srp.py, message authentication under our own keys is `sealing.mac`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cognomen.crypto import base64url


def secret_hash(secret: str, username: str, client_id: str) -> str:
    """SECRET_HASH: base64 of HMAC-SHA-256 of user name and client id under the client secret, as Cognito documents it."""
    return base64.b64encode(hmac.digest(_bytes(secret), _bytes(username + client_id), "sha256")).decode(
        "ascii"
    )


def secret_hash_matches(secret: str, username: str, client_id: str, given: str) -> bool:
    """Whether `given`, any text, is the SECRET_HASH."""
    return matches(secret_hash(secret, username, client_id), given)


def matches(one: str | bytes, other: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that tells nothing but their lengths; takes any text, never raises."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def digest(secret: str) -> str:
    """What is kept of a secret that is drawn, long and found by it; takes any text."""
    return hashlib.sha256(_bytes(secret)).hexdigest()


def left_half(token: str, name: str) -> str:
    """The left half of a token's hash by the function of this name: `at_hash` (OpenID Connect Core 1.0, section 3.1.3.6)."""
    whole = hashlib.new(name, _bytes(token)).digest()
    return base64url.encode(whole[: len(whole) // 2])


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
