"""SOFTWARE_TOKEN_MFA: a code that the user's app shows. Each code counts once, in whatever session it comes."""

from __future__ import annotations

from functools import partial

from cognomen import errors
from cognomen.challenge_names import SOFTWARE_TOKEN_MFA
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong
from cognomen.store.database import Db
from cognomen.users import software_tokens
from cognomen.users.software_tokens import Code


async def ask(turn: Turn) -> Question:
    """The name of the device, where a client has given it one."""
    name = turn.user.factors.totp_name
    parameters = {"USER_ID_FOR_SRP": turn.user.username}
    return Question(parameters | ({"FRIENDLY_DEVICE_NAME": name} if name else {}))


async def check(turn: Turn) -> Proven | Wrong:
    """A code that was used is told as such, since it was right; the session may be tried again with the next one."""
    call, given = turn.call, turn.required("SOFTWARE_TOKEN_MFA_CODE")
    secret = software_tokens.secret(call.vault, turn.user)
    code = software_tokens.right(secret, given, call.now)
    if code is None:
        return Wrong(errors.TOTP_MISMATCH())
    return Proven(partial(_spend, turn=turn, code=code))


CHALLENGE = Challenge(ask=ask, check=check, failures=SOFTWARE_TOKEN_MFA)


def _spend(db: Db, turn: Turn, code: Code) -> None:
    if not software_tokens.spend(db, turn.user, code):
        raise errors.TOTP_USED()
