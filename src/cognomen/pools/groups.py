"""The groups of a pool: how many there may be, and how they and their members change.

Each function runs in the transaction of its caller and holds its guards there.
"""

from __future__ import annotations

from collections.abc import Callable

from cognomen import errors
from cognomen.store import groups, users
from cognomen.store.database import Db
from cognomen.store.groups import Group

GROUPS_MAX = 10_000
GROUPS_OF_A_USER_MAX = 100


def add(db: Db, group: Group) -> None:
    """A new group. Raises GROUP_EXISTS and TOO_MANY."""
    counted = groups.count(
        db, group.pool_id, 1
    )  # whoever else adds a group waits here, and then finds this one
    if groups.by_name(db, group.pool_id, group.name) is not None:
        raise errors.GROUP_EXISTS()
    if counted > GROUPS_MAX:
        raise errors.TOO_MANY(what="Group", limit=GROUPS_MAX)
    groups.add(db, group)


def existing(db: Db, pool_id: str, name: str) -> Group:
    """The group of this name. Raises GROUP_NOT_FOUND."""
    group = groups.by_name(db, pool_id, name)
    if group is None:
        raise errors.GROUP_NOT_FOUND()
    return group


def change(db: Db, pool_id: str, name: str, edit: Callable[[Group], Group]) -> Group:
    """The group after `edit`; nothing is written when that returns what it was given. Raises GROUP_NOT_FOUND."""
    before = groups.by_name_locked(db, pool_id, name)
    if before is None:
        raise errors.GROUP_NOT_FOUND()
    after = edit(before)
    if after != before:
        groups.change(db, after)
    return after


def remove(db: Db, pool_id: str, name: str, now: int) -> None:
    """The group is gone at once, and nobody is in it any more. Raises GROUP_NOT_FOUND."""
    groups.count(db, pool_id, -1)  # whoever else removes a group waits here, and then finds this one gone
    groups.remove(db, existing(db, pool_id, name), now)


def add_user(db: Db, pool_id: str, name: str, sub: str) -> None:
    """Put a user into a group, where it may be already. Raises USER_NOT_FOUND, GROUP_NOT_FOUND, USER_IN_TOO_MANY_GROUPS.

    The user is held, so that it is not deleted meanwhile, nor put into one group too many by another request.
    """
    if users.by_sub_locked(db, pool_id, sub) is None:
        raise errors.USER_NOT_FOUND()
    is_new = groups.add_member(db, existing(db, pool_id, name), sub)
    if is_new and len(groups.all_of_user(db, pool_id, sub)) > GROUPS_OF_A_USER_MAX:
        raise errors.USER_IN_TOO_MANY_GROUPS(limit=GROUPS_OF_A_USER_MAX)


def remove_user(db: Db, pool_id: str, name: str, sub: str) -> None:
    """Take a user out of a group, where it need not be. Raises GROUP_NOT_FOUND."""
    groups.remove_member(db, existing(db, pool_id, name), sub)
