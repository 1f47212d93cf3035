from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bcrypt
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from msgspec import structs
from sqlalchemy import select
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Node
from cognomen.clock import DAY, MINUTE, SECOND
from cognomen.crypto import foreign_hashes
from cognomen.crypto.sealing import CannotUnseal
from cognomen.operations import dispatch
from cognomen.pools import user_imports as rules
from cognomen.pools.configuration import Configurations, PoolConfiguration
from cognomen.store import user_imports, users
from cognomen.store.database import Db
from cognomen.store.user_imports import ImportJob
from cognomen.store.users import Alias
from cognomen.uploads import front
from cognomen.users import creation, foreign_passwords, import_rows, imports
from cognomen.wire import model
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.http_requests import asked
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server
from tests.srp_client import SRP_A, answer_to

ROLE = "arn:aws:iam::000000000000:role/imports"
AS_DOCUMENTED = {"x-amz-server-side-encryption": "aws:kms"}
NOT_STARTED = "The user import job cannot be started: "

Make = Callable[..., Any]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool(AutoVerifiedAttributes=["email"])["Id"])


@pytest.fixture
def make_job(cognito: Cognito, pool_id: str) -> Make:
    """A job, and the upload of rows by column where there are some."""

    def make(rows: list[dict[str, str]] | None = None, pool: str = pool_id, **members: Any) -> Any:
        job = cognito.create_user_import_job(
            **{"UserPoolId": pool, "JobName": "a job", "CloudWatchLogsRoleArn": ROLE} | members
        )["UserImportJob"]
        if rows is not None:
            answer = asked("PUT", job["PreSignedUrl"], csv(cognito, pool, rows), headers=AS_DOCUMENTED)
            assert (answer.status, answer.text) == (200, "")
        return job

    return make


def csv(cognito: Cognito, pool_id: str, rows: list[dict[str, str]]) -> bytes:
    """A file in the form of the template."""
    header = cognito.get_csv_header(UserPoolId=pool_id)["CSVHeader"]
    lines = [",".join(row.get(name, "").replace(",", "\\,") for name in header) for row in rows]
    return "\n".join([",".join(header), *lines]).encode()


def a_row(name: str, /, **others: str) -> dict[str, str]:
    email = {"email": f"{name}@example.com", "email_verified": "TRUE"}
    return {"cognito:username": name} | email | others


def described(cognito: Cognito, job: Any) -> Any:
    return cognito.describe_user_import_job(UserPoolId=job["UserPoolId"], JobId=job["JobId"])["UserImportJob"]


carry_on = imports.carry_on


