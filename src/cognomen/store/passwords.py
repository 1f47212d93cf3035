"""Former passwords of a user, for pools that refuse to see them again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, bindparam, delete, insert, select

from cognomen.store.database import Db
from cognomen.store.tables import blob, key, metadata, number


@dataclass(frozen=True, slots=True)
class FormerPassword:
    """A password that was set at `set_at`; `id` is random."""

    id: str
    salt: bytes
    sealed_verifier: bytes
    set_at: int


former_passwords = Table(
    "former_passwords",
    metadata,
    key("pool_id"),
    key("sub"),
    key("id"),
    blob("salt"),
    blob("sealed_verifier"),
    number("set_at"),
)

_of_user = (
    former_passwords.c.pool_id == bindparam("pool_id"),
    former_passwords.c.sub == bindparam("sub"),
)

_ADD = insert(former_passwords)
_ALL = (
    select(
        former_passwords.c.id,
        former_passwords.c.salt,
        former_passwords.c.sealed_verifier,
        former_passwords.c.set_at,
    )
    .where(*_of_user)
    .order_by(former_passwords.c.set_at.desc(), former_passwords.c.id)
)
_REMOVE = delete(former_passwords).where(*_of_user).where(former_passwords.c.id == bindparam("id"))
_REMOVE_ALL = delete(former_passwords).where(*_of_user)


def all_of_user(db: Db, pool_id: str, sub: str) -> list[FormerPassword]:
    """Newest first; as many as the pool remembers, at most 24."""
    return [FormerPassword(*row) for row in db.all(_ALL, pool_id=pool_id, sub=sub)]


def add(db: Db, pool_id: str, sub: str, password: FormerPassword, remembered: int) -> None:
    """Remember `password`, and forget all but the newest `remembered`."""
    db.run(
        _ADD,
        pool_id=pool_id,
        sub=sub,
        id=password.id,
        salt=password.salt,
        sealed_verifier=password.sealed_verifier,
        set_at=password.set_at,
    )
    for forgotten in all_of_user(db, pool_id, sub)[remembered:]:
        db.run(_REMOVE, pool_id=pool_id, sub=sub, id=forgotten.id)


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, pool_id=pool_id, sub=sub)
