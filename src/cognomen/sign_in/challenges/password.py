"""PASSWORD: the password itself. USER_PASSWORD_AUTH and its admin twin send it along with the user name.

A password that came from elsewhere is known by its verifier once it was right here (users/foreign_passwords.py).
"""

from __future__ import annotations

from functools import partial

from cognomen import errors
from cognomen.sign_in.turn import Challenge, Proven, Turn, Wrong
from cognomen.users import foreign_passwords, lockout, passwords


async def check(turn: Turn) -> Proven | Wrong:
    """A stranger's password costs the same arithmetic and is never right."""
    call, user, password = turn.call, turn.user, turn.required("PASSWORD")
    if passwords.is_right(call.vault, user, password) and not turn.attempt.stranger:
        return Proven()
    if user.sealed_foreign_password is None:
        await foreign_passwords.pretend(call, password)
    elif await foreign_passwords.is_right(call, user, password):
        kept = passwords.make(call.vault, user, password)
        return Proven(partial(foreign_passwords.learn, call=call, seen=user, kept=kept))
    return Wrong(errors.INCORRECT_USERNAME_OR_PASSWORD())


CHALLENGE = Challenge(check=check, failures=lockout.PASSWORD, unasked=frozenset({"PASSWORD"}))
