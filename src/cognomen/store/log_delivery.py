"""Where a pool sends its logs: one row a pool, at most one destination for each source of events."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, select

from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, insert, json_text, key, metadata, text

log_deliveries = Table("log_deliveries", metadata, key("pool_id"), text("configurations"), info=CONFIGURATION)

_insert = insert(log_deliveries)
_PUT = _insert.on_conflict_do_update(
    index_elements=[log_deliveries.c.pool_id],
    set_={"configurations": _insert.excluded.configurations},
)
_OF_POOL = select(log_deliveries.c.configurations).where(log_deliveries.c.pool_id == bindparam("pool_id"))
_REMOVE = delete(log_deliveries).where(log_deliveries.c.pool_id == bindparam("pool_id"))


def put(db: Db, pool_id: str, configurations: list[dict[str, Any]]) -> None:
    """Replace the configurations of a pool, documents in the API's own names; without any, nothing is kept."""
    user_pools.touch(db, pool_id)
    if configurations:
        db.run(_PUT, pool_id=pool_id, configurations=json_text(configurations))
    else:
        db.run(_REMOVE, pool_id=pool_id)


def of_pool(db: Db, pool_id: str) -> list[dict[str, Any]]:
    document = db.value(_OF_POOL, pool_id=pool_id)
    return msgspec.json.decode(document, type=list[dict[str, Any]]) if document else []
