"""Revocation: which sign-ins no longer count. Read together with the user, in one query."""

from __future__ import annotations

from sqlalchemy import Index, Table, bindparam, exists, select

from cognomen.store import groups
from cognomen.store.database import Db
from cognomen.store.groups import Group, group_members
from cognomen.store.tables import expired, insert, key, metadata, number
from cognomen.store.users import User, from_row, users

revoked_origins = Table(
    "revoked_origins", metadata, key("pool_id"), key("origin"), number("expires_at"), sqlite_with_rowid=False
)
Index("revoked_origins_by_expiry", revoked_origins.c.expires_at)

_REVOKE = insert(revoked_origins).on_conflict_do_nothing()
_HOLDER = (
    select(users, revoked_origins.c.origin)
    .outerjoin(
        revoked_origins,
        (revoked_origins.c.pool_id == users.c.pool_id) & (revoked_origins.c.origin == bindparam("origin")),
    )
    .where(users.c.pool_id == bindparam("pool_id"))
    .where(users.c.sub == bindparam("sub"))
)
_HOLDER_AND_WHETHER_IN_GROUPS = _HOLDER.add_columns(
    exists().where(group_members.c.pool_id == users.c.pool_id).where(group_members.c.sub == users.c.sub)
)
_REVOKED = (
    select(revoked_origins.c.origin)
    .where(revoked_origins.c.pool_id == bindparam("pool_id"))
    .where(revoked_origins.c.origin == bindparam("origin"))
)
_SWEEP = expired(revoked_origins, revoked_origins.c.expires_at)


def revoke(db: Db, pool_id: str, origin: str, expires_at: int) -> None:
    """No token that comes from the sign-in `origin` counts any more; the last of them expires at `expires_at`."""
    db.run(_REVOKE, pool_id=pool_id, origin=origin, expires_at=expires_at)


def holder(db: Db, pool_id: str, sub: str, origin: str) -> tuple[User, bool] | None:
    """The user a token was issued to, and whether the sign-in it comes from was revoked."""
    row = db.one(_HOLDER, pool_id=pool_id, sub=sub, origin=origin)
    return (from_row(row), row[-1] is not None) if row else None


def holder_and_groups(
    db: Db, pool_id: str, sub: str, origin: str
) -> tuple[tuple[User, bool] | None, list[Group]]:
    """As `holder`, with the user's groups. Who is in none, as most are, costs no second statement."""
    row = db.one(_HOLDER_AND_WHETHER_IN_GROUPS, pool_id=pool_id, sub=sub, origin=origin)
    if row is None:
        return None, []
    revoked, is_in_groups = row[-2:]
    its_groups = groups.all_of_user(db, pool_id, sub) if is_in_groups else []
    return (from_row(row), revoked is not None), its_groups


def is_revoked(db: Db, pool_id: str, origin: str) -> bool:
    return db.one(_REVOKED, pool_id=pool_id, origin=origin) is not None


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
