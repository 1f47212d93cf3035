"""Who a user of another identity provider is here: (pool, provider, attribute, value) -> sub.

A provider's user is known by its subject, or, where it was linked and has not come yet, by what an attribute will be once
it is mapped. Values are folded and cut as names are (users/identities.py), and each leads to one user.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, delete, insert, select

from cognomen.store.database import Db
from cognomen.store.tables import key, metadata, text


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """What a provider says of its user; `attribute` is `Cognito_Subject` or one of the pool's."""

    provider: str
    attribute: str
    value: str


identities = Table(
    "identities",
    metadata,
    key("pool_id"),
    key("provider"),
    key("attribute"),
    key("value"),
    text("sub"),
)
Index("identities_by_user", identities.c.pool_id, identities.c.sub)

_of_identity = (
    identities.c.pool_id == bindparam("pool_id"),
    identities.c.provider == bindparam("provider"),
    identities.c.attribute == bindparam("attribute"),
    identities.c.value == bindparam("value"),
)

_ADD = insert(identities)
_OWNER = select(identities.c.sub).where(*_of_identity)
_REMOVE = delete(identities).where(*_of_identity)
_REMOVE_ALL = (
    delete(identities)
    .where(identities.c.pool_id == bindparam("pool_id"))
    .where(identities.c.sub == bindparam("sub"))
)


def add(db: Db, pool_id: str, identity: IdentityKey, sub: str) -> None:
    """AlreadyThere when it leads to a user."""
    db.run(_ADD, pool_id=pool_id, sub=sub, **_values(identity))


def owner_of(db: Db, pool_id: str, identity: IdentityKey) -> str | None:
    """The sub of the user it leads to."""
    return db.value(_OWNER, pool_id=pool_id, **_values(identity))


def remove(db: Db, pool_id: str, identity: IdentityKey) -> bool:
    """False when it leads to nobody."""
    return db.run(_REMOVE, pool_id=pool_id, **_values(identity)) == 1


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, pool_id=pool_id, sub=sub)


def _values(identity: IdentityKey) -> dict[str, str]:
    return {"provider": identity.provider, "attribute": identity.attribute, "value": identity.value}
