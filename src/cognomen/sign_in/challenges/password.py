"""PASSWORD: the password itself. USER_PASSWORD_AUTH and its admin twin send it along with the user name.

A password that came from elsewhere is known by its verifier once it was right here (users/foreign_passwords.py). A right one may
have leaked, and then open nothing any more (risk/compromised.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cognomen import errors
from cognomen.risk import compromised
from cognomen.sign_in.turn import Challenge, Proven, Turn, Wrong
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import foreign_passwords, lockout, passwords


async def check(turn: Turn) -> Proven | Wrong:
    """A stranger's password costs the same arithmetic and is never right."""
    call, user, password = turn.call, turn.user, turn.required("PASSWORD")
    if passwords.is_right(call.vault, user, password) and not turn.attempt.stranger:
        return await _proven(turn, password, None)
    if user.sealed_foreign_password is None:
        await foreign_passwords.pretend(call, password)
    elif await foreign_passwords.is_right(call, user, password):
        kept = passwords.make(call.vault, user, password)
        return await _proven(
            turn, password, partial(foreign_passwords.learn, call=call, seen=user, kept=kept)
        )
    return Wrong(errors.INCORRECT_USERNAME_OR_PASSWORD())


async def _proven(turn: Turn, password: str, learn: Callable[[Db], User] | None) -> Proven:
    """What follows from the right password: where it must not be used, the user is one who has to set another."""
    call, user = turn.call, turn.user
    finding = await compromised.at_sign_in(call, user, password)
    if finding.is_blocked:
        return Proven(partial(compromised.reset, call=call, sub=user.sub), has_leaked=True)
    return Proven(learn, has_leaked=finding.has_leaked)


CHALLENGE = Challenge(check=check, failures=lockout.PASSWORD, unasked=frozenset({"PASSWORD"}))
