"""What becomes of the rows of a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from cognomen.store import user_imports, users
from cognomen.store.users import Alias
from cognomen.users import import_rows, imports
from tests.held_clock import HeldClock
from tests.http_requests import asked
from tests.operations.user_imports.conftest import (
    AS_DOCUMENTED,
    ROLE,
    Make,
    a_row,
    counts,
    csv,
    log_of,
    sign_in,
    upload_of,
)
from tests.refused import refused
from tests.server import Server


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
