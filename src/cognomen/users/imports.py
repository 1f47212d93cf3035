"""Import jobs carried on, a batch of lines at a time, by whichever node takes one.

    carry_on(node, now)     take a job that is due and do some of it; whether there may be more
    parts of a file         sealed, of PART bytes each, put by the upload and read here

What a batch does is written in one transaction: its users, what became of its lines, the counters and how far the job has
come. So a node may die at any moment: another takes the job up where the last batch was committed (store/user_imports.py).
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace

from cognomen import clock, errors
from cognomen.call import Node
from cognomen.clock import DAY, MINUTE, SECOND
from cognomen.crypto import foreign_hashes
from cognomen.crypto.sealing import CannotUnseal
from cognomen.errors import Refusal
from cognomen.master_key.vault import Vault
from cognomen.pools import foreign_passwords as of_pools
from cognomen.pools import lookup
from cognomen.pools.configuration import PoolConfiguration
from cognomen.pools.foreign_passwords import ForeignHash
from cognomen.store import failures, user_imports
from cognomen.store.database import Db, Store, Unavailable
from cognomen.store.user_imports import (
    CREATED,
    EXPIRED,
    FAILED,
    IN_PROGRESS,
    PENDING,
    STOPPED,
    STOPPING,
    SUCCEEDED,
    ImportJob,
)
from cognomen.store.users import User
from cognomen.users import import_rows, rows
from cognomen.users.import_rows import NoImport

PURPOSE = "user-import"
FAULTS = "user import"
"""The kind of failures of a job that nothing is to be said of but that it failed."""

PART = 256 * 1024  # bytes
PARTS_READ = 2  # a row is shorter than a part, so it ends in the part it begins in or in the next
BATCH = 50  # rows written in one transaction: some ten milliseconds in which a process on SQLite does nothing else
BATCHES = 20  # done of one job before another that is due has its turn
ROWS_MAX = 500_000

LOOK_AT_ONCE = 20  # jobs

LEASE = 30 * SECOND
PAUSE = MINUTE  # before what failed without a reason that we know is tried again
ATTEMPTS_MAX = 5
UNUSED_FOR = DAY  # after which a job that was not started expires
KEPT_FOR = 3 * DAY  # whatever is uploaded is gone by then

COMPLETED = "Import Job Completed Successfully."
TOO_MANY_FAILED = "Too many users have failed or been skipped during the import."
EXPIRED_MESSAGE = "The user import job has expired."
STOPPED_MESSAGE = "The Import Job was stopped by the developer."
ROW_TOO_LONG = f"A row of the CSV file is longer than {import_rows.LONGEST_ROW} characters."
TOO_MANY_ROWS = f"The CSV file has more than {ROWS_MAX} rows."
FILE_GONE = "The CSV file is not there any more."
FAULT = "The import was stopped by an internal error."

_SUCCEEDED, _SKIPPED, _FAILED = "SUCCEEDED", "SKIPPED", "FAILED"
_IMPORTED_TEXT = "The import succeeded."
_EXISTS_TEXT = "The user already exists."
_INTERNAL_TEXT = "An internal error occurred."
_NOT_UTF8_TEXT = "The row is not UTF-8."

log = logging.getLogger(__name__)


class _Overtaken(Exception):  # noqa: N818  a fact about the job
    """Another node has the job now, or its state was changed."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the file: the user it describes, or why there is none."""

    number: int
    user: User | None
    fault: str = ""


async def carry_on(node: Node, now: int) -> bool:
    """Take one job that is due and do some of it; whether there may be more to do at once."""
    job = await _first_of_ours(node, now)
    if job is None:
        return False
    taken = replace(job, holder=clock.uuid4(), due_at=now + LEASE)
    if await node.store.write(user_imports.change, job, taken):
        await _carry(node, taken, now)
    return True


async def _first_of_ours(node: Node, now: int) -> ImportJob | None:
    """The job that is due longest, of those of pools that are at home here, where users are made."""
    last: ImportJob | None = None
    while due := await node.store.read(user_imports.all_due, node.settings.region, now, LOOK_AT_ONCE, last):
        for job in due:
            with suppress(CannotUnseal):  # no node can do it, and what it can do does not wait for it
                if await node.configurations.of_pool(job.pool_id, now) is not None:
                    return job
        last = due[-1]
    return None


async def _carry(node: Node, job: ImportJob, now: int) -> None:
    """Some batches of a job that this node has taken; then it is anybody's again, unless it is done."""
    doing: ImportJob | None = job
    try:
        for _ in range(BATCHES):
            doing = await _step(node, job, now)
            if doing is None or doing.due_at is None:
                return
            job = doing
        await node.store.write(user_imports.change, job, replace(job, due_at=now))
    except _Overtaken:
        return
    except Unavailable:  # which is no fault of the job
        raise
    except Exception:
        log.exception("import job %s", job.id, extra={"pool_id": job.pool_id})
        await node.store.write(_note_fault, job, now)


