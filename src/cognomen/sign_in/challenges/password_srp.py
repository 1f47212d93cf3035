"""PASSWORD_SRP: the client begins to prove a password that never leaves it. It shows nothing yet; PASSWORD_VERIFIER does."""

from __future__ import annotations

from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong
from cognomen.users import first_factors

FAILURES: str | None = None
UNASKED = frozenset({"SRP_A"})
ONE_ANSWER = False
CARRIER: Carrier | None = None


async def ask(turn: Turn) -> Question:  # noqa: ARG001  as every challenge is asked
    """The client needs nothing to answer."""
    return Question({})


async def check(turn: Turn) -> Proven | Wrong:
    """What came is looked at by the challenge that follows, and goes to it along with this request."""
    turn.required("SRP_A")
    return Proven(chosen=first_factors.PASSWORD_SRP)
