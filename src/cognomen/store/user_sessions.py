"""How sessions of users are configured: a row for the pool, one for each client that was configured.

What is not there is at its default. The sessions themselves are not kept yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, bindparam, func, select

from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, insert, key, metadata, number

DEFAULT_PER_USER = 20
DEFAULT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class SessionTracking:
    """Whether a pool tracks sessions, and how many token sessions a user may have at once."""

    is_on: bool = False
    per_user: int = DEFAULT_PER_USER


session_tracking = Table(
    "session_tracking", metadata, key("pool_id"), number("is_on"), number("per_user"), info=CONFIGURATION
)
session_reuse = Table(
    "session_reuse", metadata, key("pool_id"), key("client_id"), number("minutes"), info=CONFIGURATION
)

_insert_tracking = insert(session_tracking)
_PUT_TRACKING = _insert_tracking.on_conflict_do_update(
    index_elements=[session_tracking.c.pool_id],
    set_={"is_on": _insert_tracking.excluded.is_on, "per_user": _insert_tracking.excluded.per_user},
)
_TRACKING = select(session_tracking.c.is_on, session_tracking.c.per_user).where(
    session_tracking.c.pool_id == bindparam("pool_id")
)
_insert_reuse = insert(session_reuse)
_PUT_REUSE = _insert_reuse.on_conflict_do_update(
    index_elements=[session_reuse.c.pool_id, session_reuse.c.client_id],
    set_={"minutes": _insert_reuse.excluded.minutes},
)
_REUSE = (
    select(session_reuse.c.minutes)
    .where(session_reuse.c.pool_id == bindparam("pool_id"))
    .where(session_reuse.c.client_id == bindparam("client_id"))
)
# The clients of one pool that were configured, which are limited to a thousand.
_LONGEST_REUSE = select(func.max(session_reuse.c.minutes)).where(
    session_reuse.c.pool_id == bindparam("pool_id")
)


def put_tracking(db: Db, pool_id: str, tracking: SessionTracking) -> None:
    db.run(_PUT_TRACKING, pool_id=pool_id, is_on=int(tracking.is_on), per_user=tracking.per_user)


def tracking_of(db: Db, pool_id: str) -> SessionTracking:
    row = db.one(_TRACKING, pool_id=pool_id)
    return SessionTracking(bool(row[0]), row[1]) if row else SessionTracking()


def put_reuse(db: Db, pool_id: str, client_id: str, minutes: int) -> None:
    """For so many minutes after a sign-in the client takes a browser's session for another one."""
    db.run(_PUT_REUSE, pool_id=pool_id, client_id=client_id, minutes=minutes)


def reuse_minutes(db: Db, pool_id: str, client_id: str) -> int:
    row = db.one(_REUSE, pool_id=pool_id, client_id=client_id)
    return int(row[0]) if row else DEFAULT_MINUTES


def longest_reuse(db: Db, pool_id: str) -> int:
    """For how many minutes some client of the pool may take a browser's session for another sign-in."""
    if not tracking_of(db, pool_id).is_on:
        return DEFAULT_MINUTES
    row = db.one(_LONGEST_REUSE, pool_id=pool_id)
    return max(DEFAULT_MINUTES, row[0] or 0) if row else DEFAULT_MINUTES
