"""The names that find a user, and the values it is searched by, in each kind of pool.

    plain                 the user name, as the caller chose it
    AliasAttributes       the user name; e-mail and phone once verified; the preferred user name always
    UsernameAttributes    e-mail and phone, verified or not; the user name is the sub

The rows follow from the user and its pool's settings, which can never change; rows.py writes them. What a pool folds
(a pool that is not case-sensitive) is folded on the way in and on the way to a look-up alike.

No text is a name of two users. A preferred user name that is an alias stands in a row of the kind `username`, where the
unique key (pool, kind, value) holds it apart from all user names: were it a kind of its own, two transactions at the
same moment could each see that nobody has the other kind, and both commit (READ COMMITTED). An e-mail address or phone
number that is an alias has a shape that neither of the two may have there, but for the user name of somebody who comes from a
provider: `Corp_ada@example.com` is what many providers make. It means an address to those who sign in, and the user name to
administrators (lookup.py).
"""

from __future__ import annotations

import re

from cognomen import errors
from cognomen.errors import Sentence
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
_SUB = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_email(text: str) -> bool:
    """Also in lower case, so that a text and what it is folded to are of one shape (U+0130 falls apart, for one)."""
    if "@" not in text or _EMAIL.fullmatch(text) is None:
        return False
    folded = lower(text)
    return folded == text or _EMAIL.fullmatch(folded) is not None


def is_phone_number(text: str) -> bool:
    """E.164: `+` and up to 15 digits."""
    return _PHONE_NUMBER.fullmatch(text) is not None


def is_sub(text: str) -> bool:
    """Whether a text has the form of a sub, as clock.uuid4 writes it."""
    return _SUB.fullmatch(text) is not None


def folds(pool: UserPool) -> bool:
    """Whether case does not count; it does in a pool that was never told (UsernameConfiguration in the API reference)."""
    configuration = pool.settings.username_configuration
    return configuration is not None and not configuration.case_sensitive


def fold(pool: UserPool, text: str) -> str:
    """A name as it is compared: as it is, or in lower case in a pool that is not case-sensitive."""
    return lower(text) if folds(pool) else text


def key(pool: UserPool, text: str) -> str:
    """A name as rows hold it: folded, and only then cut to what an index takes, else case would count in a long one."""
    return key_of(fold(pool, text))


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
        _refuse_alias_shape(pool, typed, errors.USERNAME_LIKE_EMAIL, errors.USERNAME_LIKE_PHONE)
        return None
    if EMAIL in kinds and is_email(typed):
        return EMAIL
    if PHONE_NUMBER in kinds and is_phone_number(typed):
        return PHONE_NUMBER
    if len(kinds) > 1:
        raise errors.USERNAME_NOT_EMAIL_OR_PHONE()
    raise errors.USERNAME_NOT_EMAIL() if EMAIL in kinds else errors.USERNAME_NOT_PHONE()


def check_preferred(pool: UserPool, name: str) -> None:
    """Raises PREFERRED_USERNAME_LIKE_… where the preferred user name is an alias and looks like another alias.

    Otherwise whoever sets an address as its preferred name would be found before the one who has yet to verify it.
    """
    if is_preferred_alias(pool):
        _refuse_alias_shape(
            pool, name, errors.PREFERRED_USERNAME_LIKE_EMAIL, errors.PREFERRED_USERNAME_LIKE_PHONE
        )


def _refuse_alias_shape(pool: UserPool, name: str, like_email: Sentence, like_phone: Sentence) -> None:
    kinds, folded = pool.settings.alias_attributes or (), fold(pool, name)
    if EMAIL in kinds and is_email(folded):
        raise like_email()
    if PHONE_NUMBER in kinds and is_phone_number(folded):
        raise like_phone()


def is_preferred_alias(pool: UserPool) -> bool:
    return PREFERRED_USERNAME in (pool.settings.alias_attributes or ())


# -- looking up -------------------------------------------------------------------------------------------------------


def readings(pool: UserPool, typed: str) -> tuple[Alias, ...]:
    """What a typed name may be, in the order in which administrators mean it: a user name or preferred user name, then an address.

    A sub finds only where it is the user name, in UsernameAttributes pools; lookup.py says who else takes one.
    """
    folded = fold(pool, typed)
    kinds = pool.settings.username_attributes or pool.settings.alias_attributes or ()
    return (
        Alias(USERNAME, key_of(folded)),
        *(Alias(kind, key_of(folded)) for kind, fits in _SHAPES.items() if kind in kinds and fits(folded)),
    )


_SHAPES = {EMAIL: is_email, PHONE_NUMBER: is_phone_number}


# -- the rows that follow from a user ---------------------------------------------------------------------------------


def aliases_of(pool: UserPool, user: User) -> dict[Alias, str]:
    """All names that find this user, each with what it is of the user: `username`, or the attribute it stands in.

    A federated user signs in at its provider: it is found by its user name alone, and keeps no address from others.
    """
    found = {Alias(USERNAME, key(pool, user.username)): USERNAME}
    attributes = () if user.status == status.EXTERNAL_PROVIDER else _alias_attributes_of(pool, user)
    for attribute in attributes:
        if name := user.attributes.get(attribute):
            kind = USERNAME if attribute == PREFERRED_USERNAME else attribute
            found.setdefault(Alias(kind, key(pool, name)), attribute)
    return found


def _alias_attributes_of(pool: UserPool, user: User) -> tuple[str, ...]:
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
