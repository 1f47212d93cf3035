"""The turn that an answer belongs to: its attempt opened, the user read again, and both held against the answer.

answered        the turn that a client answers
turn_of         the turn of an attempt that is open already
again           the turn when some time has gone by
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in import choices, devices, waiting
from cognomen.sign_in.attempt import TURN, Attempt
from cognomen.sign_in.challenges import CHALLENGES, told
from cognomen.sign_in.flows import FLOWS
from cognomen.sign_in.turn import Turn
from cognomen.store import spent, users
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import names


async def answered(call: Call, challenge: str, sealed: str, typed: str, given: Mapping[str, str]) -> Turn:
    """The turn that `typed` answers; raises SESSION_INVALID, SESSION_EXPIRED, SESSION_SPENT."""
    attempt = await _unsealed(call, challenge, sealed, typed)
    return await turn_of(call, challenge, attempt, given, typed)


async def turn_of(
    call: Call, challenge: str, attempt: Attempt, given: Mapping[str, str], typed: str | None = None
) -> Turn:
    """The turn of an attempt that waits for the answer to `challenge`, with the user as it is now; `typed` names it, if given.

    Raises SESSION_INVALID, SESSION_SPENT.
    """
    found, was_spent = await call.store.read(_user_and_turn, call.pool.id, attempt.sub, attempt.turn)
    if was_spent:
        raise errors.SESSION_SPENT()
    user = choices.decoy(call, FLOWS[attempt.flow], attempt.name) if attempt.stranger else found
    if user is None or attempt.challenge != challenge:
        raise errors.SESSION_INVALID()
    if typed is not None and not _is_called(call, attempt, user, typed):
        raise errors.SESSION_INVALID()
    if user.enabled and user.credential_version != attempt.credential_version:
        raise errors.SESSION_INVALID()
    return await choices.offered_in(Turn(call, attempt, user, given))


async def again(turn: Turn) -> Turn:
    """The turn with the user as it is by now; raises what `spending.spend` does of one who may not go on."""
    call, attempt = turn.call, turn.attempt
    found = await call.store.read(users.by_sub, call.pool.id, turn.user.sub)
    present = turn.user if attempt.stranger else found
    is_asked = attempts.is_asked(attempt)
    if present is None and not is_asked:
        raise errors.INCORRECT_USERNAME_OR_PASSWORD()
    if present is None or (
        is_asked and present.enabled and present.credential_version != attempt.credential_version
    ):
        raise told(attempt.challenge, errors.SESSION_INVALID())
    return await choices.offered_in(replace(turn, user=present))


async def _unsealed(call: Call, challenge: str, sealed: str, typed: str) -> Attempt:
    """The attempt as it has come back, or that waits for the device whose key has."""
    carrier = CHALLENGES[challenge].CARRIER
    if carrier is None:
        return await waiting.opened(call, sealed)
    if carrier.waits:
        return await devices.waiting_for(call, typed, sealed)
    return attempts.unseal_block(call, sealed)


def _is_called(call: Call, attempt: Attempt, user: User, typed: str) -> bool:
    """Whether `typed` may stand for the attempt's user: its name, the name that was typed first, or another alias."""
    if names.key(call.pool, typed) == attempt.name:
        return True
    return not set(names.at_sign_in(call.pool, typed)).isdisjoint(names.aliases_of(call.pool, user))


def _user_and_turn(db: Db, pool_id: str, sub: str, turn: str) -> tuple[User | None, bool]:
    return users.by_sub(db, pool_id, sub), spent.was_spent(db, pool_id, TURN, turn)
