"""What a user may prove first, where a sign-in lets it choose (developer guide, "Authentication flows").

    allowed         the factors of the pool (SignInPolicy)
    configured      those that the user has, as GetUserAuthFactors tells them
    offered         those that count now, as AvailableChallenges tells them

A password can be proven in two ways, which are two challenges. Where a second factor is asked for, nothing but a password may
come first: a code is no second factor to a code. A passkey may that stands for both, by the pool's word and the user's.

A code goes to a verified address, and verifies another only while the user has no verified one: who has just signed up, or was made
without a password. Else a second address, which a stranger may have given along, would let its owner into the account.
"""

from __future__ import annotations

from cognomen.challenge_names import EMAIL_OTP, PASSWORD, PASSWORD_SRP, SMS_OTP, WEB_AUTHN
from cognomen.pools import turned_on
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import factors, names, passwords, status

PASSWORDS = (PASSWORD_SRP, PASSWORD)
ADDRESSES = {EMAIL_OTP: names.EMAIL, SMS_OTP: names.PHONE_NUMBER}
"""The factors that are a code, and the attribute that says where it goes."""

ALL = frozenset({*PASSWORDS, *ADDRESSES, WEB_AUTHN})

SOFTWARE_TOKEN = "SOFTWARE_TOKEN"


def configured(pool: UserPool, user: User, *, has_passkey: bool) -> list[str]:
    """A software token is told too, which is a second factor alone. Who comes from a provider signs in there, whatever else is set up."""
    has = {
        PASSWORD: passwords.is_set(user),
        WEB_AUTHN: has_passkey,
        **{factor: takes_codes(user, attribute) for factor, attribute in ADDRESSES.items()},
    }
    allowed = turned_on.first_factors(pool.settings)
    first = [factor for factor in (PASSWORD, *ADDRESSES, WEB_AUTHN) if has[factor] and factor in allowed]
    if user.status == status.EXTERNAL_PROVIDER:
        first = []
    return [*first, SOFTWARE_TOKEN] if user.sealed_totp_secret is not None else first


def offered(pool: UserPool, user: User, *, has_password: bool, has_passkey: bool) -> tuple[str, ...]:
    """Whoever has nothing to offer is asked for a password all the same: no answer will be right."""
    factors = turned_on.first_factors(pool.settings)
    by_password = PASSWORDS if has_password and PASSWORD in factors else ()
    by_code = tuple(
        factor
        for factor, attribute in ADDRESSES.items()
        if factor in factors and takes_codes(user, attribute)
    )
    by_passkey = (WEB_AUTHN,) if has_passkey and WEB_AUTHN in factors else ()
    if user.status == status.UNCONFIRMED:
        return by_code
    if user.status != status.CONFIRMED:
        by_code = by_passkey = ()
    elif needs_second(pool, user):
        by_code, by_passkey = (), by_passkey if _may_stand_for_two(pool, user) else ()
    return (*by_password, *by_code, *by_passkey) or PASSWORDS


def takes_codes(user: User, attribute: str) -> bool:
    """Whether a code that comes first may go to this address of the user."""
    return bool(user.attributes.get(attribute)) and (
        _is_verified(user, attribute) or not any(_is_verified(user, each) for each in names.VERIFIED)
    )


def needs_second(pool: UserPool, user: User) -> bool:
    """Whether a password alone does not sign the user in."""
    return pool.settings.mfa_configuration == "ON" or bool(factors.asked(pool, user))


def _is_verified(user: User, attribute: str) -> bool:
    """Whether there is a verified address; a flag without one does not stay (attributes.py)."""
    return user.attributes.get(names.VERIFIED[attribute]) == "true"


def _may_stand_for_two(pool: UserPool, user: User) -> bool:
    return turned_on.passkeys_stand_for_mfa(pool.settings) and user.factors.passkeys
