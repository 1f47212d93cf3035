"""Authorization codes: a digest of each, and what it was given for; never the code itself.

A code that was redeemed stays until it is swept, so that whoever brings it again is known to be the second.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, select, update

from cognomen.store.database import Db
from cognomen.store.tables import blob, expired, insert, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """A code as it is kept.

    `origin` is the sign-in that the tokens made for it come from, `document` what they are to say (oauth/codes.py);
    `redeemed` is the moment of it, 0 until the first who brings it.
    """

    digest: str
    client_id: str
    origin: str
    document: bytes
    expires_at: int
    redeemed: int = 0


authorization_codes = Table(
    "authorization_codes",
    metadata,
    key("pool_id"),
    key("digest"),
    text("client_id"),
    text("origin"),
    blob("document"),
    number("expires_at"),
    number("redeemed"),
    sqlite_with_rowid=False,
)
Index("authorization_codes_by_expiry", authorization_codes.c.expires_at)

_by_digest = (
    authorization_codes.c.pool_id == bindparam("of_pool"),
    authorization_codes.c.digest == bindparam("of_digest"),
)

_ADD = insert(authorization_codes)
_BY_DIGEST = select(
    authorization_codes.c.digest,
    authorization_codes.c.client_id,
    authorization_codes.c.origin,
    authorization_codes.c.document,
    authorization_codes.c.expires_at,
    authorization_codes.c.redeemed,
).where(*_by_digest)
_REDEEM = (
    update(authorization_codes)
    .where(*_by_digest)
    .where(authorization_codes.c.redeemed == 0)
    .values(redeemed=bindparam("now"))
)
_SWEEP = expired(authorization_codes, authorization_codes.c.expires_at)


def add(db: Db, pool_id: str, code: AuthorizationCode) -> None:
    db.run(
        _ADD,
        pool_id=pool_id,
        digest=code.digest,
        client_id=code.client_id,
        origin=code.origin,
        document=code.document,
        expires_at=code.expires_at,
        redeemed=0,
    )


def by_digest(db: Db, pool_id: str, digest: str) -> AuthorizationCode | None:
    """The code, redeemed or not."""
    row = db.one(_BY_DIGEST, of_pool=pool_id, of_digest=digest)
    return AuthorizationCode(*row) if row else None


def redeem(db: Db, pool_id: str, digest: str, now: int) -> bool:
    """True for the first who comes; False for everyone after, however close together they come."""
    return db.run(_REDEEM, of_pool=pool_id, of_digest=digest, now=now) == 1


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)
