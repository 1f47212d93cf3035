"""The turn that an answer belongs to: its attempt opened, the user read again, and both held against the answer.

answered        the turn that a client answers
turn_of         the turn of an attempt that is open already
again           the turn when some time has gone by
still_there     the user when a function was asked, which takes its time
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import SOFTWARE_TOKEN_MFA
from cognomen.errors import Refusal
from cognomen.pools import app_clients
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in import choices, devices, waiting
from cognomen.sign_in.attempt import TURN, Attempt
from cognomen.sign_in.challenges import CHALLENGES, told
from cognomen.sign_in.turn import Turn
from cognomen.store import spent, users
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import decoys, lookup, names, status


async def answered(call: Call, challenge: str, sealed: str, typed: str, given: Mapping[str, str]) -> Turn:
    """The turn that `typed` answers; raises SESSION_INVALID, SESSION_EXPIRED, SESSION_SPENT, and what is told in their place."""
    attempt = await _unsealed(call, challenge, sealed, typed)
    return await turn_of(call, challenge, attempt, given, typed)


async def turn_of(
    call: Call, challenge: str, attempt: Attempt, given: Mapping[str, str], typed: str | None = None
) -> Turn:
    """The turn of an attempt that waits for the answer to `challenge`, with the user as it is now; `typed` names it, if given.

    Raises SESSION_INVALID, SESSION_SPENT; in the place of the former what it is for, where whoever is named may know.
    """
    found, was_spent = await call.store.read(_user_and_turn, call.pool.id, attempt.sub, attempt.turn)
    if was_spent:
        raise errors.SESSION_SPENT()
    user = decoys.decoy(call, attempt.name) if attempt.stranger else found
    if attempt.challenge != challenge:
        raise errors.SESSION_INVALID()
    if user is None or (typed is not None and not _is_called(call, attempt, user, typed)):
        raise await _of_another(call, typed)
    if user.enabled and user.credential_version != attempt.credential_version:
        raise errors.SESSION_INVALID() if typed is None else _since_changed(attempt, user)
    return await choices.offered_in(Turn(call, attempt, user, given))


async def again(turn: Turn) -> Turn:
    """The turn with the user as it is by now; raises what `spending.spend` does of one who may not go on."""
    call, attempt = turn.call, turn.attempt
    found = await call.store.read(users.by_sub, call.pool.id, turn.user.sub)
    present = turn.user if attempt.stranger else found
    is_asked = attempts.is_asked(attempt)
    if present is None and not is_asked:
        raise errors.INCORRECT_USERNAME_OR_PASSWORD()
    if present is None:
        raise told(attempt.challenge, errors.SESSION_INVALID())
    if is_asked and present.enabled and present.credential_version != attempt.credential_version:
        raise told(attempt.challenge, _since_changed(attempt, present))
    return await choices.offered_in(replace(turn, user=present))


async def still_there(turn: Turn) -> User:
    """The user as it is now that a function was asked, if it is still whom we proved."""
    call, user = turn.call, turn.user
    present = await call.store.read(users.by_sub, call.pool.id, user.sub)
    if present is not None and not present.enabled:
        raise errors.USER_DISABLED()
    if present is None or present.credential_version != user.credential_version:
        raise errors.SESSION_INVALID()
    return present


async def _unsealed(call: Call, challenge: str, sealed: str, typed: str) -> Attempt:
    """The attempt as it has come back, or that waits for the device whose key has."""
    carrier = CHALLENGES[challenge].carrier
    if carrier is None:
        return await waiting.opened(call, sealed)
    if carrier.waits:
        return await devices.waiting_for(call, typed, sealed)
    return attempts.unseal_block(call, sealed)


async def _of_another(call: Call, typed: str | None) -> Refusal:
    """What is told of a session that is not the user's who is called `typed`: where the client does not hide it, that nobody is."""
    if typed is None or app_clients.hides_unknown_users(call.client):
        return errors.SESSION_INVALID()
    named = await lookup.at_sign_in(call, typed)
    return errors.SESSION_INVALID() if named is not None else errors.USER_NOT_FOUND()


def _since_changed(attempt: Attempt, user: User) -> Refusal:
    """What is told of a user whose credentials are not those any more that the attempt goes on with."""
    if user.status == status.RESET_REQUIRED:
        return errors.PASSWORD_RESET_REQUIRED()
    if attempt.challenge == SOFTWARE_TOKEN_MFA and user.sealed_totp_secret is None:
        return errors.SOFTWARE_TOKEN_GONE()
    return errors.SESSION_INVALID()


def _is_called(call: Call, attempt: Attempt, user: User, typed: str) -> bool:
    """Whether `typed` may stand for the attempt's user: its name, the name that was typed first, or another alias."""
    if names.key(call.pool, typed) == attempt.name:
        return True
    return not set(names.readings(call.pool, typed)).isdisjoint(names.aliases_of(call.pool, user))


def _user_and_turn(db: Db, pool_id: str, sub: str, turn: str) -> tuple[User | None, bool]:
    return users.by_sub(db, pool_id, sub), spent.was_spent(db, pool_id, TURN, turn)
