"""A user who does not exist yet, made from what a request gives: names and attributes checked, nothing written."""

from __future__ import annotations

from collections.abc import Mapping

from cognomen import clock
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import attributes, names


def blank(
    pool: UserPool, typed: str, given: Mapping[str, str], new_status: str, now: int, *, complete: bool
) -> User:
    """The new user without a password; where users sign in with an address, `typed` is that and the user name the sub.

    A pool that is not case-sensitive shows user names in lower case (developer guide, "User pool case sensitivity"), so that is how
    they are kept.

    `complete`: required attributes must be there. Raises what names.check_new and attributes.new do.
    """
    kind = names.check_new(pool, typed)
    values = {**given, kind: typed} if kind is not None else given
    sub = clock.uuid4()
    return User(
        pool_id=pool.id,
        sub=sub,
        username=names.fold(pool, typed) if kind is None else sub,
        status=new_status,
        enabled=True,
        attributes=attributes.new(pool, values, complete=complete),
        salt=None,
        sealed_verifier=None,
        password_set_at=0,
        credential_version=1,
        signed_out_at=0,
        created_at=now,
        modified_at=now,
        version=1,
    )
