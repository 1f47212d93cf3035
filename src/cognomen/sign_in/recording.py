"""A sign-in in the history of its user (risk/history.py), where the pool keeps one: one event, whatever it takes.

    in_progress     the first factor is proven, and another is asked for
    failure         an answer is wrong: what is written with the count of it
    failed          the same where nothing else counts it, and so only some of an hour
    refused         the sign-in is refused for another reason, to whoever has proven something
    success         all is proven: what is written at the end
    vouched         a sign-in that an identity provider vouches for
    found_risky     the event when a risk was found, for what is written with it

What is refused before anything is proven is not told: nobody has shown who it is, and nothing limits how often that comes. For the
same reason a try during a lock is not, which does not count either. Of a name that nobody has the same is written, under the sub
of its decoy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.risk import events, history
from cognomen.sign_in.turn import Turn
from cognomen.store.auth_events import AuthEvent
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import lockout
from cognomen.users.lockout import Quota

QUOTA = Quota("told-failures", an_hour=5)
"""Of the failures of a user that nothing else limits, how many are recorded."""


async def in_progress(turn: Turn) -> None:
    """Once for what was proven last, and not again where that only led to another question (a choice, a new password)."""
    if turn.attempt.event and events.challenges(turn.attempt.proven[-1:]):
        await turn.call.store.write(history.record, _event(turn, events.IN_PROGRESS))


def failure(turn: Turn, refusal: Refusal) -> Callable[[Db], None] | None:
    """None where no history is kept."""
    if not turn.attempt.event:
        return None
    return functools.partial(_record_failure, turn=turn, refusal=refusal)


def _record_some(db: Db, turn: Turn, refusal: Refusal) -> None:
    key = lockout.key_of_user(turn.call, turn.attempt.sub)  # a stranger's is its decoy's
    if lockout.in_this_hour(db, turn.call, key, QUOTA) <= QUOTA.an_hour:
        _record_failure(db, turn, refusal)


def _record_failure(db: Db, turn: Turn, refusal: Refusal) -> None:
    event = _event(
        turn,
        events.FAIL,
        failed=turn.attempt.challenge,
        reason=refusal.message,
        is_blocked=refusal.is_(errors.BLOCKED),
    )
    if turn.has_leaked and refusal.is_(errors.PASSWORD_RESET_REQUIRED):
        event = events.blocked_for_leak(event)
    history.record(db, event)


async def failed(turn: Turn, refusal: Refusal) -> None:
    """Of a wrong passkey or an answer to the owner's own challenge: where nothing is proven, nothing limits how many come."""
    if turn.attempt.event:
        record = _record_failure if events.challenges(turn.attempt.proven) else _record_some
        await turn.call.store.write(record, turn, refusal)


async def refused(turn: Turn, refusal: Refusal) -> None:
    if refusal.is_(errors.PASSWORD_ATTEMPTS_EXCEEDED) or not turn.attempt.event:
        return
    if events.challenges(turn.attempt.proven) or refusal.is_(errors.BLOCKED):
        await turn.call.store.write(_record_failure, turn, refusal)


def success(turn: Turn) -> Callable[[Db], None] | None:
    """None where no history is kept."""
    if not turn.attempt.event:
        return None
    return functools.partial(history.record, event=_event(turn, events.PASS))


async def vouched(call: Call, user: User) -> str:
    """The id of the event; empty where no history is kept. What the provider asked the person for is not known here."""
    if not history.is_kept(call.pool):
        return ""
    event = events.of_call(call, user.sub, events.SIGN_IN, events.PASS)
    await call.store.write(history.record, event)
    return event.id


def found_risky(turn: Turn) -> AuthEvent:
    """The event of a sign-in that goes on, or is refused in a moment."""
    return _event(turn, events.IN_PROGRESS)


def _event(
    turn: Turn, response: str, *, failed: str = "", reason: str | None = None, is_blocked: bool = False
) -> AuthEvent:
    attempt = turn.attempt
    event = events.of_call(
        turn.call,
        attempt.sub,
        events.SIGN_IN,
        response,
        id=attempt.event,
        is_stranger=attempt.stranger,
        challenges=events.challenges(attempt.proven, failed),
        reason=reason,
        compromised=turn.has_leaked,
    )
    if attempt.risk is None:
        return event
    return events.judged(event, attempt.risk.level, is_blocked=is_blocked)
