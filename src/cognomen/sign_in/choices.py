"""What may be proven first by a user who has the choice: read where a sign-in depends on it, and nowhere else.

preferred           what the client would like to be asked, which need not be there to choose
brings_password     whether a password comes along with the request, by which a user may be migrated
offered_in          what is offered
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from cognomen.challenge_names import PASSWORD
from cognomen.sign_in import levels
from cognomen.sign_in.flows import CHOICE, Flow
from cognomen.sign_in.turn import Turn
from cognomen.users import first_factors, passkeys, passwords
from cognomen.users.decoys import Decoy


def preferred(flow: Flow, given: Mapping[str, str]) -> str:
    wanted = given.get("PREFERRED_CHALLENGE", "") if flow.name == CHOICE else ""
    return wanted if wanted in first_factors.ALL else ""


def brings_password(flow: Flow, given: Mapping[str, str]) -> bool:
    first = preferred(flow, given) or flow.first_factor
    return first == PASSWORD and "PASSWORD" in given


async def offered_in(turn: Turn) -> Turn:
    """The turn with what is offered. The same is read for a name that nobody has, and a decoy says itself what it has."""
    call, attempt, user = turn.call, turn.attempt, turn.user
    is_second = not levels.lacks_first(attempt.proven, attempt.levels)
    if attempt.flow != CHOICE or (is_second and levels.reaches_all(attempt.proven, attempt.levels)):
        return turn
    relying_party = passkeys.relying_party(call)
    has_password = passwords.is_set(user)
    has_passkey = await passkeys.has_any(call, user.sub, relying_party)
    if isinstance(user, Decoy):
        has_passkey = relying_party is not None and user.has_passkey
    offered = first_factors.offered(call.pool, user, has_password=has_password, has_passkey=has_passkey)
    if isinstance(user, Decoy) and user.begins_with_passwords_alone:
        offered = first_factors.PASSWORDS
    if is_second:
        raising = tuple(each for each in offered if levels.raises_any(each, attempt.proven, attempt.levels))
        return replace(turn, offered=raising)
    leading = tuple(factor for factor in offered if levels.may_begin(factor, attempt.levels))
    return replace(turn, offered=leading or first_factors.PASSWORDS)
