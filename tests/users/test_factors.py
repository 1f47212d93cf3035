"""What a sign-in asks for, as a table, and what may be set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec import structs

from cognomen.errors import Refusal
from cognomen.store.factors import Factors
from cognomen.store.user_pool_settings import (
    AccountRecoverySetting,
    EmailConfiguration,
    RecoveryMechanism,
    UserPoolSettings,
)
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import factors, recovery
from cognomen.users.factors import Setting
from tests.users.examples import a_pool, a_user

SMS, TOTP, MAIL = "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"
NOW = 1_700_000_000_000


def pool(mode: str, *offered: str, recovers_by: tuple[str, ...] = ()) -> UserPool:
    """A pool that offers these factors; a code for a forgotten password goes where `recovers_by` says, if it does."""
    mechanisms = tuple(
        RecoveryMechanism(priority=place, name=name) for place, name in enumerate(recovers_by, start=1)
    )
    settings = msgspec.structs.replace(
        UserPoolSettings(),
        mfa_configuration=mode,
        sms_configuration={"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"} if SMS in offered else None,
        software_token_mfa_configuration={"Enabled": TOTP in offered},
        email_mfa_configuration={} if MAIL in offered else None,
        email_configuration=EmailConfiguration(email_sending_account="DEVELOPER"),
        account_recovery_setting=AccountRecoverySetting(recovery_mechanisms=mechanisms)
        if mechanisms
        else None,
    )
    return replace(a_pool(), settings=settings)


def user(has: str = "", *, enabled: tuple[str, ...] = (), preferred: str | None = None) -> User:
    """A user who `has` some of an app, a phone number and an e-mail address."""
    attributes = {
        name: value
        for name, value in (("phone", "+17755550839"), ("email", "ada@example.com"))
        if name in has
    }
    if "phone" in attributes:
        attributes["phone_number"] = attributes.pop("phone")
    made = structs.replace(
        a_user(), attributes=attributes, factors=Factors(enabled=enabled, preferred=preferred)
    )
    return structs.replace(made, sealed_totp_secret=b"sealed") if "app" in has else made


ALL = (SMS, TOTP, MAIL)
MAIL_FIRST = ("verified_email", "verified_phone_number")
PHONE_FIRST = ("verified_phone_number", "verified_email")
MAIL_ALONE, PHONE_ALONE, ADMIN = ("verified_email",), ("verified_phone_number",), ("admin_only",)

ASKED: list[tuple[UserPool, User, tuple[str, ...]]] = [
    # Off: nothing is ever asked for.
    (pool("OFF", *ALL), user("app phone email", enabled=ALL, preferred=TOTP), ()),
    # Optional: what is enabled, if the pool offers it and the user has what it needs.
    (pool("OPTIONAL", *ALL), user("app phone email"), ()),
    (pool("OPTIONAL", *ALL), user("app phone email", enabled=(SMS,)), (SMS,)),
    (pool("OPTIONAL", *ALL), user("app phone email", enabled=(TOTP,)), (TOTP,)),
    (pool("OPTIONAL", *ALL), user("app phone email", enabled=(MAIL,)), (MAIL,)),
    (pool("OPTIONAL", *ALL), user("app phone email", enabled=ALL), ALL),
    (pool("OPTIONAL", *ALL), user("app phone email", enabled=ALL, preferred=MAIL), (MAIL,)),
    (pool("OPTIONAL", SMS, TOTP), user("app phone email", enabled=ALL, preferred=MAIL), (SMS, TOTP)),
    (pool("OPTIONAL", SMS), user("app", enabled=(TOTP,), preferred=TOTP), ()),
    (pool("OPTIONAL", *ALL), user("", enabled=(SMS,), preferred=SMS), ()),
    (pool("OPTIONAL", *ALL, recovers_by=PHONE_ALONE), user("phone", enabled=(SMS,)), (SMS,)),
    # Required: what is preferred, whatever else there is.
    (pool("ON", *ALL, recovers_by=PHONE_FIRST), user("app phone email", enabled=ALL, preferred=SMS), (SMS,)),
    (pool("ON", *ALL), user("phone", enabled=(SMS, TOTP), preferred=TOTP), (SMS,)),
    # Required, with an app: it, and the addresses that passwords are not recovered by first.
    (pool("ON", TOTP), user("app phone email"), (TOTP,)),
    (pool("ON", *ALL), user("app"), (TOTP,)),
    (pool("ON", *ALL), user("app phone email"), ALL),
    (pool("ON", *ALL, recovers_by=MAIL_FIRST), user("app phone email"), (SMS, TOTP)),
    (pool("ON", *ALL, recovers_by=PHONE_FIRST), user("app phone email"), (TOTP, MAIL)),
    (pool("ON", *ALL, recovers_by=ADMIN), user("app phone email"), ALL),
    (pool("ON", SMS, MAIL), user("app phone"), (SMS,)),
    # Required, without an app: the one address, unless passwords are recovered by it.
    (pool("ON", *ALL), user("phone"), (SMS,)),
    (pool("ON", *ALL), user("email"), (MAIL,)),
    (pool("ON", *ALL, recovers_by=MAIL_FIRST), user("phone"), (SMS,)),
    (pool("ON", *ALL, recovers_by=MAIL_FIRST), user("email"), ()),
    (pool("ON", *ALL, recovers_by=PHONE_FIRST), user("phone"), ()),
    (pool("ON", *ALL, recovers_by=PHONE_FIRST), user("phone", enabled=(SMS,)), (SMS,)),
    (pool("ON", *ALL, recovers_by=ADMIN), user("phone"), (SMS,)),
    (pool("ON", MAIL), user("phone"), ()),
    # Required, with both: the other one, or both where passwords are recovered by neither.
    (pool("ON", SMS, MAIL), user("phone email"), (SMS, MAIL)),
    (pool("ON", SMS, MAIL, recovers_by=ADMIN), user("phone email"), (SMS, MAIL)),
    (pool("ON", SMS, MAIL, recovers_by=MAIL_FIRST), user("phone email"), (SMS,)),
    (pool("ON", SMS, MAIL, recovers_by=PHONE_FIRST), user("phone email"), (MAIL,)),
    # The pool has no other factor, and a new password has another way.
    (pool("ON", SMS, recovers_by=PHONE_FIRST), user("phone email"), (SMS,)),
    (pool("ON", SMS, recovers_by=PHONE_FIRST), user("phone"), ()),
    # Required, and nothing there.
    (pool("ON", *ALL), user(""), ()),
    (pool("ON", TOTP), user("phone email"), ()),
]


@pytest.mark.parametrize(("of_pool", "who", "asked"), ASKED)
def test_what_a_sign_in_asks_for(of_pool: UserPool, who: User, asked: tuple[str, ...]) -> None:
    assert factors.asked(of_pool, who) == asked


@pytest.mark.parametrize(
    ("of_pool", "who", "can_set_up"),
    [
        (pool("ON", *ALL), user(""), ALL),
        (pool("ON", TOTP), user(""), (TOTP,)),
        (pool("ON", *ALL, recovers_by=MAIL_FIRST), user(""), (SMS, TOTP)),
        (pool("ON", *ALL, recovers_by=PHONE_FIRST), user(""), (TOTP, MAIL)),
        (pool("ON", *ALL, recovers_by=ADMIN), user(""), ALL),
        (pool("ON", *ALL), user("email"), (TOTP,)),
        (pool("ON", SMS), user("email"), ()),
        (pool("ON", MAIL, recovers_by=MAIL_FIRST), user(""), ()),
    ],
)
def test_what_whoever_has_none_can_set_up(of_pool: UserPool, who: User, can_set_up: tuple[str, ...]) -> None:
    assert factors.can_set_up(of_pool, who) == can_set_up


# -- what a new password is sent to -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_pool", "has", "enabled", "attribute"),
    [
        (pool("OPTIONAL", *ALL, recovers_by=PHONE_FIRST), "phone email", (), "phone_number"),
        (pool("OPTIONAL", *ALL, recovers_by=PHONE_FIRST), "phone email", (SMS,), "email"),
        (pool("OPTIONAL", *ALL, recovers_by=PHONE_FIRST), "phone", (SMS,), None),
        (pool("OPTIONAL", *ALL, recovers_by=MAIL_FIRST), "phone email", (MAIL,), "phone_number"),
        (pool("OPTIONAL", *ALL, recovers_by=PHONE_FIRST), "app phone email", (TOTP,), "phone_number"),
        (pool("OPTIONAL", *ALL), "phone email", (SMS,), "phone_number"),
        (pool("OFF", *ALL, recovers_by=PHONE_FIRST), "phone email", (SMS,), "phone_number"),
        (pool("ON", SMS, recovers_by=PHONE_FIRST), "phone email", (), "email"),
    ],
)
def test_a_new_password_does_not_go_where_the_second_factor_does(
    of_pool: UserPool, has: str, enabled: tuple[str, ...], attribute: str | None
) -> None:
    who = user(has, enabled=enabled)
    verified = {f"{name}_verified": "true" for name in who.attributes}
    assert (
        recovery.attribute_of(of_pool, structs.replace(who, attributes=who.attributes | verified))
        == attribute
    )


# -- what may be set --------------------------------------------------------------------------------------------------


def setting(said: str) -> Setting:
    return Setting(enabled=said != "off", preferred=said == "preferred")


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (Factors(), {SMS: "on"}, Factors((SMS,))),
        (Factors(), {MAIL: "preferred", SMS: "on"}, Factors((SMS, MAIL), MAIL)),
        (Factors((SMS,), SMS), {TOTP: "on"}, Factors((SMS, TOTP), SMS)),
        (Factors((SMS,), SMS), {TOTP: "preferred"}, Factors((SMS, TOTP), TOTP)),
        (Factors((SMS, TOTP), SMS), {SMS: "on"}, Factors((SMS, TOTP))),
        (Factors((SMS, TOTP), SMS), {SMS: "off"}, Factors((TOTP,))),
        (Factors((SMS, TOTP), SMS), {TOTP: "off"}, Factors((SMS,), SMS)),
        (Factors((SMS,), sms_by_options=True), {SMS: "off"}, Factors()),
        (Factors((SMS,), sms_by_options=True), {SMS: "on"}, Factors((SMS,))),
        (Factors((SMS,), sms_by_options=True), {TOTP: "on"}, Factors((SMS, TOTP), sms_by_options=True)),
        (Factors((TOTP,), totp_name="a phone"), {TOTP: "off"}, Factors(totp_name="a phone")),
        (Factors((SMS,), SMS), {}, Factors((SMS,), SMS)),
    ],
)
def test_factors_that_are_not_named_stay_as_they_are(
    before: Factors, said: dict[str, str], after: Factors
) -> None:
    who = structs.replace(user("app phone email"), factors=before)
    settings = {factor: setting(each) for factor, each in said.items()}
    changed = factors.changed(pool("OPTIONAL", *ALL), who, settings, NOW)
    assert changed.factors == after
    assert (changed is who) is (before == after)


@pytest.mark.parametrize(
    ("of_pool", "has", "said", "message"),
    [
        (
            pool("OPTIONAL", *ALL),
            "app",
            {SMS: "on"},
            "User does not have delivery config set to turn on SMS_MFA",
        ),
        (
            pool("OPTIONAL", *ALL),
            "",
            {MAIL: "on"},
            "User does not have delivery config set to turn on EMAIL_OTP",
        ),
        (pool("OPTIONAL", *ALL), "", {TOTP: "on"}, "User has not set up software token mfa"),
        (pool("OPTIONAL", *ALL), "app phone", {SMS: "preferred", TOTP: "preferred"}, "Only one MFA method"),
        (pool("OFF"), "", {SMS: "on"}, "User does not have delivery config"),
    ],
)
def test_what_is_not_there_cannot_be_enabled(
    of_pool: UserPool, has: str, said: dict[str, str], message: str
) -> None:
    settings = {factor: setting(each) for factor, each in said.items()}
    with pytest.raises(Refusal, match=message):
        factors.changed(of_pool, user(has), settings, NOW)


def test_a_secret_that_was_not_verified_cannot_be_enabled() -> None:
    who = structs.replace(user(), sealed_new_totp_secret=b"sealed")
    with pytest.raises(Refusal, match="User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"):
        factors.changed(pool("OPTIONAL", TOTP), who, {TOTP: setting("on")}, NOW)


@pytest.mark.parametrize("of_pool", [pool("OFF"), pool("OPTIONAL", TOTP), pool("ON", TOTP)])
def test_what_a_user_has_can_be_enabled_also_where_the_pool_does_not_ask_for_it(of_pool: UserPool) -> None:
    settings = {factor: setting("on") for factor in ALL}
    assert factors.changed(of_pool, user("app phone email"), settings, NOW).factors.enabled == ALL


def test_passkeys_stand_for_both_factors_where_the_pool_says_so_and_there_is_another() -> None:
    plain = pool("OPTIONAL", *ALL)
    passkeys: dict[str, Any] = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
    multi = replace(plain, settings=msgspec.structs.replace(plain.settings, web_authn_configuration=passkeys))
    with_sms = user("phone", enabled=(SMS,))
    for of_pool, who in ((plain, with_sms), (multi, user("phone"))):
        with pytest.raises(Refusal, match="Passkey MFA needs"):
            factors.changed(of_pool, who, {}, NOW, passkeys=True)
    changed = factors.changed(multi, with_sms, {}, NOW, passkeys=True)
    assert changed.factors.passkeys
    assert factors.changed(multi, changed, {TOTP: setting("off")}, NOW).factors.passkeys
    assert not factors.changed(multi, changed, {}, NOW, passkeys=False).factors.passkeys
    assert not factors.changed(multi, changed, {SMS: setting("off")}, NOW).factors.passkeys
    # Where a factor is required, one that the user has will do, enabled or not.
    required = replace(multi, settings=msgspec.structs.replace(multi.settings, mfa_configuration="ON"))
    assert factors.changed(required, user("app"), {}, NOW, passkeys=True).factors.passkeys
    with pytest.raises(Refusal, match="Passkey MFA needs"):
        factors.changed(required, user(), {}, NOW, passkeys=True)
