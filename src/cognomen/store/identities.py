"""Who a user of another identity provider is here: (pool, provider, attribute, value) -> sub.

A provider's user is known by its subject, or, where it was linked and has not come yet, by what an attribute will be once
it is mapped. Values are compared as users/identities.py says and cut as names are, and each leads to one user.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, Select, Table, bindparam, delete, insert, literal_column, select, union_all

from cognomen.store.database import Db
from cognomen.store.tables import key, metadata, text
from cognomen.store.users import User, from_row, users

AT_ONCE_MAX = 8
"""How many identities one statement looks for."""


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


def _held_by(place: int) -> Select[Any]:
    return (
        select(users, literal_column(str(place)))
        .join(identities, (identities.c.pool_id == users.c.pool_id) & (identities.c.sub == users.c.sub))
        .where(identities.c.pool_id == bindparam("pool_id"))
        .where(identities.c.provider == bindparam("provider"))
        .where(identities.c.attribute == bindparam(f"attribute_{place}"))
        .where(identities.c.value == bindparam(f"value_{place}"))
    )


# By one identity, by two, and so on: a look-up each, as names are looked up (users.py).
_HOLDERS = tuple(
    union_all(*(_held_by(place) for place in range(count))) for count in range(1, AT_ONCE_MAX + 1)
)
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


def holder(db: Db, pool_id: str, known_as: Sequence[IdentityKey]) -> tuple[User, IdentityKey] | None:
    """The user whom the first of these identities that is known leads to, and that identity. All are of one provider."""
    for begin in range(0, len(known_as), AT_ONCE_MAX):
        some = known_as[begin : begin + AT_ONCE_MAX]
        values: dict[str, object] = {"pool_id": pool_id, "provider": some[0].provider}
        for place, each in enumerate(some):
            values[f"attribute_{place}"], values[f"value_{place}"] = each.attribute, each.value
        rows = db.all(_HOLDERS[len(some) - 1], **values)
        if rows:
            first = min(rows, key=lambda row: int(row[-1]))
            return from_row(first), some[int(first[-1])]
    return None


def remove(db: Db, pool_id: str, identity: IdentityKey) -> bool:
    """False when it leads to nobody."""
    return db.run(_REMOVE, pool_id=pool_id, **_values(identity)) == 1


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, pool_id=pool_id, sub=sub)


def _values(identity: IdentityKey) -> dict[str, str]:
    return {"provider": identity.provider, "attribute": identity.attribute, "value": identity.value}
