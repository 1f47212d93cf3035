"""Passkeys of users: what is kept of a credential whose private half never leaves its authenticator."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, insert, select, update

from cognomen.store.database import Db, Row
from cognomen.store.tables import blob, json_text, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential of a user; `id` is base64url of at most 1,023 bytes, which every index takes.

    `public_key` is a COSE key. `counter` is that of the last proof; 0 where the authenticator does not count.
    `relying_party` is the domain it was made for, and counts for no other. `attachment` and `transports` are what the client
    said of the authenticator, `aaguid` the model of it.
    """

    id: str
    public_key: bytes
    counter: int
    relying_party: str
    aaguid: str
    attachment: str | None
    transports: tuple[str, ...]
    created_at: int


passkeys = Table(
    "passkeys",
    metadata,
    key("pool_id"),
    key("sub"),
    key("id"),
    blob("public_key"),
    number("counter"),
    text("relying_party"),
    text("aaguid"),
    text("attachment", optional=True),
    text("transports"),
    number("created_at"),
)
Index("passkeys_by_id", passkeys.c.pool_id, passkeys.c.id, unique=True)

_of_user = (passkeys.c.pool_id == bindparam("of_pool"), passkeys.c.sub == bindparam("of_sub"))
_of_one = (*_of_user, passkeys.c.id == bindparam("of_id"))

_ADD = insert(passkeys)
_ALL = select(passkeys).where(*_of_user).order_by(passkeys.c.created_at, passkeys.c.id)
_ANY = (
    select(passkeys.c.id).where(*_of_user).where(passkeys.c.relying_party == bindparam("for_party")).limit(1)
)
_COUNT_UP = (
    update(passkeys)
    .where(*_of_one)
    .where(passkeys.c.counter == bindparam("known_counter"))
    .values(counter=bindparam("new_counter"))
)
_REMOVE = delete(passkeys).where(*_of_one)
_REMOVE_ALL = delete(passkeys).where(*_of_user)


def add(db: Db, pool_id: str, sub: str, passkey: Passkey) -> None:
    """A new passkey of the user; AlreadyThere when a user of the pool has one of this id."""
    db.run(
        _ADD,
        pool_id=pool_id,
        sub=sub,
        id=passkey.id,
        public_key=passkey.public_key,
        counter=passkey.counter,
        relying_party=passkey.relying_party,
        aaguid=passkey.aaguid,
        attachment=passkey.attachment,
        transports=json_text(passkey.transports),
        created_at=passkey.created_at,
    )


def all_of_user(db: Db, pool_id: str, sub: str) -> list[Passkey]:
    """Oldest first; a user may have few (users/passkeys.py)."""
    return [_passkey(row) for row in db.all(_ALL, of_pool=pool_id, of_sub=sub)]


def has_any(db: Db, pool_id: str, sub: str, relying_party: str) -> bool:
    """Whether the user has one that counts for this relying party."""
    return db.one(_ANY, of_pool=pool_id, of_sub=sub, for_party=relying_party) is not None


def count_up(db: Db, pool_id: str, sub: str, passkey: Passkey, counter: int) -> bool:
    """Move the counter; False when the passkey is gone or its counter is no longer as it was read."""
    written = db.run(
        _COUNT_UP,
        of_pool=pool_id,
        of_sub=sub,
        of_id=passkey.id,
        known_counter=passkey.counter,
        new_counter=counter,
    )
    return written == 1


def remove(db: Db, pool_id: str, sub: str, id: str) -> bool:
    """False when the user has none of this id."""
    return db.run(_REMOVE, of_pool=pool_id, of_sub=sub, of_id=id) == 1


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, of_pool=pool_id, of_sub=sub)


_transports = msgspec.json.Decoder(tuple[str, ...])


def _passkey(row: Row) -> Passkey:
    _, _, id, public_key, counter, relying_party, aaguid, attachment, transports, created_at = row
    return Passkey(
        id=id,
        public_key=public_key,
        counter=counter,
        relying_party=relying_party,
        aaguid=aaguid,
        attachment=attachment,
        transports=_transports.decode(transports),
        created_at=created_at,
    )
