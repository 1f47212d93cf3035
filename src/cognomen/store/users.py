"""Users, the names that find them, and the values they are searched by.

    users           one row a user; attributes are JSON
    aliases         (pool, kind, value) -> sub: user name, and e-mail, phone, preferred user name where they sign in
    user_search     (pool, attribute, value, sub): what ListUsers filters and sorts by (search.py)

`aliases` and `user_search` follow from the user and its pool's fixed settings; users/names.py says which rows there are.
Both hold at most KEY_MAX characters of a value, so that an index takes it; see `key_of`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    Index,
    Select,
    Table,
    bindparam,
    delete,
    literal_column,
    select,
    union_all,
    update,
)

from cognomen.store.database import Db, Row
from cognomen.store.factors import NO_FACTORS, Factors, of_text, text_of
from cognomen.store.tables import blob, insert, json_text, key, metadata, number, text

NAMES_MAX = 4
"""How many names a user is looked for by at once: one of each kind."""

KEY_MAX = 256
KEY_BEGINNING = KEY_MAX - 64
"""How much of a long value its key begins with; a digest follows."""


class User(msgspec.Struct, frozen=True):
    """A user of a pool.

    `attributes` has everything but `sub`, values as text. `sealed_verifier` is None where no password is set, or none that
    we know: then `sealed_foreign_password` may say how one is checked (users/foreign_passwords.py).
    `credential_version` rises with every change that ends sign-ins under way (password, status, enabled).
    Tokens whose sign-in was at or before `signed_out_at` are revoked; 0 means never signed out.
    `version` rises with every change of the row, and is how a change notices that another came first.
    `sealed_totp_secret` is of the app whose codes are accepted; `sealed_new_totp_secret` of one that is yet to show one.
    """

    pool_id: str
    sub: str
    username: str
    status: str
    enabled: bool
    attributes: dict[str, str]
    salt: bytes | None
    sealed_verifier: bytes | None
    password_set_at: int
    credential_version: int
    signed_out_at: int
    created_at: int
    modified_at: int
    version: int
    factors: Factors = NO_FACTORS
    sealed_totp_secret: bytes | None = None
    sealed_new_totp_secret: bytes | None = None
    sealed_foreign_password: bytes | None = None

    @property
    def sealed_for(self) -> str:
        """What its sealed values are bound to, besides the pool."""
        return self.sub


class Alias(msgspec.Struct, frozen=True, order=True):
    """A name that finds a user; `kind` is username (also for preferred user names), email or phone_number."""

    kind: str
    value: str


class SearchValue(msgspec.Struct, frozen=True, order=True):
    """A value a user is found by in ListUsers, folded as its filter is."""

    attribute: str
    value: str


users = Table(
    "users",
    metadata,
    key("pool_id"),
    key("sub"),
    text("username"),
    text("status"),
    number("enabled"),
    text("attributes"),
    blob("salt", optional=True),
    blob("sealed_verifier", optional=True),
    number("password_set_at"),
    number("credential_version"),
    number("signed_out_at"),
    number("created_at"),
    number("modified_at"),
    number("version"),
    text("factors", optional=True),
    blob("sealed_totp_secret", optional=True),
    blob("sealed_new_totp_secret", optional=True),
    blob("sealed_foreign_password", optional=True),
)
Index("users_by_status", users.c.pool_id, users.c.status, users.c.sub)
Index("users_by_enabled", users.c.pool_id, users.c.enabled, users.c.sub)
aliases = Table(
    "aliases", metadata, key("pool_id"), key("kind"), key("value"), text("sub"), sqlite_with_rowid=False
)
user_search = Table(
    "user_search",
    metadata,
    key("pool_id"),
    key("attribute"),
    key("value"),
    key("sub"),
    sqlite_with_rowid=False,
)

_of_user = (users.c.pool_id == bindparam("of_pool"), users.c.sub == bindparam("of_sub"))

_ADD = insert(users)
_BY_SUB = select(users).where(users.c.pool_id == bindparam("pool_id")).where(users.c.sub == bindparam("sub"))
# SQLite has one writer at a time, and its dialect leaves FOR UPDATE out.
_BY_SUB_LOCKED = _BY_SUB.with_for_update()


def _found_by(place: int) -> Select[Any]:
    return (
        select(users, literal_column(str(place)))
        .join(aliases, (aliases.c.pool_id == users.c.pool_id) & (aliases.c.sub == users.c.sub))
        .where(aliases.c.pool_id == bindparam("pool_id"))
        .where(aliases.c.kind == bindparam(f"kind_{place}"))
        .where(aliases.c.value == bindparam(f"value_{place}"))
    )


_PLACES = tuple((f"kind_{place}", f"value_{place}") for place in range(NAMES_MAX))
# By one name, by two, and so on. One look-up each: SQLite takes three pairs joined by OR for a reason to read the pool.
_BY_ALIAS = tuple(
    union_all(*(_found_by(place) for place in range(count))) for count in range(1, NAMES_MAX + 1)
)
_OWNER = (
    select(aliases.c.sub)
    .where(aliases.c.pool_id == bindparam("pool_id"))
    .where(aliases.c.kind == bindparam("kind"))
    .where(aliases.c.value == bindparam("value"))
)
_CHANGE = (
    update(users)
    .where(*_of_user)
    .where(users.c.version == bindparam("known_version"))
    .values(
        status=bindparam("new_status"),
        enabled=bindparam("new_enabled"),
        attributes=bindparam("new_attributes"),
        salt=bindparam("new_salt"),
        sealed_verifier=bindparam("new_sealed_verifier"),
        password_set_at=bindparam("new_password_set_at"),
        credential_version=bindparam("new_credential_version"),
        signed_out_at=bindparam("new_signed_out_at"),
        modified_at=bindparam("new_modified_at"),
        factors=bindparam("new_factors"),
        sealed_totp_secret=bindparam("new_sealed_totp_secret"),
        sealed_new_totp_secret=bindparam("new_sealed_new_totp_secret"),
        sealed_foreign_password=bindparam("new_sealed_foreign_password"),
        version=users.c.version + 1,
    )
)
_REMOVE = delete(users).where(*_of_user).where(users.c.version == bindparam("known_version"))
_ADD_ALIAS = insert(aliases)
_REMOVE_ALIAS = (
    delete(aliases)
    .where(aliases.c.pool_id == bindparam("pool_id"))
    .where(aliases.c.kind == bindparam("kind"))
    .where(aliases.c.value == bindparam("value"))
    .where(aliases.c.sub == bindparam("sub"))
)
_ADD_SEARCH = insert(user_search).on_conflict_do_nothing()
_REMOVE_SEARCH = (
    delete(user_search)
    .where(user_search.c.pool_id == bindparam("pool_id"))
    .where(user_search.c.attribute == bindparam("attribute"))
    .where(user_search.c.value == bindparam("value"))
    .where(user_search.c.sub == bindparam("sub"))
)
PAGE = (
    select(users)
    .where(users.c.pool_id == bindparam("pool_id"))
    .where(users.c.sub > bindparam("after"))
    .order_by(users.c.sub)
    .limit(bindparam("limit"))
)
_PAGE_BY_SUB = PAGE.where(users.c.sub >= bindparam("first")).where(users.c.sub < bindparam("beyond"))
_PAGE_BY_STATUS = PAGE.where(users.c.status == bindparam("status"))
_PAGE_BY_ENABLED = PAGE.where(users.c.enabled == bindparam("enabled"))


def key_of(value: str) -> str:
    """A value as an index holds it: short ones as they are, long ones as their beginning and a digest.

    The result is at most KEY_MAX characters, and equal exactly where the values are: only that of a long value has
    KEY_MAX, so that no short one can be made to look like it.
    """
    if len(value) < KEY_MAX:
        return value
    return value[:KEY_BEGINNING] + hashlib.sha256(value.encode()).hexdigest()


def add(db: Db, user: User, names: Iterable[Alias], searched: Iterable[SearchValue]) -> None:
    """A new user; AlreadyThere when one of its names is taken."""
    for alias in names:
        db.run(_ADD_ALIAS, pool_id=user.pool_id, kind=alias.kind, value=alias.value, sub=user.sub)
    db.run(
        _ADD,
        pool_id=user.pool_id,
        sub=user.sub,
        username=user.username,
        status=user.status,
        enabled=int(user.enabled),
        attributes=json_text(user.attributes),
        salt=user.salt,
        sealed_verifier=user.sealed_verifier,
        password_set_at=user.password_set_at,
        credential_version=user.credential_version,
        signed_out_at=user.signed_out_at,
        created_at=user.created_at,
        modified_at=user.modified_at,
        version=user.version,
        factors=text_of(user.factors),
        sealed_totp_secret=user.sealed_totp_secret,
        sealed_new_totp_secret=user.sealed_new_totp_secret,
        sealed_foreign_password=user.sealed_foreign_password,
    )
    for found in searched:
        _add_search(db, user, found)


def by_sub(db: Db, pool_id: str, sub: str) -> User | None:
    row = db.one(_BY_SUB, pool_id=pool_id, sub=sub)
    return from_row(row) if row else None


def by_sub_locked(db: Db, pool_id: str, sub: str) -> User | None:
    """The user, whom nobody else changes or removes until this transaction ends."""
    row = db.one(_BY_SUB_LOCKED, pool_id=pool_id, sub=sub)
    return from_row(row) if row else None


def by_alias(db: Db, pool_id: str, names: Iterable[Alias]) -> User | None:
    """The user whom the first of `names` that is known finds; there are at most NAMES_MAX.

    One statement looks for all of them, so that neither a name nobody has nor the place of the one that is known costs more.
    """
    tried = tuple(names)
    if not tried:
        return None
    values: dict[str, object] = {"pool_id": pool_id}
    for (kind, value), alias in zip(_PLACES, tried, strict=False):
        values[kind], values[value] = alias.kind, alias.value
    rows = db.all(_BY_ALIAS[len(tried) - 1], **values)
    return from_row(min(rows, key=itemgetter(_WIDTH))) if rows else None


def owner_of(db: Db, pool_id: str, alias: Alias) -> str | None:
    """The sub of the user an alias finds."""
    return db.value(_OWNER, pool_id=pool_id, kind=alias.kind, value=alias.value)


def change(db: Db, before: User, after: User) -> bool:
    """Write `after`; False when the row is no longer as `before` was read (changed, or gone)."""
    written = db.run(
        _CHANGE,
        of_pool=before.pool_id,
        of_sub=before.sub,
        known_version=before.version,
        new_status=after.status,
        new_enabled=int(after.enabled),
        new_attributes=json_text(after.attributes),
        new_salt=after.salt,
        new_sealed_verifier=after.sealed_verifier,
        new_password_set_at=after.password_set_at,
        new_credential_version=after.credential_version,
        new_signed_out_at=after.signed_out_at,
        new_modified_at=after.modified_at,
        new_factors=text_of(after.factors),
        new_sealed_totp_secret=after.sealed_totp_secret,
        new_sealed_new_totp_secret=after.sealed_new_totp_secret,
        new_sealed_foreign_password=after.sealed_foreign_password,
    )
    return written == 1


def change_aliases(db: Db, user: User, before: Iterable[Alias], after: Iterable[Alias]) -> None:
    """Give up the names that are only in `before`, take those only in `after`; AlreadyThere when one is taken."""
    old, new = set(before), set(after)
    for alias in sorted(old - new):
        db.run(_REMOVE_ALIAS, pool_id=user.pool_id, kind=alias.kind, value=alias.value, sub=user.sub)
    for alias in sorted(new - old):
        db.run(_ADD_ALIAS, pool_id=user.pool_id, kind=alias.kind, value=alias.value, sub=user.sub)


def change_search(db: Db, user: User, before: Iterable[SearchValue], after: Iterable[SearchValue]) -> None:
    old, new = set(before), set(after)
    for gone in sorted(old - new):
        db.run(_REMOVE_SEARCH, pool_id=user.pool_id, attribute=gone.attribute, value=gone.value, sub=user.sub)
    for found in sorted(new - old):
        _add_search(db, user, found)


def remove(db: Db, user: User, names: Iterable[Alias], searched: Iterable[SearchValue]) -> bool:
    """Take the user away with its names; False when the row is no longer as `user` was read (changed, or gone)."""
    if db.run(_REMOVE, of_pool=user.pool_id, of_sub=user.sub, known_version=user.version) == 0:
        return False
    change_aliases(db, user, names, ())
    change_search(db, user, searched, ())
    return True


def all_of_pool(
    db: Db, pool_id: str, after: str, limit: int, *, status: str | None = None, enabled: bool | None = None
) -> list[User]:
    """Users in the order of `sub`, beginning behind `after`; of one status, or (not) enabled, where that is given."""
    if status is not None:
        rows = db.all(_PAGE_BY_STATUS, pool_id=pool_id, after=after, limit=limit, status=status)
    elif enabled is not None:
        rows = db.all(_PAGE_BY_ENABLED, pool_id=pool_id, after=after, limit=limit, enabled=int(enabled))
    else:
        rows = db.all(PAGE, pool_id=pool_id, after=after, limit=limit)
    return [from_row(row) for row in rows]


def all_between(db: Db, pool_id: str, first: str, beyond: str, after: str, limit: int) -> list[User]:
    """Users whose `sub` is in [first, beyond), in its order, beginning behind `after`."""
    rows = db.all(_PAGE_BY_SUB, pool_id=pool_id, first=first, beyond=beyond, after=after, limit=limit)
    return [from_row(row) for row in rows]


def _add_search(db: Db, user: User, found: SearchValue) -> None:
    db.run(_ADD_SEARCH, pool_id=user.pool_id, attribute=found.attribute, value=found.value, sub=user.sub)


_attributes = msgspec.json.Decoder(dict[str, str])
_ENABLED, _ATTRIBUTES, _FACTORS = map(users.c.keys().index, ("enabled", "attributes", "factors"))
_WIDTH = len(users.c)


def from_row(row: Row) -> User:
    """The user in the first columns of a row selected as `select(users, ...)`."""
    values = list(row[:_WIDTH])
    values[_ENABLED] = bool(values[_ENABLED])
    values[_ATTRIBUTES] = _attributes.decode(values[_ATTRIBUTES])
    values[_FACTORS] = of_text(values[_FACTORS])
    return User(*values)
