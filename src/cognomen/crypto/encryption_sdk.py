"""The message format of the AWS Encryption SDK, written: what custom sender functions expect codes in.

    header      version 2, algorithm suite, message id, encryption context, encrypted data keys, frame length,
                commitment | tag
    body        one frame, the final one

The suite is 0x0478: AES-256-GCM with a key derived by HKDF-SHA512, key commitment, no signature. Receivers accept it
under every commitment policy. Several encrypted data keys hold the same data key in different ways, and a receiver
opens the one it has a key for. Source: AWS Encryption SDK developer guide, "Message format reference", "Body AAD
reference" and "Algorithms reference".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cognomen import clock

KEY_BYTES = 32
FRAME_BYTES = 4_096
"""The length of a frame, and here the most a message can hold."""
KMS = "aws-kms"
"""The provider of data keys that AWS KMS encrypts; their name is the ARN of the key."""

_VERSION = b"\x02"
_SUITE = b"\x04\x78"
_FRAMED = b"\x02"
_FINAL = b"\xff\xff\xff\xff"
_FINAL_FRAME = b"AWSKMSEncryptionClient Final Frame"
_ONE = (1).to_bytes(4)
_MESSAGE_ID_BYTES = 32
_NONCE_BYTES = 12
_TAG_BITS = 128
_COUNT_BYTES = 2


@dataclass(frozen=True)
class EncryptedDataKey:
    """A data key as it travels: who can open it (provider), by which key (name), and its ciphertext."""

    provider: str
    name: bytes
    ciphertext: bytes


def encrypt(
    data_key: bytes,
    encrypted: Sequence[EncryptedDataKey],
    plaintext: bytes,
    context: Mapping[str, str],
) -> bytes:
    """A message of `plaintext`, at most FRAME_BYTES, under a data key of 32 bytes; ValueError for what does not fit.

    `context` travels in clear and is authenticated; names that begin with `aws-crypto-` are the format's own.
    """
    if len(data_key) != KEY_BYTES:
        raise ValueError(f"a data key has {KEY_BYTES} bytes")
    if len(plaintext) > FRAME_BYTES:
        raise ValueError(f"a message holds at most {FRAME_BYTES} bytes")
    message_id = clock.random_bytes(_MESSAGE_ID_BYTES)
    header = b"".join(
        [
            _VERSION,
            _SUITE,
            message_id,
            _counted(serialized(context)),
            len(encrypted).to_bytes(_COUNT_BYTES),
            *(_written(key) for key in encrypted),
            _FRAMED,
            FRAME_BYTES.to_bytes(4),
            _derived(data_key, message_id, b"COMMITKEY"),
        ]
    )
    # The key is good for this message alone, so counted nonces are: 0 for the header, then the number of the frame.
    cipher = AESGCM(_derived(data_key, message_id, _SUITE + b"DERIVEKEY"))
    tag = cipher.encrypt(bytes(_NONCE_BYTES), b"", header)
    nonce = (1).to_bytes(_NONCE_BYTES)
    bound_to = message_id + _FINAL_FRAME + _ONE + len(plaintext).to_bytes(8)
    body = cipher.encrypt(nonce, plaintext, bound_to)
    return header + tag + _FINAL + _ONE + nonce + len(plaintext).to_bytes(4) + body


def wrapped(
    key: bytes, provider: str, name: str, data_key: bytes, context: Mapping[str, str]
) -> EncryptedDataKey:
    """The data key under an AES key of 32 bytes that the receiver has too, as its raw AES keyring opens it."""
    nonce = clock.random_bytes(_NONCE_BYTES)
    told = name.encode() + _TAG_BITS.to_bytes(4) + _NONCE_BYTES.to_bytes(4) + nonce
    return EncryptedDataKey(provider, told, AESGCM(key).encrypt(nonce, data_key, serialized(context)))


def serialized(context: Mapping[str, str]) -> bytes:
    """An encryption context in bytes, ordered by name; ValueError where it is too long or takes reserved names."""
    if not context:
        return b""
    if any(name.startswith("aws-crypto-") for name in context):
        raise ValueError("names that begin with aws-crypto- are reserved")
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    count = len(pairs).to_bytes(_COUNT_BYTES)
    return count + b"".join(_counted(name) + _counted(value) for name, value in pairs)


def _written(key: EncryptedDataKey) -> bytes:
    return _counted(key.provider.encode()) + _counted(key.name) + _counted(key.ciphertext)


def _counted(value: bytes) -> bytes:
    try:
        return len(value).to_bytes(_COUNT_BYTES) + value
    except OverflowError:
        raise ValueError("a part of the message is longer than 65,535 bytes") from None


def _derived(data_key: bytes, message_id: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA512(), length=KEY_BYTES, salt=message_id, info=info).derive(data_key)
