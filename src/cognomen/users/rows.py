"""A user's rows, which are always written together: the row itself, its names, its search values, the count.

    write       runs one of these in a transaction, and again when another was faster with a name
    add, change (change_found), remove

A name belongs to one user of a pool. Each function looks who has a name before it takes it, so that the caller can be
told which one is taken; two who come at the same moment meet at the unique key, and the later one looks again. For subs,
which are names to administrators (lookup.py), the look is enough: nobody knows one before its user is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

from msgspec.structs import replace

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.store import (
    auth_events,
    browser_sessions,
    codes,
    devices,
    groups,
    identities,
    passkeys,
    user_pools,
    user_sessions,
    users,
)
from cognomen.store import passwords as former_passwords
from cognomen.store.database import AlreadyThere, Db, Stale, Store
from cognomen.store.user_pools import UserPool
from cognomen.store.users import Alias, User
from cognomen.users import names

P = ParamSpec("P")
T = TypeVar("T")

Taken = Callable[[str], Refusal]
"""What is raised where a name is another user's, by what it would be of this one (`username`, or an attribute):
`username_exists`, `alias_exists`, or one's own."""

ATTEMPTS = 4


def username_exists(attribute: str) -> Refusal:
    """For an administrator who creates a user (AliasExistsException is not declared there)."""
    return (
        errors.USER_ACCOUNT_EXISTS()
        if attribute == names.USERNAME
        else errors.USERNAME_ALIAS_EXISTS(attribute=attribute)
    )


def alias_exists(attribute: str) -> Refusal:
    return errors.ALIAS_EXISTS(attribute=attribute)


async def write(store: Store, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`store.write(f, ...)`, run again when a name was taken between the look and the write: `f` then sees by whom."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await store.write(f, *args, **kwargs)
        except AlreadyThere:
            continue
    return await store.write(f, *args, **kwargs)


def add(
    db: Db, pool: UserPool, user: User, *, taken: Taken = username_exists, move_aliases: bool = False
) -> None:
    """A new user. `move_aliases`: verified addresses are taken from whoever has them (ForceAliasCreation)."""
    aliases = names.aliases_of(pool, user)
    _free(db, pool, user, aliases, taken, move_aliases)
    users.add(db, user, sorted(aliases), names.search_values_of(pool, user))
    user_pools.count_users(db, pool.id, user.sub, 1)


def change(
    db: Db,
    pool: UserPool,
    sub: str,
    edit: Callable[[User], User],
    *,
    taken: Taken = alias_exists,
    move_aliases: bool = False,
) -> User:
    """The user after `edit`, which is handed the user as it is in this transaction and may raise.

    Writes nothing when `edit` returns what it was given. Raises USER_NOT_FOUND, what `taken` gives, and Stale.
    """
    before = users.by_sub(db, pool.id, sub)
    if before is None:
        raise errors.USER_NOT_FOUND()
    return change_found(db, pool, before, edit, taken=taken, move_aliases=move_aliases)


def remove(db: Db, pool: UserPool, sub: str) -> None:
    """Take the user away with everything it has; its names are free at once. Raises USER_NOT_FOUND and Stale."""
    user = users.by_sub(db, pool.id, sub)
    if user is None:
        raise errors.USER_NOT_FOUND()
    codes.remove_all(db, pool.id, sub)
    if not users.remove(db, user, names.aliases_of(pool, user), names.search_values_of(pool, user)):
        raise Stale
    former_passwords.remove_all(db, pool.id, sub)
    passkeys.remove_all(db, pool.id, sub)
    groups.remove_user(db, pool.id, sub)
    identities.remove_all(db, pool.id, sub)
    browser_sessions.remove_all(db, pool.id, sub)
    devices.remove_all(db, pool.id, sub)
    user_sessions.remove_all(db, pool.id, sub)
    auth_events.remove_all(db, pool.id, sub)
    user_pools.count_users(db, pool.id, sub, -1)


def change_found(
    db: Db,
    pool: UserPool,
    before: User,
    edit: Callable[[User], User],
    *,
    taken: Taken,
    move_aliases: bool = False,
) -> User:
    """As `change`, of a user who was read in this transaction."""
    after = edit(before)
    if after == before:
        return before
    aliases, former_aliases = names.aliases_of(pool, after), names.aliases_of(pool, before)
    new_aliases = {alias: of for alias, of in aliases.items() if alias not in former_aliases}
    _free(db, pool, after, new_aliases, taken, move_aliases)
    if not users.change(db, before, after):
        raise Stale
    users.change_aliases(db, after, former_aliases, aliases)
    users.change_search(db, after, names.search_values_of(pool, before), names.search_values_of(pool, after))
    return replace(after, version=before.version + 1)


def _free(
    db: Db,
    pool: UserPool,
    user: User,
    aliases: Mapping[Alias, str],
    taken: Taken,
    move_aliases: bool,
) -> None:
    """See that nobody else has these names of the user, which names.aliases_of gives."""
    for alias, attribute in sorted(aliases.items()):
        if alias.kind == names.USERNAME and _is_sub_of_another(db, user, alias.value):
            raise taken(attribute)
        owner = users.owner_of(db, pool.id, alias)
        if owner is None or owner == user.sub:
            continue
        if not (move_aliases and pool.settings.alias_attributes and attribute in names.VERIFIED):
            raise taken(attribute)
        _move(db, pool, owner, attribute, user.modified_at)


def _is_sub_of_another(db: Db, user: User, name: str) -> bool:
    return name != user.sub and names.is_sub(name) and users.by_sub(db, user.pool_id, name) is not None


def _move(db: Db, pool: UserPool, owner: str, kind: str, now: int) -> None:
    """The address of a former owner is no longer verified, and so no name of his any more."""
    before = users.by_sub(db, pool.id, owner)
    if before is None:
        raise Stale  # removed since we saw that the name is his
    unverified = replace(
        before, attributes=before.attributes | {names.VERIFIED[kind]: "false"}, modified_at=now
    )
    change_found(db, pool, before, lambda _: unverified, taken=alias_exists)
