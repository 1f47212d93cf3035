"""Whom a name means, for those who do not sign in with it."""

from __future__ import annotations

from cognomen.store import users
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import names


def for_admin(db: Db, pool: UserPool, typed: str) -> User | None:
    """Whom the Username of a signed operation means: a user name, an alias, or last a sub (API reference).

    Nobody can take a name that is another user's sub, see rows.py.
    """
    found = users.by_alias(db, pool.id, names.at_sign_in(pool, typed))
    return found or users.by_sub(db, pool.id, names.fold(pool, typed))
