"""What a client wants a sign-in to reach, and what counts of what was proven before (TARGET_ACR_VALUES, MAX_AGE, ACCESS_TOKEN).

Developer guide, "Step-up authentication with ACR and AMR". Which factors that leaves to be proven is for levels.py to say.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.pools import plans
from cognomen.sign_in.flows import CHOICE, Flow
from cognomen.store.users import User
from cognomen.tokens import access_tokens, assurance


@dataclass(frozen=True, slots=True)
class Target:
    """The `levels` of which one is to be reached, the most wanted first, and the challenges that count as `proven` already.

    `sub` is the user who has proven them; the sign-in must be that user's.
    """

    levels: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()
    sub: str | None = None

    def refuse_another(self, found: User | None) -> None:
        """Raises ACCESS_TOKEN_FOREIGN, the same for a user and for a name that nobody has."""
        if self.sub is not None and (found is None or found.sub != self.sub):
            raise errors.ACCESS_TOKEN_FOREIGN()


_DIGITS = 10

ANY = Target()
"""Whatever the pool is content with."""


async def target(call: Call, flow: Flow, given: Mapping[str, str]) -> Target:
    """What the parameters of USER_AUTH say; other flows do not have these, and no flow has in a plan without levels.

    Raises LEVELS_MISSING, LEVELS_UNKNOWN, MAX_AGE_NO_NUMBER, ACCESS_TOKEN_FOREIGN, and what is wrong with the access token.
    """
    names, token = given.get("TARGET_ACR_VALUES"), given.get("ACCESS_TOKEN")
    if names:
        plans.require(call.pool.settings, plans.STEP_UP)
    if flow.name != CHOICE:
        return ANY
    if not names:
        if token:
            raise errors.LEVELS_MISSING()
        return ANY
    levels = assurance.wanted(call.pool, names.split())
    if not levels:
        raise errors.LEVELS_UNKNOWN()
    max_age = _seconds(given.get("MAX_AGE"))
    if not token:
        return Target(levels)
    presented = copy.copy(call)  # which the token's pool, client and user are put into
    await access_tokens.verify(presented, token)
    if presented.client.id != call.client.id:
        raise errors.ACCESS_TOKEN_FOREIGN()
    counts = _counts(presented, max_age)
    proven = assurance.challenges(presented.access_token.amr) if counts else ()
    return Target(levels, proven, presented.user.sub)


def _counts(presented: Call, max_age: int | None) -> bool:
    """Whether the token's sign-in is young enough, and no older than the user's password."""
    since = presented.access_token.auth_time
    if max_age is not None and presented.now - since > max_age * SECOND:
        return False
    return since + SECOND > presented.user.password_set_at  # tokens know whole seconds


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise errors.MAX_AGE_NO_NUMBER()
    return int(text)
