"""SMS_OTP: a code that is sent to the user's phone number, as a first factor; a second one is SMS_MFA."""

from __future__ import annotations

from cognomen.messages import compose
from cognomen.sign_in import sent_codes
from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong

FAILURES: str | None = "SMS_OTP"
UNASKED: frozenset[str] = frozenset()
ONE_ANSWER = False
CARRIER: Carrier | None = None


async def ask(turn: Turn) -> Question:
    return await sent_codes.ask(turn, compose.SMS)


async def check(turn: Turn) -> Proven | Wrong:
    return await sent_codes.check(turn, "SMS_OTP_CODE")
