"""What a pool knows of passwords that its users bring from elsewhere: one sealed document a pool, where there are any.

pools/foreign_passwords.py says what stands in it. How a single user's password is checked is in the user's own row.
"""

from __future__ import annotations

from sqlalchemy import Table, bindparam, select

from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, blob, insert, key, metadata

foreign_passwords = Table(
    "foreign_passwords", metadata, key("pool_id"), blob("sealed_document"), info=CONFIGURATION
)

_insert = insert(foreign_passwords)
_PUT = _insert.on_conflict_do_update(
    index_elements=[foreign_passwords.c.pool_id],
    set_={"sealed_document": _insert.excluded.sealed_document},
)
_OF_POOL = select(foreign_passwords.c.sealed_document).where(
    foreign_passwords.c.pool_id == bindparam("pool_id")
)


def put(db: Db, pool_id: str, sealed_document: bytes) -> None:
    db.run(_PUT, pool_id=pool_id, sealed_document=sealed_document)


def of_pool(db: Db, pool_id: str) -> bytes | None:
    return db.value(_OF_POOL, pool_id=pool_id)
