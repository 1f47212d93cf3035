"""The engine: load, check, ask what comes next. See the package for the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import SELECT_CHALLENGE
from cognomen.errors import Refusal
from cognomen.pools import app_clients
from cognomen.sign_in import (
    after_sign_up,
    answers,
    assessing,
    choices,
    custom,
    devices,
    levels,
    migration,
    opening,
    recording,
    step_up,
    waiting,
)
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in.challenges import CHALLENGES, told
from cognomen.sign_in.flows import CHOICE, CUSTOM, Flow
from cognomen.sign_in.next_step import AskFor, Complete, Decide, Refuse, step_of
from cognomen.sign_in.step_up import Target
from cognomen.sign_in.turn import Proven, Turn
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.triggers import authentication, user_migration
from cognomen.users import decoys, lockout, lookup, names


@dataclass(frozen=True, slots=True)
class Ask:
    """The client is asked for something: `session` goes with its answer; None where a parameter carries the attempt.

    `available` is what else may be proven first, where the user has the choice.
    """

    challenge: str
    parameters: dict[str, str] = field(repr=False)
    session: str | None = field(repr=False)
    available: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The user has signed in, and has `proven` these challenges, or is vouched for (challenge_names.OF_PROVIDERS).

    `client_metadata` is that of the last request. `device_key` is of the device that has proven itself too. `event` is its id
    in the user's history, empty where none is kept.
    """

    user: User
    proven: tuple[str, ...] = ()
    client_metadata: Mapping[str, str] | None = field(default=None, repr=False)
    device_key: str | None = None
    event: str = ""


async def begin(
    call: Call,
    flow: Flow,
    typed: str,
    given: Mapping[str, str],
    *,
    target: Target = step_up.ANY,
    validation_data: Mapping[str, str] | None = None,
) -> Ask | SignedIn:
    """Begin a sign-in of whoever is called `typed` in call.pool, by call.client; `given` is all the request brings along.

    `target` is what it is to reach, and what counts for it already.

    Raises a Refusal. Where the client hides who exists (PreventUserExistenceErrors), a name that nobody has goes on
    as a decoy: the same reads, arithmetic and writes, and the end of a wrong password.

    `validation_data` is for the pool's functions: the one that may know a user who is not here, where a password came
    along, and the one that may refuse. The latter is asked of sign-ins that nothing else refuses yet.
    """
    found = await lookup.at_sign_in(call, typed)
    target.refuse_another(found)
    if found is None and choices.brings_password(flow, given) and user_migration.is_configured(call):
        found = await migration.at_sign_in(call, typed, given["PASSWORD"], validation_data=validation_data)
    turn = await _first_turn(call, flow, typed, found, given, target)
    if target.proven and step_of(turn) == Complete():
        raise errors.LEVEL_REACHED()
    if authentication.asks_before(call):
        step = await answers.unless_locked(turn, step_of(turn))
        if isinstance(step, Refuse):
            raise step.sentence()
        await authentication.before(call, typed, found, validation_data=validation_data)
        present = await lookup.at_sign_in(call, typed)  # it took its time
        if present is not None and (found is None or present.sub != found.sub):
            raise errors.INCORRECT_USERNAME_OR_PASSWORD()  # it was asked about somebody else
        target.refuse_another(present)
        turn = await _first_turn(call, flow, typed, present, given, target)
    return await _go_on(turn)


async def _first_turn(
    call: Call, flow: Flow, typed: str, found: User | None, given: Mapping[str, str], target: Target
) -> Turn:
    """A turn of whoever was found, or of a decoy. Raises USER_NOT_FOUND where the client tells."""
    if found is None and not app_clients.hides_unknown_users(call.client):
        raise errors.USER_NOT_FOUND()
    name = names.key(call.pool, typed)
    user = found or decoys.decoy(call, name)
    chosen = choices.preferred(flow, given)
    known_by = custom.begun(call, given) if flow.name == CUSTOM else None
    attempt = attempts.new(
        call,
        flow.name,
        name,
        user,
        stranger=found is None,
        proven=target.proven,
        chosen=chosen,
        custom=known_by,
        levels=target.levels,
    )
    return await choices.offered_in(Turn(call, attempt, user, given))


async def answer(
    call: Call,
    challenge: str,
    session: str | None,
    typed: str,
    given: Mapping[str, str],
    *,
    client_metadata: Mapping[str, str] | None = None,
) -> Ask | SignedIn:
    """Go on with the sign-in in `session`: `given` answers `challenge`, `typed` is the user's name in the answer.

    `client_metadata` is for the pool's functions.

    Raises a Refusal; unless it says that the session is spent, expired or invalid, or the challenge takes one answer
    only, the session may be tried again.
    """
    carrier = CHALLENGES[challenge].carrier
    sealed = given.get(carrier.member) if carrier else session
    if sealed is None:
        raise errors.MISSING_PARAMETER(name=carrier.member if carrier else "Session")
    try:
        turn = await opening.answered(call, challenge, sealed, typed, given)
    except Refusal as refusal:
        raise told(challenge, refusal) from None
    return await _go_on(await answers.checked(replace(turn, client_metadata=client_metadata)))


