"""Domains of user pools, and the directory that finds a pool by one.

A name belongs to one pool, which the directory's key says; a pool has at most one domain of each kind in each of its regions,
which the table's key says. As with app clients, every change raises the version of the pool, and does so first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, select, update

from cognomen.store import user_pools
from cognomen.store.database import Db, Stale
from cognomen.store.tables import CONFIGURATION, insert, json_text, key, metadata, number, text
from cognomen.store.user_pool_settings import Settings, rewritten

HOME = ""
"""The region of a domain where its pool is at home."""

PREFIX = "prefix"
CUSTOM = "custom"


class DomainSettings(Settings, frozen=True):
    """Everything UpdateUserPoolDomain may change; `custom_domain_config` is None for a prefix."""

    managed_login_version: int = 1
    custom_domain_config: dict[str, Any] | None = None
    routing: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain: a prefix alone, or the full name of a custom one; `kind` is PREFIX or CUSTOM, `region` HOME or a replica's."""

    pool_id: str
    region: str
    kind: str
    name: str
    settings: DomainSettings
    created_at: int
    modified_at: int


domains = Table(
    "domains",
    metadata,
    key("pool_id"),
    key("region"),
    key("kind"),
    text("name"),
    text("settings"),
    number("created_at"),
    number("modified_at"),
    info=CONFIGURATION,
)
domain_directory = Table("domain_directory", metadata, key("name"), text("pool_id"), info=CONFIGURATION)
Index("domain_directory_by_pool", domain_directory.c.pool_id)

_ADD = insert(domains).on_conflict_do_nothing()
_ADD_TO_DIRECTORY = insert(domain_directory).on_conflict_do_nothing()
_POOL_OF = select(domain_directory.c.pool_id).where(domain_directory.c.name == bindparam("name"))
_OF_POOL = (
    select(domains)
    .where(domains.c.pool_id == bindparam("pool_id"))
    .order_by(domains.c.region, domains.c.kind)
)
_SETTINGS = (
    select(domains.c.settings)
    .where(domains.c.pool_id == bindparam("pool_id"))
    .where(domains.c.region == bindparam("region"))
    .where(domains.c.kind == bindparam("kind"))
)
_CHANGE = (
    update(domains)
    .where(domains.c.pool_id == bindparam("of_pool"))
    .where(domains.c.region == bindparam("of_region"))
    .where(domains.c.kind == bindparam("of_kind"))
    .values(settings=bindparam("new_settings"), modified_at=bindparam("now"))
)
_REMOVE = (
    delete(domains)
    .where(domains.c.pool_id == bindparam("pool_id"))
    .where(domains.c.region == bindparam("region"))
    .where(domains.c.kind == bindparam("kind"))
)
_REMOVE_FROM_DIRECTORY = (
    delete(domain_directory)
    .where(domain_directory.c.name == bindparam("name"))
    .where(domain_directory.c.pool_id == bindparam("pool_id"))
)


def claim(db: Db, name: str, pool_id: str) -> bool:
    """Write into the directory that the name is this pool's, also when that stands there; False when it is another's.

    Of two pools that claim one name at the same moment, the second waits here until the first has it, or has not.
    """
    user_pools.touch(db, pool_id)
    if db.run(_ADD_TO_DIRECTORY, name=name, pool_id=pool_id) == 1:
        return True
    owner = pool_id_of(db, name)
    if owner is None:  # given up between the two statements
        raise Stale
    return owner == pool_id


def add(db: Db, domain: Domain) -> bool:
    """A domain whose name has been claimed; False when the pool has one of this kind."""
    written = db.run(
        _ADD,
        pool_id=domain.pool_id,
        region=domain.region,
        kind=domain.kind,
        name=domain.name,
        settings=json_text(domain.settings),
        created_at=domain.created_at,
        modified_at=domain.modified_at,
    )
    return written == 1


def pool_id_of(db: Db, name: str) -> str | None:
    return db.value(_POOL_OF, name=name)


def all_of_pool(db: Db, pool_id: str) -> list[Domain]:
    """Those of all its regions, those at home first."""
    return [_domain(*row) for row in db.all(_OF_POOL, pool_id=pool_id)]


def all_in_region(db: Db, pool_id: str, region: str) -> list[Domain]:
    """At most one of each kind, a custom one first."""
    return [found for found in all_of_pool(db, pool_id) if found.region == region]


def by_name(db: Db, pool_id: str, name: str, region: str) -> Domain | None:
    return next((found for found in all_in_region(db, pool_id, region) if found.name == name), None)


def change(db: Db, domain: Domain) -> bool:
    """Write settings and `modified_at`; False when the domain is gone.

    What a later release has added to the settings stays (`rewritten`).
    """
    user_pools.touch(db, domain.pool_id)
    row = db.one(_SETTINGS, pool_id=domain.pool_id, region=domain.region, kind=domain.kind)
    if row is None:
        return False
    written = db.run(
        _CHANGE,
        of_pool=domain.pool_id,
        of_region=domain.region,
        of_kind=domain.kind,
        new_settings=rewritten(row[0], domain.settings),
        now=domain.modified_at,
    )
    return written == 1


def remove(db: Db, domain: Domain) -> bool:
    """Take the domain away, and give its name up unless the pool has it in another region; False when it is gone."""
    user_pools.touch(db, domain.pool_id)
    removed = db.run(_REMOVE, pool_id=domain.pool_id, region=domain.region, kind=domain.kind) == 1
    if not any(left.name == domain.name for left in all_of_pool(db, domain.pool_id)):
        db.run(_REMOVE_FROM_DIRECTORY, name=domain.name, pool_id=domain.pool_id)
    return removed


_settings = msgspec.json.Decoder(DomainSettings)


def _domain(
    pool_id: str, region: str, kind: str, name: str, settings: str, created_at: int, modified_at: int
) -> Domain:
    return Domain(
        pool_id=pool_id,
        region=region,
        kind=kind,
        name=name,
        settings=_settings.decode(settings),
        created_at=created_at,
        modified_at=modified_at,
    )
