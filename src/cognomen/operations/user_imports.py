"""GetCSVHeader, CreateUserImportJob, DescribeUserImportJob, ListUserImportJobs, StartUserImportJob, StopUserImportJob.

The file goes to the pre-signed URL (uploads/); users/imports.py does the work.
"""

from __future__ import annotations

import string
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import lookup
from cognomen.pools import user_imports as rules
from cognomen.store import user_imports
from cognomen.store.database import Db, Stale
from cognomen.store.user_imports import ACTIVE, CREATED, STOPPING, ImportJob
from cognomen.users import import_links, import_rows
from cognomen.users.imports import UNUSED_FOR
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        CreateUserImportJobRequestTypeDef,
        DescribeUserImportJobRequestTypeDef,
        GetCSVHeaderRequestTypeDef,
        ListUserImportJobsRequestTypeDef,
        StartUserImportJobRequestTypeDef,
        StopUserImportJobRequestTypeDef,
    )

ID_ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 10
PAGE_MAX = 50  # by the shape of the answer; more may be asked for


@operation("GetCSVHeader")
async def get_csv_header(call: Call, _request: GetCSVHeaderRequestTypeDef) -> dict[str, Any]:
    return {"UserPoolId": call.pool.id, "CSVHeader": import_rows.columns(call.pool)}


@operation("CreateUserImportJob")
async def create_user_import_job(call: Call, request: CreateUserImportJobRequestTypeDef) -> dict[str, Any]:
    job = ImportJob(
        pool_id=call.pool.id,
        id=f"import-{clock.random_text(ID_ALPHABET, ID_LENGTH)}",
        name=request["JobName"],
        role_arn=request["CloudWatchLogsRoleArn"],
        algorithm=request.get("PasswordHashingAlgorithm"),
        status=CREATED,
        upload="",
        size=0,
        position=0,
        line=0,
        columns="[]",
        imported=0,
        skipped=0,
        failed=0,
        created_at=call.now,
        started_at=None,
        completed_at=None,
        message=None,
        due_at=call.now + UNUSED_FOR,
        holder="",
    )

    def add(db: Db) -> None:
        lookup.locked(db, job.pool_id)
        if user_imports.count(db, job.pool_id) >= rules.JOBS_MAX:
            raise errors.TOO_MANY(what="User import job", limit=rules.JOBS_MAX)
        user_imports.add(db, job)

    await call.store.write(add)
    return {"UserImportJob": _described(call, job)}


@operation("DescribeUserImportJob")
async def describe_user_import_job(
    call: Call, request: DescribeUserImportJobRequestTypeDef
) -> dict[str, Any]:
    job = await call.store.read(user_imports.by_id, call.pool.id, request["JobId"])
    if job is None:
        raise errors.IMPORT_JOB_NOT_FOUND(id=request["JobId"])
    return {"UserImportJob": _described(call, job)}


@operation("ListUserImportJobs")
async def list_user_import_jobs(call: Call, request: ListUserImportJobsRequestTypeDef) -> dict[str, Any]:
    limit = min(request["MaxResults"], PAGE_MAX)
    position = paging.position_in(call, request, 2)
    after = (int(position[0]), position[1]) if position else None
    found = await call.store.read(user_imports.newest, call.pool.id, limit + 1, after)
    page, following = paging.page(call, request, found, limit, "created_at", "id")
    return {
        "UserImportJobs": [_described(call, job) for job in page],
        "PaginationToken": following,
    }


@operation("StartUserImportJob")
async def start_user_import_job(call: Call, request: StartUserImportJobRequestTypeDef) -> dict[str, Any]:
    """The pool is held, so that of several jobs one starts, and nothing of the pool changes while it runs."""

    def start(db: Db) -> ImportJob:
        pool = lookup.locked(db, call.pool.id)
        job = _held(db, call.pool.id, request["JobId"])
        rules.check_start(db, pool, job)
        started = replace(job, status=user_imports.PENDING, started_at=call.now, due_at=call.now)
        if not user_imports.change(db, job, started):
            raise Stale
        return started

    return {"UserImportJob": _described(call, await call.store.write(start))}


@operation("StopUserImportJob")
async def stop_user_import_job(call: Call, request: StopUserImportJobRequestTypeDef) -> dict[str, Any]:
    """Whoever has the job loses it; what is imported stays."""

    def stop(db: Db) -> ImportJob:
        job = _held(db, call.pool.id, request["JobId"])
        if job.status not in ACTIVE:
            raise errors.IMPORT_NOT_STOPPABLE(status=job.status)
        stopping = replace(job, status=STOPPING, due_at=call.now, holder="")
        if not user_imports.change(db, job, stopping):
            raise Stale
        return stopping

    return {"UserImportJob": _described(call, await call.store.write(stop))}


def _held(db: Db, pool_id: str, job_id: str) -> ImportJob:
    job = user_imports.by_id_locked(db, pool_id, job_id)
    if job is None:
        raise errors.IMPORT_JOB_NOT_FOUND(id=job_id)
    return job


def _described(call: Call, job: ImportJob) -> dict[str, Any]:
    return {
        "JobName": job.name,
        "JobId": job.id,
        "UserPoolId": job.pool_id,
        "PreSignedUrl": import_links.url(call, job.id),
        "CreationDate": seconds(job.created_at),
        "StartDate": seconds(job.started_at) if job.started_at is not None else None,
        "CompletionDate": seconds(job.completed_at) if job.completed_at is not None else None,
        "Status": job.status,
        "CloudWatchLogsRoleArn": job.role_arn,
        "ImportedUsers": job.imported,
        "SkippedUsers": job.skipped,
        "FailedUsers": job.failed,
        "CompletionMessage": job.message,
        "PasswordHashingAlgorithm": job.algorithm,
    }
