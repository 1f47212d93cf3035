"""User pools: configuration, signing keys, the count of users, and the way out.

A pool is one row: its settings and schema are JSON, read whole and cached (pools/configuration.py). `version` rises with
every change of the pool, of one of its clients or of its keys; a cache asks for it and for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import msgspec
from sqlalchemy import Delete, Select, Table, bindparam, delete, func, select, tuple_, update

from cognomen import clock
from cognomen.store.database import Db, Row
from cognomen.store.tables import CONFIGURATION, blob, insert, json_text, key, metadata, number, text
from cognomen.store.user_pool_settings import (
    SchemaAttribute,
    UserPoolSettings,
    rewritten,
    rewritten_schema,
)

FIRST_VERSION_BYTES = 6  # room for more changes than will ever be made


@dataclass(frozen=True)
class UserPool:
    """A user pool; `sealed_decoy_key` never changes, so that what it answers for strangers stays the same."""

    id: str
    name: str
    settings: UserPoolSettings
    schema: tuple[SchemaAttribute, ...]
    sealed_decoy_key: bytes
    version: int
    created_at: int
    modified_at: int

    @cached_property
    def attributes(self) -> dict[str, SchemaAttribute]:
        """The schema by full name (`email`, `custom:team`, `dev:custom:team`)."""
        return {found.name: found for found in self.schema}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key of a pool; `token_use` is `id` or `access`. A retired key verifies and no longer signs."""

    pool_id: str
    token_use: str
    kid: str
    sealed_private_key: bytes
    created_at: int
    retired_at: int | None


user_pools = Table(
    "user_pools",
    metadata,
    key("pool_id"),
    text("name"),
    text("settings"),
    text("schema"),
    blob("sealed_decoy_key"),
    number("version"),
    number("created_at"),
    number("modified_at"),
    info=CONFIGURATION,
)
signing_keys = Table(
    "signing_keys",
    metadata,
    key("pool_id"),
    key("token_use"),
    key("kid"),
    blob("sealed_private_key"),
    number("created_at"),
    number("retired_at", optional=True),
    info=CONFIGURATION,
)
user_counts = Table(
    "user_counts", metadata, key("pool_id"), key("bucket"), number("users"), sqlite_with_rowid=False
)
deleted_pools = Table("deleted_pools", metadata, key("pool_id"), number("deleted_at"))

_ADD = insert(user_pools)
_BY_ID = select(user_pools).where(user_pools.c.pool_id == bindparam("pool_id"))
# SQLite has one writer at a time, and its dialect leaves FOR UPDATE out.
_BY_ID_LOCKED = _BY_ID.with_for_update()
_VERSION = select(user_pools.c.version).where(user_pools.c.pool_id == bindparam("pool_id"))
_PAGE = (
    select(user_pools)
    .where(user_pools.c.pool_id > bindparam("after"))
    .order_by(user_pools.c.pool_id)
    .limit(bindparam("limit"))
)
_PAGE_OF_REGION = _PAGE.where(user_pools.c.pool_id < bindparam("before"))
_DOCUMENTS = select(user_pools.c.settings, user_pools.c.schema).where(
    user_pools.c.pool_id == bindparam("pool_id")
)
_CHANGE = (
    update(user_pools)
    .where(user_pools.c.pool_id == bindparam("id"))
    .where(user_pools.c.version == bindparam("known_version"))
    .values(
        name=bindparam("new_name"),
        settings=bindparam("new_settings"),
        schema=bindparam("new_schema"),
        modified_at=bindparam("now"),
        version=user_pools.c.version + 1,
    )
)
_TOUCH = (
    update(user_pools).where(user_pools.c.pool_id == bindparam("id")).values(version=user_pools.c.version + 1)
)
_REMOVE = (
    delete(user_pools)
    .where(user_pools.c.pool_id == bindparam("pool_id"))
    .where(user_pools.c.version == bindparam("known_version"))
)
_ADD_KEY = insert(signing_keys)
_KEYS = (
    select(signing_keys)
    .where(signing_keys.c.pool_id == bindparam("pool_id"))
    .order_by(signing_keys.c.token_use, signing_keys.c.created_at)
)
_insert_count = insert(user_counts)
_COUNT = _insert_count.on_conflict_do_update(
    index_elements=[user_counts.c.pool_id, user_counts.c.bucket],
    set_={"users": user_counts.c.users + _insert_count.excluded.users},
)
_COUNTED = select(func.sum(user_counts.c.users)).where(user_counts.c.pool_id == bindparam("pool_id"))
_ADD_DELETED = insert(deleted_pools).on_conflict_do_nothing()
_DELETED = (
    select(deleted_pools.c.pool_id)
    .where(deleted_pools.c.deleted_at <= bindparam("before"))
    .limit(bindparam("limit"))
)
_DELETED_LOCKED = (
    select(deleted_pools.c.pool_id).where(deleted_pools.c.pool_id == bindparam("pool_id")).with_for_update()
)
_REMOVE_DELETED = delete(deleted_pools).where(deleted_pools.c.pool_id == bindparam("pool_id"))


