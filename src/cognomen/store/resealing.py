"""Sealed columns, sealed anew with the current master key, whatever table they are in.

    SEALED          every sealed column there is; a test compares it with the tables
    reseal          one batch, in the order of the primary key
    count_by_key    how many values each master key has sealed

The commands `cognomen master-key` walk over the list; nothing of a request comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Select, Table, Update, bindparam, func, literal_column, select, tuple_, update

from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.store.access_keys import access_keys
from cognomen.store.app_clients import client_secrets
from cognomen.store.attempts import attempts
from cognomen.store.browser_sessions import browser_sessions
from cognomen.store.database import Db
from cognomen.store.devices import devices
from cognomen.store.foreign_passwords import foreign_passwords
from cognomen.store.identity_providers import identity_providers
from cognomen.store.messages import inbox, outbox, undelivered
from cognomen.store.passwords import former_passwords
from cognomen.store.signing_certificates import signing_certificates
from cognomen.store.user_imports import user_import_parts
from cognomen.store.user_pools import signing_keys, user_pools
from cognomen.store.users import users


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, all sealed for `purpose` and bound to the columns `bound_to`, joined by `/`.

    `versioned`: the table's rows are read and later written back as a whole under their `version`, which must rise so
    that no such change brings back the value it has read.
    """

    table: Table
    name: str
    purpose: str
    bound_to: tuple[str, ...]
    versioned: bool = False

    @property
    def column(self) -> Column[bytes]:
        return self.table.c[self.name]

    @property
    def keys(self) -> tuple[Column[str], ...]:
        return tuple(self.table.primary_key.columns)

    @property
    def beginning(self) -> tuple[str, ...]:
        """What stands before the first row."""
        return ("",) * len(self.keys)


SEALED = (
    SealedColumn(user_pools, "sealed_decoy_key", "decoy-key", ("pool_id",)),
    SealedColumn(signing_keys, "sealed_private_key", "signing-key", ("pool_id", "kid")),
    SealedColumn(signing_certificates, "sealed_private_key", "saml-signing-key", ("pool_id",)),
    SealedColumn(client_secrets, "sealed_value", "client-secret", ("pool_id", "client_id")),
    SealedColumn(
        identity_providers,
        "sealed_configuration",
        "identity-provider",
        ("pool_id", "name"),
        versioned=True,
    ),
    SealedColumn(users, "sealed_verifier", "password", ("pool_id", "sub"), versioned=True),
    SealedColumn(users, "sealed_totp_secret", "totp-secret", ("pool_id", "sub"), versioned=True),
    SealedColumn(users, "sealed_new_totp_secret", "totp-secret", ("pool_id", "sub"), versioned=True),
    SealedColumn(users, "sealed_foreign_password", "foreign-password", ("pool_id", "sub"), versioned=True),
    SealedColumn(foreign_passwords, "sealed_document", "foreign-passwords", ("pool_id",)),
    SealedColumn(former_passwords, "sealed_verifier", "password", ("pool_id", "sub")),
    SealedColumn(devices, "sealed_verifier", "device", ("pool_id", "sub", "device_key")),
    SealedColumn(attempts, "sealed_attempt", "attempt", ("pool_id", "id")),
    SealedColumn(browser_sessions, "sealed_saml_session", "saml-session", ("pool_id", "digest")),
    SealedColumn(user_import_parts, "sealed_content", "user-import", ("pool_id", "upload", "number")),
    SealedColumn(access_keys, "sealed_secret", "access-key", ("id",)),
    SealedColumn(outbox, "sealed_document", "message", ("pool_id", "id")),
    SealedColumn(inbox, "sealed_document", "message", ("pool_id", "id")),
    SealedColumn(undelivered, "sealed_document", "message", ("pool_id", "id")),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch: the key of its last row (None at the end), and numbers of values.

    `lost` could not be opened: their master key is gone, or they were altered.
    """

    last: tuple[str, ...] | None
    seen: int
    resealed: int
    lost: int


def reseal(db: Db, vault: Vault, sealed: SealedColumn, after: tuple[str, ...], limit: int) -> Batch:
    """Seal up to `limit` values behind the key `after` with the current master key, where another one sealed them.

    A value that is changed meanwhile is left as the change has it.
    """
    after_keys = {f"after_{place}": value for place, value in enumerate(after)}
    rows = db.all(_page(sealed), **after_keys, limit=limit)
    names = [column.name for column in sealed.keys]
    resealed = lost = 0
    for *key, value in rows:
        bound_to = "/".join(dict(zip(names, key, strict=True))[name] for name in sealed.bound_to).encode()
        try:
            if sealing.key_id_of(value) == vault.keyring.current.id:
                continue
            plaintext = vault.unseal(sealed.purpose, value, bound_to)
        except CannotUnseal:
            lost += 1
            continue
        of_row = {f"of_{place}": part for place, part in enumerate(key)}
        new_value = vault.seal(sealed.purpose, plaintext, bound_to)
        resealed += db.run(_replace(sealed), **of_row, known_value=value, new_value=new_value)
    last = tuple(rows[-1][:-1]) if len(rows) == limit else None
    return Batch(last, len(rows), resealed, lost)


def count_by_key(db: Db, sealed: SealedColumn) -> dict[str, int]:
    """The number of values by the id of the master key that sealed them; reads the whole table."""
    return {bytes(key_id).hex(): count for key_id, count in db.all(_count(sealed))}


@cache
def _page(sealed: SealedColumn) -> Select[Any]:
    after = tuple_(*(bindparam(f"after_{place}") for place in range(len(sealed.keys))))
    columns: list[Column[Any]] = [*sealed.keys, sealed.column]
    return (
        select(*columns)
        .where(tuple_(*sealed.keys) > after)
        .where(sealed.column.is_not(None))
        .order_by(*sealed.keys)
        .limit(bindparam("limit"))
    )


@cache
def _replace(sealed: SealedColumn) -> Update:
    values: dict[str, object] = {sealed.name: bindparam("new_value")}
    if sealed.versioned:
        values["version"] = sealed.table.c.version + 1
    return (
        update(sealed.table)
        .where(*(column == bindparam(f"of_{place}") for place, column in enumerate(sealed.keys)))
        .where(sealed.column == bindparam("known_value"))
        .values(values)
    )


@cache
def _count(sealed: SealedColumn) -> Select[Any]:
    # A sealed value is a version byte and the four bytes of the key id (crypto/sealing.py).
    key_id = func.substr(sealed.column, literal_column("2"), literal_column("4"))
    return select(key_id, func.count()).where(sealed.column.is_not(None)).group_by(key_id)