async def _step(node: Node, job: ImportJob, now: int) -> ImportJob | None:
    """The job after one more step; None where there is nothing to do for now."""
    if job.status == CREATED:
        return await _write(node, job, _ended(job, EXPIRED, EXPIRED_MESSAGE, now))
    if job.status == STOPPING:
        return await _write(node, job, _ended(job, STOPPED, STOPPED_MESSAGE, now))
    if job.status in (PENDING, IN_PROGRESS):
        return await _go_on(node, job, now)
    removed = await node.store.write(user_imports.remove_parts, job.pool_id, job.upload)
    return await _write(node, job, job if removed else replace(job, due_at=None))


async def _go_on(node: Node, job: ImportJob, now: int) -> ImportJob | None:
    configuration = await node.configurations.of_pool(job.pool_id, now)
    if configuration is None:
        return None  # the pool was deleted, and its rows will be
    try:
        if job.status == PENDING:
            return await _begin(node, configuration, job, now)
        return await _batch(node, configuration, job, now)
    except NoImport as fault:
        return await _write(node, job, _ended(job, FAILED, str(fault), now))


async def _begin(node: Node, configuration: PoolConfiguration, job: ImportJob, now: int) -> ImportJob:
    content = await read(node.store, node.vault, job)
    header, newline, _ = content.partition(b"\n")
    found = import_rows.check_header(configuration.pool, job.algorithm, _text(header) or "")
    position = len(header) + len(newline)
    begun = replace(
        job, status=IN_PROGRESS, columns=json.dumps(found), position=position, line=1, due_at=now + LEASE
    )
    return await _write(node, job, begun)


async def _batch(node: Node, configuration: PoolConfiguration, job: ImportJob, now: int) -> ImportJob:
    """The next rows of the file, checked and written; at its end the job is done."""
    content = await read(node.store, node.vault, job)
    if not content:
        message = COMPLETED if job.imported or not job.skipped + job.failed else TOO_MANY_FAILED
        state = SUCCEEDED if message is COMPLETED else FAILED
        return await _write(node, job, _ended(job, state, message, now))
    left = ROWS_MAX + 1 - job.line  # the header is a line, too
    if left < 1:
        raise NoImport(TOO_MANY_ROWS)
    at_end = job.position + len(content) == job.size
    taken = _complete_lines(content, min(BATCH, left), at_end=at_end)
    columns: list[str] = json.loads(job.columns)
    lines = [
        _line(configuration, job, columns, job.line + place, raw, node.vault, now)
        for place, raw in enumerate(taken, 1)
        if raw.strip()
    ]
    await _let_cost_the_same(node, configuration, job, taken, columns)
    after = replace(
        job,
        position=min(job.position + sum(len(raw) + 1 for raw in taken), job.size),
        line=job.line + len(taken),
        due_at=now + LEASE,
    )
    return await rows.write(node.store, _write_lines, configuration, job, after, lines)


async def read(store: Store, vault: Vault, job: ImportJob) -> bytes:
    """The file from the job's position on, one part of it at least; empty at its end. Raises NoImport."""
    if job.position >= job.size:
        return b""
    first, offset = divmod(job.position, PART)
    found = await store.read(user_imports.parts, job.pool_id, job.upload, first, PARTS_READ)
    if not found or found[0][0] != user_imports.name_of_part(first):
        raise NoImport(FILE_GONE)
    try:
        parts = [
            vault.unseal(PURPOSE, sealed, binding(job.pool_id, job.upload, name)) for name, sealed in found
        ]
    except CannotUnseal:
        raise NoImport(FILE_GONE) from None
    return b"".join(parts)[offset:]


def binding(pool_id: str, upload: str, part: str) -> bytes:
    """What a part of a file is bound to, so that it opens nowhere else."""
    return f"{pool_id}/{upload}/{part}".encode()


def _complete_lines(content: bytes, limit: int, *, at_end: bool) -> list[bytes]:
    """Up to `limit` lines without their ends. Raises NoImport where one does not end."""
    lines = content.split(b"\n", limit)
    if len(lines) > limit:
        return lines[:limit]
    rest = lines.pop()
    if at_end:
        return [*lines, rest] if rest else lines
    if not lines:
        raise NoImport(ROW_TOO_LONG)
    return lines


