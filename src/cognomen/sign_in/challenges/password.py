"""PASSWORD: the password itself. USER_PASSWORD_AUTH and its admin twin send it along with the user name."""

from __future__ import annotations

from cognomen import errors
from cognomen.sign_in.turn import Proven, Turn, Wrong
from cognomen.users import passwords

COUNTS_FAILURES = True
UNASKED = frozenset({"PASSWORD"})


async def ask(turn: Turn) -> dict[str, str]:  # noqa: ARG001  as every challenge is asked
    """The client needs nothing to answer."""
    return {}


async def check(turn: Turn) -> Proven | Wrong:
    """A stranger's password costs the same arithmetic and is never right."""
    right = passwords.is_right(turn.call.vault, turn.user, turn.required("PASSWORD"))
    if right and not turn.attempt.stranger:
        return Proven()
    return Wrong(errors.INCORRECT_USERNAME_OR_PASSWORD())
