"""The keys that codes for custom senders are encrypted with: what the setting `code_keys` says of LambdaConfig.KMSKeyID.

    local                       a key of our own, made from the master key; also for every ARN the table does not name
    file:/path                  32 bytes in base64, which the function has too
    kms                         AWS KMS, in the ARN's region
    kms:http://host:4566        the same API at another endpoint (LocalStack and others)

A key of the table is an ARN or a pattern of one, as in `functions`. With AWS KMS the message holds the data key as KMS
encrypted it. With a key of ours it holds the data key twice: for a raw AES keyring (provider `cognomen`, name the ARN),
and for a KMS keyring whose client asks our own Decrypt (control/kms.py), which is `opened` here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from cognomen import clock
from cognomen.crypto import encryption_sdk, sealing
from cognomen.crypto.encryption_sdk import KEY_BYTES, EncryptedDataKey
from cognomen.master_key.vault import Vault
from cognomen.outgoing import Outgoing, Unreachable
from cognomen.settings import Settings, SettingsError
from cognomen.triggers import targets
from cognomen.wire import signing
from cognomen.wire.signing import Credentials

PROVIDER = "cognomen"
"""The provider (key namespace) of the raw AES keyring that opens what a key of ours encrypted."""

_PURPOSE = "data key of a custom sender"
_LARGEST = 64 * 1024
_OK = 200


class NotEncrypted(Exception):  # noqa: N818  it says what happened
    """A code could not be encrypted; the text names no secret."""


@dataclass(frozen=True, slots=True)
class Local:
    """A key of ours; `secret` is that of a file, None where it is made from the master key."""

    secret: bytes | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Kms:
    """`endpoint` is a URL without a path; None means the one of AWS."""

    endpoint: str | None

    def endpoint_of(self, arn: str) -> str:
        """Raises NotEncrypted where the region of the ARN is none."""
        endpoint = self.endpoint or targets.aws_endpoint("kms", arn)
        if endpoint is None:
            raise NotEncrypted(f"{arn} names no region of AWS")
        return endpoint


Source = Local | Kms


class _DataKey(msgspec.Struct):
    """The answer of AWS KMS to GenerateDataKey."""

    ciphertext: bytes = msgspec.field(name="CiphertextBlob")
    plaintext: bytes = msgspec.field(name="Plaintext")
    key_id: str = msgspec.field(name="KeyId")

    def __repr__(self) -> str:
        return f"_DataKey({self.key_id})"  # the default would show the key itself


_data_key = msgspec.json.Decoder(_DataKey)


class CodeKeys:
    """The table of a process, read at its start."""

    def __init__(self, settings: Settings, vault: Vault, outgoing: Outgoing) -> None:
        """Raises SettingsError for a table that cannot be used."""
        self._vault = vault
        self._outgoing = outgoing
        self._credentials = Credentials(
            settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token
        )
        self._table = _table(settings)

    async def encrypt(self, key_arn: str, plaintext: bytes, context: Mapping[str, str]) -> bytes:
        """A message of the AWS Encryption SDK, for whoever may use the key. Raises NotEncrypted.

        ValueError for what the format has no room for (more than 4 KiB). Not to be called inside a transaction.
        """
        source = self._source_of(key_arn)
        if isinstance(source, Kms):
            data_key, encrypted = await self._generated(source, key_arn, context)
            return encryption_sdk.encrypt(data_key, [encrypted], plaintext, context)
        data_key = clock.random_bytes(KEY_BYTES)
        sealed = self._vault.seal(_PURPOSE, data_key, _binding(key_arn, context))
        secret = source.secret or self._made_from_master_key(key_arn)
        keys = [
            EncryptedDataKey(encryption_sdk.KMS, key_arn.encode(), sealed),
            encryption_sdk.wrapped(secret, PROVIDER, key_arn, data_key, context),
        ]
        return encryption_sdk.encrypt(data_key, keys, plaintext, context)

    def opened(self, key_arn: str, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """The data key in a message of a key of ours; CannotUnseal for another key, context or message."""
        return self._vault.unseal(_PURPOSE, sealed, _binding(key_arn, context))

    def secret_of(self, key_arn: str) -> bytes | None:
        """The key of ours that a raw AES keyring needs; None where AWS KMS has the key."""
        source = self._source_of(key_arn)
        return None if isinstance(source, Kms) else source.secret or self._made_from_master_key(key_arn)

    def _source_of(self, key_arn: str) -> Source:
        return targets.find(self._table, key_arn) or Local()

    def _made_from_master_key(self, key_arn: str) -> bytes:
        return sealing.subkey(self._vault.keyring.current, f"custom sender {key_arn}")

    async def _generated(
        self, source: Kms, key_arn: str, context: Mapping[str, str]
    ) -> tuple[bytes, EncryptedDataKey]:
        """A data key of AWS KMS (API reference, "GenerateDataKey"), in clear and encrypted."""
        endpoint = source.endpoint_of(key_arn)
        asked = {"KeyId": key_arn, "NumberOfBytes": KEY_BYTES, "EncryptionContext": dict(context)}
        body = msgspec.json.encode(asked)
        headers = signing.sign(
            self._credentials,
            service="kms",
            region=targets.region_of(key_arn),
            method="POST",
            raw_path="/",
            headers={
                "host": urlsplit(endpoint).netloc,
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": "TrentService.GenerateDataKey",
            },
            body=body,
            now=clock.unmoved(),
        )
        try:
            answer = await self._outgoing.post(f"{endpoint}/", body, headers, limit=_LARGEST)
        except Unreachable as error:
            raise NotEncrypted(f"AWS KMS gave no data key: {error.reason}") from None
        if answer.status != _OK:
            raise NotEncrypted(f"AWS KMS gave no data key: it answered {answer.status}")
        try:
            found = _data_key.decode(answer.body)
        except msgspec.DecodeError:
            raise NotEncrypted("AWS KMS gave no data key: its answer cannot be read") from None
        if len(found.plaintext) != KEY_BYTES:
            raise NotEncrypted(f"AWS KMS gave a data key of {len(found.plaintext)} bytes")
        return found.plaintext, EncryptedDataKey(encryption_sdk.KMS, found.key_id.encode(), found.ciphertext)


def _binding(key_arn: str, context: Mapping[str, str]) -> bytes:
    return sealing.joined(key_arn.encode(), encryption_sdk.serialized(context))


def _table(settings: Settings) -> Mapping[str, Source]:
    table = {arn: _parsed(text) for arn, text in settings.code_keys.items()}
    signed = settings.aws_access_key_id and settings.aws_secret_access_key
    if any(isinstance(source, Kms) for source in table.values()) and not signed:
        raise SettingsError("code_keys names AWS KMS: give aws_access_key_id and aws_secret_access_key.")
    return table


def _parsed(text: str) -> Source:
    if text == "local":
        return Local()
    if text == "kms":
        return Kms(None)
    if text.startswith("file:"):
        return Local(_read(Path(text.removeprefix("file:"))))
    endpoint = text.removeprefix("kms:").rstrip("/")
    if text.startswith("kms:") and targets.is_url(endpoint) and not urlsplit(endpoint).path:
        return Kms(endpoint)
    raise SettingsError(
        f"code_keys: {text!r} is no key: it must be 'local', 'file:' and a path, 'kms', or 'kms:' and the URL of an "
        "endpoint."
    )


def _read(path: Path) -> bytes:
    try:
        secret = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except OSError as error:
        raise SettingsError(f"code_keys: {path} cannot be read: {error.strerror}.") from None
    except ValueError:  # binascii.Error and UnicodeDecodeError among them
        secret = b""
    if len(secret) != KEY_BYTES:
        raise SettingsError(f"code_keys: {path} does not hold {KEY_BYTES} bytes in base64.")
    return secret
