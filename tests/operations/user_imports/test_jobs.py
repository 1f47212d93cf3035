"""Import jobs: made, started, stopped and listed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import DAY, SECOND
from cognomen.operations import dispatch
from cognomen.pools import user_imports as rules
from cognomen.store import user_imports
from cognomen.users import imports
from tests.held_clock import HeldClock
from tests.operations.user_imports.conftest import Make, a_row, carry_on, described, log_of, upload_of, work
from tests.refused import refused
from tests.server import Server

NOT_STARTED = "The user import job cannot be started: "


# -- the template ------------------------------------------------------------------------------------------------------


def test_the_header_names_every_attribute_of_the_pool(cognito: Cognito, make_pool: Make) -> None:
    pool_id = make_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])["Id"]
    answer = cognito.get_csv_header(UserPoolId=pool_id)
    assert answer["UserPoolId"] == pool_id
    assert ",".join(answer["CSVHeader"]) == (
        "name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,email,"
        "email_verified,gender,birthdate,zoneinfo,locale,phone_number,phone_number_verified,address,updated_at,"
        "custom:team,cognito:mfa_enabled,cognito:username,password_hash"
    )


# -- starting, stopping, expiring --------------------------------------------------------------------------------------


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
