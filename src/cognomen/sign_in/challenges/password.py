"""PASSWORD: the password itself. USER_PASSWORD_AUTH and its admin twin send it along with the user name."""

from __future__ import annotations

from cognomen import errors
from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong
from cognomen.users import lockout, passwords

FAILURES: str | None = lockout.PASSWORD
UNASKED = frozenset({"PASSWORD"})
ONE_ANSWER = False
CARRIER: Carrier | None = None


async def ask(turn: Turn) -> Question:  # noqa: ARG001  as every challenge is asked
    """The client needs nothing to answer."""
    return Question({})


async def check(turn: Turn) -> Proven | Wrong:
    """A stranger's password costs the same arithmetic and is never right."""
    right = passwords.is_right(turn.call.vault, turn.user, turn.required("PASSWORD"))
    if right and not turn.attempt.stranger:
        return Proven()
    return Wrong(errors.INCORRECT_USERNAME_OR_PASSWORD())
