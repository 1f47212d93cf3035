"""Which factors are missing for a level that was asked for: pure, for next_step.py and those who ask for it.

    lacks_first     whether a first factor is to be proven
    may_begin       whether one that comes first leads to a level
    aimed_at        the level that this user will reach
    missing         the factors of which one is asked for, to reach it
    choosable       those to choose from, also where no level was asked for
    reaches_all, raises_any
                    whether nothing more can be wanted, and whether one factor brings any of it

Levels are in order, the most wanted first; the first of them counts that the user can reach from what it has proven first. What it
has of second factors plays no part until then, so that nobody learns of it who has proven nothing.
"""

from __future__ import annotations

from cognomen.challenge_names import PASSWORD, PASSWORD_VERIFIER, WEB_AUTHN
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.tokens import assurance
from cognomen.users import factors, first_factors

FIRST_FACTORS = frozenset({PASSWORD, PASSWORD_VERIFIER, WEB_AUTHN, *first_factors.ADDRESSES})


def is_first_proven(proven: tuple[str, ...]) -> bool:
    """Whether a first factor is among what was answered well; choosing one is not."""
    return not FIRST_FACTORS.isdisjoint(proven)


def lacks_first(proven: tuple[str, ...], levels: tuple[str, ...]) -> bool:
    """Whether a first factor is to be proven: none was yet, or none that leads to a level."""
    return not is_first_proven(proven) or not _leads(proven, levels)


def may_begin(factor: str, levels: tuple[str, ...]) -> bool:
    """Whether what comes first leads to a level; a password does so however it is proven."""
    return _leads((PASSWORD if factor in first_factors.PASSWORDS else factor,), levels)


def aimed_at(
    pool: UserPool, user: User, proven: tuple[str, ...], levels: tuple[str, ...], offered: tuple[str, ...]
) -> str | None:
    """None where no level can be reached. `offered` is what the user may prove first."""
    for level in levels:
        if assurance.reaches(proven, level):
            return level
        if _raising((*factors.usable(pool, user), *offered), proven, level):
            return level
    return None


def missing(
    pool: UserPool, user: User, proven: tuple[str, ...], levels: tuple[str, ...], offered: tuple[str, ...]
) -> tuple[str, ...]:
    """Empty where nothing is missing. Second factors that are asked for anyway go before others, and those before first ones."""
    level = aimed_at(pool, user, proven, levels, offered)
    if level is None or assurance.reaches(proven, level):
        return ()
    ranks = (factors.asked(pool, user), factors.usable(pool, user), offered)
    return next(raising for rank in ranks if (raising := _raising(rank, proven, level)))


def choosable(
    pool: UserPool, user: User, proven: tuple[str, ...], levels: tuple[str, ...], offered: tuple[str, ...]
) -> tuple[str, ...]:
    return missing(pool, user, proven, levels, offered) or factors.asked(pool, user)


def reaches_all(proven: tuple[str, ...], levels: tuple[str, ...]) -> bool:
    return all(assurance.reaches(proven, level) for level in levels)


def raises_any(factor: str, proven: tuple[str, ...], levels: tuple[str, ...]) -> bool:
    """Whether a factor reaches a level that was not reached before it."""
    return any(_raising((factor,), proven, level) for level in levels if not assurance.reaches(proven, level))


def _leads(proven: tuple[str, ...], levels: tuple[str, ...]) -> bool:
    return not levels or any(assurance.leads_to(proven, level) for level in levels)


def _raising(those: tuple[str, ...], proven: tuple[str, ...], level: str) -> tuple[str, ...]:
    return tuple(factor for factor in those if assurance.reaches((*proven, factor), level))
