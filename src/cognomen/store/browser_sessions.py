"""Sessions of browsers at the pages of a pool's domain: a digest of each one's cookie, and who signed in with it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, select

from cognomen.store.database import Db
from cognomen.store.tables import blob, expired, insert, json_text, key, metadata, number, text
from cognomen.store.users import User, from_row, users


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A session as it is kept; moments in milliseconds.

    `id` is what it is called where sessions are listed. `provider` is who vouched for the user, `proven` the challenges that
    were answered, in order, or one of OF_PROVIDERS (challenge_names.py). `moment` is later than the user's last sign-out, even where
    `authenticated_at` is not.
    `sealed_saml_session` is what the session is called at the SAML provider that vouched, and is oauth/browser_sessions.py's.
    """

    digest: str
    id: str
    sub: str
    provider: str
    proven: tuple[str, ...]
    credential_version: int
    authenticated_at: int
    moment: int
    expires_at: int
    sealed_saml_session: bytes | None = None


browser_sessions = Table(
    "browser_sessions",
    metadata,
    key("pool_id"),
    key("digest"),
    text("id"),
    text("sub"),
    text("provider"),
    text("proven"),
    number("credential_version"),
    number("authenticated_at"),
    number("moment"),
    number("expires_at"),
    blob("sealed_saml_session", optional=True),
    sqlite_with_rowid=False,
)
Index("browser_sessions_by_user", browser_sessions.c.pool_id, browser_sessions.c.sub)
Index("browser_sessions_by_expiry", browser_sessions.c.expires_at)

_COLUMNS = tuple(column for column in browser_sessions.c if column.name != "pool_id")
_by_digest = (
    browser_sessions.c.pool_id == bindparam("pool_id"),
    browser_sessions.c.digest == bindparam("digest"),
)

_ADD = insert(browser_sessions)
_HOLDER = (
    select(users, *_COLUMNS)
    .join(
        browser_sessions,
        (browser_sessions.c.pool_id == users.c.pool_id) & (browser_sessions.c.sub == users.c.sub),
    )
    .where(*_by_digest)
)
_REMOVE = delete(browser_sessions).where(*_by_digest)
# In two steps, since SQLite would rather read the whole pool in its order than look up a few rows by another index.
_BY_USER = (
    select(*_COLUMNS)
    .where(browser_sessions.c.pool_id == bindparam("pool_id"))
    .where(
        browser_sessions.c.digest.in_(
            select(browser_sessions.c.digest)
            .where(browser_sessions.c.pool_id == bindparam("pool_id"))
            .where(browser_sessions.c.sub == bindparam("sub"))
        )
    )
)
_REMOVE_ALL = (
    delete(browser_sessions)
    .where(browser_sessions.c.pool_id == bindparam("pool_id"))
    .where(browser_sessions.c.sub == bindparam("sub"))
)
_SWEEP = expired(browser_sessions, browser_sessions.c.expires_at)


def add(db: Db, pool_id: str, session: BrowserSession) -> None:
    db.run(
        _ADD,
        pool_id=pool_id,
        digest=session.digest,
        id=session.id,
        sub=session.sub,
        provider=session.provider,
        proven=json_text(session.proven),
        credential_version=session.credential_version,
        authenticated_at=session.authenticated_at,
        moment=session.moment,
        expires_at=session.expires_at,
        sealed_saml_session=session.sealed_saml_session,
    )


def holder(db: Db, pool_id: str, digest: str) -> tuple[User, BrowserSession] | None:
    """The session behind a cookie, and its user as it is now; both or neither."""
    row = db.one(_HOLDER, pool_id=pool_id, digest=digest)
    return (from_row(row), _session(*row[-len(_COLUMNS) :])) if row else None


def remove(db: Db, pool_id: str, digest: str) -> None:
    db.run(_REMOVE, pool_id=pool_id, digest=digest)


def all_of_user(db: Db, pool_id: str, sub: str) -> list[BrowserSession]:
    return [_session(*row) for row in db.all(_BY_USER, pool_id=pool_id, sub=sub)]


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, pool_id=pool_id, sub=sub)


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)


_proven = msgspec.json.Decoder(tuple[str, ...])


def _session(
    digest: str,
    id: str,
    sub: str,
    provider: str,
    proven: str,
    credential_version: int,
    authenticated_at: int,
    moment: int,
    expires_at: int,
    sealed_saml_session: bytes | None,
) -> BrowserSession:
    return BrowserSession(
        digest=digest,
        id=id,
        sub=sub,
        provider=provider,
        proven=_proven.decode(proven),
        credential_version=credential_version,
        authenticated_at=authenticated_at,
        moment=moment,
        expires_at=expires_at,
        sealed_saml_session=sealed_saml_session,
    )
