"""The identities of a user at other providers: its own where it came from one, and those that were linked to it.

    listed(user)            what stands in its attribute `identities`
    link, unlink            an identity of another provider, and the end of it
    holder(...)             the user whose own identity a provider's subject is
    add(...)                a new user who came from a provider
    is_own(...)             whether a user came from there, or was linked
    with_subject, know_by_subject       a linked user who has come for the first time

The attribute is what users and administrators read; the rows of store/identities.py are what a sign-in asks. Both change
together. Source: developer guide, "Linking federated users to an existing user profile".
"""

from __future__ import annotations

import string

import msgspec
from msgspec.structs import replace

from cognomen import errors
from cognomen.store import browser_sessions, users
from cognomen.store import identities as stored
from cognomen.store.database import Db, Stale
from cognomen.store.identities import IdentityKey
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import names, rows
from cognomen.users.attributes import IDENTITIES

SUBJECT = "Cognito_Subject"
LINKED_MAX = 5


class Identity(msgspec.Struct, frozen=True, rename="camel"):
    """An entry of the attribute, in its own names.

    `user_id` is the subject, or the value it was linked by until it comes; `issuer` is the entity ID of a SAML provider.
    `primary` is the identity that the user was made by.
    """

    user_id: str
    provider_name: str
    provider_type: str
    issuer: str | None
    primary: bool
    date_created: int


def key_of(pool: UserPool, provider: str, attribute: str, value: str) -> IdentityKey:
    """Users are told apart by subject letter for letter, as the provider tells them apart (OpenID Connect Core 1.0, section 2)."""
    return IdentityKey(provider, attribute, users.key_of(_compared(pool, attribute, value)))


def listed(user: User) -> list[Identity]:
    return _decoder.decode(user.attributes.get(IDENTITIES, "[]"))


def with_identities(user: User, identities: list[Identity], now: int) -> User:
    others = {name: value for name, value in user.attributes.items() if name != IDENTITIES}
    own = {IDENTITIES: msgspec.json.encode(identities).decode()} if identities else {}
    return replace(user, attributes=others | own, modified_at=now)


def holder(db: Db, pool: UserPool, provider: str, subject: str) -> User | None:
    """The federated user who came from `provider` as `subject`; not one to whom that was only linked."""
    sub = stored.owner_of(db, pool.id, key_of(pool, provider, SUBJECT, subject))
    user = users.by_sub(db, pool.id, sub) if sub is not None else None
    return user if user is not None and is_own(user, provider, subject) else None


def link(db: Db, pool: UserPool, identity: Identity, attribute: str, sub: str) -> None:
    """From now on whoever comes with `identity` is the user with this sub.

    Raises ALREADY_LINKED, LINKED_TO_ANOTHER, SOURCE_USER_EXISTS, TOO_MANY, USER_NOT_FOUND; AlreadyThere when another was faster.
    """
    key = key_of(pool, identity.provider_name, attribute, identity.user_id)
    owner = stored.owner_of(db, pool.id, key)
    if owner is not None:
        user = users.by_sub(db, pool.id, owner)
        if user is None or _is_own(user, key, identity.user_id):
            raise errors.SOURCE_USER_EXISTS()
        raise errors.ALREADY_LINKED() if owner == sub else errors.LINKED_TO_ANOTHER()

    def edit(user: User) -> User:
        known = listed(user)
        if sum(not each.primary for each in known) >= LINKED_MAX:
            raise errors.TOO_MANY(what="Linked identity", limit=LINKED_MAX)
        return with_identities(user, [*known, identity], identity.date_created)

    rows.change(db, pool, sub, edit)
    stored.add(db, pool.id, key, sub)


def unlink(db: Db, pool: UserPool, key: IdentityKey, value: str, now: int) -> bool:
    """Whoever comes with this identity is nobody known from now on; False when that is so already.

    Browsers that came by this provider must sign in again: which of its identities a session came by is not kept.

    Raises IDENTITY_NOT_LINKED where it is the one that its user was made by.
    """
    sub = stored.owner_of(db, pool.id, key)
    if sub is None:
        return False

    def edit(user: User) -> User:
        if _is_own(user, key, value):
            raise errors.IDENTITY_NOT_LINKED()
        known = listed(user)
        entry = _linked(pool, user, key, value)
        if entry is not None:
            known.remove(entry)
        return with_identities(user, known, now)

    rows.change(db, pool, sub, edit)
    if not stored.remove(db, pool.id, key):
        raise Stale  # another request did the same
    for session in browser_sessions.all_of_user(db, pool.id, sub):
        if session.provider == key.provider:
            browser_sessions.remove(db, pool.id, session.digest)
    return True


def add(db: Db, pool: UserPool, user: User, identity: Identity, *, taken: rows.Taken) -> User:
    """The user, new, who came as `identity`, its subject; AlreadyThere when that is known, or another was faster.

    The identity goes first, so that a name that is taken is never taken by the same person at the same moment.
    """
    key = key_of(pool, identity.provider_name, SUBJECT, identity.user_id)
    stored.add(db, pool.id, key, user.sub)
    added = with_identities(user, [identity], identity.date_created)
    rows.add(db, pool, added, taken=taken)
    return added


def is_own(user: User, provider: str, subject: str) -> bool:
    """Whether the user was made by this identity; False where it was linked to the user."""
    return any(
        each.primary and (each.provider_name, each.user_id) == (provider, subject) for each in listed(user)
    )


def with_subject(pool: UserPool, user: User, key: IdentityKey, value: str, subject: str, now: int) -> User:
    """The user to whom an identity was linked as `key`, by an attribute with this value, and whose subject has come."""
    entry = _linked(pool, user, key, value)
    known = [replace(each, user_id=subject) if each == entry else each for each in listed(user)]
    return with_identities(user, known, now)


def know_by_subject(db: Db, pool: UserPool, user: User, key: IdentityKey, subject: str) -> None:
    """Whoever was linked as `key`, by an attribute, is known by its subject from now on, and nobody else by that attribute.

    AlreadyThere when the subject leads to somebody.
    """
    if not stored.remove(db, pool.id, key):
        raise Stale  # another request did the same
    stored.add(db, pool.id, key_of(pool, key.provider, SUBJECT, subject), user.sub)


def _is_own(user: User, key: IdentityKey, value: str) -> bool:
    return key.attribute == SUBJECT and is_own(user, key.provider, value)


def _linked(pool: UserPool, user: User, key: IdentityKey, value: str) -> Identity | None:
    wanted = _compared(pool, key.attribute, value)
    return next(
        (
            each
            for each in listed(user)
            if each.provider_name == key.provider
            and not each.primary
            and _compared(pool, key.attribute, each.user_id) == wanted
        ),
        None,
    )


def _compared(pool: UserPool, attribute: str, value: str) -> str:
    """Of letters outside ASCII several may become one (U+212A and `k`), and a link would be anybody's who has one of them."""
    return value.translate(_LOWER) if attribute != SUBJECT and names.folds(pool) else value


_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


_decoder = msgspec.json.Decoder(list[Identity])
