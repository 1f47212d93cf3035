"""SELECT_CHALLENGE: the user chooses what to prove first. What that needs may come along with the choice."""

from __future__ import annotations

from cognomen import errors
from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong
from cognomen.users import first_factors, status

FAILURES: str | None = None
UNASKED: frozenset[str] = frozenset()
ONE_ANSWER = False
CARRIER: Carrier | None = None


async def ask(turn: Turn) -> Question:  # noqa: ARG001  as every challenge is asked
    """What there is to choose from stands beside the parameters (AvailableChallenges)."""
    return Question({})


async def check(turn: Turn) -> Proven | Wrong:
    """Raises CHALLENGE_NOT_OFFERED; the same session may then be answered again.

    Who has not confirmed an address yet, and would rather sign in with a password, is told so, as at the beginning.
    """
    chosen = turn.required("ANSWER")
    if turn.user.status == status.UNCONFIRMED and chosen in first_factors.PASSWORDS:
        raise errors.USER_NOT_CONFIRMED()
    if chosen not in turn.offered:
        raise errors.CHALLENGE_NOT_OFFERED(challenge=chosen)
    return Proven(chosen=chosen)
