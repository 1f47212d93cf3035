"""A sign-in whose MFA_SETUP waits for its answer: two operations go on with its session alone.

opened      the turn that waits
associated  it waits on, in another session, when a secret was shared
verified    the same, when the app has shown a code; that is proven then, and what is left is to say so
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cognomen.call import Call
from cognomen.challenge_names import MFA_SETUP, SOFTWARE_TOKEN_MFA
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in import engine, spending, waiting
from cognomen.sign_in.turn import Proven, Turn
from cognomen.store.database import Db
from cognomen.store.users import User


async def opened(call: Call, session: str) -> Turn:
    """Raises SESSION_INVALID, also where it waits for anything else, SESSION_EXPIRED, SESSION_SPENT."""
    return await engine.opened(call, MFA_SETUP, session)


async def associated(turn: Turn, change: Callable[[Db], User]) -> tuple[User, str]:
    """Spend the turn with `change`: the user after it, and the session of the next turn."""
    user = await spending.spend(turn, Proven(change))
    return user, await _ask_again(turn, user, turn.attempt.proven, "")


async def verified(turn: Turn, change: Callable[[Db], User]) -> str:
    """The same when `change` gave the user a second factor."""
    user = await spending.spend(turn, Proven(change))
    return await _ask_again(turn, user, (*turn.attempt.proven, SOFTWARE_TOKEN_MFA), MFA_SETUP)


async def _ask_again(turn: Turn, user: User, proven: tuple[str, ...], chosen: str) -> str:
    attempt = msgspec.structs.replace(
        turn.attempt, credential_version=user.credential_version, proven=proven, chosen=chosen
    )
    return await waiting.session_of(turn.call, attempts.asked(turn.call, attempt, MFA_SETUP))
