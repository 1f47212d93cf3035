"""The sessions of users where a pool tracks them, and how that is configured.

Configuration is a row for the pool and one for each client that was configured; what is not there is at its default. A session
is a row from its sign-in on, until it is ended or what it gave has expired. A session of tokens has the origin of its tokens,
and does not live any more when that was revoked (tokens.py); a browser's session lives in browser_sessions.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, delete, func, select, update

from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, expired, insert, key, metadata, number, text
from cognomen.store.tokens import revoked_origins

DEFAULT_PER_USER = 20
DEFAULT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class SessionTracking:
    """Whether a pool tracks sessions, and how many token sessions a user may have at once."""

    is_on: bool = False
    per_user: int = DEFAULT_PER_USER


@dataclass(frozen=True, slots=True)
class UserSession:
    """A session; moments in milliseconds.

    `origin` is that of its tokens, None for a browser's session. `parent` is the browser's session that its tokens came
    through, None for those of the API. `device` and `ip_address` are those of the last activity.
    """

    id: str
    origin: str | None
    parent: str | None
    client_id: str
    device: str
    ip_address: str | None
    created_at: int
    last_active_at: int
    expires_at: int


session_tracking = Table(
    "session_tracking", metadata, key("pool_id"), number("is_on"), number("per_user"), info=CONFIGURATION
)
session_reuse = Table(
    "session_reuse", metadata, key("pool_id"), key("client_id"), number("minutes"), info=CONFIGURATION
)

user_sessions = Table(
    "user_sessions",
    metadata,
    key("pool_id"),
    key("sub"),
    key("id"),
    text("origin", optional=True),
    text("parent", optional=True),
    text("client_id"),
    text("device"),
    text("ip_address", optional=True),
    number("created_at"),
    number("last_active_at"),
    number("expires_at"),
    sqlite_with_rowid=False,
)
Index("user_sessions_by_expiry", user_sessions.c.expires_at)

_COLUMNS = tuple(column for column in user_sessions.c if column.name not in ("pool_id", "sub"))
_of_user = (user_sessions.c.pool_id == bindparam("of_pool"), user_sessions.c.sub == bindparam("of_sub"))
_one = (*_of_user, user_sessions.c.id == bindparam("of_id"))

_ADD = insert(user_sessions).on_conflict_do_nothing()
_TOUCH = (
    update(user_sessions)
    .where(*_one)
    .values(
        device=bindparam("new_device"),
        ip_address=bindparam("new_ip_address"),
        last_active_at=bindparam("now"),
    )
)
_ALL = (
    select(*_COLUMNS, revoked_origins.c.origin)
    .outerjoin(
        revoked_origins,
        (revoked_origins.c.pool_id == user_sessions.c.pool_id)
        & (revoked_origins.c.origin == user_sessions.c.origin),
    )
    .where(*_of_user)
)
_REMOVE = delete(user_sessions).where(*_one)
_REMOVE_ALL = delete(user_sessions).where(*_of_user)
_SWEEP = expired(user_sessions, user_sessions.c.expires_at)
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
    user_pools.touch(db, pool_id)
    db.run(_PUT_TRACKING, pool_id=pool_id, is_on=int(tracking.is_on), per_user=tracking.per_user)


def tracking_of(db: Db, pool_id: str) -> SessionTracking:
    row = db.one(_TRACKING, pool_id=pool_id)
    return SessionTracking(bool(row[0]), row[1]) if row else SessionTracking()


def put_reuse(db: Db, pool_id: str, client_id: str, minutes: int) -> None:
    """For so many minutes after a sign-in the client takes a browser's session for another one."""
    user_pools.touch(db, pool_id)
    db.run(_PUT_REUSE, pool_id=pool_id, client_id=client_id, minutes=minutes)


def reuse_minutes(db: Db, pool_id: str, client_id: str) -> int:
    minutes = db.value(_REUSE, pool_id=pool_id, client_id=client_id)
    return DEFAULT_MINUTES if minutes is None else minutes


def longest_reuse(db: Db, pool_id: str) -> int:
    """For how many minutes some client of the pool may take a browser's session for another sign-in."""
    return max(DEFAULT_MINUTES, db.value(_LONGEST_REUSE, pool_id=pool_id) or 0)


def add(db: Db, pool_id: str, sub: str, session: UserSession) -> None:
    """A new session; nothing is written where there is one with this id."""
    db.run(
        _ADD,
        pool_id=pool_id,
        sub=sub,
        id=session.id,
        origin=session.origin,
        parent=session.parent,
        client_id=session.client_id,
        device=session.device,
        ip_address=session.ip_address,
        created_at=session.created_at,
        last_active_at=session.last_active_at,
        expires_at=session.expires_at,
    )


def touch(db: Db, pool_id: str, sub: str, id: str, *, device: str, ip_address: str | None, now: int) -> bool:
    """The session is active; False when there is none with this id."""
    touched = db.run(
        _TOUCH,
        of_pool=pool_id,
        of_sub=sub,
        of_id=id,
        new_device=device,
        new_ip_address=ip_address,
        now=now,
    )
    return touched == 1


def all_of_user(db: Db, pool_id: str, sub: str) -> list[tuple[UserSession, bool]]:
    """Every session that is kept of a user, each with the word whether its tokens were revoked."""
    rows = db.all(_ALL, of_pool=pool_id, of_sub=sub)
    return [(UserSession(*row[:-1]), row[-1] is not None) for row in rows]


def remove(db: Db, pool_id: str, sub: str, id: str) -> None:
    db.run(_REMOVE, of_pool=pool_id, of_sub=sub, of_id=id)


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, of_pool=pool_id, of_sub=sub)


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
