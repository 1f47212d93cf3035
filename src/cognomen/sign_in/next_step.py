"""What comes next in a sign-in: a pure function over a table that is read from the top.

The order is Cognito's as far as it is known (docs/unsure.md): enabled, lock, status, what a risk asks for that was found once the
first factor was proven, first factor, then what the proven user has still to do: a new password, what the level asks for that the
client wants, a second factor or one to set up.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cognomen import errors
from cognomen.challenge_names import (
    MFA_SETUP,
    NEW_PASSWORD_REQUIRED,
    OF_DEVICES,
    PASSWORD_SRP,
    PASSWORD_VERIFIER,
    SELECT_CHALLENGE,
    SELECT_MFA_TYPE,
    WEB_AUTHN,
)
from cognomen.errors import Sentence
from cognomen.sign_in import levels, risks
from cognomen.sign_in.attempt import ISSUED
from cognomen.sign_in.flows import FLOWS
from cognomen.sign_in.risks import Standing
from cognomen.sign_in.turn import Turn
from cognomen.store.app_clients import AppClient
from cognomen.store.factors import ALL
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import devices, factors, first_factors, passwords, status

_SECOND_FACTORS = frozenset(ALL)


class Situation(msgspec.Struct, frozen=True):
    """Everything that the next step depends on; what is in the attempt is told there.

    `offered`: what may be proven first, where the user has the choice.
    `locked`: whoever failed too often at what comes next must wait.
    """

    pool: UserPool
    client: AppClient
    user: User
    flow: str
    proven: tuple[str, ...]
    chosen: str
    offered: tuple[str, ...]
    locked: bool
    now: int
    custom: str | None = None
    """What the pool's functions have asked for in a custom sign-in (`next` in attempt.py); None in others."""
    on_device: bool = False
    """Whether it is on a device that the user has remembered."""
    levels: tuple[str, ...] = ()
    """Those of which one is to be reached, the most wanted first; empty where any sign-in will do."""
    action: str = ""
    """What is due for its risk (risk/assessing.py); empty before the first factor is proven, and where nobody judges it."""


class Refuse(msgspec.Struct, frozen=True):
    sentence: Sentence


class AskFor(msgspec.Struct, frozen=True):
    challenge: str


class Complete(msgspec.Struct, frozen=True):
    pass


class Decide(msgspec.Struct, frozen=True):
    """The pool's functions are to be asked."""


Step = Refuse | AskFor | Complete | Decide


def next_step(at: Situation) -> Step:
    """The first row that applies; where none has anything to say, what the pool's functions want in a custom sign-in.

    A device that is remembered proves itself last of all.
    """
    step: Step = Complete()
    for applies, row in _ROWS:
        if applies(at):
            step = row(at)
            break
    if not isinstance(step, Complete):
        return step
    if at.custom is not None and at.custom != ISSUED:
        return AskFor(at.custom) if at.custom else Decide()
    missing = [challenge for challenge in OF_DEVICES if challenge not in at.proven]
    return AskFor(missing[0]) if at.on_device and missing else step


def step_of(turn: Turn, *, locked: bool = False) -> Step:
    """What comes next for the turn's user, as it is now."""
    call, attempt = turn.call, turn.attempt
    situation = Situation(
        pool=call.pool,
        client=call.client,
        user=turn.user,
        flow=attempt.flow,
        proven=attempt.proven,
        chosen=attempt.chosen,
        offered=turn.offered,
        locked=locked,
        now=call.now,
        custom=attempt.custom.next if attempt.custom else None,
        on_device=turn.device is not None,
        levels=attempt.levels,
        action=attempt.risk.action if attempt.risk else "",
    )
    return next_step(situation)


def _refuse(sentence: Sentence) -> Callable[[Situation], Step]:
    return lambda _: Refuse(sentence)


def _ask_for(challenge: str) -> Callable[[Situation], Step]:
    return lambda _: AskFor(challenge)


def _standing(at: Situation) -> Standing:
    return Standing(at.pool, at.user, at.flow, at.proven, at.action, at.on_device)


def _is_too_risky(at: Situation) -> bool:
    return risks.response(_standing(at)) == risks.REFUSE


def _owed(at: Situation) -> tuple[str, ...]:
    return risks.owed(_standing(at))


def _for_risk(at: Situation) -> Step:
    owed = _owed(at)
    if at.chosen in owed:
        return AskFor(at.chosen)
    return AskFor(owed[0] if len(owed) == 1 else SELECT_MFA_TYPE)


def _first_factor(at: Situation) -> Step:
    challenge = FLOWS[at.flow].first_factor
    if challenge is None:
        raise AssertionError(f"flows.allowed lets nobody begin with {at.flow}")
    return AskFor(_chosen(at) if challenge == SELECT_CHALLENGE else challenge)


def _chosen(at: Situation) -> str:
    if at.chosen not in at.offered:
        return SELECT_CHALLENGE
    begun = at.chosen == PASSWORD_SRP and at.chosen in at.proven
    return PASSWORD_VERIFIER if begun else at.chosen


