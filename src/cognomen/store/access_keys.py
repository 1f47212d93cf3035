"""Access keys: who may call the operations that need a signature, and what its policy allows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, bindparam, insert, select, update

from cognomen.store.database import Db
from cognomen.store.tables import blob, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key; `policy` is an IAM policy document as JSON text, `revoked_at` None while it counts."""

    id: str
    name: str
    sealed_secret: bytes
    policy: str
    created_at: int
    revoked_at: int | None


access_keys = Table(
    "access_keys",
    metadata,
    key("id"),
    text("name"),
    blob("sealed_secret"),
    text("policy"),
    number("created_at"),
    number("revoked_at", optional=True),
)

_ADD = insert(access_keys)
_BY_ID = select(access_keys).where(access_keys.c.id == bindparam("id"))
_ALL = select(access_keys).order_by(access_keys.c.created_at, access_keys.c.id)
_ANY = select(access_keys.c.id).limit(1)
_REVOKE = (
    update(access_keys)
    .where(access_keys.c.id == bindparam("of_id"))
    .where(access_keys.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


def add(db: Db, access_key: AccessKey) -> None:
    db.run(
        _ADD,
        id=access_key.id,
        name=access_key.name,
        sealed_secret=access_key.sealed_secret,
        policy=access_key.policy,
        created_at=access_key.created_at,
        revoked_at=access_key.revoked_at,
    )


def by_id(db: Db, id: str) -> AccessKey | None:
    row = db.one(_BY_ID, id=id)
    return AccessKey(*row) if row else None


def all_keys(db: Db) -> list[AccessKey]:
    """Every access key, revoked ones too, oldest first; there are a handful."""
    return [AccessKey(*row) for row in db.all(_ALL)]


def any_exists(db: Db) -> bool:
    """Whether a key was ever made: from then on signatures are verified, even when all keys are revoked."""
    return db.one(_ANY) is not None


def revoke(db: Db, id: str, now: int) -> bool:
    """False when there is no such key, or it was revoked before."""
    return db.run(_REVOKE, of_id=id, now=now) == 1
