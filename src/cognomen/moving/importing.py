"""A file's users into the pool of the same id: with their subs, states, dates and everything they sign in with.

Users who are there are left as they are, so an import that was stopped is run again and goes on; a frame is one
transaction. The pool must be there and have the names of the one they come from; groups that are missing are made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from cognomen import clock, errors
from cognomen.call import Node
from cognomen.errors import Refusal
from cognomen.moving import records, sealed_file
from cognomen.moving.exporting import PROGRESS, names_of
from cognomen.moving.sealed_file import FileError
from cognomen.pools import groups as group_rules
from cognomen.store import groups, moving, user_pools
from cognomen.store import users as stored_users
from cognomen.store.database import AlreadyThere, Db
from cognomen.store.devices import devices
from cognomen.store.groups import Group, group_members
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User, users
from cognomen.users import passwords, rows, status

Told = Callable[["Outcome"], None]
Frame = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Outcome:
    """Numbers of users: brought in, there already, and not brought in because a name or key of theirs is another's.

    `clashes` are the subs of the latter, the first hundred.
    """

    added: int = 0
    there: int = 0
    clashed: int = 0
    clashes: tuple[str, ...] = ()


CLASHES_SHOWN = 100


async def load(
    node: Node, pool_id: str, path: Path, passphrase: str, tell: Told, *, without_passwords: bool = False
) -> Outcome:
    """Bring the users of the file in. Raises FileError, and a Refusal for an unknown pool.

    `without_passwords`: into a pool of another id, where no password of theirs could ever be right.
    """
    pool = await node.store.read(user_pools.by_id, pool_id)
    if pool is None:
        raise errors.USER_POOL_NOT_FOUND(id=pool_id)
    sealed = await asyncio.to_thread(sealed_file.opened, path, passphrase)
    with sealed.file:
        _check(pool, sealed.about, without_passwords=without_passwords)
        frames = sealed.read()
        first = next(frames, None)
        if first is None or "groups" not in first:
            raise FileError("The file does not begin with groups.")
        group_ids = await node.store.write(_take_groups, pool_id, sealed.about["pool"], first["groups"])
        outcome = Outcome()
        for frame in frames:
            made = [_Arrival(node, pool, each, group_ids, without_passwords) for each in _by_user(frame)]
            outcome = await _take(node, pool, made, outcome)
            tell(outcome)
    return outcome


def _check(pool: UserPool, about: dict[str, Any], *, without_passwords: bool) -> None:
    if about["names"] != names_of(pool):
        raise FileError(
            "Users of the file are called by other attributes than those of this pool: UsernameAttributes, "
            "AliasAttributes and UsernameConfiguration must be the same."
        )
    if about["pool"] != pool.id and not without_passwords:
        raise FileError(
            f"The file has users of pool {about['pool']}. Passwords are bound to the pool's id: make a pool of that id "
            "(cognomen pool apply), or say --without-passwords, and everybody sets a new one."
        )


class _Arrival:
    """A user who comes, with the rows that are its own, ready to be written."""

    def __init__(
        self, node: Node, pool: UserPool, said: Frame, group_ids: dict[str, str], without_passwords: bool
    ) -> None:
        row = records.sealed(node.vault, users, pool.id, said[users.name][0])
        user = stored_users.from_row([row[column.name] for column in users.c])
        self.user = _without_password(user) if without_passwords else user
        self.rows = [
            (table, records.sealed(node.vault, table, pool.id, each))
            for table in moving.CARRIED
            for each in said.get(table.name, ())
            if not (without_passwords and table.name in _BOUND_TO_POOL)
        ]
        for table, each in self.rows:
            if table is group_members:
                each["group_id"] = group_ids.get(each["group_id"], "")
        self.rows = [(table, each) for table, each in self.rows if each.get("group_id") != ""]


# Verifiers, as passwords are.
_BOUND_TO_POOL = frozenset({"former_passwords"})


def _without_password(user: User) -> User:
    bare = passwords.without(user, user.modified_at)
    return msgspec.structs.replace(bare, status=status.RESET_REQUIRED) if bare is not user else user


async def _take(node: Node, pool: UserPool, arrivals: list[_Arrival], before: Outcome) -> Outcome:
    """A frame in one transaction; where a key of a row is another's, user by user."""
    try:
        return await rows.write(node.store, _add_all, pool, arrivals, before)
    except AlreadyThere:
        outcome = before
        for arrival in arrivals:
            try:
                outcome = await node.store.write(_add_all, pool, [arrival], outcome)
            except AlreadyThere:
                outcome = _clashed(outcome, arrival.user.sub)
        return outcome


def _add_all(db: Db, pool: UserPool, arrivals: list[_Arrival], before: Outcome) -> Outcome:
    outcome = before
    for arrival in arrivals:
        user = arrival.user
        if stored_users.by_sub(db, pool.id, user.sub) is not None:
            outcome = replace(outcome, there=outcome.there + 1)
            continue
        try:
            rows.add(db, pool, user)
        except Refusal:  # told by the look before anything is written
            outcome = _clashed(outcome, user.sub)
            continue
        for table, row in arrival.rows:
            moving.add(db, table, row)
        outcome = replace(outcome, added=outcome.added + 1)
    return outcome


def _clashed(outcome: Outcome, sub: str) -> Outcome:
    shown = outcome.clashes if len(outcome.clashes) >= CLASHES_SHOWN else (*outcome.clashes, sub)
    return replace(outcome, clashed=outcome.clashed + 1, clashes=shown)


def _take_groups(db: Db, pool_id: str, former_id: str, said: list[dict[str, Any]]) -> dict[str, str]:
    """From the id of a group where it comes from to its id here."""
    ids = {}
    for entry in said:
        name = group_rules.in_pool(entry["name"], former_id, pool_id)
        found = groups.by_name(db, pool_id, name)
        if found is None:
            # Not its former id: the members of a group of that id may be on their way out.
            found = Group(pool_id=pool_id, **entry | {"id": clock.uuid4(), "name": name})
            group_rules.add(db, found)
        ids[entry["id"]] = found.id
    return ids


def _by_user(frame: Frame) -> list[Frame]:
    """A frame as one of each of its users. Raises FileError.

    Devices without a group key, as a former release wrote them, are passed over: they could not prove themselves.
    """
    known = {PROGRESS, *(table.name for table in (users, *moving.CARRIED))}
    unknown = frame.keys() - known
    if unknown:
        raise FileError(
            f"The file was written by a later release: there is no {', '.join(sorted(unknown))} here."
        )
    by_sub: dict[str, Frame] = {row["sub"]: {users.name: [row]} for row in frame[users.name]}
    for table in moving.CARRIED:
        for row in frame.get(table.name, ()):
            if table is not devices or row.get("group_key"):
                by_sub[row["sub"]].setdefault(table.name, []).append(row)
    return list(by_sub.values())
