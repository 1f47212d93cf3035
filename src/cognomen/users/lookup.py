"""Whom a name means: at_sign_in to those who sign in with it, for_admin to others."""

from __future__ import annotations

from cognomen.call import Call
from cognomen.store import users
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import names


async def at_sign_in(call: Call, typed: str) -> User | None:
    """Who signs in to call.pool as `typed`.

    An address comes first here: only the name of somebody who comes from a provider can look like one, and keeps nobody from his own.
    """
    readings = names.readings(call.pool, typed)
    return await call.store.read(users.by_alias, call.pool.id, readings[::-1])


def for_admin(db: Db, pool: UserPool, typed: str) -> User | None:
    """Whom the Username of a signed operation means: a user name, an alias, or last a sub (API reference).

    Nobody can take a name that is another user's sub, see rows.py.
    """
    found = users.by_alias(db, pool.id, names.readings(pool, typed))
    return found or users.by_sub(db, pool.id, names.fold(pool, typed))
