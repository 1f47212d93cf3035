"""EMAIL_OTP: a code that is sent to the user's e-mail address, as a first factor or a second one."""

from __future__ import annotations

from cognomen.messages import compose
from cognomen.sign_in import sent_codes
from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong
from cognomen.store.factors import EMAIL_OTP

FAILURES: str | None = EMAIL_OTP
UNASKED: frozenset[str] = frozenset()
ONE_ANSWER = False
CARRIER: Carrier | None = None


async def ask(turn: Turn) -> Question:
    return await sent_codes.ask(turn, compose.EMAIL)


async def check(turn: Turn) -> Proven | Wrong:
    return await sent_codes.check(turn, "EMAIL_OTP_CODE")
