"""MFA_SETUP: whoever must have a second factor and has none sets one up, and proves it, before anybody is signed in.

    a software token    AssociateSoftwareToken and VerifySoftwareToken with the session (set_up.py); the answer says no more
    an e-mail address   EMAIL in the answer; a code that is sent there is asked for next, and with it the address is the user's

A phone number cannot be set up here, though it is told as a factor of the pool (developer guide, "MFA").
"""

from __future__ import annotations

import msgspec

from cognomen import errors
from cognomen.challenge_names import EMAIL_OTP, SOFTWARE_TOKEN_MFA
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong
from cognomen.users import attributes, factors, names


async def ask(turn: Turn) -> Question:
    can_set_up = factors.can_set_up(turn.call.pool, turn.user)
    return Question(
        {
            "MFAS_CAN_SETUP": msgspec.json.encode(can_set_up).decode(),
            "USER_ID_FOR_SRP": turn.user.username,
        }
    )


async def check(turn: Turn) -> Proven | Wrong:
    """The address is taken from the answer by who sends the code (sent_codes.py)."""
    if SOFTWARE_TOKEN_MFA in turn.attempt.proven:
        return Proven()
    address = turn.given.get("EMAIL")
    if address is None:
        raise errors.SOFTWARE_TOKEN_NOT_SET_UP()
    if EMAIL_OTP not in factors.can_set_up(turn.call.pool, turn.user):
        raise errors.FACTOR_NOT_OFFERED(factor=EMAIL_OTP)
    attributes.new(turn.call.pool, {names.EMAIL: address}, complete=False)
    return Proven(chosen=EMAIL_OTP)


CHALLENGE = Challenge(ask=ask, check=check)
