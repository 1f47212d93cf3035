"""An answer to the challenge of a turn: checked under the lock-out's eyes, the turn spent, what follows from it written.

checked                 the turn after a right answer
settled                 the same of an answer that is known to be right, or judged elsewhere
refuse_unless_expected  whoever is not asked for this challenge
unless_locked           the next step, but that nobody is asked for what is locked
lockout_key             whose failures count
"""

from __future__ import annotations

from msgspec.structs import replace

from cognomen import errors
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in import choices, devices, opening, recording, spending
from cognomen.sign_in.challenges import CHALLENGES
from cognomen.sign_in.flows import FLOWS
from cognomen.sign_in.next_step import AskFor, Refuse, Step, step_of
from cognomen.sign_in.turn import Judged, Proven, Turn, Wrong
from cognomen.store.users import User
from cognomen.triggers import sign_up
from cognomen.users import lockout, status


async def checked(turn: Turn, *, is_expected: bool = False) -> Turn:
    """The turn after a right answer to the attempt's challenge, and whatever follows from it. Raises what a wrong one is told.

    `is_expected`: that this turn is asked for the challenge was just seen.
    """
    seen = turn if is_expected else None
    turn = await devices.named_in(turn)
    call = turn.call
    kind = CHALLENGES[turn.attempt.challenge].failures
    if kind is None:
        turn, outcome = await _outcome(turn, seen, locked=False)
        if isinstance(outcome, Wrong):
            await recording.failed(turn, outcome.refusal)
            raise outcome.refusal
        return await settled(turn, outcome)
    key = lockout_key(turn)
    async with lockout.one_at_a_time(call, key, kind) as has_waited:
        if has_waited:
            turn = await opening.again(turn)
        failures = await lockout.so_far(call, key, kind)
        turn, outcome = await _outcome(turn, seen, locked=lockout.is_locked(failures, call.now))
        if isinstance(outcome, Wrong):
            await lockout.count(call, key, kind, recording.failure(turn, outcome.refusal))
            raise outcome.refusal
    if failures is not None:
        turn = replace(turn, attempt=attempts.failing(turn.attempt, kind))
    return await settled(turn, outcome)


async def _outcome(turn: Turn, seen: Turn | None, *, locked: bool) -> tuple[Turn, Proven | Wrong | Judged]:
    """What the challenge says, and the turn then. Of the turn that was `seen` to be expected nothing more is asked, unless it is locked."""
    if turn is not seen or locked:
        refuse_unless_expected(turn, locked=locked)
    turn = await spending.if_only_one(turn)
    return turn, await CHALLENGES[turn.attempt.challenge].check(turn)


async def settled(turn: Turn, outcome: Proven | Judged) -> Turn:
    """The turn when it is spent, and what follows from the answer is written."""
    attempt, user = turn.attempt, turn.user
    if isinstance(outcome, Judged):
        judged = attempts.judged(attempt, right=outcome.right, metadata=outcome.metadata)
        return replace(turn, attempt=judged)
    carrier = CHALLENGES[attempt.challenge].carrier
    is_held = carrier is not None and carrier.waits
    if (attempt.turn and not is_held) or outcome.change is not None:
        user = await spending.spend(turn, outcome)
    if turn.user.status == status.UNCONFIRMED and user.status == status.CONFIRMED:
        user = await _tell_confirmed(replace(turn, user=user))
    after = attempts.after(attempt, user, chosen=outcome.chosen)
    if is_held:
        after = attempts.holding(after, attempt.turn)
    turn = replace(turn, attempt=after, user=user, has_leaked=turn.has_leaked or outcome.has_leaked)
    return await choices.offered_in(turn) if after.levels else turn


async def _tell_confirmed(turn: Turn) -> User:
    """Tell the pool's function of a user whom the sign-in has confirmed, whatever comes of that."""
    call, user = turn.call, turn.user
    if not sign_up.tells_after(call):
        return user
    await sign_up.after(call, sign_up.CONFIRMED, user, client_metadata=turn.client_metadata)
    return await opening.still_there(turn)


def refuse_unless_expected(turn: Turn, *, locked: bool = False) -> None:
    """The user as it is now must still be one who is asked for this challenge."""
    step = step_of(turn, locked=locked)
    if isinstance(step, Refuse):
        raise step.sentence()
    if step != AskFor(turn.attempt.challenge):
        raise errors.SESSION_INVALID()


async def unless_locked(turn: Turn, step: Step) -> Step:
    """`step`, but that during a lock nobody is asked for what is locked, neither user nor stranger.

    Of whoever has shown nothing yet not even the state is told then.
    """
    asked = step.challenge if isinstance(step, AskFor) else None
    if not turn.attempt.proven:
        asked = asked or FLOWS[turn.attempt.flow].first_factor
    kind = CHALLENGES[asked].failures if asked else None
    if kind is None:
        return step
    failures = await lockout.so_far(turn.call, lockout_key(turn), kind)
    return step_of(turn, locked=True) if lockout.is_locked(failures, turn.call.now) else step


def lockout_key(turn: Turn) -> str:
    """Whose failures count: the user's, or those of a name that nobody has."""
    if turn.attempt.stranger:
        return lockout.key_of_stranger(turn.call, turn.attempt.name)
    return lockout.key_of_user(turn.call, turn.user.sub)
