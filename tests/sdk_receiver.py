"""A custom sender function's half: the AWS Encryption SDK with a raw AES keyring, or with one of AWS KMS."""

from __future__ import annotations

import aws_encryption_sdk
from aws_encryption_sdk import CommitmentPolicy, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from aws_encryption_sdk.identifiers import EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.base import MasterKeyProvider
from aws_encryption_sdk.key_providers.raw import RawMasterKey
from cryptography.exceptions import InvalidTag

PROVIDER = "cognomen"

REFUSED = (AWSEncryptionSDKClientError, InvalidTag, ValueError)
"""What the library raises for a message it does not open."""


def raw_key(key: bytes, name: str) -> MasterKeyProvider:
    wrapping = WrappingKey(
        wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
        wrapping_key=key,
        wrapping_key_type=EncryptionKeyType.SYMMETRIC,
    )
    return RawMasterKey(provider_id=PROVIDER, key_id=name.encode(), wrapping_key=wrapping)


def kms_key(arn: str) -> MasterKeyProvider:
    """The key in AWS KMS; AWS_ENDPOINT_URL_KMS and the credentials of the environment say where that is."""
    return StrictAwsKmsMasterKeyProvider(key_ids=[arn])


def opened(
    message: bytes,
    key: MasterKeyProvider,
    policy: CommitmentPolicy = CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT,
) -> tuple[bytes, dict[str, str]]:
    """What the message says, and its encryption context."""
    client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=policy)
    plaintext, header = client.decrypt(source=message, key_provider=key)
    return plaintext, header.encryption_context
