"""Where a code for a forgotten password goes: the pool's order among the addresses that a user has verified.

Whoever reads the messages of an address must not have both factors with it. So a pool that says how passwords are recovered
sends no code to the address that a second factor of the user sends to; one that says nothing does, as of old (developer guide,
"Adding MFA to a user pool"; AccountRecoverySetting in the API reference).
"""

from __future__ import annotations

from cognomen.pools import turned_on
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import factors
from cognomen.users.names import EMAIL, PHONE_NUMBER, VERIFIED

_ATTRIBUTES = {"verified_email": EMAIL, "verified_phone_number": PHONE_NUMBER}

# Of a pool that says nothing (developer guide, "Recovering a user account").
_OF_OLD = (PHONE_NUMBER, EMAIL)


def is_by_admin_only(pool: UserPool) -> bool:
    return "admin_only" in turned_on.recovery(pool.settings)


def attributes(pool: UserPool) -> tuple[str, ...]:
    """The kinds of address by priority; where only administrators help, those that help of theirs may go to."""
    named = turned_on.recovery(pool.settings)
    return tuple(_ATTRIBUTES[name] for name in named if name in _ATTRIBUTES) or _OF_OLD


def attribute_of(pool: UserPool, user: User) -> str | None:
    """The attribute whose address the code goes to; None where the user has verified none that may be used."""
    taken: set[str] = set()
    if pool.settings.account_recovery_setting is not None:
        taken = {factors.ATTRIBUTES.get(factor, "") for factor in factors.asked(pool, user)}
    return next(
        (
            attribute
            for attribute in attributes(pool)
            if attribute not in taken
            and user.attributes.get(attribute)
            and user.attributes.get(VERIFIED[attribute]) == "true"
        ),
        None,
    )