async def opened(call: Call, challenge: str, session: str) -> Turn:
    """The turn that waits for the answer to `challenge`, where something else goes on with its session.

    Raises SESSION_INVALID, SESSION_EXPIRED, SESSION_SPENT.
    """
    turn = await opening.turn_of(call, challenge, await waiting.opened(call, session), {})
    answers.refuse_unless_expected(turn)
    return turn


async def again(call: Call, challenge: str, session: str, given: Mapping[str, str]) -> Ask:
    """Ask once more for a code that was sent, and so send another; `given` is what came with the answer before.

    It counts as another code does. Raises what `opened` does, and what is told to whom nothing may be sent.
    """
    turn = replace(await opened(call, challenge, session), given=given)
    step = await answers.unless_locked(turn, AskFor(challenge))
    if isinstance(step, Refuse):
        raise step.sentence()
    if step != AskFor(challenge):
        raise errors.SESSION_INVALID()
    return await _ask(turn, challenge)


async def resume(
    call: Call, session: str, typed: str, *, validation_data: Mapping[str, str] | None = None
) -> Ask | SignedIn:
    """Sign in whoever has just been confirmed, whose code stands for the first factor (after_sign_up.py).

    Raises SESSION_INVALID, SESSION_EXPIRED, SESSION_SPENT, and what is told to who may not sign in.
    """
    turn = await _open_confirmed(call, session, typed)
    if authentication.asks_before(call):
        await authentication.before(call, typed, turn.user, validation_data=validation_data)
        turn = await _open_confirmed(call, session, typed)  # it took its time
    return await _go_on(await answers.settled(turn, Proven()))


async def _open_confirmed(call: Call, session: str, typed: str) -> Turn:
    """The turn as if the code was asked for, and is right."""
    turn = await opening.turn_of(call, after_sign_up.WAITS, await waiting.opened(call, session), {}, typed)
    turn = replace(turn, attempt=attempts.expecting(turn.attempt, turn.attempt.chosen))
    answers.refuse_unless_expected(turn)
    return turn


async def _go_on(turn: Turn) -> Ask | SignedIn:
    """Take step after step until the client is asked, or has signed in. A Refusal ends it in any of them."""
    while True:
        turn = await assessing.assessed(turn)
        step = step_of(turn)
        if isinstance(step, AskFor) and _came_along(step.challenge, turn):
            # Without a turn, since nothing was asked: the answer needs no record.
            expecting = attempts.expecting(turn.attempt, step.challenge)
            turn = await answers.checked(replace(turn, attempt=expecting), is_expected=True)
            continue
        match await answers.unless_locked(turn, step):
            case Refuse(sentence):
                refusal = sentence()
                await recording.refused(turn, refusal)
                raise refusal
            case AskFor(name):
                return await _ask(turn, name)
            case Decide():
                turn = await _defined(turn)
            case Complete():
                return await _complete(turn)


def _came_along(name: str, turn: Turn) -> bool:
    unasked = CHALLENGES[name].unasked
    return bool(unasked) and turn.given.keys() >= unasked


async def _defined(turn: Turn) -> Turn:
    try:
        return await custom.defined(turn)
    except Refusal as refusal:
        # Until an answer was judged, whoever knocks is refused, and a history does not grow by it.
        record = recording.failed if custom.is_answered(turn) else recording.refused
        await record(turn, refusal)
        raise


async def _complete(turn: Turn) -> SignedIn:
    """Tell the pool's function that all is proven, and forget the failures."""
    call, attempt, user = turn.call, turn.attempt, turn.user
    if authentication.tells_after(call):
        is_new = devices.is_new(turn)
        try:
            await authentication.after(
                call, user, new_device_used=is_new, client_metadata=turn.client_metadata
            )
            user = await opening.still_there(turn)
        except Refusal as refusal:
            await recording.failed(turn, refusal)
            raise
    success = recording.success(turn)
    # Only now: until then it may be a guesser who knows one factor.
    if attempt.failed or success is not None:
        await call.store.write(_close, call.pool.id, answers.lockout_key(turn), attempt.failed, success)
    device_key = turn.device.key if turn.device else None
    return SignedIn(user, attempt.proven, turn.client_metadata, device_key, attempt.event)


def _close(
    db: Db, pool_id: str, key: str, failed: tuple[str, ...], success: Callable[[Db], None] | None
) -> None:
    lockout.end(db, pool_id, key, failed)
    if success is not None:
        success(db)


async def _ask(turn: Turn, name: str) -> Ask:
    """Put the question `name`, and let what is known of the attempt travel with it."""
    call, challenge = turn.call, CHALLENGES[name]
    asked = attempts.asked(call, turn.attempt, name)
    question = await challenge.ask(replace(turn, attempt=asked))
    asked = attempts.keeping(asked, question.kept)
    await recording.in_progress(turn)
    is_first = levels.lacks_first(asked.proven, asked.levels)
    available = turn.offered if is_first or name == SELECT_CHALLENGE else ()
    if challenge.carrier is not None and challenge.carrier.waits:
        await devices.wait(call, asked)
    if challenge.carrier is None or challenge.carrier.waits:
        return Ask(name, question.parameters, await waiting.session_of(call, asked), available)
    carried = {challenge.carrier.parameter: attempts.seal_as_block(call, asked)}
    # Clients that came with a session send one back; what counts is what the parameter carries.
    session = attempts.seal(call, asked) if asked.flow == CHOICE else None
    return Ask(name, question.parameters | carried, session, available)
