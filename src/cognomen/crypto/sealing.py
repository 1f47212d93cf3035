"""Sealed values: AES-256-GCM under a master key that is not in the database, for one purpose and bound to its place.

    blob        version (1 byte) | key id (4) | nonce (12) | ciphertext and tag
    purpose     names the kind of value; each has its own key, derived from the master key
    bound_to    what the value belongs to (a pool, a row, a turn): a blob moved elsewhere does not open (`joined`)

New values are sealed with the keyring's current key; older keys still open what they sealed. Nonces are random, so one
key and purpose is good for some 2^32 values (chance of a repeated nonce 2^-33); a busy server adds a master key before.
master_key/source.py reads and writes the keys themselves.
"""

from __future__ import annotations

import functools
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cognomen import clock
from cognomen.crypto import base64url

SECRET_BYTES = 32

_VERSION = b"\x01"
_HEADER_BYTES = 5
_NONCE_BYTES = 12
_TAG_BYTES = 16


class CannotUnseal(ValueError):  # noqa: N818  it says what happened
    """The value was altered, cut, sealed for another purpose or place, or never sealed."""


class UnknownKey(CannotUnseal):
    """The value names a master key (`key_id`) that is not in the keyring."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"sealed with master key {key_id}, which is not among the master keys")
        self.key_id = key_id


class MasterKey(msgspec.Struct, frozen=True, cache_hash=True):
    """A master key; made by `master_key`, which derives the id (8 hexadecimal digits)."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        """Without the secret."""
        return f"MasterKey(id={self.id!r})"


@dataclass(frozen=True)
class Keyring:
    """The master keys: the current one seals, all of them open; made by `keyring`."""

    current: MasterKey
    keys: Mapping[str, MasterKey] = field(hash=False)


def master_key(secret: bytes) -> MasterKey:
    """The master key of 32 random bytes; ValueError for another length."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("a master key has 32 bytes")
    return MasterKey(sha256(secret).hexdigest()[:8], secret)


def keyring(keys: Sequence[MasterKey]) -> Keyring:
    """A keyring whose current key is the first; ValueError if there is none or two have the same id."""
    by_id = {key.id: key for key in keys}
    if not keys or len(by_id) != len(keys):
        raise ValueError("a keyring needs at least one master key, each with its own id")
    return Keyring(keys[0], by_id)


# -- sealing ----------------------------------------------------------------------------------------------------------


def seal(keyring: Keyring, purpose: str, plaintext: bytes, bound_to: bytes) -> bytes:
    """`plaintext` sealed with the current key: 33 bytes longer."""
    key = keyring.current
    header = _VERSION + bytes.fromhex(key.id)
    nonce = clock.random_bytes(_NONCE_BYTES)
    return (
        header + nonce + _cipher(key, purpose).encrypt(nonce, plaintext, _context(header, purpose, bound_to))
    )


def unseal(keyring: Keyring, purpose: str, blob: bytes, bound_to: bytes) -> bytes:
    """What was sealed for the same purpose and place; raises UnknownKey or CannotUnseal."""
    key_id = key_id_of(blob)
    key = keyring.keys.get(key_id)
    if key is None:
        raise UnknownKey(key_id)
    header, nonce = blob[:_HEADER_BYTES], blob[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES]
    try:
        return _cipher(key, purpose).decrypt(
            nonce, blob[_HEADER_BYTES + _NONCE_BYTES :], _context(header, purpose, bound_to)
        )
    except InvalidTag:
        raise CannotUnseal("altered, or sealed for something else") from None


def key_id_of(blob: bytes) -> str:
    """The id of the master key a blob was sealed with; CannotUnseal if it is no blob."""
    if blob[:1] != _VERSION or len(blob) < _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES:
        raise CannotUnseal("not a sealed value")
    return blob[1:_HEADER_BYTES].hex()


def seal_text(keyring: Keyring, purpose: str, plaintext: bytes, bound_to: bytes) -> str:
    """`seal` as base64url without padding."""
    return base64url.encode(seal(keyring, purpose, plaintext, bound_to))


def unseal_text(keyring: Keyring, purpose: str, text: str, bound_to: bytes) -> bytes:
    """`unseal` of `seal_text`'s text, any text at all; raises UnknownKey or CannotUnseal."""
    try:
        blob = base64url.decode(text)
    except ValueError:
        raise CannotUnseal("not a sealed text") from None
    return unseal(keyring, purpose, blob, bound_to)


# -- keys and authentication ------------------------------------------------------------------------------------------


def joined(*parts: bytes) -> bytes:
    """The parts, each after its length (4 bytes): different lists of parts never give the same bytes."""
    return b"".join([len(part).to_bytes(4) + part for part in parts])


def mac(secret: bytes, purpose: str, *parts: bytes) -> bytes:
    """HMAC-SHA-256 (32 bytes) of the parts for a purpose.

    It takes the secret and no keyring: what must stay the same when master keys are rotated, a look-up by MAC or a
    decoy's features, needs a secret of its own, kept sealed.
    """
    made = _keyed(secret).copy()
    made.update(joined(purpose.encode(), *parts))
    return made.finalize()


# A secret costs more to take up than all the rest, and a pool has one. This HMAC takes a third of Python's own.
@functools.lru_cache(maxsize=1_024)
def _keyed(secret: bytes) -> HMAC:
    return HMAC(secret, SHA256())


def wide_mac(secret: bytes, purpose: str, message: bytes) -> bytes:
    """64 bytes, as `mac` of one part: keyed BLAKE2b, whose `purpose` has at most 16 characters of ASCII."""
    return blake2b(message, key=secret, person=purpose.encode()).digest()


def subkey(key: MasterKey, purpose: str) -> bytes:
    """32 bytes derived from a master key for a purpose other than `seal`'s, refresh tokens for one (HKDF-SHA-256)."""
    return _derive(key, f"cognomen key 1: {purpose}")


def key_check(key: MasterKey) -> bytes:
    """32 bytes to keep in the database: they tell whether a node has the right master key, and nothing about the key."""
    return hmac.digest(subkey(key, "key check"), b"cognomen", "sha256")


def _context(header: bytes, purpose: str, bound_to: bytes) -> bytes:
    return joined(header, purpose.encode(), bound_to)


# Purposes are few and stand in the code, so the bound is never reached; it is there in case one is ever computed.
@functools.lru_cache(maxsize=256)
def _cipher(key: MasterKey, purpose: str) -> AESGCM:
    return AESGCM(_derive(key, f"cognomen seal 1: {purpose}"))


def _derive(key: MasterKey, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(key.secret)
