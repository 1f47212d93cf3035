"""What a risk asks of whoever has proven a first factor: pure, for next_step.py and those who ask for it and tell of it.

    Standing        what it depends on
    response        the sign-in goes on (ALLOW), needs another factor (FACTOR), or is refused (REFUSE)
    owed            the factors of which one is still to be proven for the risk

A factor counts for a risk though the pool's is OPTIONAL, and the user has not enabled it: what it has will do, as where one
is required. A code to the address that the first one went to does not, and a passkey needs nothing beside it where it stands for
two. Developer guide, "Working with adaptive authentication".

A device that the pool remembers unasked, and lets stand in for a second factor, does so here too; one that its user was asked about
does not (developer guide, "Working with user devices").
"""

from __future__ import annotations

from dataclasses import dataclass

from cognomen.challenge_names import EMAIL_OTP, PASSWORD_VERIFIER, SMS_MFA, SMS_OTP, WEB_AUTHN
from cognomen.pools import turned_on
from cognomen.risk.assessing import BLOCK, MFA_IF_CONFIGURED, MFA_REQUIRED
from cognomen.sign_in import levels
from cognomen.sign_in.flows import CUSTOM
from cognomen.sign_in.turn import Turn
from cognomen.store.factors import ALL
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import devices, factors

ALLOW, FACTOR, REFUSE = "allow", "factor", "refuse"

_SECOND_FACTORS = frozenset(ALL)
_SAME_ADDRESS = {SMS_OTP: SMS_MFA, EMAIL_OTP: EMAIL_OTP}
"""First factors, and the second one whose code goes where theirs did."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who it is, what was `proven`, and the `action` (risk/assessing.py) that is due; empty where none is."""

    pool: UserPool
    user: User
    flow: str
    proven: tuple[str, ...]
    action: str
    on_device: bool


def standing_of(turn: Turn) -> Standing:
    call, attempt = turn.call, turn.attempt
    action = attempt.risk.action if attempt.risk else ""
    return Standing(call.pool, turn.user, attempt.flow, attempt.proven, action, turn.device is not None)


def response(at: Standing) -> str:
    if at.action == BLOCK:
        return REFUSE
    if at.action not in {MFA_REQUIRED, MFA_IF_CONFIGURED} or (at.on_device and _stands_in(at.pool)):
        return ALLOW
    if _is_met(at) or _demanded(at):
        return FACTOR
    return REFUSE if at.action == MFA_REQUIRED else ALLOW


def owed(at: Standing) -> tuple[str, ...]:
    """Empty where nothing is owed, or no more."""
    return () if response(at) != FACTOR or _is_met(at) else _demanded(at)


def _is_met(at: Standing) -> bool:
    if WEB_AUTHN in at.proven and turned_on.passkeys_stand_for_mfa(at.pool.settings):
        return True
    return not _SECOND_FACTORS.isdisjoint(_split(at)[1])


def _demanded(at: Standing) -> tuple[str, ...]:
    taken = {_SAME_ADDRESS.get(challenge) for challenge in _split(at)[0]}
    return tuple(factor for factor in factors.demanded(at.pool, at.user) if factor not in taken)


def _split(at: Standing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first factor, and what was proven beside it; in a custom sign-in without a password there is none."""
    firsts = frozenset({PASSWORD_VERIFIER}) if at.flow == CUSTOM else levels.FIRST_FACTORS
    index = next((index for index, each in enumerate(at.proven) if each in firsts), None)
    if index is None:
        return (), at.proven
    return at.proven[index : index + 1], at.proven[:index] + at.proven[index + 1 :]


def _stands_in(pool: UserPool) -> bool:
    is_asked = (pool.settings.device_configuration or {}).get("DeviceOnlyRememberedOnUserPrompt", False)
    return devices.stand_in(pool) and not is_asked
