"""How surely it is the user: what a sign-in has proven, as tokens tell it in `amr` and `acr`. Pure.

Developer guide, "Step-up authentication": which methods a level asks for. What counts is what was proven at the sign-in, also when
its tokens are refreshed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from cognomen.challenge_names import (
    EMAIL_OTP,
    OF_PROVIDERS,
    PASSWORD,
    PASSWORD_VERIFIER,
    SMS_MFA,
    SMS_OTP,
    SOFTWARE_TOKEN_MFA,
    WEB_AUTHN,
)
from cognomen.pools import plans, rules
from cognomen.store.factors import ALL
from cognomen.store.user_pools import UserPool

SEVERAL = "mfa"
BY_PROVIDER = "fed"

_VOUCHED: Mapping[str, str] = dict(zip(OF_PROVIDERS, ("Level1", "Level2", "Level3", "Level4"), strict=True))

# Challenges that prove something. Whether a passkey is kept by the device itself or on one of its own (swk, hwk) is not
# known at a sign-in.
_METHODS: Mapping[str, str] = {
    PASSWORD: "pwd",
    PASSWORD_VERIFIER: "pwd",
    SOFTWARE_TOKEN_MFA: "otp",
    SMS_MFA: "sms",
    SMS_OTP: "sms",
    EMAIL_OTP: "email_otp",
    WEB_AUTHN: "swk",
    **dict.fromkeys(_VOUCHED, BY_PROVIDER),
}

_CHALLENGES: Mapping[str, str] = {
    "pwd": PASSWORD,
    "otp": SOFTWARE_TOKEN_MFA,
    "sms": SMS_MFA,
    "email_otp": EMAIL_OTP,
    "swk": WEB_AUTHN,
}

# The first whose methods were all used.
_LEVELS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Level4", frozenset({"pwd", "otp"})),
    ("Level3", frozenset({"swk"})),
    ("Level3", frozenset({"pwd", "sms"})),
    ("Level3", frozenset({"pwd", "email_otp"})),
    ("Level2", frozenset({"sms"})),
    ("Level2", frozenset({"email_otp"})),
    ("Level1", frozenset({"pwd"})),
)


class Assurance(NamedTuple):
    """`acr` is the pool's name of the level, None where no level is reached; `amr` are the methods, in order."""

    acr: str | None = None
    amr: tuple[str, ...] = ()


NOTHING = Assurance()


def of(pool: UserPool, proven: Iterable[str]) -> Assurance:
    """What `proven`, the challenges that were answered in order or one of OF_PROVIDERS, says; nothing in a plan without levels."""
    if not plans.includes(pool.settings.user_pool_tier, plans.STEP_UP):
        return NOTHING
    amr, level = _shown(tuple(proven))
    return Assurance(rules.acr_name(pool.settings, level) if level else None, amr)


def vouched(level: str) -> tuple[str, ...]:
    """What was proven where a provider vouches for a user up to this level."""
    return tuple(challenge for challenge, known in _VOUCHED.items() if known == level)


def wanted(pool: UserPool, names: Iterable[str]) -> tuple[str, ...]:
    """The levels that `names` mean in this pool, in order; others are passed over, and all in a plan without levels."""
    if not plans.includes(pool.settings.user_pool_tier, plans.STEP_UP):
        return ()
    levels = {name: level for level, name in rules.acr_names(pool.settings).items()}
    return tuple(levels[name] for name in names if name in levels)


def reaches(proven: Iterable[str], level: str) -> bool:
    """Whether what was proven is as good as the level, or better."""
    reached = _level(tuple(proven))
    return reached is not None and reached >= level


def leads_to(proven: tuple[str, ...], level: str) -> bool:
    """Whether what was proven reaches the level, if need be with a second factor more."""
    return reaches(proven, level) or any(reaches((*proven, factor), level) for factor in ALL)


def challenges(amr: Iterable[str]) -> tuple[str, ...]:
    """The challenges that a token's methods stand for. A code that was proven first is a first factor."""
    methods = [method for method in amr if method in _CHALLENGES]
    return tuple(
        SMS_OTP if method == "sms" and position == 0 else _CHALLENGES[method]
        for position, method in enumerate(methods)
    )


@lru_cache(maxsize=1_000)
def _shown(proven: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """What `amr` says, and the level."""
    methods = _methods(proven)
    return (*methods, SEVERAL) if len(methods) > 1 else methods, _level(proven)


def _methods(proven: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_METHODS[challenge] for challenge in proven if challenge in _METHODS))


def _level(proven: tuple[str, ...]) -> str | None:
    methods = _methods(proven)
    by_methods = next((level for level, needed in _LEVELS if needed.issubset(methods)), None)
    levels = [by_methods, *(_VOUCHED.get(each) for each in proven)]
    return max((level for level in levels if level is not None), default=None)
