"""SELECT_MFA_TYPE: which of its second factors the user wants to prove, where none is preferred."""

from __future__ import annotations

import msgspec

from cognomen import errors
from cognomen.challenge_names import EMAIL_OTP
from cognomen.sign_in import levels, risks
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong

_ALSO = {"EMAIL_MFA": EMAIL_OTP}
"""Another name that the API reference has for a factor; public clients send the one that challenges have."""


async def ask(turn: Turn) -> Question:
    """The factors as a JSON list, under the name that clients read (the developer guide writes MFAS_CAN_SELECT)."""
    asked = _choosable(turn)
    return Question(
        {
            "MFAS_CAN_CHOOSE": msgspec.json.encode(asked).decode(),
            "USER_ID_FOR_SRP": turn.user.username,
        }
    )


async def check(turn: Turn) -> Proven | Wrong:
    answer = turn.required("ANSWER")
    chosen = _ALSO.get(answer, answer)
    if chosen not in _choosable(turn):
        raise errors.FACTOR_NOT_OFFERED(factor=answer)
    return Proven(chosen=chosen)


CHALLENGE = Challenge(ask=ask, check=check)


def _choosable(turn: Turn) -> tuple[str, ...]:
    attempt = turn.attempt
    return risks.owed(risks.standing_of(turn)) or levels.choosable(
        turn.call.pool, turn.user, attempt.proven, attempt.levels, turn.offered
    )
