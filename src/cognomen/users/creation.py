"""A user who does not exist yet, made from what is given: names and attributes checked, nothing written.

blank           from a request, whose form the wire has checked
described       from a file or by a function, whose words nobody has looked at
federated       by an identity provider
check_form      user name and values by themselves: what no request could say is no user here either
fits, broken_rule       the same, as a question
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from cognomen import clock, errors
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import attributes, names, status

# UTF-16 units, as requests count: a longer name could be imported, and in no request be named again.
USERNAME_MAX = 128
VALUE_MAX = 2_048
_HALVES = re.compile("[\ud800-\udfff]")
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
    username = names.fold(pool, typed) if kind is None else sub
    return _made(pool, sub, username, new_status, attributes.new(pool, values, complete=complete), now)


def federated(pool: UserPool, username: str, values: Mapping[str, str], now: int) -> User:
    """One who has no password here; name and attributes were checked where they were mapped (federation/mapping.py)."""
    folded = names.fold(pool, username)
    return _made(pool, clock.uuid4(), folded, status.EXTERNAL_PROVIDER, dict(values), now)


def _made(pool: UserPool, sub: str, username: str, new_status: str, values: dict[str, str], now: int) -> User:
    return User(
        pool_id=pool.id,
        sub=sub,
        username=username,
        status=new_status,
        enabled=True,
        attributes=values,
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
    if broken_rule(username) is not None:
        raise errors.FORM_OF_USERNAME(limit=USERNAME_MAX)
    for name, value in given.items():
        if not fits(value):
            raise errors.FORM_OF_VALUE(name=name, limit=VALUE_MAX)


def fits(value: str) -> bool:
    """Whether an attribute may hold it, whichever. Halves of a character are no text, and no database takes a zero in one."""
    return "\0" not in value and _units(value) <= VALUE_MAX and not _HALVES.search(value)


def broken_rule(username: str) -> str | None:
    """What must be true of a user name and is not of this one, in the words of the API; None where all is."""
    if not username:
        return "have length greater than or equal to 1"
    if _units(username) > USERNAME_MAX:
        return f"have length less than or equal to {USERNAME_MAX}"
    if all(unicodedata.category(character)[0] in _IN_USERNAMES for character in username):
        return None
    return r"satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+"


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
