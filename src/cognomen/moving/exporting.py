"""A pool's users into a file: first the pool's groups, then users in the order of their subs with all that is theirs.

The file is written while servers go on: each user, with all that is theirs, is as it was at the moment of its frame. An export that was stopped goes on
behind its last whole frame.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cognomen import clock, errors
from cognomen.call import Node
from cognomen.moving import records, sealed_file
from cognomen.moving.sealed_file import END, FileError, SealedFile
from cognomen.pools import configuration
from cognomen.store import groups, moving, user_pools
from cognomen.store.database import Db
from cognomen.store.devices import devices
from cognomen.store.user_pools import UserPool
from cognomen.store.users import users
from cognomen.users.devices import group_key

GROUPS_PAGE = 500

PROGRESS = "done"
"""What a frame calls the number of users that end with it."""

Tell = Callable[[int, int], None]
"""Called with the number of users done, and with about how many there are."""


async def export(node: Node, pool_id: str, path: Path, passphrase: str, tell: Tell) -> int:
    """Write the file; the number of users in it. Raises Refusal for an unknown pool, FileError."""
    pool = await node.store.read(user_pools.by_id, pool_id)
    if pool is None:
        raise errors.USER_POOL_NOT_FOUND(id=pool_id)
    about = await node.store.read(user_pools.estimated_users, pool_id)
    decoy_key = configuration.decoy_key_of(node.vault, pool)
    sealed, done, after = await asyncio.to_thread(_begun, path, passphrase, pool)
    with sealed.file:
        if sealed.frames == 0:
            sealed.write({"groups": await node.store.read(_groups, pool_id)})
        while True:
            frame = await node.store.write(moving.frame, pool_id, after)
            if not frame["users"]:
                break
            opened = _opened(node, frame, decoy_key)
            after, done = frame["users"][-1]["sub"], done + len(frame["users"])
            sealed.write(opened | {PROGRESS: done})
            tell(done, max(about, done))
        sealed.write({"users": done}, END)
    return done


def names_of(pool: UserPool) -> dict[str, Any]:
    """What users of the pool are called by; a pool that differs in it would find them by other names."""
    username = pool.settings.username_configuration
    return {
        "UsernameAttributes": sorted(pool.settings.username_attributes or ()),
        "AliasAttributes": sorted(pool.settings.alias_attributes or ()),
        "UsernameConfiguration": msgspec.to_builtins(username) if username is not None else None,
    }


def _begun(path: Path, passphrase: str, pool: UserPool) -> tuple[SealedFile, int, str]:
    """The file, new or resumed, with the number of users in it and the sub of the last one."""
    about = {"pool": pool.id, "names": names_of(pool), "begun_at": clock.now()}
    try:
        return sealed_file.created(path, passphrase, about), 0, ""
    except FileExistsError:
        pass
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}.") from None
    sealed, last = sealed_file.resumed(path, passphrase)
    if sealed.about["pool"] != pool.id:
        raise FileError(f"{path} has users of another pool, {sealed.about['pool']}.")
    if last is None or "users" not in last:
        return sealed, 0, ""
    return sealed, last[PROGRESS], last["users"][-1]["sub"]


def _opened(node: Node, frame: dict[str, list[dict[str, Any]]], decoy_key: bytes) -> dict[str, Any]:
    tables = {table.name: table for table in (users, *moving.CARRIED)}
    said = {
        name: [records.opened(node.vault, tables[name], row) for row in rows] for name, rows in frame.items()
    }
    for row in said[devices.name]:
        # What is derived here would be another elsewhere.
        row["group_key"] = row["group_key"] or group_key(decoy_key, row["sub"])
    return said


def _groups(db: Db, pool_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while page := groups.all_of_pool(db, pool_id, after, GROUPS_PAGE):
        after = page[-1].name
        found += [
            {
                "id": group.id,
                "name": group.name,
                "description": group.description,
                "role_arn": group.role_arn,
                "precedence": group.precedence,
                "created_at": group.created_at,
                "modified_at": group.modified_at,
            }
            for group in page
        ]
    return found
