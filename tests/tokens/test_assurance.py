from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from cognomen.store.user_pools import UserPool
from cognomen.tokens import assurance
from cognomen.tokens.assurance import Assurance
from tests.store.test_user_pools import a_pool


def pool(**settings: Any) -> UserPool:
    plain = a_pool("us-east-1_AbCdEf123")
    return replace(plain, settings=msgspec.structs.replace(plain.settings, **settings))


@pytest.mark.parametrize(
    ("proven", "level", "amr"),
    [
        (("PASSWORD",), 1, ("pwd",)),
        (("PASSWORD_VERIFIER",), 1, ("pwd",)),
        (("PASSWORD_SRP", "PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"), 1, ("pwd",)),
        (("PASSWORD_SRP", "SELECT_CHALLENGE", "EMAIL_OTP"), 2, ("email_otp",)),
        (("SMS_OTP",), 2, ("sms",)),
        (("EMAIL_OTP",), 2, ("email_otp",)),
        (("WEB_AUTHN",), 3, ("swk",)),
        (("PASSWORD", "SMS_MFA"), 3, ("pwd", "sms", "mfa")),
        (("PASSWORD_VERIFIER", "EMAIL_OTP"), 3, ("pwd", "email_otp", "mfa")),
        (("PASSWORD", "SOFTWARE_TOKEN_MFA", "MFA_SETUP"), 4, ("pwd", "otp", "mfa")),
        (("CUSTOM_CHALLENGE",), None, ()),
        (("CUSTOM_CHALLENGE", "PASSWORD_VERIFIER"), 1, ("pwd",)),
        ((), None, ()),
    ],
)
def test_a_level_is_what_was_proven(proven: tuple[str, ...], level: int | None, amr: tuple[str, ...]) -> None:
    acr = None if level is None else f"urn:cognito:loa:{level}"
    assert assurance.of(pool(), proven) == Assurance(acr, amr)


def test_a_pool_has_names_of_its_own_for_levels() -> None:
    named = pool(acr_configuration={"Level1": {"AcrValue": "bronze"}})
    assert assurance.of(named, ("PASSWORD",)).acr == "bronze"
    assert assurance.of(named, ("SMS_OTP",)).acr == "urn:cognito:loa:2"


def test_the_smallest_plan_has_no_levels() -> None:
    assert assurance.of(pool(user_pool_tier="LITE"), ("PASSWORD",)) == Assurance()
