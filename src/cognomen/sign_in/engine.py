"""The engine: load, check, ask what comes next. See the package for the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.pools import app_clients
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in.attempt import TURN, Attempt
from cognomen.sign_in.challenges import CHALLENGES
from cognomen.sign_in.flows import Flow
from cognomen.sign_in.next_step import AskFor, Complete, Refuse, Situation, Step, next_step
from cognomen.sign_in.turn import Proven, Turn, Wrong
from cognomen.store import spent, users
from cognomen.store.database import Db
from cognomen.store.users import Alias, User
from cognomen.users import decoys, lockout, names, rows


@dataclass(frozen=True, slots=True)
class Ask:
    """The client is asked for something: `session` goes with its answer."""

    challenge: str
    parameters: dict[str, str]
    session: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The user has signed in; `how` are the challenges it answered, in order."""

    user: User
    how: tuple[str, ...]


async def begin(
    call: Call, flow: Flow, typed: str, given: Mapping[str, str], *, admin: bool
) -> Ask | SignedIn:
    """Begin a sign-in of whoever is called `typed` in call.pool, by call.client.

    Raises a Refusal. Where the client hides who exists (PreventUserExistenceErrors), a name that nobody has goes on
    as a decoy: the same reads, arithmetic and writes, and the end of a wrong password.
    """
    found = await call.store.read(_by_any_name, call.pool.id, names.at_sign_in(call.pool, typed))
    if found is None and not app_clients.hides_unknown_users(call.client):
        raise errors.USER_NOT_FOUND()
    user = found or decoys.decoy(call, users.key_of(typed))
    attempt = attempts.new(flow.name, typed, user, admin=admin, stranger=found is None)
    # The first factor's answer is in the request, so it is asked and answered at once, without a session.
    first = msgspec.structs.replace(attempt, challenge=flow.first_factor or "")
    return await _check(Turn(call, first, user, given))


async def answer(
    call: Call, challenge: str, session: str, typed: str, given: Mapping[str, str]
) -> Ask | SignedIn:
    """Go on with the sign-in in `session`: `given` answers `challenge`, `typed` is the user's name in the answer.

    Raises a Refusal; unless it says that the session is spent, expired or invalid, the session may be tried again.
    """
    attempt = attempts.unseal(call, session)
    found, was_spent = await call.store.read(_user_and_turn, call.pool.id, attempt.sub, attempt.turn)
    if was_spent:
        raise errors.SESSION_SPENT()
    user = decoys.decoy(call, attempt.typed) if attempt.stranger else found
    if user is None or attempt.challenge != challenge or not _is_called(call, attempt, user, typed):
        raise errors.SESSION_INVALID()
    if user.enabled and user.credential_version != attempt.credential_version:
        raise errors.SESSION_INVALID()
    return await _check(Turn(call, attempt, user, given))


async def _check(turn: Turn) -> Ask | SignedIn:
    """Check the answer to the attempt's challenge; a secret is proven under the lock-out's eyes."""
    call, attempt = turn.call, turn.attempt
    challenge = CHALLENGES[attempt.challenge]
    if not challenge.COUNTS_FAILURES:
        _refuse_unless_expected(turn, locked=False)
        outcome = await challenge.check(turn)
        if isinstance(outcome, Wrong):
            raise outcome.refusal
        return await _go_on(turn, outcome, failed_before=attempt.failed_before)
    key = lockout_key(turn)
    async with lockout.one_at_a_time(call, key):
        failures = await lockout.so_far(call, key)
        _refuse_unless_expected(turn, locked=lockout.is_locked(failures, call.now))
        outcome = await challenge.check(turn)
        if isinstance(outcome, Wrong):
            await lockout.count(call, key)
            raise outcome.refusal
    return await _go_on(turn, outcome, failed_before=attempt.failed_before or failures is not None)


async def _go_on(turn: Turn, proven: Proven, *, failed_before: bool) -> Ask | SignedIn:
    """Settle the turn, then ask for what is still missing."""
    call, attempt, user = turn.call, turn.attempt, turn.user
    if attempt.turn or proven.change is not None:
        user = await rows.write(call.store, _settle, turn, proven)
    attempt = msgspec.structs.replace(
        attempt,
        proven=(*attempt.proven, attempt.challenge),
        credential_version=user.credential_version,
        failed_before=failed_before,
    )
    match _step(call, attempt, user):
        case Refuse(sentence):
            raise sentence()
        case AskFor(name):
            attempt = attempts.asked(call, attempt, name)
            turn = Turn(call, attempt, user, turn.given)
            return Ask(name, await CHALLENGES[name].ask(turn), attempts.seal(call, attempt))
        case Complete():
            # Only now: a right password alone must not open a new round of guesses at the next factor.
            if failed_before:
                await lockout.forget(call, lockout_key(turn))
            return SignedIn(user, attempt.proven)


def lockout_key(turn: Turn) -> str:
    """Whose failures count: the user's, or those of a name that nobody has."""
    if turn.attempt.stranger:
        return lockout.key_of_stranger(turn.call, names.fold(turn.call.pool, turn.attempt.typed))
    return lockout.key_of_user(turn.call, turn.user.sub)


def _refuse_unless_expected(turn: Turn, *, locked: bool) -> None:
    """The user as it is now must still be one who is asked for this challenge."""
    step = _step(turn.call, turn.attempt, turn.user, locked=locked)
    if isinstance(step, Refuse):
        raise step.sentence()
    if step != AskFor(turn.attempt.challenge):
        raise errors.SESSION_INVALID()


def _step(call: Call, attempt: Attempt, user: User, *, locked: bool = False) -> Step:
    return next_step(Situation(call.pool, user, attempt.flow, attempt.proven, locked, call.now))


def _is_called(call: Call, attempt: Attempt, user: User, typed: str) -> bool:
    """Whether `typed` may stand for the attempt's user: its name, the name that was typed first, or another alias."""
    if names.fold(call.pool, users.key_of(typed)) == names.fold(call.pool, attempt.typed):
        return True
    return not set(names.at_sign_in(call.pool, typed)).isdisjoint(names.aliases_of(call.pool, user))


# -- transactions -----------------------------------------------------------------------------------------------------


def _by_any_name(db: Db, pool_id: str, candidates: Iterable[Alias]) -> User | None:
    """The user whom the first of the names finds; all are looked up, so that a hit takes as long as a miss."""
    found = [users.by_alias(db, pool_id, (alias,)) for alias in candidates]
    return next((user for user in found if user is not None), None)


def _user_and_turn(db: Db, pool_id: str, sub: str, turn: str) -> tuple[User | None, bool]:
    return users.by_sub(db, pool_id, sub), spent.was_spent(db, pool_id, TURN, turn)


def _settle(db: Db, turn: Turn, proven: Proven) -> User:
    """Spend the turn, and write what follows from its answer; SESSION_SPENT when another answer came first."""
    attempt = turn.attempt
    if attempt.turn and not spent.spend(
        db, turn.call.pool.id, TURN, attempt.turn, expires_at=attempt.expires_at
    ):
        raise errors.SESSION_SPENT()
    return proven.change(db) if proven.change is not None else turn.user
