"""Identity providers of pools, and the identifiers that lead to them.

`version` rises with every change of a provider, and is how a change notices that another came first: what it writes may
have taken seconds to fetch. Changes hold the pool, so names and identifiers can be looked at before they are taken; and they
raise the version of the pool, with which caches keep the kinds of its providers.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, func, insert, select, update

from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, blob, json_text, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A provider; what federation/configuration.py seals has its addresses and secrets.

    `starts_sign_in`: its users may begin there and come unasked (SAML, `IDPInit`).
    """

    pool_id: str
    name: str
    type: str
    sealed_configuration: bytes
    starts_sign_in: bool
    attribute_mapping: dict[str, str]
    idp_identifiers: tuple[str, ...]
    acr_mapping: dict[str, str]
    created_at: int
    modified_at: int
    version: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list tells of a provider; its configuration may be a large document."""

    name: str
    type: str
    created_at: int
    modified_at: int


@dataclass(frozen=True, slots=True)
class Kind:
    """The part of a provider that app clients are held against, and that pages show."""

    type: str
    starts_sign_in: bool
    has_identifiers: bool = False


identity_providers = Table(
    "identity_providers",
    metadata,
    key("pool_id"),
    key("name"),
    text("type"),
    blob("sealed_configuration"),
    number("starts_sign_in"),
    text("attribute_mapping"),
    text("idp_identifiers"),
    text("acr_mapping"),
    number("created_at"),
    number("modified_at"),
    number("version"),
    info=CONFIGURATION,
)
idp_identifiers = Table(
    "idp_identifiers", metadata, key("pool_id"), key("identifier"), text("name"), info=CONFIGURATION
)
Index("idp_identifiers_by_name", idp_identifiers.c.pool_id, idp_identifiers.c.name)

_of_provider = (
    identity_providers.c.pool_id == bindparam("of_pool"),
    identity_providers.c.name == bindparam("of_name"),
)

_ADD = insert(identity_providers)
_BY_NAME = (
    select(identity_providers)
    .where(identity_providers.c.pool_id == bindparam("pool_id"))
    .where(identity_providers.c.name == bindparam("name"))
)
_CREATED_AT = (
    select(identity_providers.c.created_at)
    .where(identity_providers.c.pool_id == bindparam("pool_id"))
    .where(identity_providers.c.name == bindparam("name"))
)
_BY_IDENTIFIER = (
    select(identity_providers)
    .join(
        idp_identifiers,
        (idp_identifiers.c.pool_id == identity_providers.c.pool_id)
        & (idp_identifiers.c.name == identity_providers.c.name),
    )
    .where(idp_identifiers.c.pool_id == bindparam("pool_id"))
    .where(idp_identifiers.c.identifier == bindparam("identifier"))
)
_PAGE = (
    select(*(identity_providers.c[name] for name in ("name", "type", "created_at", "modified_at")))
    .where(identity_providers.c.pool_id == bindparam("pool_id"))
    .where(identity_providers.c.name > bindparam("after"))
    .order_by(identity_providers.c.name)
    .limit(bindparam("limit"))
)
# The providers of one pool, which are limited to a few hundred.
_KINDS = select(
    *(identity_providers.c[name] for name in ("name", "type", "starts_sign_in", "idp_identifiers"))
).where(identity_providers.c.pool_id == bindparam("pool_id"))
_COUNT = select(func.count()).where(identity_providers.c.pool_id == bindparam("pool_id"))
_CHANGE = (
    update(identity_providers)
    .where(*_of_provider)
    .where(identity_providers.c.version == bindparam("known_version"))
    .values(
        sealed_configuration=bindparam("new_sealed_configuration"),
        starts_sign_in=bindparam("new_starts_sign_in"),
        attribute_mapping=bindparam("new_attribute_mapping"),
        idp_identifiers=bindparam("new_idp_identifiers"),
        acr_mapping=bindparam("new_acr_mapping"),
        modified_at=bindparam("new_modified_at"),
        version=identity_providers.c.version + 1,
    )
)
_REMOVE = delete(identity_providers).where(*_of_provider)
_ADD_IDENTIFIER = insert(idp_identifiers)
_OWNER = (
    select(idp_identifiers.c.name)
    .where(idp_identifiers.c.pool_id == bindparam("pool_id"))
    .where(idp_identifiers.c.identifier == bindparam("identifier"))
)
_REMOVE_IDENTIFIERS = (
    delete(idp_identifiers)
    .where(idp_identifiers.c.pool_id == bindparam("pool_id"))
    .where(idp_identifiers.c.name == bindparam("name"))
)


def add(db: Db, provider: IdentityProvider) -> None:
    """A new provider; AlreadyThere when its name or one of its identifiers is taken."""
    db.run(
        _ADD,
        pool_id=provider.pool_id,
        name=provider.name,
        type=provider.type,
        sealed_configuration=provider.sealed_configuration,
        starts_sign_in=int(provider.starts_sign_in),
        attribute_mapping=json_text(provider.attribute_mapping),
        idp_identifiers=json_text(provider.idp_identifiers),
        acr_mapping=json_text(provider.acr_mapping),
        created_at=provider.created_at,
        modified_at=provider.modified_at,
        version=provider.version,
    )
    _add_identifiers(db, provider)
    user_pools.touch(db, provider.pool_id)


def by_name(db: Db, pool_id: str, name: str) -> IdentityProvider | None:
    row = db.one(_BY_NAME, pool_id=pool_id, name=name)
    return _provider(*row) if row else None


def created_at(db: Db, pool_id: str, name: str) -> int | None:
    """None where there is no such provider."""
    return db.value(_CREATED_AT, pool_id=pool_id, name=name)


def by_identifier(db: Db, pool_id: str, identifier: str) -> IdentityProvider | None:
    row = db.one(_BY_IDENTIFIER, pool_id=pool_id, identifier=identifier)
    return _provider(*row) if row else None


def owner_of(db: Db, pool_id: str, identifier: str) -> str | None:
    """The name of the provider that an identifier leads to."""
    return db.value(_OWNER, pool_id=pool_id, identifier=identifier)


def all_of_pool(db: Db, pool_id: str, after: str, limit: int) -> list[Listed]:
    """Providers in the order of their names, beginning behind `after`."""
    return [Listed(*row) for row in db.all(_PAGE, pool_id=pool_id, after=after, limit=limit)]


def kinds_of(db: Db, pool_id: str) -> dict[str, Kind]:
    """What is known without opening a seal of each provider of a pool, by name."""
    return {
        name: Kind(provider_type, bool(starts_sign_in), bool(_identifiers.decode(identifiers)))
        for name, provider_type, starts_sign_in, identifiers in db.all(_KINDS, pool_id=pool_id)
    }


def count(db: Db, pool_id: str) -> int:
    return db.value(_COUNT, pool_id=pool_id) or 0


def change(db: Db, provider: IdentityProvider) -> bool:
    """Write all but name, type and `created_at`; False when it was changed since `provider` was read, or is gone."""
    written = db.run(
        _CHANGE,
        of_pool=provider.pool_id,
        of_name=provider.name,
        known_version=provider.version,
        new_sealed_configuration=provider.sealed_configuration,
        new_starts_sign_in=int(provider.starts_sign_in),
        new_attribute_mapping=json_text(provider.attribute_mapping),
        new_idp_identifiers=json_text(provider.idp_identifiers),
        new_acr_mapping=json_text(provider.acr_mapping),
        new_modified_at=provider.modified_at,
    )
    if written == 0:
        return False
    db.run(_REMOVE_IDENTIFIERS, pool_id=provider.pool_id, name=provider.name)
    _add_identifiers(db, provider)
    user_pools.touch(db, provider.pool_id)
    return True


def remove(db: Db, pool_id: str, name: str) -> bool:
    """Take the provider away with its identifiers; False when there is none."""
    db.run(_REMOVE_IDENTIFIERS, pool_id=pool_id, name=name)
    if db.run(_REMOVE, of_pool=pool_id, of_name=name) == 0:
        return False
    user_pools.touch(db, pool_id)
    return True


def _add_identifiers(db: Db, provider: IdentityProvider) -> None:
    for identifier in sorted(provider.idp_identifiers):
        db.run(_ADD_IDENTIFIER, pool_id=provider.pool_id, identifier=identifier, name=provider.name)


_mapping = msgspec.json.Decoder(dict[str, str])
_identifiers = msgspec.json.Decoder(tuple[str, ...])


def _provider(
    pool_id: str,
    name: str,
    provider_type: str,
    sealed_configuration: bytes,
    starts_sign_in: int,
    attribute_mapping: str,
    identifiers: str,
    acr_mapping: str,
    created_at: int,
    modified_at: int,
    version: int,
) -> IdentityProvider:
    return IdentityProvider(
        pool_id=pool_id,
        name=name,
        type=provider_type,
        sealed_configuration=sealed_configuration,
        starts_sign_in=bool(starts_sign_in),
        attribute_mapping=_mapping.decode(attribute_mapping),
        idp_identifiers=_identifiers.decode(identifiers),
        acr_mapping=_mapping.decode(acr_mapping),
        created_at=created_at,
        modified_at=modified_at,
        version=version,
    )
