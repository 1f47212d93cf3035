"""next_step as a table: what is known of the user and the attempt, and what must come of it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from msgspec import structs

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
WITH_APP = structs.replace(ANNA, sealed_totp_secret=b"sealed")
WITH_PHONE = structs.replace(ANNA, attributes={"phone_number": "+17755550839"})
WITH_BOTH = structs.replace(WITH_PHONE, sealed_totp_secret=b"sealed")


def enabling(user: User, *enabled: str) -> User:
    return structs.replace(user, factors=Factors(enabled))


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
    levels: tuple[str, ...] = (),
) -> Situation:
    user = structs.replace(who, status=status, enabled=enabled, password_set_at=NOW - age)
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
        levels=levels,
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
                who=structs.replace(ANNA, attributes={"email": "a@b.example"}),
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
    assert next_step(msgspec.structs.replace(situation, on_device=True)) == step


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
    assert next_step(msgspec.structs.replace(situation, flow="CUSTOM_AUTH", custom=custom)) == step


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


L1, L2, L3, L4 = ((f"Level{number}",) for number in (1, 2, 3, 4))
WITH_MOST = structs.replace(WITH_BOTH, attributes={"phone_number": "+17755550839", "email": "a@example.com"})
EVERYTHING = enabling(WITH_MOST, SMS, TOTP, MAIL)
PREFERRING_SMS = structs.replace(EVERYTHING, factors=Factors((SMS, TOTP, MAIL), SMS))
OUT_OF_REACH = Refuse(errors.LEVEL_OUT_OF_REACH)
PASSKEY = ("WEB_AUTHN",)


def wanting(
    levels: tuple[str, ...],
    *proven: str,
    who: User = EVERYTHING,
    pool: UserPool = OPTIONAL,
    chosen: str = "",
    offered: tuple[str, ...] = (),
    status: str = "CONFIRMED",
    enabled: bool = True,
) -> Situation:
    return at(
        levels=levels,
        proven=proven,
        who=who,
        pool=pool,
        chosen=chosen,
        offered=offered,
        status=status,
        enabled=enabled,
        flow="USER_AUTH" if offered else "USER_PASSWORD_AUTH",
    )


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        pytest.param(wanting(L4), AskFor("PASSWORD"), id="first of all the password"),
        pytest.param(wanting(L4, who=ANNA), AskFor("PASSWORD"), id="what is out of reach is not told before"),
        pytest.param(wanting(L4, *PASSWORD, who=ANNA), OUT_OF_REACH, id="but after it"),
        pytest.param(
            wanting(L2, *PASSWORD, who=ANNA), OUT_OF_REACH, id="a password alone is the lowest level"
        ),
        pytest.param(wanting(L1, *PASSWORD, who=ANNA), Complete(), id="which it reaches"),
        pytest.param(wanting(L1, "EMAIL_OTP", who=ANNA), Complete(), id="a code reaches it too"),
        pytest.param(wanting(L2, "SMS_OTP", who=ANNA), Complete(), id="a code is the second"),
        pytest.param(wanting(L4, *PASSWORD), AskFor(TOTP), id="an app is all that reaches the highest"),
        pytest.param(wanting(L4, *PASSWORD, who=PREFERRING_SMS), AskFor(TOTP), id="whatever is preferred"),
        pytest.param(
            wanting(L3, *PASSWORD, who=PREFERRING_SMS), AskFor(SMS), id="the preferred, where it does"
        ),
        pytest.param(wanting(L3, *PASSWORD), AskFor("SELECT_MFA_TYPE"), id="any factor reaches the third"),
        pytest.param(wanting(L3, *PASSWORD, chosen=MAIL), AskFor(MAIL), id="the chosen one"),
        pytest.param(
            wanting(L4, *PASSWORD, chosen=MAIL), AskFor(TOTP), id="not a chosen one that will not do"
        ),
        pytest.param(
            wanting(L4 + L3, *PASSWORD, who=enabling(WITH_PHONE, SMS)), AskFor(SMS), id="else the next level"
        ),
        pytest.param(
            wanting(L4 + L1, *PASSWORD, who=ANNA), Complete(), id="or the one after, reached already"
        ),
        pytest.param(
            wanting(L1 + L4, *PASSWORD, who=PREFERRING_SMS), AskFor(SMS), id="the floor of MFA stays"
        ),
        pytest.param(wanting(L4, *PASSWORD, TOTP), Complete(), id="all is proven"),
        pytest.param(wanting(L4, *PASSWORD, SMS), AskFor(TOTP), id="another factor was proven before"),
        pytest.param(wanting(L4, *PASSWORD, pool=POOL), OUT_OF_REACH, id="a pool without MFA"),
        pytest.param(wanting(L4, *PASSWORD, who=WITH_APP), OUT_OF_REACH, id="an app that is not enabled"),
        pytest.param(wanting(L3, *PASSKEY, who=ANNA), Complete(), id="a passkey alone reaches the third"),
        pytest.param(wanting(L4 + L3, *PASSKEY, who=ANNA), Complete(), id="and no more is wanted of it"),
        pytest.param(wanting(L4, *PASSKEY), AskFor("PASSWORD"), id="to the highest it does not lead"),
        pytest.param(wanting(L4, *PASSKEY, *PASSWORD), AskFor(TOTP), id="the password does, after it"),
        pytest.param(wanting(L3, "EMAIL_OTP", who=ANNA), AskFor("PASSWORD"), id="nor a code to the third"),
        pytest.param(wanting(L3, "EMAIL_OTP", *PASSWORD, who=ANNA), Complete(), id="with a password it does"),
        pytest.param(
            wanting(L3, *PASSWORD, who=ANNA, offered=PASSKEY),
            AskFor("WEB_AUTHN"),
            id="a passkey after a password",
        ),
        pytest.param(
            wanting(L3, *PASSWORD, who=ANNA, offered=("EMAIL_OTP", *PASSKEY)),
            AskFor("SELECT_CHALLENGE"),
            id="or what the user chooses",
        ),
        pytest.param(
            wanting(L3, *PASSWORD, offered=PASSKEY), AskFor("SELECT_MFA_TYPE"), id="second factors before it"
        ),
        pytest.param(
            wanting(L3, *PASSWORD, offered=PASSKEY, chosen="WEB_AUTHN"),
            AskFor("WEB_AUTHN"),
            id="unless chosen",
        ),
        pytest.param(
            wanting(L4, *PASSWORD, who=ANNA, offered=PASSKEY), OUT_OF_REACH, id="which is not enough"
        ),
        pytest.param(
            wanting(L4, *PASSWORD, status="FORCE_CHANGE_PASSWORD"),
            AskFor("NEW_PASSWORD_REQUIRED"),
            id="a new password before it",
        ),
        pytest.param(
            wanting(L4, *PASSWORD, TOTP, enabled=False), Refuse(errors.USER_DISABLED), id="disabled"
        ),
    ],
)
def test_what_comes_next_for_a_level(situation: Situation, step: Step) -> None:
    assert next_step(situation) == step
