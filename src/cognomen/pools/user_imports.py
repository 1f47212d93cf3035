"""What a pool's import jobs must satisfy, and what they keep from happening meanwhile."""

from __future__ import annotations

from cognomen import errors
from cognomen.store import user_imports
from cognomen.store.database import Db
from cognomen.store.user_imports import CREATED, ImportJob
from cognomen.store.user_pools import UserPool

JOBS_MAX = 1_000


def refuse_while_active(db: Db, pool_id: str) -> None:
    """Raises IMPORT_IN_PROGRESS while a job of the pool, which is held, is started and not done."""
    if user_imports.active_of(db, pool_id) is not None:
        raise errors.IMPORT_IN_PROGRESS()


def check_start(db: Db, pool: UserPool, job: ImportJob) -> None:
    """Whether the job may start now. Raises IMPORT_NOT_STARTABLE, with what must be put right."""
    if job.status != CREATED:
        reason = f"its status is {job.status}"
    elif not pool.settings.auto_verified_attributes:
        reason = "the user pool verifies no attribute automatically"
    elif not job.upload:
        reason = "no CSV file was uploaded to its pre-signed URL"
    elif user_imports.active_of(db, pool.id) is not None:
        reason = "another import job of the user pool is not done yet"
    else:
        return
    raise errors.IMPORT_NOT_STARTABLE(reason=reason)
