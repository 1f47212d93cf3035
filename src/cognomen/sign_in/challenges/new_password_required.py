"""NEW_PASSWORD_REQUIRED: whoever signed in with a temporary password sets one of its own, and what attributes are owed.

The answer's members are NEW_PASSWORD and `userAttributes.{name}`. A required attribute that has a value already cannot be
set here, neither can an address: it would change under a password that an administrator knows.
"""

from __future__ import annotations

from functools import partial

import msgspec

from cognomen import errors
from cognomen.risk import compromised
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import attributes, codes, names, passwords, rows, status
from cognomen.users.passwords import Password

PREFIX = "userAttributes."


async def ask(turn: Turn) -> Question:
    """What is owed and what is there, both as JSON texts; `sub` and what the client may not read are left out."""
    call, user = turn.call, turn.user
    owed = [PREFIX + name for name in attributes.missing(call.pool, user.attributes)]
    present = attributes.readable(call.client, user)
    present.pop(attributes.SUB)
    return Question(
        {
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": msgspec.json.encode(owed).decode(),
            "userAttributes": msgspec.json.encode(present).decode(),
        }
    )


async def check(turn: Turn) -> Proven | Wrong:
    """Raises what is wrong with the attributes or the password; the same session may then be answered again."""
    call, user = turn.call, turn.user
    password = turn.required("NEW_PASSWORD")
    _attribute_changes(turn, user)  # faults in attributes are told before those in the password
    passwords.refuse_unlike_policy(call.pool, password)
    has_leaked = await compromised.refuse_changed(call, user.sub, password)
    # The arithmetic is done here: nothing slow belongs into a transaction.
    await passwords.refuse_former(call.store, call.vault, call.pool, user, password)
    kept = passwords.make(call.vault, user, password)
    return Proven(partial(_change, turn=turn, kept=kept), has_leaked=has_leaked)


CHALLENGE = Challenge(ask=ask, check=check)


def _attribute_changes(turn: Turn, user: User) -> dict[str, str]:
    call = turn.call
    given = {
        name.removeprefix(PREFIX): value for name, value in turn.given.items() if name.startswith(PREFIX)
    }
    fixed = {entry.name for entry in call.pool.schema if entry.required} | names.VERIFIED.keys()
    for name in given:
        if name in fixed and user.attributes.get(name):
            raise errors.ATTRIBUTE_ALREADY_PROVIDED(name=name)
    owed = attributes.missing(call.pool, user.attributes)
    for name in owed:
        if not given.get(name):
            raise errors.ATTRIBUTE_MISSING_IN_CHALLENGE(name=name)
    attributes.check_writable(call.pool, call.client, given)
    # What is owed may be immutable: it is set for the first time.
    first_values = {name: value for name, value in given.items() if name in owed}
    others = {name: value for name, value in given.items() if name not in owed}
    return attributes.new(call.pool, first_values, complete=False) | attributes.changes(call.pool, others)


def _change(db: Db, turn: Turn, kept: Password) -> User:
    """The new password in the place of the temporary one; attributes may have changed since it was asked for.

    A code may be outstanding: one that was asked for before the temporary password was set, and queued after it.
    """
    call = turn.call

    def edit(user: User) -> User:
        passwords.remember(db, call.pool, user, call.now)
        changed = attributes.changed(user, _attribute_changes(turn, user), call.now)
        return status.moved(passwords.put(changed, kept, call.now), status.CONFIRMED, call.now)

    codes.void_recovery(db, call, turn.user.sub)
    return rows.change(db, call.pool, turn.user.sub, edit)