def _confirms_by_code(at: Situation) -> bool:
    """Whether the user is about to prove an address by a code, which is all that confirming asks for."""
    is_to_come = levels.lacks_first(at.proven, at.levels)
    return bool(at.offered) and at.chosen not in first_factors.PASSWORDS and is_to_come


def _knows_no_password(at: Situation) -> bool:
    """A custom sign-in in which none was proven: second factors, and what becomes of passwords, are not spoken of there."""
    return at.custom is not None and PASSWORD_VERIFIER not in at.proven


def _stands_in(at: Situation) -> bool:
    """Whether the device will prove itself in the place of a second factor (DeviceConfigurationType in the API reference)."""
    return at.on_device and devices.stand_in(at.pool)


def _sets_up(at: Situation) -> bool:
    """A software token was verified in the midst of the sign-in, and the client has yet to say that it goes on."""
    return at.chosen == MFA_SETUP


def _reaches_no_level(at: Situation) -> bool:
    return bool(at.levels) and _aim(at) is None


def _aim(at: Situation) -> str | None:
    return levels.aimed_at(at.pool, at.user, at.proven, at.levels, at.offered)


def _missing(at: Situation) -> tuple[str, ...]:
    return levels.missing(at.pool, at.user, at.proven, at.levels, at.offered)


def _next_of(at: Situation, there: tuple[str, ...]) -> str:
    is_offered = at.chosen in at.offered and levels.raises_any(at.chosen, at.proven, at.levels)
    if at.chosen in there or is_offered:
        return at.chosen
    if len(there) == 1:
        return there[0]
    return SELECT_MFA_TYPE if _SECOND_FACTORS.issuperset(there) else SELECT_CHALLENGE


def _needs_no_second_factor(at: Situation) -> bool:
    """What comes first stands for itself alone, also where it is a code as second factors are.

    But for a passkey: it could not come first if it did not stand for both (first_factors.py).
    """
    if at.pool.settings.mfa_configuration == "OFF" or _stands_in(at) or WEB_AUTHN in at.proven:
        return True
    proven = [challenge for challenge in at.proven if challenge in levels.FIRST_FACTORS | _SECOND_FACTORS]
    if not _SECOND_FACTORS.isdisjoint(proven[1:]):
        return True
    return at.pool.settings.mfa_configuration == "OPTIONAL" and not factors.asked(at.pool, at.user)


def _has_chosen(at: Situation) -> bool:
    """One of the factors that it has, or, where it has none, one that it can set up by proving it."""
    asked = factors.asked(at.pool, at.user)
    return at.chosen in (asked or factors.can_set_up(at.pool, at.user))


def _has_one_factor(at: Situation) -> bool:
    return len(factors.asked(at.pool, at.user)) == 1


def _has_several_factors(at: Situation) -> bool:
    return len(factors.asked(at.pool, at.user)) > 1


def _can_set_up(at: Situation) -> bool:
    return bool(factors.can_set_up(at.pool, at.user))


def _has_temporary_password(at: Situation) -> bool:
    return at.user.status == status.FORCE_CHANGE_PASSWORD


def _temporary_password_expired(at: Situation) -> bool:
    return _has_temporary_password(at) and passwords.temporary_has_expired(at.pool, at.user, at.now)


_ROWS: tuple[tuple[Callable[[Situation], bool], Callable[[Situation], Step]], ...] = (
    (lambda at: not at.user.enabled, _refuse(errors.USER_DISABLED)),
    (lambda at: at.locked, _refuse(errors.PASSWORD_ATTEMPTS_EXCEEDED)),
    (
        lambda at: at.user.status == status.UNCONFIRMED and not _confirms_by_code(at),
        _refuse(errors.USER_NOT_CONFIRMED),
    ),
    (lambda at: at.user.status == status.RESET_REQUIRED, _refuse(errors.PASSWORD_RESET_REQUIRED)),
    (_is_too_risky, _refuse(errors.BLOCKED)),
    (lambda at: bool(_owed(at)), _for_risk),
    (_knows_no_password, lambda _: Complete()),
    (lambda at: levels.lacks_first(at.proven, at.levels), _first_factor),
    (_temporary_password_expired, _refuse(errors.TEMPORARY_PASSWORD_EXPIRED)),
    (_has_temporary_password, _ask_for(NEW_PASSWORD_REQUIRED)),
    (_sets_up, _ask_for(MFA_SETUP)),
    (_reaches_no_level, _refuse(errors.LEVEL_OUT_OF_REACH)),
    (lambda at: bool(_missing(at)), lambda at: AskFor(_next_of(at, _missing(at)))),
    (_needs_no_second_factor, lambda _: Complete()),
    (_has_chosen, lambda at: AskFor(at.chosen)),
    (_has_one_factor, lambda at: AskFor(*factors.asked(at.pool, at.user))),
    (_has_several_factors, _ask_for(SELECT_MFA_TYPE)),
    (_can_set_up, _ask_for(MFA_SETUP)),
    (lambda _: True, _refuse(errors.NO_SECOND_FACTOR)),
)
