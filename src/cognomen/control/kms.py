"""Decrypt of AWS KMS, for data keys of the keys that `code_keys` calls local: what a function's KMS keyring asks.

The request and the answer are those of AWS KMS (API reference, "Decrypt"), so that a function reaches it by naming
`/_cognomen/kms` as the endpoint of its KMS client.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from cognomen import errors
from cognomen.control.asked import Asked


class _Decrypt(msgspec.Struct):
    ciphertext: bytes = msgspec.field(name="CiphertextBlob")
    key_arn: str = msgspec.field(name="KeyId")
    context: dict[str, str] = msgspec.field(name="EncryptionContext", default_factory=dict)


async def decrypt(asked: Asked) -> dict[str, Any]:
    try:
        request = msgspec.convert(asked.body, _Decrypt)
        data_key = asked.node.code_keys.opened(request.key_arn, request.ciphertext, request.context)
    except (msgspec.ValidationError, ValueError):  # CannotUnseal and UnicodeEncodeError are ValueErrors
        raise errors.INVALID_CIPHERTEXT() from None
    return {
        "KeyId": request.key_arn,
        "Plaintext": base64.b64encode(data_key).decode(),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
