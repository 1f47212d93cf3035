"""SELECT_MFA_TYPE: which of its second factors the user wants to prove, where none is preferred."""

from __future__ import annotations

import msgspec

from cognomen import errors
from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong
from cognomen.store.factors import EMAIL_OTP
from cognomen.users import factors

FAILURES: str | None = None
UNASKED: frozenset[str] = frozenset()
ONE_ANSWER = False
CARRIER: Carrier | None = None

_ALSO = {"EMAIL_MFA": EMAIL_OTP}
"""Another name that the API reference has for a factor; public clients send the one that challenges have."""


async def ask(turn: Turn) -> Question:
    """The factors as a JSON list, under the name that clients read (the developer guide writes MFAS_CAN_SELECT)."""
    asked = factors.asked(turn.call.pool, turn.user)
    return Question(
        {
            "MFAS_CAN_CHOOSE": msgspec.json.encode(asked).decode(),
            "USER_ID_FOR_SRP": turn.user.username,
        }
    )


async def check(turn: Turn) -> Proven | Wrong:
    answer = turn.required("ANSWER")
    chosen = _ALSO.get(answer, answer)
    if chosen not in factors.asked(turn.call.pool, turn.user):
        raise errors.FACTOR_NOT_OFFERED(factor=answer)
    return Proven(chosen=chosen)
