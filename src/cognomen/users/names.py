"""The names that find a user, and the values it is searched by, in each kind of pool.

    plain                 the user name, as the caller chose it
    AliasAttributes       the user name; e-mail and phone once verified; the preferred user name always
    UsernameAttributes    e-mail and phone, verified or not; the user name is the sub

The rows follow from the user and its pool's settings, which can never change; rows.py writes them. What a pool folds
(a pool that is not case-sensitive) is folded on the way in and on the way to a look-up alike.
"""

from __future__ import annotations

import re

from cognomen import errors
from cognomen.store.user_pools import UserPool
from cognomen.store.users import Alias, SearchValue, User, key_of
from cognomen.users import status

USERNAME = "username"
EMAIL = "email"
PHONE_NUMBER = "phone_number"
PREFERRED_USERNAME = "preferred_username"

SEARCHED = (USERNAME, EMAIL, PHONE_NUMBER, "name", "given_name", "family_name", PREFERRED_USERNAME)
"""What ListUsers filters by, besides the sub and the two states."""

VERIFIED = {EMAIL: "email_verified", PHONE_NUMBER: "phone_number_verified"}
"""The attributes that are verified, and the flag that says so."""

# Letters of any script, since addresses may have them (RFC 6531); no comment, quotes or address literal of RFC 5322,
# which no provider hands out. The first label class keeps a hyphen from the ends.
_EMAIL = re.compile(
    r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f-\x9f]{1,64}@(?=.{1,255}\Z)(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_](?:[\w-]*[^\W_])?"
)
_PHONE_NUMBER = re.compile(r"\+[0-9]{1,15}")


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def is_phone_number(text: str) -> bool:
    """E.164: `+` and up to 15 digits."""
    return _PHONE_NUMBER.fullmatch(text) is not None


def fold(pool: UserPool, text: str) -> str:
    """A name as it is compared: as it is, or in lower case in a pool that is not case-sensitive.

    A pool that was never told is case-sensitive (UsernameConfiguration in the API reference).
    """
    configuration = pool.settings.username_configuration
    return text if configuration is None or configuration.case_sensitive else lower(text)


def lower(text: str) -> str:
    """Lower case that does not depend on neighbours, so that the beginning of a text stays its beginning.

    Python, like Java, writes a capital sigma at the end of a word differently; nothing else looks around.
    """
    return text.lower().replace("\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}")


# -- new names --------------------------------------------------------------------------------------------------------


def check_new(pool: UserPool, typed: str) -> str | None:
    """The attribute that the name of a new user stands for: `email` or `phone_number` in a UsernameAttributes pool.

    None in the other pools, where it is the user name. Raises where the pool takes no such name.
    """
    kinds = pool.settings.username_attributes or ()
    if not kinds:
        _refuse_alias_shape(pool, typed)
        return None
    if EMAIL in kinds and is_email(typed):
        return EMAIL
    if PHONE_NUMBER in kinds and is_phone_number(typed):
        return PHONE_NUMBER
    if len(kinds) > 1:
        raise errors.USERNAME_NOT_EMAIL_OR_PHONE()
    raise errors.USERNAME_NOT_EMAIL() if EMAIL in kinds else errors.USERNAME_NOT_PHONE()


def _refuse_alias_shape(pool: UserPool, typed: str) -> None:
    kinds = pool.settings.alias_attributes or ()
    if EMAIL in kinds and is_email(typed):
        raise errors.USERNAME_LIKE_EMAIL()
    if PHONE_NUMBER in kinds and is_phone_number(typed):
        raise errors.USERNAME_LIKE_PHONE()


# -- looking up -------------------------------------------------------------------------------------------------------


def at_sign_in(pool: UserPool, typed: str) -> tuple[Alias, ...]:
    """What a typed name may be, in the order to try.

    The user name comes first, so that nobody can take another's sign-in by an attribute of his own. A sub finds only
    where it is the user name, in UsernameAttributes pools.
    """
    key = key_of(fold(pool, typed))
    kinds = pool.settings.username_attributes or pool.settings.alias_attributes or ()
    shaped = {EMAIL: is_email(typed), PHONE_NUMBER: is_phone_number(typed), PREFERRED_USERNAME: True}
    return (
        Alias(USERNAME, key),
        *(Alias(kind, key) for kind, fits in shaped.items() if fits and kind in kinds),
    )


def for_admin(pool: UserPool, typed: str) -> tuple[Alias, ...]:
    """What the Username of a signed operation may be: the same ("any of their alias attributes", API reference)."""
    return at_sign_in(pool, typed)


# -- the rows that follow from a user ---------------------------------------------------------------------------------


def aliases_of(pool: UserPool, user: User) -> tuple[Alias, ...]:
    """All names that find this user.

    A federated user signs in at its provider: it is found by its user name alone, and keeps no address from others.
    """
    kinds = () if user.status == status.EXTERNAL_PROVIDER else _kinds_of(pool, user)
    named = {USERNAME: user.username, **{kind: user.attributes.get(kind, "") for kind in kinds}}
    return tuple(Alias(kind, key_of(fold(pool, name))) for kind, name in named.items() if name)


def _kinds_of(pool: UserPool, user: User) -> tuple[str, ...]:
    if pool.settings.username_attributes:
        return pool.settings.username_attributes
    return tuple(
        kind
        for kind in pool.settings.alias_attributes or ()
        if kind not in VERIFIED or user.attributes.get(VERIFIED[kind]) == "true"
    )


def searched(pool: UserPool, user: User) -> dict[str, str]:
    """The values a user is searched by, folded and in full length.

    All in lower case, but the user name, which follows its pool (developer guide, "Searching for users").
    """
    values = {name: lower(user.attributes[name]) for name in SEARCHED if user.attributes.get(name)}
    return {USERNAME: fold(pool, user.username), **values}


def search_values_of(pool: UserPool, user: User) -> tuple[SearchValue, ...]:
    """The same as rows."""
    return tuple(SearchValue(name, key_of(value)) for name, value in searched(pool, user).items())
