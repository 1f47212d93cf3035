"""Import jobs of a pool, the files that were uploaded for them, and what became of each line.

    user_import_jobs        one row a job: its state, its counters, and how far it has come
    user_import_parts       an uploaded file in sealed parts of one size, so that any place in it is found by its number
    user_import_lines       what became of the lines, some of them a row: what the job's owner reads

A job is taken by a node for a while (`holder`, `due_at`). What a batch makes of the file is written together with how far
it came, under the condition that the holder still has the job and nobody came as far before: no line is lost, and none is
taken twice, whenever a node dies.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, and_, bindparam, delete, func, or_, select, tuple_, update

from cognomen.store.database import Db, Row
from cognomen.store.tables import (
    LARGE,
    LARGE_AT_ONCE,
    ORDERED_TEXT,
    blob,
    expired,
    home_of,
    insert,
    key,
    metadata,
    number,
    text,
)

CREATED, PENDING, IN_PROGRESS, STOPPING = "Created", "Pending", "InProgress", "Stopping"
EXPIRED, STOPPED, FAILED, SUCCEEDED = "Expired", "Stopped", "Failed", "Succeeded"
ACTIVE = (PENDING, IN_PROGRESS, STOPPING)


@dataclass(frozen=True, slots=True)
class ImportJob:
    """A job; `upload` is the file it will read ("" until one was uploaded), `size` the bytes of it.

    `position` and `line` are how far it has come: bytes, and lines with the header; `columns` is the header as JSON.
    `due_at` is when a node should look at it, None when none need; `holder` has it until then.
    """

    pool_id: str
    id: str
    name: str
    role_arn: str
    algorithm: str | None
    status: str
    upload: str
    size: int
    position: int
    line: int
    columns: str
    imported: int
    skipped: int
    failed: int
    created_at: int
    started_at: int | None
    completed_at: int | None
    message: str | None
    due_at: int | None
    holder: str


user_import_jobs = Table(
    "user_import_jobs",
    metadata,
    key("pool_id"),
    key("id"),
    text("name"),
    text("role_arn"),
    text("algorithm", optional=True),
    text("status"),
    text("upload"),
    number("size"),
    number("position"),
    number("line"),
    text("columns"),
    number("imported"),
    number("skipped"),
    number("failed"),
    number("created_at"),
    number("started_at", optional=True),
    number("completed_at", optional=True),
    text("message", optional=True),
    number("due_at", optional=True),
    text("holder"),
)
Index(
    "user_import_jobs_by_age",
    user_import_jobs.c.pool_id,
    user_import_jobs.c.created_at,
    user_import_jobs.c.id,
)
Index("user_import_jobs_by_status", user_import_jobs.c.pool_id, user_import_jobs.c.status)
Index("user_import_jobs_by_home", home_of(user_import_jobs.c.pool_id), user_import_jobs.c.due_at)
user_import_parts = Table(
    "user_import_parts",
    metadata,
    key("pool_id"),
    key("upload"),
    key("number"),
    blob("sealed_content"),
    number("created_at"),
    info=LARGE,
)
Index("user_import_parts_by_age", user_import_parts.c.created_at)
user_import_lines = Table(
    "user_import_lines",
    metadata,
    key("pool_id"),
    key("job_id"),
    key("first"),
    Column("lines", ORDERED_TEXT, nullable=False),
)

_jobs = user_import_jobs.c
_of_one = (_jobs.pool_id == bindparam("pool_id"), _jobs.id == bindparam("id"))

_ADD = insert(user_import_jobs)
_BY_ID = select(user_import_jobs).where(*_of_one)
_BY_ID_LOCKED = _BY_ID.with_for_update()
_COUNT = select(func.count()).where(_jobs.pool_id == bindparam("pool_id"))
_NEWEST = (
    select(user_import_jobs)
    .where(_jobs.pool_id == bindparam("pool_id"))
    .order_by(_jobs.created_at.desc(), _jobs.id.desc())
    .limit(bindparam("limit"))
)
_NEWEST_AFTER = _NEWEST.where(_jobs.created_at <= bindparam("created_at")).where(
    or_(_jobs.created_at < bindparam("created_at"), _jobs.id < bindparam("after"))
)
_ACTIVE = (
    select(_jobs.id)
    .where(_jobs.pool_id == bindparam("pool_id"))
    .where(or_(*(_jobs.status == status for status in ACTIVE)))
    .limit(1)
)
_place = (_jobs.due_at, _jobs.pool_id, _jobs.id)
_DUE = (
    select(user_import_jobs)
    .where(home_of(_jobs.pool_id) == bindparam("home"))
    .where(_jobs.due_at <= bindparam("now"))
    .where(_jobs.due_at >= bindparam("after_due_at"))
    .where(tuple_(*_place) > tuple_(*map(bindparam, ("after_due_at", "after_pool", "after_id"))))
    .order_by(*_place)
    .limit(bindparam("limit"))
)
_CHANGE = (
    update(user_import_jobs)
    .where(_jobs.pool_id == bindparam("of_pool"), _jobs.id == bindparam("of_id"))
    .where(
        and_(
            _jobs.status == bindparam("known_status"),
            _jobs.upload == bindparam("known_upload"),
            _jobs.position == bindparam("known_position"),
            _jobs.holder == bindparam("known_holder"),
        )
    )
    .values(
        status=bindparam("new_status"),
        upload=bindparam("new_upload"),
        size=bindparam("new_size"),
        position=bindparam("new_position"),
        line=bindparam("new_line"),
        columns=bindparam("new_columns"),
        imported=bindparam("new_imported"),
        skipped=bindparam("new_skipped"),
        failed=bindparam("new_failed"),
        started_at=bindparam("new_started_at"),
        completed_at=bindparam("new_completed_at"),
        message=bindparam("new_message"),
        due_at=bindparam("new_due_at"),
        holder=bindparam("new_holder"),
    )
)
_ADD_PART = insert(user_import_parts)
_PARTS = (
    select(user_import_parts.c.number, user_import_parts.c.sealed_content)
    .where(user_import_parts.c.pool_id == bindparam("pool_id"))
    .where(user_import_parts.c.upload == bindparam("upload"))
    .where(user_import_parts.c.number >= bindparam("first"))
    .order_by(user_import_parts.c.number)
    .limit(bindparam("limit"))
)
_SOME_PARTS = (
    select(user_import_parts.c.number)
    .where(user_import_parts.c.pool_id == bindparam("pool_id"))
    .where(user_import_parts.c.upload == bindparam("upload"))
    .limit(bindparam("limit"))
)
_REMOVE_PARTS = (
    delete(user_import_parts)
    .where(user_import_parts.c.pool_id == bindparam("pool_id"))
    .where(user_import_parts.c.upload == bindparam("upload"))
    .where(user_import_parts.c.number.in_(_SOME_PARTS))
)
_SWEEP_PARTS = expired(user_import_parts, user_import_parts.c.created_at)
_ADD_LINES = insert(user_import_lines)
_LINES = (
    select(user_import_lines.c.first, user_import_lines.c.lines)
    .where(user_import_lines.c.pool_id == bindparam("pool_id"))
    .where(user_import_lines.c.job_id == bindparam("job_id"))
    .where(user_import_lines.c.first > bindparam("after"))
    .order_by(user_import_lines.c.first)
    .limit(bindparam("limit"))
)


def add(db: Db, job: ImportJob) -> None:
    db.run(_ADD, **{column.name: getattr(job, column.name) for column in user_import_jobs.c})


def by_id(db: Db, pool_id: str, id: str) -> ImportJob | None:
    return _job(db.one(_BY_ID, pool_id=pool_id, id=id))


def by_id_locked(db: Db, pool_id: str, id: str) -> ImportJob | None:
    """The job, which nobody else changes until this transaction ends."""
    return _job(db.one(_BY_ID_LOCKED, pool_id=pool_id, id=id))


def count(db: Db, pool_id: str) -> int:
    """How many jobs the pool has; at most a thousand."""
    return db.value(_COUNT, pool_id=pool_id) or 0


def newest(db: Db, pool_id: str, limit: int, after: tuple[int, str] | None = None) -> list[ImportJob]:
    """Jobs, the newest first; `after` is the (created_at, id) of the last one of the page before."""
    if after is None:
        rows = db.all(_NEWEST, pool_id=pool_id, limit=limit)
    else:
        rows = db.all(_NEWEST_AFTER, pool_id=pool_id, created_at=after[0], after=after[1], limit=limit)
    return [ImportJob(*row) for row in rows]


def active_of(db: Db, pool_id: str) -> str | None:
    """The id of the job that is started and not done, of which a pool has one at most."""
    return db.value(_ACTIVE, pool_id=pool_id)


def all_due(db: Db, region: str, now: int, limit: int, after: ImportJob | None = None) -> list[ImportJob]:
    """What some node should look at by now, over all pools of a region, the longest due first, beginning behind `after`."""
    due_at, pool_id, id = (after.due_at, after.pool_id, after.id) if after else (0, "", "")
    rows = db.all(
        _DUE,
        home=f"{region}_",
        now=now,
        limit=limit,
        after_due_at=due_at,
        after_pool=pool_id,
        after_id=id,
    )
    return [ImportJob(*row) for row in rows]


def change(db: Db, before: ImportJob, after: ImportJob) -> bool:
    """Write `after`; False when another has it now, or has come further, or changed its state."""
    written = db.run(
        _CHANGE,
        of_pool=before.pool_id,
        of_id=before.id,
        known_status=before.status,
        known_upload=before.upload,
        known_position=before.position,
        known_holder=before.holder,
        new_status=after.status,
        new_upload=after.upload,
        new_size=after.size,
        new_position=after.position,
        new_line=after.line,
        new_columns=after.columns,
        new_imported=after.imported,
        new_skipped=after.skipped,
        new_failed=after.failed,
        new_started_at=after.started_at,
        new_completed_at=after.completed_at,
        new_message=after.message,
        new_due_at=after.due_at,
        new_holder=after.holder,
    )
    return written == 1


def add_part(db: Db, pool_id: str, upload: str, part: int, sealed_content: bytes, now: int) -> None:
    """A part of a file that is being uploaded; parts are numbered from 0."""
    db.run(
        _ADD_PART,
        pool_id=pool_id,
        upload=upload,
        number=name_of_part(part),
        sealed_content=sealed_content,
        created_at=now,
    )


def parts(db: Db, pool_id: str, upload: str, first: int, limit: int) -> list[tuple[str, bytes]]:
    """(name, sealed content) of the parts from number `first` on."""
    rows = db.all(_PARTS, pool_id=pool_id, upload=upload, first=name_of_part(first), limit=limit)
    return [(row[0], row[1]) for row in rows]


def remove_parts(db: Db, pool_id: str, upload: str) -> bool:
    """Remove some parts of a file; False when there were none."""
    return db.run(_REMOVE_PARTS, pool_id=pool_id, upload=upload, limit=LARGE_AT_ONCE) > 0


def sweep_parts(db: Db, before: int) -> bool:
    """Remove some of what was uploaded before a moment, whatever became of it; whether there may be more."""
    return db.run(_SWEEP_PARTS, now=before, limit=LARGE_AT_ONCE) == LARGE_AT_ONCE


def name_of_part(part: int) -> str:
    """The number as it stands in the key, where numbers come in the order of their texts."""
    return f"{part:08}"


def add_lines(db: Db, job: ImportJob, first: int, lines: str) -> None:
    """What became of lines of the file, the first of which has this number."""
    db.run(_ADD_LINES, pool_id=job.pool_id, job_id=job.id, first=f"{first:08}", lines=lines)


def lines_of(db: Db, pool_id: str, job_id: str, after: str, limit: int) -> list[tuple[str, str]]:
    """(key, lines) in the order of the file, beginning behind the key `after`."""
    rows = db.all(_LINES, pool_id=pool_id, job_id=job_id, after=after, limit=limit)
    return [(row[0], row[1]) for row in rows]


def _job(row: Row | None) -> ImportJob | None:
    return ImportJob(*row) if row else None
