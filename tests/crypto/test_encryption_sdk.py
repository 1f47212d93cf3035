"""What we write, read by the AWS Encryption SDK itself, and held byte by byte against the format's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from aws_encryption_sdk import CommitmentPolicy
from hypothesis import given
from hypothesis import strategies as st

from cognomen.crypto import encryption_sdk
from cognomen.crypto.encryption_sdk import EncryptedDataKey
from tests.sdk_receiver import PROVIDER, REFUSED, opened, raw_key

KEY = bytes(range(32))
DATA_KEY = bytes(range(100, 132))
NAME = "arn:aws:kms:us-east-1:000000000000:key/1"
CONTEXT = {"userpool-id": "us-east-1_abc", "client": "é"}
OWN = raw_key(KEY, NAME)

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
contexts = st.dictionaries(texts.filter(lambda name: not name.startswith("aws-crypto-")), texts, max_size=5)


def written(plaintext: bytes, context: Mapping[str, str], *others: EncryptedDataKey) -> bytes:
    own = encryption_sdk.wrapped(KEY, PROVIDER, NAME, DATA_KEY, context)
    return encryption_sdk.encrypt(DATA_KEY, [*others, own], plaintext, context)


@given(st.binary(max_size=encryption_sdk.FRAME_BYTES), contexts)
def test_the_sdk_opens_what_we_write(plaintext: bytes, context: dict[str, str]) -> None:
    assert opened(written(plaintext, context), OWN) == (plaintext, context)


@pytest.mark.parametrize("policy", CommitmentPolicy)
def test_a_receiver_accepts_it_under_every_policy(policy: Any) -> None:
    assert opened(written(b"123456", CONTEXT), OWN, policy) == (b"123456", CONTEXT)


def test_a_receiver_passes_over_data_keys_of_others() -> None:
    other = EncryptedDataKey(encryption_sdk.KMS, NAME.encode(), b"opaque")
    assert opened(written(b"123456", CONTEXT, other), OWN) == (b"123456", CONTEXT)


def test_the_message_is_laid_out_as_described() -> None:
    key = EncryptedDataKey("aws-kms", b"arn", b"opaque")
    message = encryption_sdk.encrypt(DATA_KEY, [key], b"123456", {"b": "2", "a": "1"})
    parts: list[tuple[str, bytes | int]] = [
        ("version", b"\x02"),
        ("suite", b"\x04\x78"),
        ("message id", 32),
        ("context", b"\x00\x0e\x00\x02\x00\x01a\x00\x011\x00\x01b\x00\x012"),
        ("data keys", b"\x00\x01\x00\x07aws-kms\x00\x03arn\x00\x06opaque"),
        ("framed", b"\x02"),
        ("frame length", b"\x00\x00\x10\x00"),
        ("commitment", 32),
        ("tag of the header", 16),
        ("final frame", b"\xff\xff\xff\xff"),
        ("its number", b"\x00\x00\x00\x01"),
        ("its nonce", bytes(11) + b"\x01"),
        ("its length", b"\x00\x00\x00\x06"),
        ("ciphertext and tag", 22),
    ]
    for name, part in parts:
        size = part if isinstance(part, int) else len(part)
        assert isinstance(part, int) or message[:size] == part, name
        message = message[size:]
    assert message == b""


def test_a_message_with_any_byte_altered_is_refused() -> None:
    message = written(b"123456", {"a": "b"})
    for place in range(len(message)):
        altered = bytearray(message)
        altered[place] ^= 1
        with pytest.raises(REFUSED):
            opened(bytes(altered), OWN)


def test_a_message_cut_short_is_refused() -> None:
    message = written(b"123456", CONTEXT)
    for length in (0, 1, len(message) // 2, len(message) - 1):
        with pytest.raises(REFUSED):
            opened(message[:length], OWN)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(REFUSED):
        opened(written(b"123456", CONTEXT), raw_key(bytes(32), NAME))


def test_two_messages_are_never_the_same() -> None:
    assert len({written(b"123456", CONTEXT) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("data_key", "plaintext", "context", "reason"),
    [
        (bytes(16), b"", {}, "32 bytes"),
        (DATA_KEY, bytes(4_097), {}, "at most 4096"),
        (DATA_KEY, b"", {"aws-crypto-public-key": "x"}, "reserved"),
        (DATA_KEY, b"", {"a": "x" * 65_536}, "65,535"),
        (DATA_KEY, b"", {"a": "x" * 40_000, "b": "x" * 40_000}, "65,535"),
    ],
)
def test_what_does_not_fit_is_refused(
    data_key: bytes, plaintext: bytes, context: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        encryption_sdk.encrypt(data_key, [], plaintext, context)
