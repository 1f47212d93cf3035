"""A user who does not exist yet, made from what is given: names and attributes checked, nothing written.

blank           from a request, whose form the wire has checked
described       from a file or by a function, whose words nobody has looked at
check_form      user name and values by themselves: what no request could say is no user here either
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from cognomen import clock, errors
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import attributes, names

# UTF-16 units, as requests count: a longer name could be imported, and in no request be named again.
USERNAME_MAX = 128
VALUE_MAX = 2_048
_IN_USERNAMES = frozenset("LMNPS")
"""The first letters of the Unicode categories: letters, marks, numbers, punctuation, symbols."""


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


def described(
    pool: UserPool, typed: str, given: Mapping[str, str], new_status: str, now: int, *, complete: bool
) -> User:
    """As `blank`; raises what check_form does too."""
    check_form(typed, given)
    return blank(pool, typed, given, new_status, now, complete=complete)


def check_form(username: str, given: Mapping[str, str]) -> None:
    """Raises FORM_OF_USERNAME, FORM_OF_VALUE."""
    is_name = all(unicodedata.category(character)[0] in _IN_USERNAMES for character in username)
    if not is_name or not 1 <= _units(username) <= USERNAME_MAX:
        raise errors.FORM_OF_USERNAME(limit=USERNAME_MAX)
    for name, value in given.items():
        if "\0" in value or _units(value) > VALUE_MAX:
            raise errors.FORM_OF_VALUE(name=name, limit=VALUE_MAX)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
