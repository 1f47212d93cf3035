"""PASSWORD_SRP: the client begins to prove a password that never leaves it. It shows nothing yet; PASSWORD_VERIFIER does."""

from __future__ import annotations

from cognomen.challenge_names import PASSWORD_SRP
from cognomen.sign_in.turn import Challenge, Proven, Turn, Wrong


async def check(turn: Turn) -> Proven | Wrong:
    """What came is looked at by the challenge that follows, and goes to it along with this request."""
    turn.required("SRP_A")
    return Proven(chosen=PASSWORD_SRP)


CHALLENGE = Challenge(check=check, unasked=frozenset({"SRP_A"}))
