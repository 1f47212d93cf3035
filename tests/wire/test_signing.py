"""Requests of ours to other services, signed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cognomen.wire import signatures, signing

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY_ID = "AKIDEXAMPLE"


def test_the_cache_of_signing_keys_is_bounded() -> None:
    for day in range(1_000):
        signing.sign(
            signing.Credentials(KEY_ID, SECRET),
            service="lambda",
            region=f"region-{day}",
            method="POST",
            raw_path="/",
            headers={"host": "localhost"},
            body=b"",
            now=0,
        )
    assert len(signatures._keys) <= 256


@pytest.mark.parametrize("token", ["", "a session token"])
def test_a_request_of_ours_is_signed_as_botocore_signs_it(token: str) -> None:
    headers = {"host": "localhost:4566", "content-type": "application/json", "x-odd": "a   b"}
    path, now = "/2015-03-31/functions/arn%3Aaws%3Af/invocations", 1_700_000_000_000
    signed = signing.sign(
        signing.Credentials(KEY_ID, SECRET, token),
        service="lambda",
        region="eu-west-1",
        method="POST",
        raw_path=path,
        headers=headers,
        body=b"{}",
        now=now,
    )
    request = AWSRequest("POST", f"http://localhost:4566{path}", data=b"{}", headers=headers)
    moment = datetime.fromtimestamp(now / 1000, UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda: moment)
        SigV4Auth(Credentials(KEY_ID, SECRET, token or None), "lambda", "eu-west-1").add_auth(request)
    assert signed["authorization"] == request.headers["Authorization"]
    assert signed.get("x-amz-security-token") == request.headers["X-Amz-Security-Token"]
    assert SECRET not in repr(signing.Credentials(KEY_ID, SECRET, "token"))
