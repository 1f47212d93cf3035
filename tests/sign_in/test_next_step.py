"""next_step as a table: what is known of the user and the attempt, and what must come of it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from cognomen import errors
from cognomen.clock import DAY
from cognomen.sign_in.attempt import ISSUED
from cognomen.sign_in.next_step import AskFor, Complete, Decide, Refuse, Situation, Step, next_step
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.app_clients import AppClient
from cognomen.store.factors import Factors
from cognomen.store.user_pool_settings import UserPoolSettings
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User

NOW = 1_700_000_000_000
POOL = UserPool("us-east-1_AbCdEf123", "a pool", UserPoolSettings(), (), b"", 1, NOW, NOW)
ANNA = User(
    pool_id=POOL.id,
    sub="11111111-2222-4333-8444-555555555555",
    username="anna",
    status="CONFIRMED",
    enabled=True,
    attributes={},
    salt=None,
    sealed_verifier=None,
    password_set_at=NOW,
    credential_version=1,
    signed_out_at=0,
    created_at=NOW,
    modified_at=NOW,
    version=1,
)
CLIENT = AppClient(POOL.id, "1example23456789", "a client", AppClientSettings(), NOW, NOW)


def asking(mode: str, *offered: str) -> UserPool:
    """A pool that offers these second factors."""
    settings = msgspec.structs.replace(
        POOL.settings,
        mfa_configuration=mode,
        sms_configuration={"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"} if SMS in offered else None,
        software_token_mfa_configuration={"Enabled": TOTP in offered},
        email_mfa_configuration={} if MAIL in offered else None,
    )
    return replace(POOL, settings=settings)


SMS, TOTP, MAIL = "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"
REQUIRED, OPTIONAL = asking("ON", SMS, TOTP, MAIL), asking("OPTIONAL", SMS, TOTP, MAIL)
STANDING_IN = replace(
    REQUIRED,
    settings=msgspec.structs.replace(
        REQUIRED.settings, device_configuration={"ChallengeRequiredOnNewDevice": True}
    ),
)
WITH_APP = replace(ANNA, sealed_totp_secret=b"sealed")
WITH_PHONE = replace(ANNA, attributes={"phone_number": "+17755550839"})
WITH_BOTH = replace(WITH_PHONE, sealed_totp_secret=b"sealed")


def enabling(user: User, *enabled: str) -> User:
    return replace(user, factors=Factors(enabled))


def at(
    *,
    proven: tuple[str, ...] = (),
    status: str = "CONFIRMED",
    enabled: bool = True,
    locked: bool = False,
    age: int = 0,
    pool: UserPool = POOL,
    who: User = ANNA,
    chosen: str = "",
    flow: str = "USER_PASSWORD_AUTH",
    offered: tuple[str, ...] = (),
) -> Situation:
    user = replace(who, status=status, enabled=enabled, password_set_at=NOW - age)
    return Situation(
        pool=pool,
        client=CLIENT,
        user=user,
        flow=flow,
        proven=proven,
        chosen=chosen,
        offered=offered,
        locked=locked,
        now=NOW,
    )


PASSWORD = ("PASSWORD",)
NEW_PASSWORD = ("PASSWORD", "NEW_PASSWORD_REQUIRED")


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        pytest.param(at(), AskFor("PASSWORD"), id="first of all the password"),
        pytest.param(at(proven=PASSWORD), Complete(), id="with it all is done"),
        pytest.param(at(status="EXTERNAL_PROVIDER"), AskFor("PASSWORD"), id="federated, who has none"),
        pytest.param(at(enabled=False), Refuse(errors.USER_DISABLED), id="disabled"),
        pytest.param(
            at(enabled=False, locked=True), Refuse(errors.USER_DISABLED), id="disabled before the lock"
        ),
        pytest.param(
            at(enabled=False, proven=PASSWORD), Refuse(errors.USER_DISABLED), id="disabled in between"
        ),
        pytest.param(at(locked=True), Refuse(errors.PASSWORD_ATTEMPTS_EXCEEDED), id="locked"),
        pytest.param(
            at(locked=True, status="UNCONFIRMED"),
            Refuse(errors.PASSWORD_ATTEMPTS_EXCEEDED),
            id="the lock before the status",
        ),
        pytest.param(
            at(status="UNCONFIRMED"),
            Refuse(errors.USER_NOT_CONFIRMED),
            id="unconfirmed, whatever the password",
        ),
        pytest.param(at(status="RESET_REQUIRED"), Refuse(errors.PASSWORD_RESET_REQUIRED), id="to be reset"),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD"), AskFor("PASSWORD"), id="temporary, the password comes first"
        ),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", proven=PASSWORD),
            AskFor("NEW_PASSWORD_REQUIRED"),
            id="temporary, then a new one",
        ),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", age=8 * DAY), AskFor("PASSWORD"), id="expired, told later"
        ),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", age=7 * DAY, proven=PASSWORD),
            Refuse(errors.TEMPORARY_PASSWORD_EXPIRED),
            id="expired, told to who knows it",
        ),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", age=7 * DAY - 1, proven=PASSWORD),
            AskFor("NEW_PASSWORD_REQUIRED"),
            id="temporary in its last moment",
        ),
        pytest.param(at(age=999 * DAY, proven=PASSWORD), Complete(), id="one's own never expires"),
        pytest.param(at(proven=NEW_PASSWORD), Complete(), id="a new password was set"),
        # Second factors: required.
        pytest.param(at(pool=REQUIRED), AskFor("PASSWORD"), id="second factor, not before the first"),
        pytest.param(at(pool=REQUIRED, proven=PASSWORD), AskFor("MFA_SETUP"), id="required, none there"),
        pytest.param(
            at(pool=REQUIRED, proven=PASSWORD, who=WITH_APP), AskFor(TOTP), id="required, an app is there"
        ),
        pytest.param(at(pool=REQUIRED, proven=("PASSWORD_VERIFIER",), who=WITH_PHONE), AskFor(SMS), id="SRP"),
        pytest.param(
            at(pool=REQUIRED, proven=PASSWORD, who=WITH_BOTH), AskFor("SELECT_MFA_TYPE"), id="several there"
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, "SELECT_MFA_TYPE"), who=WITH_BOTH, chosen=SMS),
            AskFor(SMS),
            id="one was chosen",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, "SELECT_MFA_TYPE"), who=WITH_APP, chosen=SMS),
            AskFor(TOTP),
            id="one was chosen that is gone",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, "MFA_SETUP"), chosen=MAIL),
            AskFor(MAIL),
            id="an address is set up",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, "MFA_SETUP"), who=WITH_PHONE, chosen=MAIL),
            AskFor(SMS),
            id="an address is set up where there is another by now",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, TOTP), who=WITH_APP, chosen="MFA_SETUP"),
            AskFor("MFA_SETUP"),
            id="an app was set up, the answer is owed",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, TOTP, "MFA_SETUP"), who=WITH_APP), Complete(), id="set up"
        ),
        pytest.param(
            at(
                pool=asking("ON", SMS),
                proven=PASSWORD,
                who=replace(ANNA, attributes={"email": "a@b.example"}),
            ),
            Refuse(errors.NO_SECOND_FACTOR),
            id="required, and none can be had",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, SMS), who=WITH_BOTH),
            Complete(),
            id="one of several is enough",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*NEW_PASSWORD, SMS), who=WITH_PHONE),
            Complete(),
            id="after a new password",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=PASSWORD, who=WITH_PHONE, status="FORCE_CHANGE_PASSWORD"),
            AskFor("NEW_PASSWORD_REQUIRED"),
            id="a new password comes first",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(MAIL,), who=WITH_PHONE),
            AskFor(SMS),
            id="a code that came first is the first",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=(*PASSWORD, SMS), who=WITH_PHONE, enabled=False),
            Refuse(errors.USER_DISABLED),
            id="disabled at the very end",
        ),
        # Second factors: optional, and off.
        pytest.param(at(pool=OPTIONAL, proven=PASSWORD, who=WITH_BOTH), Complete(), id="none is enabled"),
        pytest.param(
            at(pool=OPTIONAL, proven=PASSWORD, who=enabling(WITH_BOTH, TOTP)),
            AskFor(TOTP),
            id="one is enabled",
        ),
        pytest.param(
            at(pool=OPTIONAL, proven=PASSWORD, who=enabling(WITH_BOTH, SMS, TOTP)),
            AskFor("SELECT_MFA_TYPE"),
            id="several are enabled",
        ),
        pytest.param(
            at(pool=OPTIONAL, proven=(*PASSWORD, SMS), who=enabling(WITH_BOTH, SMS, TOTP)),
            Complete(),
            id="optional and proven",
        ),
        pytest.param(
            at(pool=OPTIONAL, proven=PASSWORD, who=enabling(ANNA, SMS)),
            Complete(),
            id="enabled, the number is gone",
        ),
        pytest.param(
            at(pool=OPTIONAL, proven=PASSWORD, chosen=MAIL), Complete(), id="optional is never set up"
        ),
        pytest.param(
            at(proven=PASSWORD, who=enabling(WITH_BOTH, SMS, TOTP)), Complete(), id="enabled, and off"
        ),
    ],
)
def test_what_comes_next(situation: Situation, step: Step) -> None:
    assert next_step(situation) == step


ON_DEVICE = (*PASSWORD, "DEVICE_SRP_AUTH")


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        pytest.param(at(), AskFor("PASSWORD"), id="first of all the password"),
        pytest.param(at(proven=PASSWORD), AskFor("DEVICE_SRP_AUTH"), id="then the device begins"),
        pytest.param(at(proven=ON_DEVICE), AskFor("DEVICE_PASSWORD_VERIFIER"), id="and proves itself"),
        pytest.param(at(proven=(*ON_DEVICE, "DEVICE_PASSWORD_VERIFIER")), Complete(), id="then all is done"),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", proven=PASSWORD),
            AskFor("NEW_PASSWORD_REQUIRED"),
            id="a temporary password is replaced before",
        ),
        pytest.param(
            at(pool=REQUIRED, proven=PASSWORD),
            AskFor("MFA_SETUP"),
            id="a second factor is asked for before",
        ),
        pytest.param(
            at(pool=STANDING_IN, proven=PASSWORD), AskFor("DEVICE_SRP_AUTH"), id="unless the device stands in"
        ),
    ],
)
def test_what_comes_next_on_a_device_that_is_remembered(situation: Situation, step: Step) -> None:
    assert next_step(replace(situation, on_device=True)) == step


def test_a_device_stands_in_for_nothing_where_it_is_not_remembered() -> None:
    assert next_step(at(pool=STANDING_IN, proven=PASSWORD)) == AskFor("MFA_SETUP")


PROVEN = ("PASSWORD_VERIFIER",)


@pytest.mark.parametrize(
    ("situation", "custom", "step"),
    [
        pytest.param(at(), "", Decide(), id="first of all the functions are asked"),
        pytest.param(at(), "CUSTOM_CHALLENGE", AskFor("CUSTOM_CHALLENGE"), id="what they have asked for"),
        pytest.param(at(), "PASSWORD_VERIFIER", AskFor("PASSWORD_VERIFIER"), id="a password, if they say so"),
        pytest.param(at(proven=PROVEN), "", Decide(), id="asked again when it was answered"),
        pytest.param(at(), ISSUED, Complete(), id="when they say so all is done"),
        pytest.param(at(enabled=False), ISSUED, Refuse(errors.USER_DISABLED), id="disabled"),
        pytest.param(at(status="UNCONFIRMED"), "", Refuse(errors.USER_NOT_CONFIRMED), id="unconfirmed"),
        pytest.param(
            at(status="RESET_REQUIRED"), "", Refuse(errors.PASSWORD_RESET_REQUIRED), id="to be reset"
        ),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", age=8 * DAY),
            ISSUED,
            Complete(),
            id="a temporary password, unused",
        ),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", proven=PROVEN),
            "",
            AskFor("NEW_PASSWORD_REQUIRED"),
            id="a temporary password that was proven is replaced before anything else is asked",
        ),
        pytest.param(
            at(status="FORCE_CHANGE_PASSWORD", age=8 * DAY, proven=PROVEN),
            "",
            Refuse(errors.TEMPORARY_PASSWORD_EXPIRED),
            id="and not if it is too old",
        ),
        pytest.param(at(pool=REQUIRED), "", Decide(), id="second factors are the functions' affair"),
        pytest.param(
            at(pool=REQUIRED, proven=PROVEN),
            "",
            AskFor("MFA_SETUP"),
            id="but not where a password was proven",
        ),
    ],
)
def test_what_comes_next_in_a_custom_sign_in(situation: Situation, custom: str, step: Step) -> None:
    assert next_step(replace(situation, flow="CUSTOM_AUTH", custom=custom)) == step


ALL = ("PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
CODE = ("EMAIL_OTP",)


def choice(
    *proven: str,
    chosen: str = "",
    offered: tuple[str, ...] = ALL,
    status: str = "CONFIRMED",
    pool: UserPool = POOL,
    locked: bool = False,
) -> Situation:
    return at(
        flow="USER_AUTH",
        proven=proven,
        chosen=chosen,
        offered=offered,
        status=status,
        pool=pool,
        locked=locked,
    )


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        pytest.param(choice(), AskFor("SELECT_CHALLENGE"), id="nothing chosen yet"),
        *(pytest.param(choice(chosen=name), AskFor(name), id=f"{name} preferred") for name in ALL),
        pytest.param(
            choice(chosen="WEB_AUTHN", offered=CODE), AskFor("SELECT_CHALLENGE"), id="what is not offered"
        ),
        pytest.param(choice(chosen="SMS_MFA"), AskFor("SELECT_CHALLENGE"), id="no first factor"),
        pytest.param(
            choice(chosen="PASSWORD_VERIFIER"), AskFor("SELECT_CHALLENGE"), id="not without its beginning"
        ),
        pytest.param(choice("SELECT_CHALLENGE", chosen="EMAIL_OTP"), AskFor("EMAIL_OTP"), id="chosen"),
        pytest.param(choice("SELECT_CHALLENGE"), AskFor("SELECT_CHALLENGE"), id="choosing proves nothing"),
        pytest.param(
            choice("PASSWORD_SRP", chosen="PASSWORD_SRP"), AskFor("PASSWORD_VERIFIER"), id="SRP begun"
        ),
        pytest.param(
            choice("PASSWORD_SRP", chosen="PASSWORD_SRP", offered=CODE),
            AskFor("SELECT_CHALLENGE"),
            id="SRP begun, and the password gone",
        ),
        *(
            pytest.param(choice("SELECT_CHALLENGE", name), Complete(), id=f"{name} proven")
            for name in ("PASSWORD", "PASSWORD_VERIFIER", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
        ),
        pytest.param(choice("WEB_AUTHN", pool=REQUIRED), Complete(), id="a passkey that stands for both"),
        pytest.param(
            choice("PASSWORD", pool=REQUIRED),
            AskFor("MFA_SETUP"),
            id="a password does not",
        ),
        pytest.param(
            choice("PASSWORD", status="FORCE_CHANGE_PASSWORD"),
            AskFor("NEW_PASSWORD_REQUIRED"),
            id="a temporary password",
        ),
        pytest.param(
            choice(chosen="EMAIL_OTP", offered=CODE, status="UNCONFIRMED"),
            AskFor("EMAIL_OTP"),
            id="unconfirmed, a code confirms",
        ),
        pytest.param(
            choice(offered=CODE, status="UNCONFIRMED"),
            AskFor("SELECT_CHALLENGE"),
            id="unconfirmed, nothing chosen",
        ),
        *(
            pytest.param(
                choice(chosen=name, offered=CODE, status="UNCONFIRMED"),
                Refuse(errors.USER_NOT_CONFIRMED),
                id=f"unconfirmed, {name} preferred",
            )
            for name in ("PASSWORD", "PASSWORD_SRP")
        ),
        pytest.param(
            choice(offered=(), status="UNCONFIRMED"),
            Refuse(errors.USER_NOT_CONFIRMED),
            id="unconfirmed, no address",
        ),
        pytest.param(
            choice(status="RESET_REQUIRED", chosen="EMAIL_OTP"),
            Refuse(errors.PASSWORD_RESET_REQUIRED),
            id="choice: to be reset",
        ),
        pytest.param(
            choice(chosen="PASSWORD", locked=True),
            Refuse(errors.PASSWORD_ATTEMPTS_EXCEEDED),
            id="choice: locked",
        ),
    ],
)
def test_what_comes_next_where_the_user_has_the_choice(situation: Situation, step: Step) -> None:
    assert next_step(situation) == step
