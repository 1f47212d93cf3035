"""SELECT_CHALLENGE: the user chooses what to prove first. What that needs may come along with the choice."""

from __future__ import annotations

from cognomen import errors
from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong

FAILURES: str | None = None
UNASKED: frozenset[str] = frozenset()
ONE_ANSWER = False
CARRIER: Carrier | None = None


async def ask(turn: Turn) -> Question:  # noqa: ARG001  as every challenge is asked
    """What there is to choose from stands beside the parameters (AvailableChallenges)."""
    return Question({})


async def check(turn: Turn) -> Proven | Wrong:
    """Raises CHALLENGE_NOT_OFFERED; the same session may then be answered again."""
    chosen = turn.required("ANSWER")
    if chosen not in turn.offered:
        raise errors.CHALLENGE_NOT_OFFERED(challenge=chosen)
    return Proven(chosen=chosen)
