"""Codes that were sent to users: what each is for, and a keyed digest of it; never the code itself.

There is one of a purpose at a time: a new one takes the place of the one before. The rules are users/codes.py's. What changes
a code and its user in one transaction changes the code first, so that two of them do not wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, delete, select, update

from cognomen.store.database import Db
from cognomen.store.tables import blob, expired, insert, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is kept. `address` is where it went, the value of `attribute` then.

    `pending`: the address becomes the attribute's value only with the code.
    """

    sub: str
    purpose: str
    digest: bytes
    attribute: str
    address: str
    pending: bool
    expires_at: int


codes = Table(
    "codes",
    metadata,
    key("pool_id"),
    key("sub"),
    key("purpose"),
    blob("digest"),
    text("attribute"),
    text("address"),
    number("pending"),
    number("expires_at"),
    sqlite_with_rowid=False,
)
Index("codes_by_expiry", codes.c.expires_at)

_of_user = (codes.c.pool_id == bindparam("pool_id"), codes.c.sub == bindparam("sub"))
_of_purpose = (*_of_user, codes.c.purpose == bindparam("purpose"))

_KEPT = ("digest", "attribute", "address", "pending", "expires_at")

_insert = insert(codes)
_PUT = _insert.on_conflict_do_update(
    index_elements=[codes.c.pool_id, codes.c.sub, codes.c.purpose],
    set_={name: _insert.excluded[name] for name in _KEPT},
)
_BY_PURPOSE = select(
    codes.c.sub,
    codes.c.purpose,
    codes.c.digest,
    codes.c.attribute,
    codes.c.address,
    codes.c.pending,
    codes.c.expires_at,
).where(*_of_purpose)
_REPLACE = (
    update(codes)
    .where(*_of_purpose)
    .where(codes.c.digest == bindparam("seen_digest"))
    .values({name: bindparam(f"new_{name}") for name in _KEPT})
)
_ADD = insert(codes).on_conflict_do_nothing()
_SPEND = delete(codes).where(*_of_purpose).where(codes.c.digest == bindparam("digest"))
_REMOVE = delete(codes).where(*_of_purpose)
_REMOVE_ALL = delete(codes).where(*_of_user)
_SWEEP = expired(codes, codes.c.expires_at)


def put(db: Db, pool_id: str, code: Code) -> None:
    """From now on this is the user's code of its purpose."""
    db.run(_PUT, pool_id=pool_id, sub=code.sub, purpose=code.purpose, **_kept(code))


def put_after(db: Db, pool_id: str, code: Code, seen: Code | None) -> bool:
    """As `put`, in the place of the code that was `seen` (None: of none); False when another came or went since."""
    key_of = {"pool_id": pool_id, "sub": code.sub, "purpose": code.purpose}
    if seen is None:
        return db.run(_ADD, **key_of, **_kept(code)) == 1
    new = {f"new_{name}": value for name, value in _kept(code).items()}
    return db.run(_REPLACE, **key_of, seen_digest=seen.digest, **new) == 1


def _kept(code: Code) -> dict[str, object]:
    return {
        "digest": code.digest,
        "attribute": code.attribute,
        "address": code.address,
        "pending": int(code.pending),
        "expires_at": code.expires_at,
    }


def by_purpose(db: Db, pool_id: str, sub: str, purpose: str) -> Code | None:
    row = db.one(_BY_PURPOSE, pool_id=pool_id, sub=sub, purpose=purpose)
    return Code(row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6]) if row else None


def spend(db: Db, pool_id: str, code: Code) -> bool:
    """True for the first who comes with this code; False for everyone after, however close together they come."""
    return db.run(_SPEND, pool_id=pool_id, sub=code.sub, purpose=code.purpose, digest=code.digest) == 1


def remove(db: Db, pool_id: str, sub: str, purpose: str) -> None:
    db.run(_REMOVE, pool_id=pool_id, sub=sub, purpose=purpose)


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, pool_id=pool_id, sub=sub)


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
