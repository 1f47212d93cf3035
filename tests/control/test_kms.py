"""A function with a KMS keyring opens its codes at the server that encrypted them."""

from __future__ import annotations

import base64

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.control.conftest import Ask
from tests.sdk_receiver import kms_key, opened
from tests.server import Server

ARN = "arn:aws:kms:us-east-1:000000000000:key/0b8e1f0a-0000-4000-8000-000000000001"
CONTEXT = {"userpool-id": "us-east-1_abc"}


@pytest.fixture(autouse=True)
def _environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"{server.endpoint}/_cognomen/kms")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")


def test_the_sdk_opens_a_code_with_its_kms_keyring(server: Server) -> None:
    message = server.run(server.node.code_keys.encrypt(ARN, b"123456", CONTEXT))
    assert opened(message, kms_key(ARN)) == (b"123456", CONTEXT)


def test_what_is_no_data_key_of_ours_is_refused_as_kms_does(server: Server) -> None:
    client = boto3.client("kms", region_name="us-east-1")
    with pytest.raises(ClientError) as caught:
        client.decrypt(CiphertextBlob=b"opaque", KeyId=ARN, EncryptionContext=CONTEXT)
    assert caught.value.response["Error"]["Code"] == "InvalidCiphertextException"
    with pytest.raises(ClientError) as caught:
        client.decrypt(CiphertextBlob=b"opaque")
    assert caught.value.response["Error"]["Code"] == "InvalidCiphertextException"


def test_only_clients_of_kms_are_answered(ask: Ask) -> None:
    body = {"KeyId": ARN, "CiphertextBlob": base64.b64encode(b"opaque").decode()}
    message = "The body must be JSON: send it with Content-Type: application/x-amz-json-1.1."
    assert ask("POST", "kms", body) == (400, {"message": message})
