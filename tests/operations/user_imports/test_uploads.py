"""The upload of a file, at the address that its job has for it."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from cognomen.store import user_imports
from cognomen.uploads import front
from cognomen.users import imports
from tests.held_clock import HeldClock
from tests.http_requests import asked
from tests.operations.user_imports.conftest import (
    AS_DOCUMENTED,
    Make,
    a_row,
    counts,
    csv,
    described,
    upload_of,
)
from tests.server import Server


def test_the_documented_command_uploads_a_file(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make, tmp_path: Path
) -> None:
    job = make_job()
    file = tmp_path / "users.csv"
    # Larger than what curl sends without asking first (Expect: 100-continue).
    rows = [a_row(f"user{number}", name="n" * 2_000) for number in range(600)]
    file.write_bytes(csv(cognito, pool_id, rows))
    sent = subprocess.run(
        ["curl", "-sS", "-v", "-T", file, "-H", "x-amz-server-side-encryption:aws:kms", job["PreSignedUrl"]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "200 OK" in sent.stderr
    assert counts(run(job)) == (600, 0, 0)


def test_a_second_upload_takes_the_place_of_the_first(
    cognito: Cognito, server: Server, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job([a_row("ada")])
    former = upload_of(server, job)
    file = csv(cognito, pool_id, [a_row("bob")])
    assert asked("PUT", job["PreSignedUrl"], file, headers=AS_DOCUMENTED).status == 200
    assert server.run(server.store.read(user_imports.parts, pool_id, former, 0, 10)) == []
    run(job)
    assert [user["Username"] for user in cognito.list_users(UserPoolId=pool_id)["Users"]] == ["bob"]


def test_of_two_uploads_that_meet_the_first_that_is_whole_counts(
    cognito: Cognito, server: Server, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job()
    late, early = (csv(cognito, pool_id, [a_row(name)]) for name in ("late", "early"))
    url = urlsplit(job["PreSignedUrl"])
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nhost: {url.netloc}\r\ncontent-length: {len(late)}\r\n"
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(f"{head}expect: 100-continue\r\nconnection: close\r\n\r\n".encode())
        assert connection.recv(1024).startswith(b"HTTP/1.1 100"), (
            "the job was read, and the body is asked for"
        )
        assert asked("PUT", job["PreSignedUrl"], early, headers=AS_DOCUMENTED).status == 200
        connection.sendall(late)
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    assert answer.startswith("HTTP/1.1 409")
    assert "<Code>OperationAborted</Code>" in answer
    run(job)
    assert [user["Username"] for user in cognito.list_users(UserPoolId=pool_id)["Users"]] == ["early"]


def test_an_address_that_was_altered_is_none(make_job: Make) -> None:
    url = make_job()["PreSignedUrl"]
    other = make_job()["JobId"]
    job_id = url.rpartition("/")[2].partition("?")[0]
    for altered in (
        url.replace("expires=1", "expires=2"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url.replace(job_id, other),
        url.partition("?")[0],
        url.replace("us-east-1_", "us-east-1_x"),
        url.replace("/user-imports/", "/user-imports/more/"),
    ):
        for method in ("PUT", "GET"):
            answer = asked(method, altered, b"")
            assert answer.status == 403
            assert "<Code>SignatureDoesNotMatch</Code>" in answer.text


def test_an_address_is_good_for_a_quarter_of_an_hour(
    cognito: Cognito, pool_id: str, make_job: Make, clock: HeldClock
) -> None:
    job = make_job()
    clock.advance(15 * MINUTE)
    assert asked("PUT", job["PreSignedUrl"], b"x").status == 200
    clock.advance(1)
    answer = asked("PUT", job["PreSignedUrl"], b"x")
    assert answer.status == 403
    assert answer.headers["content-type"] == "application/xml"
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in answer.text
    # One that is described later reads the log, and uploads no more.
    later = described(cognito, job)["PreSignedUrl"]
    assert asked("GET", later).status == 200
    assert asked("PUT", later, b"x").status == 403


def test_nothing_is_uploaded_for_a_job_that_was_started(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job([a_row("ada")])
    run(job)
    assert asked("PUT", job["PreSignedUrl"], b"x").status == 403


@pytest.mark.parametrize("told", [True, False], ids=["told before", "found out"])
def test_a_file_that_is_too_large_is_not_kept(
    server: Server, pool_id: str, make_job: Make, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    monkeypatch.setattr(front, "SIZE_MAX", 1_000)
    monkeypatch.setattr(imports, "PART", 100)
    job = make_job()
    body = b"x" * 1_001 if told else iter([b"x" * 500, b"x" * 501])
    answer = asked("PUT", job["PreSignedUrl"], body, headers=AS_DOCUMENTED)
    assert answer.status == 400
    assert "<Code>EntityTooLarge</Code>" in answer.text
    assert upload_of(server, job) == ""
    parts = user_imports.user_import_parts
    of_pool = select(parts.c.number).where(parts.c.pool_id == job["UserPoolId"])
    assert server.run(server.store.read(lambda db: db.all(of_pool))) == []
