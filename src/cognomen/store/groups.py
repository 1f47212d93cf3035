"""Groups of a pool, and who is in them.

    groups          one row a group; `id` is random, so that a group made again under a former name is another one
    group_members   (pool, sub, group): the groups of a user by its key, the users of a group by its index
    group_counts    how many groups a pool has
    deleted_groups  groups whose members are still to be swept

A membership counts while its group is there: whoever asks joins `groups`. So a group is deleted as one row, however many
are in it, and its memberships are swept later. `group_counts` is written before anything else of a pool's groups, so that
no two who add or remove groups wait for one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import Column, Index, Table, bindparam, delete, select, tuple_, update

from cognomen.store.database import Db
from cognomen.store.tables import CONFIGURATION, ORDERED_TEXT, insert, key, metadata, number, text
from cognomen.store.users import User, from_row, users


@dataclass(frozen=True, slots=True)
class Group:
    """A group; the lowest `precedence` is the best, None the worst."""

    pool_id: str
    id: str
    name: str
    description: str | None
    role_arn: str | None
    precedence: int | None
    created_at: int
    modified_at: int


groups = Table(
    "groups",
    metadata,
    key("pool_id"),
    key("id"),
    Column("name", ORDERED_TEXT, nullable=False),
    text("description", optional=True),
    text("role_arn", optional=True),
    number("precedence", optional=True),
    number("created_at"),
    number("modified_at"),
    info=CONFIGURATION,
)
Index("groups_by_name", groups.c.pool_id, groups.c.name, unique=True)
group_members = Table("group_members", metadata, key("pool_id"), key("sub"), key("group_id"))
Index("group_members_by_group", group_members.c.pool_id, group_members.c.group_id, group_members.c.sub)
group_counts = Table("group_counts", metadata, key("pool_id"), number("groups"), info=CONFIGURATION)
deleted_groups = Table("deleted_groups", metadata, key("pool_id"), key("group_id"), number("deleted_at"))
Index("deleted_groups_by_age", deleted_groups.c.deleted_at)

_of_one = (groups.c.pool_id == bindparam("of_pool"), groups.c.id == bindparam("of_id"))
_of_group = (
    group_members.c.pool_id == bindparam("pool_id"),
    group_members.c.group_id == bindparam("group_id"),
)
_of_user = (group_members.c.pool_id == bindparam("pool_id"), group_members.c.sub == bindparam("sub"))

_ADD = insert(groups)
_BY_NAME = (
    select(groups).where(groups.c.pool_id == bindparam("pool_id")).where(groups.c.name == bindparam("name"))
)
_BY_NAME_LOCKED = _BY_NAME.with_for_update()
_PAGE = (
    select(groups)
    .where(groups.c.pool_id == bindparam("pool_id"))
    .where(groups.c.name > bindparam("after"))
    .order_by(groups.c.name)
    .limit(bindparam("limit"))
)
_CHANGE = (
    update(groups)
    .where(*_of_one)
    .values(
        description=bindparam("new_description"),
        role_arn=bindparam("new_role_arn"),
        precedence=bindparam("new_precedence"),
        modified_at=bindparam("now"),
    )
)
_REMOVE = delete(groups).where(*_of_one)
_insert_count = insert(group_counts)
_COUNT = _insert_count.on_conflict_do_update(
    index_elements=[group_counts.c.pool_id],
    set_={"groups": group_counts.c.groups + _insert_count.excluded.groups},
).returning(group_counts.c.groups)
_ADD_MEMBER = insert(group_members).on_conflict_do_nothing()
_REMOVE_MEMBER = (
    delete(group_members).where(*_of_user).where(group_members.c.group_id == bindparam("group_id"))
)
_REMOVE_USER = delete(group_members).where(*_of_user)
_OF_USER = (
    select(groups)
    .join(
        group_members,
        (group_members.c.pool_id == groups.c.pool_id) & (group_members.c.group_id == groups.c.id),
    )
    .where(*_of_user)
)
_USERS_PAGE = (
    select(users)
    .join(group_members, (group_members.c.pool_id == users.c.pool_id) & (group_members.c.sub == users.c.sub))
    .where(*_of_group)
    .where(group_members.c.sub > bindparam("after"))
    .order_by(group_members.c.sub)
    .limit(bindparam("limit"))
)
_ADD_DELETED = insert(deleted_groups)
_DELETED = (
    select(deleted_groups.c.pool_id, deleted_groups.c.group_id)
    .where(deleted_groups.c.deleted_at <= bindparam("before"))
    .limit(bindparam("limit"))
)
_SWEEP = delete(group_members).where(
    tuple_(*group_members.primary_key.columns).in_(
        select(*group_members.primary_key.columns).where(*_of_group).limit(bindparam("limit"))
    )
)
_LEFT = select(group_members.c.sub).where(*_of_group).limit(1)
_REMOVE_DELETED = (
    delete(deleted_groups)
    .where(deleted_groups.c.pool_id == bindparam("pool_id"))
    .where(deleted_groups.c.group_id == bindparam("group_id"))
)


def count(db: Db, pool_id: str, change: int) -> int:
    """How many groups the pool has once `change` more are added (or removed); nobody else changes that meanwhile."""
    groups = db.value(_COUNT, pool_id=pool_id, groups=change)
    if groups is None:
        raise AssertionError("an upsert returns its row")
    return int(groups)


def add(db: Db, group: Group) -> None:
    """A new group, counted before; AlreadyThere when its name is taken."""
    db.run(
        _ADD,
        pool_id=group.pool_id,
        id=group.id,
        name=group.name,
        description=group.description,
        role_arn=group.role_arn,
        precedence=group.precedence,
        created_at=group.created_at,
        modified_at=group.modified_at,
    )


def by_name(db: Db, pool_id: str, name: str) -> Group | None:
    row = db.one(_BY_NAME, pool_id=pool_id, name=name)
    return Group(*row) if row else None


def by_name_locked(db: Db, pool_id: str, name: str) -> Group | None:
    """The group, which nobody else changes or deletes until this transaction ends."""
    row = db.one(_BY_NAME_LOCKED, pool_id=pool_id, name=name)
    return Group(*row) if row else None


def all_of_pool(db: Db, pool_id: str, after: str, limit: int) -> list[Group]:
    """Groups in the order of their names, beginning behind `after`."""
    return [Group(*row) for row in db.all(_PAGE, pool_id=pool_id, after=after, limit=limit)]


def change(db: Db, group: Group) -> None:
    """Write description, role, precedence and `modified_at` of a group that is locked."""
    db.run(
        _CHANGE,
        of_pool=group.pool_id,
        of_id=group.id,
        new_description=group.description,
        new_role_arn=group.role_arn,
        new_precedence=group.precedence,
        now=group.modified_at,
    )


def remove(db: Db, group: Group, now: int) -> None:
    """Take the group away at once, counted before; its memberships are swept later."""
    db.run(_REMOVE, of_pool=group.pool_id, of_id=group.id)
    db.run(_ADD_DELETED, pool_id=group.pool_id, group_id=group.id, deleted_at=now)


def add_member(db: Db, group: Group, sub: str) -> bool:
    """Put a user who is locked (users.py) into a group; False when the user is in it."""
    return db.run(_ADD_MEMBER, pool_id=group.pool_id, sub=sub, group_id=group.id) == 1


def remove_member(db: Db, group: Group, sub: str) -> None:
    db.run(_REMOVE_MEMBER, pool_id=group.pool_id, sub=sub, group_id=group.id)


def remove_user(db: Db, pool_id: str, sub: str) -> None:
    """Take a user that is removed in this transaction out of every group."""
    db.run(_REMOVE_USER, pool_id=pool_id, sub=sub)


def all_of_user(db: Db, pool_id: str, sub: str) -> list[Group]:
    """Every group the user is in, by name: at most as many as a user may be in (pools/groups.py)."""
    return sorted((Group(*row) for row in db.all(_OF_USER, pool_id=pool_id, sub=sub)), key=attrgetter("name"))


def all_users(db: Db, group: Group, after: str, limit: int) -> list[User]:
    """Users of a group in the order of `sub`, beginning behind `after`."""
    rows = db.all(_USERS_PAGE, pool_id=group.pool_id, group_id=group.id, after=after, limit=limit)
    return [from_row(row) for row in rows]


def all_deleted(db: Db, before: int, limit: int) -> list[tuple[str, str]]:
    """(pool, id) of groups deleted at or before a moment whose memberships are still to be swept.

    They lie some minutes first: a request that found the group may still put a user into it.
    """
    return [(row[0], row[1]) for row in db.all(_DELETED, before=before, limit=limit)]


def sweep_deleted(db: Db, pool_id: str, group_id: str, limit: int) -> bool:
    """Remove up to `limit` memberships of a deleted group; True when nothing is left.

    What is left is looked for, since another node may be sweeping the same rows (see user_pools.py).
    """
    db.run(_SWEEP, pool_id=pool_id, group_id=group_id, limit=limit)
    if db.one(_LEFT, pool_id=pool_id, group_id=group_id):
        return False
    db.run(_REMOVE_DELETED, pool_id=pool_id, group_id=group_id)
    return True
