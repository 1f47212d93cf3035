"""A server that starts with pools and users from a file, for development: in open mode only.

What is there already is made as the file says; users that are there keep their passwords and attributes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cognomen.call import Node
from cognomen.declarative import document
from cognomen.declarative.apply import apply
from cognomen.declarative.caller import Caller
from cognomen.declarative.document import USERS, DeclarationError
from cognomen.declarative.plan import plan
from cognomen.errors import USER_NOT_FOUND, Refusal
from cognomen.users import status


async def seed(node: Node, file: Path) -> None:
    """Raises DeclarationError, which names the place in the file."""
    caller = Caller(node)
    try:
        for declared in document.read(file, with_users=True):
            await apply(caller, await plan(caller, declared))
            for number, user in enumerate(declared.get(USERS, [])):
                await _make(caller, declared["UserPool"]["Id"], user, f"{USERS}[{number}]")
    finally:
        await node.outgoing.close()


async def _make(caller: Caller, pool: str, user: dict[str, Any], place: str) -> None:
    named = {"UserPoolId": pool, "Username": user["Username"]}
    try:
        # One whose password is not set yet is left over from a start that was interrupted.
        if await _status(caller, named) in (None, status.FORCE_CHANGE_PASSWORD):
            await _with_password(caller, named, user)
        for group in user.get("Groups", []):
            await caller.ask("AdminAddUserToGroup", GroupName=group, **named)
    except Refusal as refusal:
        raise DeclarationError(f"{place}: {refusal.message}") from None


async def _with_password(caller: Caller, named: dict[str, str], user: dict[str, Any]) -> None:
    if await _status(caller, named) is None:
        attributes = user.get("UserAttributes", [])
        await caller.ask("AdminCreateUser", MessageAction="SUPPRESS", UserAttributes=attributes, **named)
    await caller.ask("AdminSetUserPassword", Password=user["Password"], Permanent=True, **named)


async def _status(caller: Caller, named: dict[str, str]) -> str | None:
    try:
        found: str = (await caller.ask("AdminGetUser", **named))["UserStatus"]
    except Refusal as refusal:
        if refusal.type == USER_NOT_FOUND.type:
            return None
        raise
    return found
