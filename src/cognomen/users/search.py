"""A page of the users a filter finds. Each is a range of an index: none costs more in a larger pool.

Users found by an attribute come in its order, all others in the order of `sub`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cognomen.store import search, users
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import filters, names, status
from cognomen.users.filters import Filter

Position = tuple[str, str]
"""The value and the sub of the last user looked at; the value is empty in the order of `sub`."""


@dataclass(frozen=True, slots=True)
class Page:
    """Users, and where the next page begins; None on the last page. A page may be shorter than asked, even empty."""

    users: list[User]
    next: Position | None


def page(db: Db, pool: UserPool, wanted: Filter | None, after: Position | None, limit: int) -> Page:
    """Up to `limit` users behind `after`."""
    behind = after[1] if after else ""
    if wanted is None:
        return _by_sub(users.all_of_pool(db, pool.id, behind, limit + 1), limit)
    if wanted.name == filters.SUB:
        return _with_sub(db, pool, wanted, behind, limit)
    if wanted.name == filters.ENABLED:
        return _with_state(db, pool, wanted, ("Enabled", "Disabled"), wanted.value, behind, limit)
    if wanted.name == filters.USER_STATUS:
        return _with_state(db, pool, wanted, status.ALL, wanted.value.upper(), behind, limit)
    return _with_attribute(db, pool, wanted, after, limit)


def _with_sub(db: Db, pool: UserPool, wanted: Filter, behind: str, limit: int) -> Page:
    first, beyond = filters.range_of(names.lower(wanted.value), begins_with=wanted.begins_with)
    return _by_sub(users.all_between(db, pool.id, first, beyond, behind, limit + 1), limit)


def _with_state(
    db: Db, pool: UserPool, wanted: Filter, states: tuple[str, ...], value: str, behind: str, limit: int
) -> Page:
    """Users in one of few states, no two of which begin with the same letter."""
    meant = [state for state in states if filters.matches(state, value, begins_with=wanted.begins_with)]
    if not meant:
        return Page([], None)
    if len(meant) > 1:
        found = users.all_of_pool(db, pool.id, behind, limit + 1)
    elif wanted.name == filters.ENABLED:
        found = users.all_of_pool(db, pool.id, behind, limit + 1, enabled=meant[0] == "Enabled")
    else:
        found = users.all_of_pool(db, pool.id, behind, limit + 1, status=meant[0])
    return _by_sub(found, limit)


def _with_attribute(db: Db, pool: UserPool, wanted: Filter, after: Position | None, limit: int) -> Page:
    fold = names.fold(pool, wanted.value) if wanted.name == names.USERNAME else names.lower(wanted.value)
    first, beyond = filters.range_of(fold, begins_with=wanted.begins_with)
    found = search.all_found(db, pool.id, wanted.name, first, beyond, limit + 1, after=after)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        [
            user
            for user, _ in found[:limit]
            if filters.matches(names.searched(pool, user)[wanted.name], fold, begins_with=wanted.begins_with)
        ],
        (last[1], last[0].sub) if last else None,
    )


def _by_sub(found: list[User], limit: int) -> Page:
    return Page(found[:limit], ("", found[limit - 1].sub) if len(found) > limit else None)
