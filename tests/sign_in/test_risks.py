"""What a risk asks for, as a table: who it is, what was proven, what is to be done about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec import structs

from cognomen import errors
from cognomen.sign_in import risks
from cognomen.sign_in.next_step import AskFor, Complete, Refuse, Step, next_step
from cognomen.sign_in.risks import ALLOW, FACTOR, REFUSE, Standing, owed, response
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from tests.sign_in.test_next_step import (
    ANNA,
    MAIL,
    OPTIONAL,
    PASSWORD,
    POOL,
    REQUIRED,
    SMS,
    TOTP,
    WITH_APP,
    asking,
    at,
    enabling,
)

# Another address, which a new password may go to, opens the codes to this one.
REACHABLE = structs.replace(ANNA, attributes={"phone_number": "+17755550839", "email": "a@example.com"})
WITH_BOTH = structs.replace(REACHABLE, sealed_totp_secret=b"sealed")
BY_MAIL = structs.replace(ANNA, attributes={"email": "a@example.com"})
BY_CODES = asking("OPTIONAL", SMS, MAIL)


def on_devices(*, asks: bool) -> UserPool:
    configuration = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": asks}
    return replace(
        OPTIONAL, settings=msgspec.structs.replace(OPTIONAL.settings, device_configuration=configuration)
    )


def standing(
    action: str, who: User = ANNA, pool: UserPool = OPTIONAL, proven: tuple[str, ...] = PASSWORD, **more: Any
) -> Standing:
    return Standing(pool, who, more.pop("flow", "USER_AUTH"), proven, action, more.pop("on_device", False))


IF, MUST = "MFA_IF_CONFIGURED", "MFA_REQUIRED"


@pytest.mark.parametrize(
    ("at", "expected", "factors"),
    [
        pytest.param(standing("", WITH_APP), ALLOW, (), id="no risk"),
        pytest.param(standing("NO_ACTION", WITH_APP), ALLOW, (), id="no action"),
        pytest.param(standing("BLOCK", WITH_APP), REFUSE, (), id="block"),
        pytest.param(standing(IF), ALLOW, (), id="if configured, without any"),
        pytest.param(standing(MUST), REFUSE, (), id="required, without any"),
        pytest.param(standing(IF, WITH_APP), FACTOR, (TOTP,), id="not enabled, and asked for"),
        pytest.param(standing(MUST, enabling(WITH_APP, TOTP)), FACTOR, (TOTP,), id="enabled"),
        pytest.param(standing(MUST, WITH_APP, POOL), REFUSE, (), id="the pool offers none"),
        pytest.param(standing(IF, WITH_APP, POOL), ALLOW, (), id="the pool offers none, if configured"),
        pytest.param(standing(MUST, ANNA, REQUIRED), REFUSE, (), id="none may be set up for a risk"),
        pytest.param(
            standing(MUST, WITH_APP, proven=(*PASSWORD, TOTP)), FACTOR, (), id="proven, and no more is owed"
        ),
        pytest.param(
            standing(MUST, BY_MAIL, BY_CODES, ("EMAIL_OTP",)), REFUSE, (), id="a code again is none"
        ),
        pytest.param(
            standing(MUST, enabling(WITH_BOTH, SMS, TOTP), proven=("SMS_OTP",)),
            FACTOR,
            (TOTP,),
            id="another is",
        ),
        pytest.param(
            standing(MUST, WITH_APP, proven=("WEB_AUTHN",)), FACTOR, (TOTP,), id="a passkey stands for one"
        ),
        pytest.param(
            standing(MUST, WITH_APP, proven=("CUSTOM_CHALLENGE",), flow="CUSTOM_AUTH"),
            FACTOR,
            (TOTP,),
            id="a custom sign-in",
        ),
        pytest.param(
            standing(MUST, WITH_APP, proven=(TOTP,), flow="CUSTOM_AUTH"), FACTOR, (), id="all in a custom one"
        ),
        pytest.param(
            standing(MUST, WITH_APP, on_devices(asks=False), on_device=True), ALLOW, (), id="a device"
        ),
        pytest.param(
            standing(MUST, WITH_APP, on_devices(asks=True), on_device=True),
            FACTOR,
            (TOTP,),
            id="a device that the user was asked about",
        ),
        pytest.param(
            standing("BLOCK", WITH_APP, on_devices(asks=False), on_device=True),
            REFUSE,
            (),
            id="no device stands against a block",
        ),
    ],
)
def test_what_is_owed(at: Standing, expected: str, factors: tuple[str, ...]) -> None:
    assert (response(at), owed(at)) == (expected, factors)


def risky(action: str, **more: Any) -> Any:
    return structs.replace(at(proven=more.pop("proven", PASSWORD), **more), action=action)


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        (risky("BLOCK"), Refuse(errors.BLOCKED)),
        (risky("BLOCK", enabled=False), Refuse(errors.USER_DISABLED)),
        (risky(MUST, pool=OPTIONAL), Refuse(errors.BLOCKED)),
        (risky(IF, pool=OPTIONAL), Complete()),
        (risky(MUST, pool=OPTIONAL, who=WITH_APP), AskFor(TOTP)),
        (risky(MUST, pool=OPTIONAL, who=WITH_APP, proven=(*PASSWORD, TOTP)), Complete()),
        (risky(MUST, pool=OPTIONAL, who=enabling(WITH_BOTH, SMS, TOTP)), AskFor("SELECT_MFA_TYPE")),
        (risky(MUST, pool=OPTIONAL, who=enabling(WITH_BOTH, SMS, TOTP), chosen=SMS), AskFor(SMS)),
        (
            risky(MUST, pool=OPTIONAL, who=WITH_APP, status="FORCE_CHANGE_PASSWORD"),
            AskFor(TOTP),
        ),
        (risky(IF, pool=OPTIONAL, status="FORCE_CHANGE_PASSWORD"), AskFor("NEW_PASSWORD_REQUIRED")),
    ],
)
def test_its_place_among_the_steps(situation: Any, step: Step) -> None:
    assert next_step(situation) == step


def test_a_passkey_stands_for_both_where_the_pool_says_so() -> None:
    both = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
    settings = msgspec.structs.replace(OPTIONAL.settings, web_authn_configuration=both)
    pool = replace(OPTIONAL, settings=settings)
    assert owed(standing(MUST, WITH_APP, pool, ("WEB_AUTHN",))) == ()
    assert response(standing(MUST, ANNA, pool, ("WEB_AUTHN",))) == risks.FACTOR