@pytest.fixture(autouse=True)
def _nobody_works_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own jobs leave imports alone, so that a test decides what happens when."""

    async def rest(_node: Node, _now: int) -> bool:
        return False

    monkeypatch.setattr(imports, "carry_on", rest)


def work(server: Server, clock: HeldClock) -> None:
    """Do what there is to do, as a node does beside requests."""
    while server.run(carry_on(server.node, clock.now)):
        pass


@pytest.fixture
def run(cognito: Cognito, server: Server, clock: HeldClock) -> Make:
    """Start a job and see it through."""

    def start(job: Any) -> Any:
        cognito.start_user_import_job(UserPoolId=job["UserPoolId"], JobId=job["JobId"])
        work(server, clock)
        return described(cognito, job)

    return start


def log_of(cognito: Cognito, job: Any) -> list[str]:
    answer = asked("GET", described(cognito, job)["PreSignedUrl"])
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text.splitlines()


def counts(job: Any) -> tuple[int, int, int]:
    return job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]


# -- the template -----------------------------------------------------------------------------------------------------


def test_the_header_names_every_attribute_of_the_pool(cognito: Cognito, make_pool: Make) -> None:
    pool_id = make_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])["Id"]
    answer = cognito.get_csv_header(UserPoolId=pool_id)
    assert answer["UserPoolId"] == pool_id
    assert ",".join(answer["CSVHeader"]) == (
        "name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,email,"
        "email_verified,gender,birthdate,zoneinfo,locale,phone_number,phone_number_verified,address,updated_at,"
        "custom:team,cognito:mfa_enabled,cognito:username,password_hash"
    )


# -- a job from its beginning to its end ------------------------------------------------------------------------------


def test_a_job_imports_users_who_then_set_a_password(
    cognito: Cognito,
    anonymous: Cognito,
    make_client: Make,
    pool_id: str,
    make_job: Make,
    run: Make,
    clock: HeldClock,
) -> None:
    rows = [
        a_row("ada", name="Ada, Countess of Lovelace", birthdate="12/10/1815", updated_at="1700000000"),
        a_row("bob", phone_number_verified="FALSE"),
    ]
    job = make_job(rows)
    assert job["Status"] == "Created"
    moment = datetime.fromtimestamp(clock.now / 1000, UTC)
    clock.advance(MINUTE)
    done = run(job)
    completed = datetime.fromtimestamp(clock.now / 1000, UTC)
    del done["PreSignedUrl"]
    assert done == {
        "JobName": "a job",
        "JobId": job["JobId"],
        "UserPoolId": pool_id,
        "CreationDate": moment,
        "StartDate": completed,
        "CompletionDate": completed,
        "Status": "Succeeded",
        "CloudWatchLogsRoleArn": ROLE,
        "ImportedUsers": 2,
        "SkippedUsers": 0,
        "FailedUsers": 0,
        "CompletionMessage": "Import Job Completed Successfully.",
    }
    ada = cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    attributes = {entry["Name"]: entry["Value"] for entry in ada["UserAttributes"]}
    assert attributes.pop("sub")
    assert attributes == {
        "email": "ada@example.com",
        "email_verified": "true",
        "name": "Ada, Countess of Lovelace",
        "birthdate": "1815-12-10",
        "updated_at": "1700000000",
    }
    assert ada["UserStatus"] == "RESET_REQUIRED"
    assert ada["UserCreateDate"] == completed
    assert log_of(cognito, job) == [
        "[SUCCEEDED] Line Number 2 - The import succeeded.",
        "[SUCCEEDED] Line Number 3 - The import succeeded.",
    ]
    client_id = make_client(pool_id)["ClientId"]
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        sign_in(anonymous, client_id, "ada")
    answer = anonymous.forgot_password(ClientId=client_id, Username="ada")
    assert answer["CodeDeliveryDetails"]["AttributeName"] == "email"


def sign_in(anonymous: Cognito, client_id: str, name: str, password: str = PASSWORD) -> Any:
    return anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )


def test_each_line_tells_what_became_of_it(
    cognito: Cognito, make_user: Make, pool_id: str, make_job: Make, run: Make
) -> None:
    make_user(pool_id, "there", email="there@example.com")
    rows = [
        a_row("new"),
        a_row("there"),
        a_row("unverified", email_verified="false"),
        a_row("two words"),
        a_row("new"),
        a_row("odd", birthdate="yesterday"),
        a_row("odd", phone_number="12"),
        a_row("odd", name="n" * 2049),
        a_row(""),
        a_row("mfa", **{"cognito:mfa_enabled": "true"}),
        a_row("hashed", password_hash="$2b$12$" + "a" * 53),
    ]
    done = run(make_job(rows))
    assert counts(done) == (1, 2, 8)
    assert done["Status"] == "Succeeded"
    log = log_of(cognito, done)
    assert [line.split(" - ")[0] for line in log] == [
        "[SUCCEEDED] Line Number 2",
        "[SKIPPED] Line Number 3",
        "[FAILED] Line Number 4",
        "[FAILED] Line Number 5",
        "[SKIPPED] Line Number 6",
        *(f"[FAILED] Line Number {number}" for number in range(7, 13)),
    ]
    assert log[1].endswith(" - The user already exists.")
    assert log[2].endswith(
        " - The User Record does not set any of the auto verified attributes to true. "
        "(Example: email_verified to true)."
    )
    assert log[6].endswith(" - Invalid phone number format.")
    assert log[9].endswith("cognito:mfa_enabled does not agree with the MFA configuration of the user pool.")
    assert log[10].endswith("The row has a password hash, and the job no PasswordHashingAlgorithm.")
    everything = "\n".join(log)
    assert not any(said in everything for said in ("example.com", "two words", "yesterday", "nnn", "$2b$"))


def test_a_row_of_another_length_or_another_encoding_fails_alone(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job()
    good = csv(cognito, pool_id, [a_row("ada"), a_row("bob")]).split(b"\n")
    long = csv(cognito, pool_id, [a_row("long", name="n" * import_rows.LONGEST_ROW)]).split(b"\n")[1]
    lines = [
        *good[:2],
        b"",
        b"eve,eve@example.com",
        good[2].replace(b"bob", b"b\xffb"),
        long,
        good[2] + b"\r",
    ]
    asked("PUT", job["PreSignedUrl"], b"\r\n".join(lines) + b"\n", headers=AS_DOCUMENTED)
    done = run(job)
    assert counts(done) == (2, 0, 3)
    assert log_of(cognito, job) == [
        "[SUCCEEDED] Line Number 2 - The import succeeded.",
        "[FAILED] Line Number 4 - The row has 2 values, and the header 22 columns.",
        "[FAILED] Line Number 5 - The row is not UTF-8.",
        "[FAILED] Line Number 6 - A row of the CSV file is longer than 16000 characters.",
        "[SUCCEEDED] Line Number 7 - The import succeeded.",
    ]


def test_required_attributes_must_be_filled(
    make_pool: Make, make_job: Make, run: Make, cognito: Cognito
) -> None:
    required = {"Name": "given_name", "AttributeDataType": "String", "Required": True, "Mutable": True}
    pool_id = make_pool(AutoVerifiedAttributes=["email"], Schema=[required])["Id"]
    done = run(make_job([a_row("ada"), a_row("bob", given_name="Bob")], pool_id))
    assert counts(done) == (1, 0, 1)
    assert "given_name: The attribute is required" in log_of(cognito, done)[0]


def test_users_who_sign_in_with_an_address_are_called_by_it(
    cognito: Cognito, make_pool: Make, make_job: Make, run: Make
) -> None:
    pool_id = make_pool(AutoVerifiedAttributes=["email"], UsernameAttributes=["email"])["Id"]
    rows = [{"cognito:username": "ada@example.com", "email_verified": "true"}]
    assert counts(run(make_job(rows, pool_id))) == (1, 0, 0)
    (user,) = cognito.list_users(UserPoolId=pool_id)["Users"]
    assert {"Name": "email", "Value": "ada@example.com"} in user["Attributes"]
    assert user["Username"] == next(e["Value"] for e in user["Attributes"] if e["Name"] == "sub")


def test_a_verified_address_that_is_somebody_elses_name_is_skipped(
    cognito: Cognito, make_pool: Make, make_user: Make, make_job: Make, run: Make
) -> None:
    pool_id = make_pool(AutoVerifiedAttributes=["email"], AliasAttributes=["email"])["Id"]
    make_user(pool_id, "owner", email="ada@example.com", email_verified="true")
    assert counts(run(make_job([a_row("ada")], pool_id))) == (0, 1, 0)


def test_mfa_is_switched_on_for_who_has_a_number(
    cognito: Cognito, make_pool: Make, make_job: Make, run: Make, server: Server
) -> None:
    sms = {"SnsCallerArn": ROLE}
    pool_id = make_pool(AutoVerifiedAttributes=["email"], MfaConfiguration="OPTIONAL", SmsConfiguration=sms)[
        "Id"
    ]
    on = {"cognito:mfa_enabled": "TRUE"}
    rows = [a_row("ada", phone_number="+15555550100", **on), a_row("bob", **on), a_row("eve")]
    assert counts(run(make_job(rows, pool_id))) == (3, 0, 0)
    for name, factors in {"ada": ("SMS_MFA",), "bob": (), "eve": ()}.items():
        user = server.run(server.store.read(users.by_alias, pool_id, [Alias("username", name)]))
        assert user is not None
        assert user.factors.enabled == factors


def test_a_job_of_whom_nobody_was_imported_has_failed(make_job: Make, run: Make) -> None:
    done = run(make_job([a_row("ada", email_verified="false")]))
    assert (done["Status"], done["CompletionMessage"]) == (
        "Failed",
        "Too many users have failed or been skipped during the import.",
    )


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda file: b"\xef\xbb\xbf" + file,
        lambda file: file.replace(b"email_verified,", b"", 1),
        lambda file: file.replace(b"email_verified,", b"email_verified,unknown,", 1),
        lambda file: file.replace(b"email_verified,", b"email_verified,email,", 1),
        lambda _: b"",
        lambda _: b"\xff\n",
    ],
    ids=["byte order mark", "column missing", "column unknown", "column twice", "empty", "not UTF-8"],
)
def test_a_file_whose_header_is_another_is_not_imported(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make, spoilt: Callable[[bytes], bytes]
) -> None:
    job = make_job()
    file = spoilt(csv(cognito, pool_id, [a_row("ada")]))
    asked("PUT", job["PreSignedUrl"], file, headers=AS_DOCUMENTED)
    done = run(job)
    assert (done["Status"], counts(done)) == ("Failed", (0, 0, 0))
    assert done["CompletionMessage"] == (
        "The header of the CSV file does not match the attributes of the user pool."
    )


def test_columns_may_come_in_any_order_and_without_the_one_of_hashes(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job()
    header = sorted(set(cognito.get_csv_header(UserPoolId=pool_id)["CSVHeader"]) - {"password_hash"})
    row = a_row("ada")
    file = ",".join(header) + "\n" + ",".join(f" {row.get(name, '')} " for name in header)
    asked("PUT", job["PreSignedUrl"], file.encode(), headers=AS_DOCUMENTED)
    assert counts(run(job)) == (1, 0, 0)


def test_a_file_of_many_parts_is_read_through(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PART", 1_000)
    monkeypatch.setattr(imports, "BATCH", 7)
    monkeypatch.setattr(imports, "BATCHES", 3)
    names = [f"user{number:03}" for number in range(150)]
    done = run(make_job([a_row(name) for name in names]))
    assert counts(done) == (150, 0, 0)
    assert [line.split()[3] for line in log_of(cognito, done)] == [str(n) for n in range(2, 152)]
    found = cognito.list_users(UserPoolId=pool_id, Filter='username ^= "user"')["Users"]
    assert [user["Username"] for user in found] == names[:60]


def test_a_file_that_cannot_be_opened_any_more_ends_the_job(
    server: Server, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job([a_row("ada")])
    upload = upload_of(server, job)
    server.run(server.store.write(user_imports.remove_parts, pool_id, upload))
    server.run(server.store.write(user_imports.add_part, pool_id, upload, 0, b"of another master key", 0))
    done = run(job)
    assert (done["Status"], done["CompletionMessage"]) == ("Failed", imports.FILE_GONE)


def test_rows_beyond_the_limit_end_the_job(
    make_job: Make, run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROWS_MAX", 3)
    assert run(make_job([a_row(name) for name in "abc"]))["Status"] == "Succeeded"
    done = run(make_job([a_row(name) for name in "defg"]))
    assert (done["Status"], counts(done)) == ("Failed", (3, 0, 0))


def test_a_row_without_end_ends_the_job(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PART", 1_000)
    done = run(make_job([a_row("ada", name="n" * 2_000), a_row("bob")]))
    assert (done["Status"], done["CompletionMessage"]) == ("Failed", imports.ROW_TOO_LONG)


# -- starting, stopping, expiring -------------------------------------------------------------------------------------


def test_a_job_starts_once_with_a_file_in_a_pool_that_verifies_something(
    cognito: Cognito, make_pool: Make, pool_id: str, make_job: Make, run: Make
) -> None:
    def start(job: Any) -> None:
        cognito.start_user_import_job(UserPoolId=job["UserPoolId"], JobId=job["JobId"])

    with refused(
        "PreconditionNotMetException", f"{NOT_STARTED}no CSV file was uploaded to its pre-signed URL."
    ):
        start(make_job())
    with refused(
        "PreconditionNotMetException", f"{NOT_STARTED}the user pool verifies no attribute automatically."
    ):
        start(make_job([a_row("ada")], make_pool()["Id"]))
    job = make_job([a_row("ada")])
    run(job)
    with refused("PreconditionNotMetException", f"{NOT_STARTED}its status is Succeeded."):
        start(job)
    with refused("ResourceNotFoundException", "User import job import-unknown does not exist."):
        start({"UserPoolId": pool_id, "JobId": "import-unknown"})


def test_while_a_job_runs_no_other_does_and_the_pool_stays_as_it_is(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_job: Make,
) -> None:
    first, second = make_job([a_row("ada")]), make_job([a_row("bob")])
    started = cognito.start_user_import_job(UserPoolId=pool_id, JobId=first["JobId"])["UserImportJob"]
    assert started["Status"] == "Pending"
    with refused(
        "PreconditionNotMetException", f"{NOT_STARTED}another import job of the user pool is not done yet."
    ):
        cognito.start_user_import_job(UserPoolId=pool_id, JobId=second["JobId"])
    for change in (
        lambda: cognito.update_user_pool(UserPoolId=pool_id),
        lambda: cognito.delete_user_pool(UserPoolId=pool_id),
        lambda: cognito.add_custom_attributes(
            UserPoolId=pool_id, CustomAttributes=[{"Name": "team", "AttributeDataType": "String"}]
        ),
    ):
        with refused("UserImportInProgressException", "A user import job is in progress for this user pool."):
            change()


def test_of_two_jobs_that_start_at_the_same_moment_one_does(
    cognito: Cognito, server: Server, pool_id: str, make_job: Make
) -> None:
    jobs = [make_job([a_row("ada")]), make_job([a_row("bob")])]

    async def start_both() -> list[dict[str, Any] | BaseException]:
        asked = [
            dispatch.perform(
                server.node, "StartUserImportJob", {"UserPoolId": pool_id, "JobId": job["JobId"]}
            )
            for job in jobs
        ]
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = server.run(start_both())
    assert sum(isinstance(outcome, dict) for outcome in outcomes) == 1


def test_a_stopped_job_keeps_what_it_has_imported(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_job: Make,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "BATCH", 1)
    monkeypatch.setattr(imports, "BATCHES", 2)
    job = make_job([a_row(f"user{number}") for number in range(200)])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])
    while described(cognito, job)["ImportedUsers"] < 4:
        server.run(carry_on(server.node, clock.now))
    assert described(cognito, job)["Status"] == "InProgress"
    stopping = cognito.stop_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])["UserImportJob"]
    assert stopping["Status"] == "Stopping"
    work(server, clock)
    done = described(cognito, job)
    assert (done["Status"], done["CompletionMessage"]) == (
        "Stopped",
        "The Import Job was stopped by the developer.",
    )
    assert 0 < done["ImportedUsers"] < 200
    assert len(log_of(cognito, job)) == done["ImportedUsers"]
    for stop, state in ((job, "Stopped"), (make_job(), "Created")):
        with refused(
            "PreconditionNotMetException", f"The user import job cannot be stopped: its status is {state}."
        ):
            cognito.stop_user_import_job(UserPoolId=pool_id, JobId=stop["JobId"])


def test_a_job_that_is_not_started_expires_after_a_day(
    cognito: Cognito, server: Server, pool_id: str, make_job: Make, clock: HeldClock
) -> None:
    job = make_job([a_row("ada")])
    clock.advance(DAY)
    work(server, clock)
    done = described(cognito, job)
    assert (done["Status"], done["CompletionMessage"]) == ("Expired", "The user import job has expired.")
    with refused("PreconditionNotMetException", f"{NOT_STARTED}its status is Expired."):
        cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])
    assert server.run(server.store.read(user_imports.parts, pool_id, upload_of(server, job), 0, 10)) == []


def held_of(server: Server, job: Any) -> ImportJob:
    found = server.run(server.store.read(user_imports.by_id, job["UserPoolId"], job["JobId"]))
    assert found is not None
    return found


def upload_of(server: Server, job: Any) -> str:
    return held_of(server, job).upload


def test_the_file_is_removed_when_the_job_is_done(
    server: Server, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job([a_row("ada")])
    assert server.run(server.store.read(user_imports.parts, pool_id, upload_of(server, job), 0, 10))
    run(job)
    assert server.run(server.store.read(user_imports.parts, pool_id, upload_of(server, job), 0, 10)) == []


def test_jobs_are_listed_newest_first_in_pages(
    cognito: Cognito, pool_id: str, make_job: Make, clock: HeldClock
) -> None:
    made = []
    for _ in range(5):
        made.append(make_job()["JobId"])
        clock.advance(SECOND)
    made.append(make_job()["JobId"])
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        answer: Any = cognito.list_user_import_jobs(UserPoolId=pool_id, MaxResults=2, **more)
        found += [job["JobId"] for job in answer["UserImportJobs"]]
        if "PaginationToken" not in answer:
            break
        more = {"PaginationToken": answer["PaginationToken"]}
    assert found == made[::-1]


def test_a_pool_without_jobs_lists_none_and_a_page_has_fifty_at_most(
    cognito: Cognito, pool_id: str, make_job: Make
) -> None:
    assert cognito.list_user_import_jobs(UserPoolId=pool_id, MaxResults=60)["UserImportJobs"] == []
    for _ in range(51):
        make_job()
    answer = cognito.list_user_import_jobs(UserPoolId=pool_id, MaxResults=60)
    assert len(answer["UserImportJobs"]) == 50
    assert answer["PaginationToken"]


def test_two_jobs_of_one_moment_are_both_listed(cognito: Cognito, pool_id: str, make_job: Make) -> None:
    made = {make_job()["JobId"] for _ in range(3)}
    first = cognito.list_user_import_jobs(UserPoolId=pool_id, MaxResults=2)
    rest = cognito.list_user_import_jobs(
        UserPoolId=pool_id, MaxResults=2, PaginationToken=first["PaginationToken"]
    )
    assert {job["JobId"] for job in [*first["UserImportJobs"], *rest["UserImportJobs"]]} == made


def test_a_pool_has_only_so_many_jobs(make_job: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "JOBS_MAX", 1)
    make_job()
    with refused("LimitExceededException", "User import job limit exceeded: at most 1."):
        make_job()


# -- the upload -------------------------------------------------------------------------------------------------------


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


# -- nodes that come and go -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opens", [True, False])
def test_jobs_of_pools_elsewhere_are_left_to_the_nodes_there(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_pool: Make,
    make_job: Make,
    clock: HeldClock,
    *,
    opens: bool,
) -> None:
    """However many there are: a job that is ours, and younger, does not wait behind them. Nor for one whose master key is gone."""
    elsewhere = str(make_pool(AutoVerifiedAttributes=["email"])["Id"])
    foreign = [make_job(pool=elsewhere) for _ in range(imports.LOOK_AT_ONCE + 1)]
    clock.advance(imports.UNUSED_FOR)
    job = make_job([a_row("ada")])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    class OneAlone(Configurations):
        async def of_pool(self, pool: str, now: int, *, fresh: bool = False) -> PoolConfiguration | None:
            if pool == pool_id:
                return await super().of_pool(pool, now, fresh=fresh)
            if opens:
                return None
            raise CannotUnseal

    alone = replace(server.node, configurations=OneAlone(server.store, server.node.vault))
    while server.run(carry_on(alone, clock.now)):
        pass
    assert described(cognito, job)["Status"] == "Succeeded"
    assert {described(cognito, each)["Status"] for each in foreign} == {"Created"}
    for each in foreign:
        assert held_of(server, each).holder == "", "nobody has taken it"


def test_what_ends_a_job_happens_at_the_moment_of_the_one_who_does_it(
    server: Server, make_job: Make, clock: HeldClock
) -> None:
    job = make_job()
    tomorrow = clock.now + DAY
    while server.run(carry_on(server.node, tomorrow)):
        pass
    held = held_of(server, job)
    assert (held.status, held.completed_at) == ("Expired", tomorrow)


def test_a_job_that_fails_for_no_known_reason_ends_after_some_attempts(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_job: Make,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = make_job([a_row("ada")])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    def fail(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(imports, "_write_lines", fail)
    for _ in range(imports.ATTEMPTS_MAX):
        assert described(cognito, job)["Status"] in ("Pending", "InProgress")
        work(server, clock)
        clock.advance(imports.PAUSE)
    done = described(cognito, job)
    assert (done["Status"], done["CompletionMessage"]) == ("Failed", imports.FAULT)
    assert caplog.text.count("ArithmeticError") >= imports.ATTEMPTS_MAX
    work(server, clock)
    assert server.run(server.store.read(user_imports.parts, pool_id, upload_of(server, job), 0, 10)) == []
    monkeypatch.undo()
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=make_job([a_row("eve")])["JobId"])


def test_two_nodes_at_one_job_import_each_row_once(
    cognito: Cognito,
    server: Server,
    pool_id: str,
    make_job: Make,
    clock: HeldClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "BATCH", 3)
    monkeypatch.setattr(imports, "BATCHES", 2)
    job = make_job([a_row(f"user{number}") for number in range(60)])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    async def both() -> None:
        async def node() -> None:
            while await carry_on(server.node, clock.now):
                pass

        await asyncio.gather(node(), node(), node())

    server.run(both())
    work(server, clock)
    assert counts(described(cognito, job)) == (60, 0, 0)
    assert [line.split()[3] for line in log_of(cognito, job)] == [str(n) for n in range(2, 62)]


def test_of_two_nodes_that_write_the_same_lines_one_does(
    cognito: Cognito, server: Server, pool_id: str, make_job: Make, clock: HeldClock
) -> None:
    """The lease of the first has ended while it was away, and another has taken the job; both come at once."""
    job = make_job([a_row("ada")])
    cognito.start_user_import_job(UserPoolId=pool_id, JobId=job["JobId"])

    async def meet() -> object:
        store = server.store
        configuration = await server.node.configurations.of_pool(pool_id, clock.now)
        before = await store.read(user_imports.by_id, pool_id, job["JobId"])
        assert configuration is not None
        assert before is not None
        after = replace(before, position=1)
        user = creation.blank(configuration.pool, "ada", {}, "CONFIRMED", clock.now, complete=False)

        def first(db: Db) -> None:
            imports._write_lines(db, configuration, before, after, [imports._Line(2, user)])

        other = structs.replace(user, sub="other", username="another")
        late = store.write(imports._write_lines, configuration, before, after, [imports._Line(2, other)])
        with pytest.raises(imports._Overtaken):
            await overtaken(store, first, late)
        return await store.read(user_imports.by_id, pool_id, job["JobId"])

    left = server.run(meet())
    assert isinstance(left, ImportJob)
    assert (left.position, left.imported) == (1, 1)
    assert [user["Username"] for user in cognito.list_users(UserPoolId=pool_id)["Users"]] == ["ada"]


# -- hashes -----------------------------------------------------------------------------------------------------------

SALT = bytes(range(16))


def in_base64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def hashed(algorithm: str, password: str = PASSWORD) -> str:
    """A hash of little cost, made with the libraries that applications make them with."""
    secret = password.encode()
    if algorithm == "BCRYPT":
        return bcrypt.hashpw(secret, bcrypt.gensalt(4)).decode()
    if algorithm == "SCRYPT":
        return f"16$8$1${SALT.hex()}${hashlib.scrypt(secret, salt=SALT, n=16, r=8, p=1).hex()}"
    if algorithm == "ARGON2ID":
        return Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=8).derive_phc_encoded(secret)
    made = hashlib.pbkdf2_hmac("sha256", secret, SALT, 10)
    return f"$pbkdf2-sha256$10${in_base64(SALT)}${in_base64(made)}"


def sign_in_by_srp(anonymous: Cognito, pool_id: str, client_id: str, clock: HeldClock) -> Any:
    asked = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": "ada", "SRP_A": SRP_A},
    )
    return anonymous.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=answer_to(asked["ChallengeParameters"], pool_id, PASSWORD, clock.now),
    )


@pytest.mark.parametrize("algorithm", model.load().shapes["PasswordHashingAlgorithmType"].enum)
def test_who_comes_with_a_hash_signs_in_with_the_password_and_then_without_sending_it(
    cognito: Cognito,
    anonymous: Cognito,
    make_client: Make,
    pool_id: str,
    make_job: Make,
    run: Make,
    clock: HeldClock,
    algorithm: str,
) -> None:
    rows = [a_row("ada", password_hash=hashed(algorithm)), a_row("bob")]
    done = run(make_job(rows, PasswordHashingAlgorithm=algorithm))
    assert done["PasswordHashingAlgorithm"] == algorithm
    assert counts(done) == (2, 0, 0)
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserStatus"] == "CONFIRMED"
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="bob")["UserStatus"] == "RESET_REQUIRED"
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client_id = make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"]
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in_by_srp(anonymous, pool_id, client_id, clock)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, client_id, "ada", "another")
    assert sign_in(anonymous, client_id, "ada")["AuthenticationResult"]["AccessToken"]
    assert sign_in_by_srp(anonymous, pool_id, client_id, clock)["AuthenticationResult"]["AccessToken"]
    assert sign_in(anonymous, client_id, "ada")["AuthenticationResult"]["AccessToken"]


def test_who_has_a_hash_may_choose_the_password(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_job: Make,
    run: Make,
) -> None:
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    pool_id = make_pool(AutoVerifiedAttributes=["email"], Policies=factors)["Id"]
    rows = [a_row("ada", password_hash=hashed("BCRYPT"))]
    run(make_job(rows, pool_id, PasswordHashingAlgorithm="BCRYPT"))
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])[
        "ClientId"
    ]
    asked = anonymous.initiate_auth(
        ClientId=client_id, AuthFlow="USER_AUTH", AuthParameters={"USERNAME": "ada"}
    )
    assert "PASSWORD" in asked["AvailableChallenges"]
    answer = anonymous.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": "ada", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD},
    )
    assert "AuthenticationResult" in answer


def test_a_hash_that_cannot_be_used_fails_its_row_alone(cognito: Cognito, make_job: Make, run: Make) -> None:
    rows = [
        a_row("ada", password_hash="$2b$13$" + "a" * 53),
        a_row("bob", password_hash="5f4dcc3b5aa765d61d8327deb882cf99"),
        a_row("eve", password_hash=hashed("BCRYPT")),
    ]
    done = run(make_job(rows, PasswordHashingAlgorithm="BCRYPT"))
    assert counts(done) == (1, 0, 2)
    assert log_of(cognito, done)[0] == (
        "[FAILED] Line Number 2 - The password hash cannot be used as BCRYPT: its cost is not between 4 and 12."
    )


def test_a_job_with_hashes_needs_a_column_of_them(
    cognito: Cognito, pool_id: str, make_job: Make, run: Make
) -> None:
    job = make_job(PasswordHashingAlgorithm="BCRYPT")
    file = csv(cognito, pool_id, [a_row("ada")]).replace(b",password_hash", b"")
    asked("PUT", job["PreSignedUrl"], file, headers=AS_DOCUMENTED)
    assert run(job)["Status"] == "Failed"


@pytest.fixture
def with_hash(pool_id: str, make_job: Make, run: Make, make_client: Make) -> str:
    """A client of a pool with a user, ada, whose password is known by a hash."""
    run(
        make_job(
            [a_row("ada", password_hash=hashed("PBKDF2_SHA256"))], PasswordHashingAlgorithm="PBKDF2_SHA256"
        )
    )
    return str(make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"])


def test_a_hash_is_under_the_lock_out(anonymous: Cognito, with_hash: str, clock: HeldClock) -> None:
    for _ in range(5):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            sign_in(anonymous, with_hash, "ada", "wrong")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(anonymous, with_hash, "ada")
    clock.advance(SECOND)
    assert "AuthenticationResult" in sign_in(anonymous, with_hash, "ada")


def test_who_has_a_hash_and_a_token_still_proves_the_password_to_change_it(
    cognito: Cognito, anonymous: Cognito, pool_id: str, with_hash: str, server: Server, clock: HeldClock
) -> None:
    other = "An0ther!!"
    token = sign_in(anonymous, with_hash, "ada")["AuthenticationResult"]["AccessToken"]
    put_hash_back(server, pool_id)
    for previous in ({}, {"PreviousPassword": "wrong"}):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            anonymous.change_password(AccessToken=token, ProposedPassword=other, **previous)
    anonymous.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=other)
    assert "AuthenticationResult" in sign_in(anonymous, with_hash, "ada", other)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        sign_in(anonymous, with_hash, "ada", PASSWORD)


def put_hash_back(server: Server, pool_id: str) -> None:
    """As if ada had signed in without a password."""
    ada = server.run(server.store.read(users.by_alias, pool_id, [Alias("username", "ada")]))
    assert ada is not None
    known = foreign_passwords.with_foreign(server.node.vault, ada, "PBKDF2_SHA256", hashed("PBKDF2_SHA256"))
    assert server.run(server.store.write(users.change, ada, known))


@pytest.mark.parametrize("name", ["ada", "known", "nobody"])
def test_a_wrong_password_costs_everybody_a_hash_and_a_right_one_who_has_it(
    anonymous: Cognito,
    make_user: Make,
    pool_id: str,
    with_hash: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    computed = []
    matches = foreign_hashes.matches

    def watched(algorithm: str, text: str, password: str) -> bool:
        computed.append(text.split("$")[:3])
        return matches(algorithm, text, password)

    monkeypatch.setattr(foreign_hashes, "matches", watched)
    make_user(pool_id, "known")
    with pytest.raises(ClientError):
        sign_in(anonymous, with_hash, name, "wrong")
    assert computed == [["", "pbkdf2-sha256", "10"]]
    if name == "known":
        sign_in(anonymous, with_hash, name)
        assert len(computed) == 1
