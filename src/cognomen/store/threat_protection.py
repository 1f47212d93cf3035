"""Risk configurations: what threat protection does, for a pool (ALL_CLIENTS) or for one of its clients.

A change of one is a change of the pool, whose caches hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, select

from cognomen.store import user_pools
from cognomen.store.app_client_settings import ALL_CLIENTS
from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, insert, json_text, key, metadata, number, text


@dataclass(frozen=True, slots=True)
class RiskConfiguration:
    """`parts` are the three documents of the API by their names there; one that was not given is absent."""

    pool_id: str
    client_id: str
    parts: dict[str, Any]
    modified_at: int


risk_configurations = Table(
    "risk_configurations",
    metadata,
    key("pool_id"),
    key("client_id"),
    text("parts"),
    number("modified_at"),
    info=CONFIGURATION,
)

_insert = insert(risk_configurations)
_PUT = _insert.on_conflict_do_update(
    index_elements=[risk_configurations.c.pool_id, risk_configurations.c.client_id],
    set_={"parts": _insert.excluded.parts, "modified_at": _insert.excluded.modified_at},
)
# That of the client comes before that of the pool.
_OF_CLIENT = (
    select(risk_configurations)
    .where(risk_configurations.c.pool_id == bindparam("pool_id"))
    .where(risk_configurations.c.client_id.in_((bindparam("client_id"), bindparam("otherwise"))))
    .order_by(risk_configurations.c.client_id == bindparam("otherwise"))
    .limit(1)
)
_REMOVE = (
    delete(risk_configurations)
    .where(risk_configurations.c.pool_id == bindparam("pool_id"))
    .where(risk_configurations.c.client_id == bindparam("client_id"))
)


def put(db: Db, configuration: RiskConfiguration) -> None:
    db.run(
        _PUT,
        pool_id=configuration.pool_id,
        client_id=configuration.client_id,
        parts=json_text(configuration.parts),
        modified_at=configuration.modified_at,
    )
    user_pools.touch(db, configuration.pool_id)


def of_client(db: Db, pool_id: str, client_id: str) -> RiskConfiguration | None:
    """That of the client, otherwise that of ALL_CLIENTS."""
    row = db.one(_OF_CLIENT, pool_id=pool_id, client_id=client_id, otherwise=ALL_CLIENTS)
    return RiskConfiguration(row[0], row[1], msgspec.json.decode(row[2]), row[3]) if row else None


def remove(db: Db, pool_id: str, client_id: str) -> None:
    db.run(_REMOVE, pool_id=pool_id, client_id=client_id)
    user_pools.touch(db, pool_id)
