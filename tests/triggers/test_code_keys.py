"""Keys of codes for custom senders: our own, one in a file, one in AWS KMS, each opened by the AWS Encryption SDK."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.outgoing import Outgoing
from cognomen.settings import Settings, SettingsError
from cognomen.triggers.code_keys import CodeKeys, NotEncrypted
from tests.sdk_receiver import REFUSED, kms_key, opened, raw_key

ARN = "arn:aws:kms:eu-west-1:000000000000:key/0b8e1f0a-0000-4000-8000-000000000001"
CONTEXT = {"userpool-id": "us-east-1_abc"}
KEYRING = sealing.keyring([sealing.master_key(bytes(range(32)))])
SIGNED = {"aws_access_key_id": "AKIAOURS", "aws_secret_access_key": "our secret"}

Make = Callable[..., CodeKeys]


@dataclass
class Kms:
    """AWS KMS as far as it goes here: ciphertexts are the data keys, turned round and kept with their context."""

    url: str
    answer: tuple[int, bytes] | None = None
    """Given instead of what was asked for."""
    contexts: dict[bytes, dict[str, str]] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    """Targets of requests whose signature is not the one of botocore."""

    def asked(self, target: str, request: dict[str, Any]) -> dict[str, Any]:
        if target == "TrentService.GenerateDataKey":
            data_key = bytes(range(7, 7 + request["NumberOfBytes"]))
            blob = b"opaque" + data_key[::-1]
            self.contexts[blob] = request["EncryptionContext"]
        else:
            blob = base64.b64decode(request["CiphertextBlob"])
            assert self.contexts[blob] == request["EncryptionContext"]
            data_key = blob.removeprefix(b"opaque")[::-1]
        return {
            "KeyId": request["KeyId"],
            "CiphertextBlob": base64.b64encode(blob).decode(),
            "Plaintext": base64.b64encode(data_key).decode(),
        }


@pytest.fixture
def kms() -> Iterator[Kms]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers["X-Amz-Target"]
            served.targets.append(target)
            if "AKIAOURS" in self.headers["Authorization"] and not _signed_well(self, body):
                served.forged.append(target)
            status, answer = served.answer or (
                200,
                json.dumps(served.asked(target, json.loads(body))).encode(),
            )
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Kms(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def _signed_well(request: BaseHTTPRequestHandler, body: bytes) -> bool:
    """Whether botocore signs the same request alike."""
    claim = request.headers["Authorization"]
    names = claim.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: request.headers[name] for name in names if name != "host"}
    again = AWSRequest("POST", f"http://{request.headers['Host']}/", headers, body)
    again.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials("AKIAOURS", "our secret"), "kms", "eu-west-1")
    signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    return claim.endswith(f"Signature={signature}")


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    outgoing = Outgoing()

    def make(keyring: sealing.Keyring = KEYRING, **settings: Any) -> CodeKeys:
        return CodeKeys(Settings(**settings), Vault(lambda: keyring), outgoing)

    yield make
    await outgoing.close()


async def test_without_a_table_each_key_is_one_of_ours(make: Make) -> None:
    keys = make()
    message = await keys.encrypt(ARN, b"123456", CONTEXT)
    secret = keys.secret_of(ARN)
    assert secret is not None
    assert opened(message, raw_key(secret, ARN)) == (b"123456", CONTEXT)
    other = keys.secret_of("arn:aws:kms:eu-west-1:000000000000:key/2")
    assert other is not None
    with pytest.raises(REFUSED):
        opened(message, raw_key(other, ARN))


async def test_a_key_in_a_file_is_the_one_the_function_has(make: Make, tmp_path: Path) -> None:
    secret = bytes(range(50, 82))
    file = tmp_path / "key"
    file.write_text(f"{base64.b64encode(secret).decode()}\n")
    keys = make(code_keys={"arn:aws:kms:eu-west-1:*": f"file:{file}", "*": "local"})
    assert opened(await keys.encrypt(ARN, b"123456", CONTEXT), raw_key(secret, ARN)) == (b"123456", CONTEXT)
    assert keys.secret_of(ARN) == secret
    assert keys.secret_of(ARN.replace("eu-west-1", "us-east-1")) != secret


async def test_a_data_key_opens_for_its_own_key_and_context_alone(make: Make) -> None:
    keys = make()
    message = await keys.encrypt(ARN, b"123456", CONTEXT)
    sealed = _sealed_in(message)
    assert len(keys.opened(ARN, sealed, CONTEXT)) == 32
    for arn, context in [(f"{ARN}2", CONTEXT), (ARN, {}), (ARN, {"userpool-id": "us-east-1_other"})]:
        with pytest.raises(CannotUnseal):
            keys.opened(arn, sealed, context)


async def test_a_data_key_still_opens_after_the_master_key_was_rotated(make: Make) -> None:
    sealed = _sealed_in(await make().encrypt(ARN, b"123456", CONTEXT))
    rotated = sealing.keyring([sealing.master_key(bytes(32)), KEYRING.current])
    assert len(make(rotated).opened(ARN, sealed, CONTEXT)) == 32


def _sealed_in(message: bytes) -> bytes:
    """The first encrypted data key of a message: that of a KMS keyring."""
    rest = message.partition(ARN.encode())[2]
    return rest[2 : 2 + int.from_bytes(rest[:2])]


async def test_aws_kms_makes_the_data_key_and_opens_it(
    make: Make, kms: Kms, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = make(code_keys={ARN: f"kms:{kms.url}"}, **SIGNED)
    message = await keys.encrypt(ARN, b"123456", CONTEXT)
    assert kms.targets == ["TrentService.GenerateDataKey"]
    assert kms.forged == []
    assert keys.secret_of(ARN) is None
    for name, value in {
        "ENDPOINT_URL_KMS": kms.url,
        "ACCESS_KEY_ID": "any",
        "SECRET_ACCESS_KEY": "any",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    assert opened(message, kms_key(ARN)) == (b"123456", CONTEXT)
    assert kms.targets == ["TrentService.GenerateDataKey", "TrentService.Decrypt"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((400, b'{"__type": "AccessDeniedException"}'), "it answered 400"),
        ((200, b"{}"), "its answer cannot be read"),
        ((200, b'{"CiphertextBlob": "AA==", "Plaintext": "AA==", "KeyId": "arn"}'), "a data key of 1 bytes"),
    ],
)
async def test_without_a_data_key_nothing_is_encrypted(
    make: Make, kms: Kms, answer: tuple[int, bytes], reason: str
) -> None:
    kms.answer = answer
    with pytest.raises(NotEncrypted, match=reason):
        await make(code_keys={"*": f"kms:{kms.url}"}, **SIGNED).encrypt(ARN, b"123456", CONTEXT)


async def test_aws_kms_that_cannot_be_reached_is_told(make: Make) -> None:
    keys = make(code_keys={"*": "kms:http://127.0.0.1:1"}, **SIGNED)
    with pytest.raises(NotEncrypted, match="no connection to it could be made"):
        await keys.encrypt(ARN, b"123456", CONTEXT)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("", "is no key"),
        ("https://kms.example.com", "is no key"),
        ("kms:ftp://kms.example.com", "is no key"),
        ("kms:http://kms.example.com/path", "is no key"),
        ("kms", "give aws_access_key_id"),
        ("file:/nowhere/key", "cannot be read: No such file"),
    ],
)
async def test_a_table_that_cannot_be_used_ends_the_start(make: Make, entry: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        make(code_keys={ARN: entry})


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "é", "not base64 at all, whatever its length is"])
async def test_a_file_without_a_key_ends_the_start(make: Make, tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(SettingsError, match="does not hold 32 bytes in base64"):
        make(code_keys={ARN: f"file:{tmp_path / 'key'}"})
