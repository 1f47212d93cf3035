"""The end of a turn: it counts once, and what follows from its answer is written with it.

    if_only_one     before the answer is checked, where any answer spends the turn
    spend           when the answer was right, with what it changes

The user was read before the answer was checked, and that takes its time. So `spend` looks at it again in its transaction, and lets
no sign-in go on that a new password, a reset or a disabled user has ended meanwhile. `if_only_one` need not: who goes on without
`spend` carries the version of the user that was read, which the next answer is held against, or is done as if he had come a
moment earlier, like one whose password came along.
"""

from __future__ import annotations

from msgspec.structs import replace

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in.attempt import TURN
from cognomen.sign_in.challenges import CHALLENGES, told
from cognomen.sign_in.turn import Proven, Turn
from cognomen.store import spent, users
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import rows


async def if_only_one(turn: Turn) -> Turn:
    """The turn, spent already where its challenge takes one answer only, right or wrong."""
    if not CHALLENGES[turn.attempt.challenge].one_answer:
        return turn
    try:
        await turn.call.store.write(_spend, turn, turn.attempt.turn)
    except Refusal as refusal:
        raise told(turn.attempt.challenge, refusal) from None
    return replace(turn, attempt=attempts.spent(turn.attempt))


async def spend(turn: Turn, proven: Proven) -> User:
    """The user when the turn is spent, and what follows is written.

    Raises SESSION_SPENT, SESSION_INVALID, INCORRECT_USERNAME_OR_PASSWORD in its place where nothing was asked, and what the
    change does.
    """
    return await rows.write(turn.call.store, _spend_and_change, turn, proven)


def _spend_and_change(db: Db, turn: Turn, proven: Proven) -> User:
    """The turn is not spent again that was already, or was never asked."""
    if turn.attempt.turn:
        _spend(db, turn, turn.attempt.turn)
    if turn.attempt.held:
        try:
            _spend(db, turn, turn.attempt.held)
        except Refusal as refusal:
            raise told(turn.attempt.challenge, refusal) from None
    present = _present(db, turn, held=proven.change is not None)
    changed = proven.change(db) if proven.change is not None else None
    return changed or present


def _spend(db: Db, turn: Turn, id: str) -> None:
    """Raises SESSION_SPENT when another answer came first."""
    if not spent.spend(db, turn.call.pool.id, TURN, id, expires_at=turn.attempt.expires_at):
        raise errors.SESSION_SPENT()


def _present(db: Db, turn: Turn, *, held: bool) -> User:
    """The user as it is now, if it is still the one whose answer was checked; `held` until what follows is written."""
    look = users.by_sub_locked if held else users.by_sub
    user = look(db, turn.call.pool.id, turn.user.sub)
    if turn.attempt.stranger:
        return turn.user
    if user is None or not user.enabled or user.credential_version != turn.user.credential_version:
        if not attempts.is_asked(turn.attempt):
            raise errors.INCORRECT_USERNAME_OR_PASSWORD()
        raise told(turn.attempt.challenge, errors.SESSION_INVALID())
    return user