def first_version() -> int:
    """The version of a new pool: not that of a former pool of the same id, which a cache may still hold."""
    return int.from_bytes(clock.random_bytes(FIRST_VERSION_BYTES))


def add(db: Db, pool: UserPool, keys: tuple[SigningKey, ...]) -> None:
    """A new pool with its keys; AlreadyThere when the id is taken. What is left of a deleted pool of this id goes first."""
    if db.run(_REMOVE_DELETED, pool_id=pool.id) == 1:
        for table in tables_of_a_pool():
            db.run(empty(table), pool_id=pool.id)
    db.run(
        _ADD,
        pool_id=pool.id,
        name=pool.name,
        settings=json_text(pool.settings),
        schema=json_text(pool.schema),
        sealed_decoy_key=pool.sealed_decoy_key,
        version=pool.version,
        created_at=pool.created_at,
        modified_at=pool.modified_at,
    )
    for signing_key in keys:
        db.run(
            _ADD_KEY,
            pool_id=signing_key.pool_id,
            token_use=signing_key.token_use,
            kid=signing_key.kid,
            sealed_private_key=signing_key.sealed_private_key,
            created_at=signing_key.created_at,
            retired_at=signing_key.retired_at,
        )


def by_id(db: Db, pool_id: str) -> UserPool | None:
    row = db.one(_BY_ID, pool_id=pool_id)
    return from_row(row) if row else None


def by_id_locked(db: Db, pool_id: str) -> UserPool | None:
    """The pool, which nobody else changes or deletes until this transaction ends; where it is needed, it comes first."""
    row = db.one(_BY_ID_LOCKED, pool_id=pool_id)
    return from_row(row) if row else None


def version_of(db: Db, pool_id: str) -> int | None:
    return db.value(_VERSION, pool_id=pool_id)


def all_after(db: Db, after: str, limit: int) -> list[UserPool]:
    """Pools in the order of their ids, beginning behind `after`."""
    return [from_row(row) for row in db.all(_PAGE, after=after, limit=limit)]


def all_in_region(db: Db, region: str, after: str, limit: int) -> list[UserPool]:
    """Pools whose ids begin with the region, in the order of their ids, beginning behind `after`."""
    # "`" comes after "_", which is between the region and what follows it.
    first = max(after, f"{region}_")
    return [from_row(row) for row in db.all(_PAGE_OF_REGION, after=first, before=f"{region}`", limit=limit)]


def change(db: Db, pool: UserPool, now: int) -> bool:
    """Write name, settings and schema of `pool`; False when it was changed since `pool` was read.

    What a later release has added to either stays (`rewritten`).
    """
    row = db.one(_DOCUMENTS, pool_id=pool.id)
    if row is None:
        return False
    settings, schema = row
    written = db.run(
        _CHANGE,
        id=pool.id,
        known_version=pool.version,
        new_name=pool.name,
        new_settings=rewritten(settings, pool.settings),
        new_schema=rewritten_schema(schema, pool.schema),
        now=now,
    )
    return written == 1


