"""Users by a value that they are searched by: pages in the order of that value. The rows are users.py's."""

from __future__ import annotations

from sqlalchemy import bindparam, select, tuple_

from cognomen.store.database import Db
from cognomen.store.users import User, from_row, user_search, users

_SEARCH_PAGE = (
    select(users, user_search.c.value)
    .join(user_search, (user_search.c.pool_id == users.c.pool_id) & (user_search.c.sub == users.c.sub))
    .where(user_search.c.pool_id == bindparam("pool_id"))
    .where(user_search.c.attribute == bindparam("attribute"))
    .where(user_search.c.value >= bindparam("first"))
    .where(user_search.c.value < bindparam("beyond"))
    .order_by(user_search.c.value, user_search.c.sub)
    .limit(bindparam("limit"))
)
# Behind the last of a page: the rest of its value, then the values above; a row-value comparison, which both databases
# answer from the primary key.
_SEARCH_PAGE_AFTER = (
    select(users, user_search.c.value)
    .join(user_search, (user_search.c.pool_id == users.c.pool_id) & (user_search.c.sub == users.c.sub))
    .where(user_search.c.pool_id == bindparam("pool_id"))
    .where(user_search.c.attribute == bindparam("attribute"))
    .where(user_search.c.value < bindparam("beyond"))
    .where(
        tuple_(user_search.c.value, user_search.c.sub)
        > tuple_(bindparam("after_value"), bindparam("after_sub"))
    )
    .order_by(user_search.c.value, user_search.c.sub)
    .limit(bindparam("limit"))
)


def all_found(
    db: Db,
    pool_id: str,
    attribute: str,
    first: str,
    beyond: str,
    limit: int,
    *,
    after: tuple[str, str] | None = None,
) -> list[tuple[User, str]]:
    """Users with a value of `attribute` in [first, beyond), by value and sub, each with that value.

    `after` is the (value, sub) of the last one of the page before.
    """
    if after is None:
        rows = db.all(
            _SEARCH_PAGE, pool_id=pool_id, attribute=attribute, first=first, beyond=beyond, limit=limit
        )
    else:
        rows = db.all(
            _SEARCH_PAGE_AFTER,
            pool_id=pool_id,
            attribute=attribute,
            beyond=beyond,
            after_value=after[0],
            after_sub=after[1],
            limit=limit,
        )
    return [(from_row(row), row[-1]) for row in rows]
