from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from benchmarks import fill, load, requests
from benchmarks.load import Answered, Job
from benchmarks.requests import MEASURED
from cognomen import clock, errors
from cognomen.crypto import powers, srp
from cognomen.wire import signatures
from tests.server import Server


@pytest.fixture(scope="session")
def filled(server: Server) -> fill.Filled:
    return fill.fill(server.settings, 20, lambda _: None)


@pytest.mark.parametrize("name", [each.name for each in MEASURED if not each.signed])
def test_every_request_is_answered(name: str, filled: fill.Filled, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "filled.json"
    file.write_bytes(msgspec.json.encode(filled))
    job = Job(
        request=name,
        port=urlsplit(server.endpoint).port or 0,
        server_pid=os.getpid(),
        database_pid=None,
        filled=str(file),
        connections=2,
        share=0.005,
    )

    outcome = load.run(job)

    assert outcome.count == max(1, round(requests.BY_NAME[name].count * 0.005))
    assert 0 < outcome.p50 <= outcome.p99 <= outcome.wall
    assert outcome.unit > 0


def test_a_refusal_is_no_measurement(
    filled: fill.Filled, server: Server, cognito: CognitoIdentityProviderClient
) -> None:
    wrong = requests.admin("AdminGetUser", {"UserPoolId": filled.pool_id, "Username": "nobody"})

    with pytest.raises(Answered, match=errors.USER_NOT_FOUND().type):
        load.send_all(urlsplit(server.endpoint).port or 0, iter([wrong]), 1)


def test_an_answer_that_comes_in_pieces_is_read_to_its_end() -> None:
    whole = b"HTTP/1.1 200 OK\r\ndate: now\r\nContent-Length: 5\r\n\r\nhello"

    assert [load.body_of(whole[:size]) for size in range(len(whole))] == [None] * len(whole)
    assert load.body_of(whole) == b"hello"


def test_signed_requests_are_signed() -> None:
    secret = "a secret"
    raw = requests.signed("AdminGetUser", {"Username": "ada"}, ("AKIAKEY", secret))
    head, _, body = raw.partition(b"\r\n\r\n")
    headers = {
        name.lower(): value
        for name, _, value in (line.partition(": ") for line in head.decode().split("\r\n")[1:])
    }
    claim = signatures.parse(headers, "")
    assert claim is not None

    signatures.verify(
        claim,
        signatures.Secret.known(secret),
        method="POST",
        raw_path="/",
        query="",
        headers=headers,
        body=body,
        now=clock.now(),
    )


def test_the_client_s_half_of_srp_meets_the_server_s() -> None:
    salt, a, b = bytes(range(1, 17)), 2**200 + 3, 2**255 + 19
    kept = srp.verifier("Pool", "ada", "a password", salt)
    public_a, public_b = powers.power_of_generator(a), srp.server_public(kept, b)

    ours = requests.client_session_key("Pool", "ada", "a password", salt, public_b, a, public_a)

    assert ours == srp.server_session_key(public_a, kept, srp.scrambler(public_a, public_b), b)
