"""Second factors: what a user has of them, what a sign-in asks for, and what may be set.

    asked                   those of which a sign-in asks for one
    usable                  those that it may ask for
    demanded                those of which a risky one asks for one
    can_set_up              those that whoever must have one, and has none, may set up
    changed, by_options     after SetUserMFAPreference, and after the older SetUserSettings

A code goes to an address whether or not it is verified; with the code it is. Developer guide, "Adding MFA to a user pool", of
which "Details of MFA logic at user runtime" is `asked` and `can_set_up`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from cognomen import errors
from cognomen.challenge_names import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from cognomen.pools import turned_on
from cognomen.store.factors import ALL
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users.names import EMAIL, PHONE_NUMBER

ATTRIBUTES = {SMS_MFA: PHONE_NUMBER, EMAIL_OTP: EMAIL}
"""The factors that are codes sent to an address, and the attribute that holds it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a request says of one factor."""

    enabled: bool
    preferred: bool


# -- what a sign-in asks for ------------------------------------------------------------------------------------------


def asked(pool: UserPool, user: User) -> tuple[str, ...]:
    """The factors of which a sign-in asks for one: the preferred alone, or those to choose from; empty where it asks for none."""
    there = usable(pool, user)
    preferred = user.factors.preferred
    return (preferred,) if preferred in there and preferred in user.factors.enabled else there


def usable(pool: UserPool, user: User) -> tuple[str, ...]:
    """The factors that a sign-in may ask for, whichever the user prefers."""
    mode = pool.settings.mfa_configuration
    if mode == "OFF":
        return ()
    there = [factor for factor in ALL if _has(pool, user, factor)]
    enabled = [factor for factor in there if factor in user.factors.enabled]
    if mode == "OPTIONAL":
        return tuple(enabled)
    return tuple(factor for factor in there if factor in enabled or _is_open(pool, user, factor, there))


def demanded(pool: UserPool, user: User) -> tuple[str, ...]:
    """As `asked`; but what the user has counts though it has enabled none, as in a pool that requires a second factor."""
    if pool.settings.mfa_configuration == "OFF":
        return ()
    there = [factor for factor in ALL if _has(pool, user, factor)]
    return asked(pool, user) or tuple(factor for factor in there if _is_open(pool, user, factor, there))


def can_set_up(pool: UserPool, user: User) -> tuple[str, ...]:
    """What a user of a pool that requires a second factor may set up to sign in.

    A user with an address has had that considered in `asked`, and is left with an app that shows codes.
    """
    offered = turned_on.second_factors(pool.settings)
    if any(user.attributes.get(attribute) for attribute in ATTRIBUTES.values()):
        return tuple(offered & {SOFTWARE_TOKEN_MFA})
    recovers_by = _recovers_by(pool)
    return tuple(factor for factor in ALL if factor in offered and ATTRIBUTES.get(factor, "") != recovers_by)


def _has(pool: UserPool, user: User, factor: str) -> bool:
    """Whether the pool offers the factor, and the user has what it needs."""
    if factor not in turned_on.second_factors(pool.settings):
        return False
    if factor == SOFTWARE_TOKEN_MFA:
        return user.sealed_totp_secret is not None
    return bool(user.attributes.get(ATTRIBUTES[factor]))


def _is_open(pool: UserPool, user: User, factor: str, there: list[str]) -> bool:
    """Whether whoever must have a second factor is asked for this one without having enabled it.

    Not for a code to the address that a new password is sent to first, which would then be all it takes: unless nothing else
    is there, and the user has another address, which a new password then goes to (recovery.py).
    """
    attribute = ATTRIBUTES.get(factor)
    if attribute is None or attribute != _recovers_by(pool):
        return True
    other = EMAIL if attribute == PHONE_NUMBER else PHONE_NUMBER
    return there == [factor] and bool(user.attributes.get(other))


def _recovers_by(pool: UserPool) -> str | None:
    """The attribute that a code for a forgotten password goes to first; None where the pool does not say so."""
    first = next(iter(turned_on.recovery(pool.settings)), None)
    return first and first.removeprefix("verified_")


# -- what may be set --------------------------------------------------------------------------------------------------


def changed(
    pool: UserPool, user: User, settings: Mapping[str, Setting], now: int, *, passkeys: bool | None = None
) -> User:
    """The user after SetUserMFAPreference: factors that are not named stay as they are, passkeys too where that is None.

    Raises SEVERAL_PREFERRED, FACTOR_NOT_THERE, SOFTWARE_TOKEN_NOT_SET_UP, PASSKEYS_NOT_FOR_MFA.
    """
    preferred = [factor for factor, setting in settings.items() if setting.enabled and setting.preferred]
    if len(preferred) > 1:
        raise errors.SEVERAL_PREFERRED()
    for factor, setting in settings.items():
        if setting.enabled:
            _refuse_missing(user, factor)
    before = user.factors
    named = {factor: factor in before.enabled for factor in ALL} | {
        factor: setting.enabled for factor, setting in settings.items()
    }
    enabled = tuple(factor for factor in ALL if named[factor])
    kept = before.preferred if before.preferred in enabled and before.preferred not in settings else None
    # WebAuthnMfaSettings are for users who have another factor (API reference).
    is_required = pool.settings.mfa_configuration == "ON"
    has_another = bool(enabled) or (is_required and bool(usable(pool, user)))
    if passkeys and not (has_another and turned_on.passkeys_stand_for_mfa(pool.settings)):
        raise errors.PASSKEYS_NOT_FOR_MFA()
    with_passkeys = before.passkeys if passkeys is None else passkeys
    after = replace(
        before,
        enabled=enabled,
        preferred=preferred[0] if preferred else kept,
        sms_by_options=before.sms_by_options and SMS_MFA not in settings,
        passkeys=with_passkeys and has_another,
    )
    return user if after == before else replace(user, factors=after, modified_at=now)


def by_options(pool: UserPool, user: User, now: int, *, sms: bool) -> User:
    """The user with SMS_MFA enabled, or disabled, in the old way. Raises FACTOR_NOT_THERE."""
    after = changed(pool, user, {SMS_MFA: Setting(sms, preferred=False)}, now)
    return replace(after, factors=replace(after.factors, sms_by_options=sms), modified_at=now)


def told(user: User) -> tuple[str, ...]:
    """The enabled factors as UserMFASettingList has them: without SMS, where it was enabled in the old way (aws-sdk-java-v2, issue 4869)."""
    by_options = {SMS_MFA} if user.factors.sms_by_options else set()
    return tuple(factor for factor in user.factors.enabled if factor not in by_options)


def without(user: User, factor: str) -> User:
    """The user for whom a factor is neither enabled nor preferred."""
    before = user.factors
    after = replace(
        before,
        enabled=tuple(each for each in before.enabled if each != factor),
        preferred=None if before.preferred == factor else before.preferred,
    )
    return replace(user, factors=after)


def enabling(user: User, factor: str) -> User:
    """The user for whom a factor is enabled, that it is known to have."""
    enabled = {*user.factors.enabled, factor}
    after = replace(user.factors, enabled=tuple(each for each in ALL if each in enabled))
    return replace(user, factors=after)


def _refuse_missing(user: User, factor: str) -> None:
    """What a user has of them may be enabled, whether or not the pool offers it (github.com/aws-amplify/amplify-js, issue 11260)."""
    if factor == SOFTWARE_TOKEN_MFA:
        if user.sealed_totp_secret is not None:
            return
        if user.sealed_new_totp_secret is None:
            raise errors.SOFTWARE_TOKEN_NOT_SET_UP()
        raise errors.FACTOR_NOT_THERE(factor=factor)
    if not user.attributes.get(ATTRIBUTES[factor]):
        raise errors.FACTOR_NOT_THERE(factor=factor)
