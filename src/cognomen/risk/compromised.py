"""Compromised credentials: what becomes of a password that is known to have leaked, where threat protection looks.

    at_sign_in          of one that has just proven right
    refuse_at_sign_up   of one that a new user chooses
    refuse_changed      of one that a user chooses in the place of another

A client's own risk configuration replaces the pool's. In mode ENFORCED it is heeded, in AUDIT only told of. Without a configuration
all is looked for, and nothing is blocked. A wrong password is never looked for, so neither is that of a stranger; one that an
administrator sets is his to answer for (developer guide, "Working with compromised-credentials detection"), and SRP shows us none.
"""

from __future__ import annotations

from dataclasses import dataclass

from cognomen import errors
from cognomen.call import Call
from cognomen.pools import threat_protection
from cognomen.risk import events, history
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import passwords, rows, status

_BLOCK = "BLOCK"


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a password is known to have leaked, and whether it must not be used for that."""

    has_leaked: bool
    is_blocked: bool


NOTHING = Finding(has_leaked=False, is_blocked=False)


async def at_sign_in(call: Call, user: User, password: str) -> Finding:
    """A temporary password will be replaced at once, and is not looked for."""
    if user.status == status.FORCE_CHANGE_PASSWORD:
        return NOTHING
    return await _finding(call, threat_protection.SIGN_IN, password)


async def refuse_at_sign_up(call: Call, password: str | None) -> bool:
    """Whether it has leaked. Raises PASSWORD_COMPROMISED where it must not be used."""
    if not password:
        return False
    finding = await _finding(call, threat_protection.SIGN_UP, password)
    if finding.is_blocked:
        raise errors.PASSWORD_COMPROMISED()
    return finding.has_leaked


async def refuse_changed(call: Call, sub: str, password: str) -> bool:
    """The same of one that the user with this sub chooses, whose history tells of a refusal."""
    finding = await _finding(call, threat_protection.PASSWORD_CHANGE, password)
    if finding.is_blocked:
        refusal = errors.PASSWORD_COMPROMISED()
        event = events.of_call(call, sub, events.PASSWORD_CHANGE, events.FAIL, reason=refusal.message)
        await call.store.write(history.record, events.blocked_for_leak(event))
        raise refusal
    return finding.has_leaked


def reset(db: Db, call: Call, sub: str) -> User:
    """The user, who must set another password with a code: the one that has leaked opens nothing any more."""
    return rows.change(
        db, call.pool, sub, lambda user: passwords.reset_required(db, call.pool, user, call.now)
    )


async def _finding(call: Call, event: str, password: str) -> Finding:
    mode = threat_protection.mode(call.pool.settings)
    if mode == threat_protection.OFF:
        return NOTHING
    told = call.configuration.risk_parts(call.client).get(threat_protection.COMPROMISED)
    if told is not None and event not in told["EventFilter"]:
        return NOTHING
    known = call.node.leaked_passwords
    if told is None and not known.can_know:
        return NOTHING
    if not await known.knows(password, event=event, pool_id=call.pool.id, now=call.now):
        return NOTHING
    blocks = told is not None and told["Actions"]["EventAction"] == _BLOCK
    return Finding(has_leaked=True, is_blocked=blocks and mode == threat_protection.ENFORCED)
