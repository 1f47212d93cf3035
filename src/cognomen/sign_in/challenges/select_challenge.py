"""SELECT_CHALLENGE: the user chooses what to prove first. What that needs may come along with the choice.

What there is to choose from stands beside the parameters (AvailableChallenges).
"""

from __future__ import annotations

from cognomen import errors
from cognomen.sign_in.turn import Challenge, Proven, Turn, Wrong
from cognomen.users import first_factors, status


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


CHALLENGE = Challenge(check=check)
