"""What a user has to choose from, as a table: the pool, the user, and what is told and offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec import structs

from cognomen.pools import turned_on
from cognomen.store.factors import Factors
from cognomen.store.user_pool_settings import Policies, SignInPolicy, UserPoolSettings
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import first_factors
from tests.users.examples import a_pool, a_user

EVERY = ("PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
PASSWORDS = ("PASSWORD_SRP", "PASSWORD")
UNVERIFIED = {"email": "a@example.com", "phone_number": "+15550001234"}
MAIL = {"email": "a@example.com", "email_verified": "true"}
BOTH = {**MAIL, "phone_number": "+15550001234", "phone_number_verified": "true"}
TWO_IN_ONE = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}


def pool(*factors: str, mfa: str = "OFF", passkeys: dict[str, str] | None = None) -> UserPool:
    policies = Policies(sign_in_policy=SignInPolicy(allowed_first_auth_factors=factors or EVERY))
    settings = UserPoolSettings(
        policies=policies,
        mfa_configuration=mfa,
        sms_configuration={"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"},
        web_authn_configuration=passkeys,
    )
    return replace(a_pool(), settings=settings)


def user(status: str = "CONFIRMED", **attributes: str) -> User:
    return structs.replace(a_user(), status=status, attributes=attributes, sealed_verifier=b"sealed")


WITH_MFA = Factors(enabled=("SMS_MFA",))
WITH_PASSKEYS = msgspec.structs.replace(WITH_MFA, passkeys=True)


@pytest.mark.parametrize(
    ("of", "who", "has", "offered"),
    [
        (pool(), user(**BOTH), {}, (*PASSWORDS, "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")),
        (pool("PASSWORD"), user(**BOTH), {}, PASSWORDS),
        (pool("PASSWORD", "EMAIL_OTP"), user(**BOTH), {}, (*PASSWORDS, "EMAIL_OTP")),
        (pool(), user(**MAIL), {"has_passkey": False}, (*PASSWORDS, "EMAIL_OTP")),
        (pool(), user(**UNVERIFIED), {}, (*PASSWORDS, "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")),
        (pool(), user(**UNVERIFIED | MAIL), {}, (*PASSWORDS, "EMAIL_OTP", "WEB_AUTHN")),
        (pool(), user(**BOTH), {"has_password": False}, ("EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")),
        (pool(), user(), {"has_password": False, "has_passkey": False}, PASSWORDS),
        (pool(), user("FORCE_CHANGE_PASSWORD", **BOTH), {}, PASSWORDS),
        (pool(), user("RESET_REQUIRED", **BOTH), {}, PASSWORDS),
        (pool(), user("EXTERNAL_PROVIDER", **BOTH), {}, PASSWORDS),
        (pool(), user("UNCONFIRMED", email="a@example.com"), {}, ("EMAIL_OTP",)),
        (pool(), user("UNCONFIRMED", **UNVERIFIED), {}, ("EMAIL_OTP", "SMS_OTP")),
        (pool(), user("UNCONFIRMED", **UNVERIFIED | MAIL), {}, ("EMAIL_OTP",)),
        (pool(), user("UNCONFIRMED"), {}, ()),
        (pool(mfa="ON"), user(**BOTH), {}, PASSWORDS),
        (pool(mfa="ON", passkeys=TWO_IN_ONE), user(**BOTH), {}, PASSWORDS),
        (
            pool(mfa="ON", passkeys=TWO_IN_ONE),
            structs.replace(user(**BOTH), factors=WITH_PASSKEYS),
            {},
            (*PASSWORDS, "WEB_AUTHN"),
        ),
        (pool(mfa="ON"), structs.replace(user(**BOTH), factors=WITH_PASSKEYS), {}, PASSWORDS),
        (pool(mfa="OPTIONAL"), user(**MAIL), {}, (*PASSWORDS, "EMAIL_OTP", "WEB_AUTHN")),
        (pool(mfa="OPTIONAL"), structs.replace(user(**BOTH), factors=WITH_MFA), {}, PASSWORDS),
        (
            pool(mfa="OPTIONAL", passkeys=TWO_IN_ONE),
            structs.replace(user(**BOTH), factors=WITH_PASSKEYS),
            {},
            (*PASSWORDS, "WEB_AUTHN"),
        ),
        (
            pool(mfa="OFF"),
            structs.replace(user(**BOTH), factors=WITH_MFA),
            {},
            (*PASSWORDS, "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"),
        ),
    ],
)
def test_what_is_offered(of: UserPool, who: User, has: dict[str, Any], offered: tuple[str, ...]) -> None:
    assert first_factors.offered(of, who, **({"has_password": True, "has_passkey": True} | has)) == offered


@pytest.mark.parametrize(
    ("of", "who", "has_passkey", "configured"),
    [
        (pool(), user(**BOTH), True, ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]),
        (pool("PASSWORD"), user(**BOTH), True, ["PASSWORD"]),
        (pool(), structs.replace(user(**MAIL), sealed_verifier=None), False, ["EMAIL_OTP"]),
        (pool(), user(**UNVERIFIED), False, ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]),
        (pool(), user(**UNVERIFIED | MAIL), False, ["PASSWORD", "EMAIL_OTP"]),
        (
            pool(),
            structs.replace(user(), sealed_totp_secret=b"sealed"),
            False,
            ["PASSWORD", "SOFTWARE_TOKEN"],
        ),
    ],
)
def test_what_is_configured(of: UserPool, who: User, has_passkey: bool, configured: list[str]) -> None:
    assert first_factors.configured(of, who, has_passkey=has_passkey) == configured


def test_a_pool_without_a_policy_has_passwords_alone() -> None:
    settings = UserPoolSettings(policies=Policies(sign_in_policy=None), user_pool_tier="LITE")
    assert turned_on.first_factors(settings) == ("PASSWORD",)
