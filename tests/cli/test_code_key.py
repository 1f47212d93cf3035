"""`cognomen code-key`."""

from __future__ import annotations

import asyncio
import base64
import json

from cognomen.call import Node
from tests.cli.conftest import Place
from tests.sdk_receiver import opened, raw_key

ARN = "arn:aws:kms:us-east-1:000000000000:key/1"


def test_the_key_that_is_printed_opens_what_the_server_encrypts(place: Place, node: Node) -> None:
    outcome = place.run("code-key", ARN)
    message = asyncio.run(node.code_keys.encrypt(ARN, b"123456", {}))
    assert opened(message, raw_key(base64.b64decode(outcome.out), ARN)) == (b"123456", {})


def test_a_key_of_aws_kms_is_not_ours_to_print(place: Place, node: Node) -> None:
    given = {"CODE_KEYS": json.dumps({ARN: "kms"}), "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    outcome = place.run("code-key", ARN, **{f"COGNOMEN_{name}": value for name, value in given.items()})
    assert outcome.code == 1
    assert "AWS KMS has the key" in outcome.err