def _line(
    configuration: PoolConfiguration,
    job: ImportJob,
    columns: list[str],
    number: int,
    raw: bytes,
    vault: Vault,
    now: int,
) -> _Line:
    text = _text(raw)
    if text is None:
        return _Line(number, None, _NOT_UTF8_TEXT)
    if len(text) > import_rows.LONGEST_ROW:
        return _Line(number, None, ROW_TOO_LONG)
    try:
        row = import_rows.rows_of(columns, text)
        return _Line(number, import_rows.user_of(configuration.pool, job.algorithm, row, vault, now))
    except Refusal as refusal:
        return _Line(number, None, " ".join((refusal.message or refusal.type).split()))
    except Exception:
        log.exception("line %d of import job %s", number, job.id, extra={"pool_id": job.pool_id})
        return _Line(number, None, _INTERNAL_TEXT)


async def _let_cost_the_same(
    node: Node, configuration: PoolConfiguration, job: ImportJob, taken: list[bytes], columns: list[str]
) -> None:
    """See that a wrong password costs everybody what it costs the users who are about to be there.

    Before they are: see users/foreign_passwords.py.
    """
    known = configuration.foreign_passwords.decoy
    if job.algorithm is None or (known is not None and known.algorithm == job.algorithm):
        return
    place = columns.index(import_rows.PASSWORD_HASH)
    for raw in taken:
        values = import_rows.fields(_text(raw) or "")
        if len(values) != len(columns) or not values[place]:
            continue
        try:
            foreign_hashes.check(job.algorithm, values[place])
        except foreign_hashes.NoHash:
            continue
        decoy = ForeignHash(job.algorithm, foreign_hashes.decoy(job.algorithm, values[place]))
        await node.configurations.write(job.pool_id, _put_decoy, node.vault, job.pool_id, decoy)
        return


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode().removesuffix("\r")
    except UnicodeDecodeError:
        return None


def _ended(job: ImportJob, state: str, message: str, now: int) -> ImportJob:
    """Due once more: its file is still to be removed."""
    return replace(job, status=state, message=message, completed_at=now, due_at=now)


async def _write(node: Node, before: ImportJob, after: ImportJob) -> ImportJob:
    if not await node.store.write(user_imports.change, before, after):
        raise _Overtaken
    return after


# -- transactions -----------------------------------------------------------------------------------------------------


def _write_lines(
    db: Db, configuration: PoolConfiguration, before: ImportJob, after: ImportJob, lines: list[_Line]
) -> ImportJob:
    """The users of some lines, and with them how far the job has come."""
    held = user_imports.by_id_locked(db, before.pool_id, before.id)
    if held is None or (held.holder, held.position, held.status) != (
        before.holder,
        before.position,
        before.status,
    ):
        raise _Overtaken
    told, counts = [], Counter[str]()
    for line in lines:
        outcome, text = _add(db, configuration, line)
        counts[outcome] += 1
        told.append(f"[{outcome}] Line Number {line.number} - {text}\n")
    done = replace(
        after,
        imported=before.imported + counts[_SUCCEEDED],
        skipped=before.skipped + counts[_SKIPPED],
        failed=before.failed + counts[_FAILED],
    )
    if told:
        user_imports.add_lines(db, before, lines[0].number, "".join(told))
    if not user_imports.change(db, before, done):
        raise _Overtaken
    return done


def _add(db: Db, configuration: PoolConfiguration, line: _Line) -> tuple[str, str]:
    if line.user is None:
        return _FAILED, line.fault
    try:
        rows.add(db, configuration.pool, line.user)
    except Refusal as refusal:  # told by the look before anything is written
        if refusal.type != errors.USER_ACCOUNT_EXISTS.type:
            raise
        return _SKIPPED, _EXISTS_TEXT
    return _SUCCEEDED, _IMPORTED_TEXT


def _note_fault(db: Db, job: ImportJob, now: int) -> None:
    """The job is tried again from where it is, some times; who comes further begins to count anew."""
    place = f"{job.id}/{job.status}/{job.position}"
    if failures.add(db, job.pool_id, FAULTS, place, now, now + DAY) < ATTEMPTS_MAX:
        after = replace(job, due_at=now + PAUSE)
    elif job.completed_at is None:
        after = _ended(job, FAILED, FAULT, now)
    else:  # its file is swept with what else was uploaded
        after = replace(job, due_at=None)
    user_imports.change(db, job, after)


def _put_decoy(db: Db, vault: Vault, pool_id: str, decoy: ForeignHash) -> None:
    lookup.locked(db, pool_id)
    known = of_pools.of_pool(db, vault, pool_id)
    of_pools.put(db, vault, pool_id, of_pools.with_decoy(known, decoy))
