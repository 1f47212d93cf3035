"""Terms documents: where the terms of use and the privacy policy of a client are found, by language."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Index, Table, bindparam, delete, func, insert, select, update

from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, json_text, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class Terms:
    """One kind of document of a client; `links` are URLs by language key, such as `cognito:default`."""

    pool_id: str
    id: str
    client_id: str
    name: str
    source: str
    enforcement: str
    links: dict[str, str]
    created_at: int
    modified_at: int


terms = Table(
    "terms",
    metadata,
    key("pool_id"),
    key("terms_id"),
    text("client_id"),
    text("name"),
    text("source"),
    text("enforcement"),
    text("links"),
    number("created_at"),
    number("modified_at"),
    info=CONFIGURATION,
)
Index("terms_by_client", terms.c.pool_id, terms.c.client_id, terms.c.name, unique=True)

_of_one = (terms.c.pool_id == bindparam("of_pool"), terms.c.terms_id == bindparam("of_terms"))

_ADD = insert(terms)
_BY_ID = select(terms).where(*_of_one)
_OF_CLIENT = (
    select(terms)
    .where(terms.c.pool_id == bindparam("pool_id"))
    .where(terms.c.client_id == bindparam("client_id"))
    .where(terms.c.name == bindparam("name"))
)
# Counts at most the documents of one pool, which are limited to forty.
_COUNT = select(func.count()).where(terms.c.pool_id == bindparam("pool_id"))
_PAGE = (
    select(terms)
    .where(terms.c.pool_id == bindparam("pool_id"))
    .where(terms.c.terms_id > bindparam("after"))
    .order_by(terms.c.terms_id)
    .limit(bindparam("limit"))
)
_CHANGE = (
    update(terms)
    .where(*_of_one)
    .values(
        name=bindparam("new_name"),
        source=bindparam("new_source"),
        enforcement=bindparam("new_enforcement"),
        links=bindparam("new_links"),
        modified_at=bindparam("now"),
    )
)
_REMOVE = delete(terms).where(*_of_one)


def add(db: Db, document: Terms) -> None:
    """A new document; AlreadyThere when the client has one of this name."""
    db.run(
        _ADD,
        pool_id=document.pool_id,
        terms_id=document.id,
        client_id=document.client_id,
        name=document.name,
        source=document.source,
        enforcement=document.enforcement,
        links=json_text(document.links),
        created_at=document.created_at,
        modified_at=document.modified_at,
    )


def by_id(db: Db, pool_id: str, terms_id: str) -> Terms | None:
    row = db.one(_BY_ID, of_pool=pool_id, of_terms=terms_id)
    return _terms(*row) if row else None


def of_client(db: Db, pool_id: str, client_id: str, name: str) -> Terms | None:
    row = db.one(_OF_CLIENT, pool_id=pool_id, client_id=client_id, name=name)
    return _terms(*row) if row else None


def count(db: Db, pool_id: str) -> int:
    return db.value(_COUNT, pool_id=pool_id) or 0


def all_of_pool(db: Db, pool_id: str, after: str, limit: int) -> list[Terms]:
    """Documents in the order of their ids, beginning behind `after`."""
    return [_terms(*row) for row in db.all(_PAGE, pool_id=pool_id, after=after, limit=limit)]


def change(db: Db, document: Terms) -> bool:
    """Write all but whose it is; False when it is gone, AlreadyThere when the client has another document of this name."""
    written = db.run(
        _CHANGE,
        of_pool=document.pool_id,
        of_terms=document.id,
        new_name=document.name,
        new_source=document.source,
        new_enforcement=document.enforcement,
        new_links=json_text(document.links),
        now=document.modified_at,
    )
    return written == 1


def remove(db: Db, pool_id: str, terms_id: str) -> bool:
    """False when it is gone."""
    return db.run(_REMOVE, of_pool=pool_id, of_terms=terms_id) == 1


def _terms(
    pool_id: str,
    terms_id: str,
    client_id: str,
    name: str,
    source: str,
    enforcement: str,
    links: str,
    created_at: int,
    modified_at: int,
) -> Terms:
    return Terms(
        pool_id=pool_id,
        id=terms_id,
        client_id=client_id,
        name=name,
        source=source,
        enforcement=enforcement,
        links=msgspec.json.decode(links, type=dict[str, str]),
        created_at=created_at,
        modified_at=modified_at,
    )