def touch(db: Db, pool_id: str) -> bool:
    """Tell every cache that something of the pool changed; False when the pool is gone."""
    return db.run(_TOUCH, id=pool_id) == 1


def remove(db: Db, pool: UserPool, now: int) -> bool:
    """Take the pool away at once; its other rows are swept later, however many there are.

    False when it was changed since `pool` was read, or is gone.
    """
    if db.run(_REMOVE, pool_id=pool.id, known_version=pool.version) == 0:
        return False
    add_deleted(db, pool.id, now)
    return True


def add_deleted(db: Db, pool_id: str, now: int) -> None:
    """Note that a pool is gone whose rows are still to be swept."""
    db.run(_ADD_DELETED, pool_id=pool_id, deleted_at=now)


def keys_of(db: Db, pool_id: str) -> list[SigningKey]:
    return [SigningKey(*row) for row in db.all(_KEYS, pool_id=pool_id)]


def count_users(db: Db, pool_id: str, sub: str, change: int) -> None:
    """Keep the estimate: 16 counters a pool, so that concurrent sign-ups seldom meet on one row."""
    db.run(_COUNT, pool_id=pool_id, bucket=sub[0], users=change)


def estimated_users(db: Db, pool_id: str) -> int:
    return int(db.value(_COUNTED, pool_id=pool_id) or 0)  # PostgreSQL adds integers up to a decimal


def all_deleted(db: Db, before: int, limit: int) -> list[str]:
    """Pools deleted at or before a moment whose rows are still to be swept.

    They lie some minutes first: a request that found the pool may still add a row to it.
    """
    return [row[0] for row in db.all(_DELETED, before=before, limit=limit)]


def sweep_deleted(db: Db, pool_id: str, limit: int) -> bool:
    """Remove up to `limit` rows of a deleted pool, over all tables; True when nothing is left.

    Another node may be sweeping the same rows, so the number that were removed here says nothing: what is left is looked
    for. Rows that another transaction has removed and not committed are still seen, and so are looked for again.
    """
    if db.one(_DELETED_LOCKED, pool_id=pool_id) is None:
        return True  # another node has swept it, or a new pool has its id
    tables = tables_of_a_pool()
    for table in tables:
        most = min(limit, table.info.get("at_once", limit))
        removed = db.run(_sweep(table), pool_id=pool_id, limit=most)
        if removed == most:
            return False
        limit -= removed
    if any(db.one(_left(table), pool_id=pool_id) for table in tables):
        return False
    db.run(_REMOVE_DELETED, pool_id=pool_id)
    return True


def tables_of_a_pool() -> tuple[Table, ...]:
    """Every table that may have rows of a pool after the pool itself is gone."""
    return tuple(
        table
        for table in metadata.sorted_tables
        if "pool_id" in table.c and table not in (user_pools, deleted_pools)
    )


@cache
def empty(table: Table) -> Delete:
    """Remove every row of a pool."""
    return delete(table).where(table.c.pool_id == bindparam("pool_id"))


@cache
def _sweep(table: Table) -> Delete:
    keys = list(table.primary_key.columns)
    some = select(*keys).where(table.c.pool_id == bindparam("pool_id")).limit(bindparam("limit"))
    return delete(table).where(tuple_(*keys).in_(some))


@cache
def _left(table: Table) -> Select[tuple[str]]:
    return select(table.c.pool_id).where(table.c.pool_id == bindparam("pool_id")).limit(1)


_settings = msgspec.json.Decoder(UserPoolSettings)
_schema = msgspec.json.Decoder(tuple[SchemaAttribute, ...])


def from_row(row: Row) -> UserPool:
    """The pool in a row of this table."""
    return _pool(*row)


def _pool(
    pool_id: str,
    name: str,
    settings: str,
    schema: str,
    sealed_decoy_key: bytes,
    version: int,
    created_at: int,
    modified_at: int,
) -> UserPool:
    return UserPool(
        id=pool_id,
        name=name,
        settings=_settings.decode(settings),
        schema=_schema.decode(schema),
        sealed_decoy_key=sealed_decoy_key,
        version=version,
        created_at=created_at,
        modified_at=modified_at,
    )
