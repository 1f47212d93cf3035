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
SECOND_FACTOR_POOL = replace(POOL, settings=msgspec.structs.replace(POOL.settings, mfa_configuration="ON"))


STANDING_IN = replace(
    SECOND_FACTOR_POOL,
    settings=msgspec.structs.replace(
        SECOND_FACTOR_POOL.settings, device_configuration={"ChallengeRequiredOnNewDevice": True}
    ),
)


def at(
    *,
    proven: tuple[str, ...] = (),
    status: str = "CONFIRMED",
    enabled: bool = True,
    locked: bool = False,
    age: int = 0,
    pool: UserPool = POOL,
) -> Situation:
    user = replace(ANNA, status=status, enabled=enabled, password_set_at=NOW - age)
    return Situation(
        pool=pool,
        client=CLIENT,
        user=user,
        flow="USER_PASSWORD_AUTH",
        proven=proven,
        chosen="",
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
        pytest.param(
            at(pool=SECOND_FACTOR_POOL), AskFor("PASSWORD"), id="second factor, not before the first"
        ),
        pytest.param(
            at(pool=SECOND_FACTOR_POOL, proven=PASSWORD),
            Refuse(errors.MFA_NOT_YET_AVAILABLE),
            id="never tokens where a second factor is required",
        ),
        pytest.param(
            at(pool=SECOND_FACTOR_POOL, proven=PASSWORD, status="FORCE_CHANGE_PASSWORD"),
            Refuse(errors.MFA_NOT_YET_AVAILABLE),
            id="nor a new password that leads nowhere",
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
            at(pool=SECOND_FACTOR_POOL, proven=PASSWORD),
            Refuse(errors.MFA_NOT_YET_AVAILABLE),
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
    assert next_step(at(pool=STANDING_IN, proven=PASSWORD)) == Refuse(errors.MFA_NOT_YET_AVAILABLE)


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
        pytest.param(
            at(pool=SECOND_FACTOR_POOL), "", Decide(), id="second factors are the functions' affair"
        ),
        pytest.param(
            at(pool=SECOND_FACTOR_POOL, proven=PROVEN),
            "",
            Refuse(errors.MFA_NOT_YET_AVAILABLE),
            id="but not where a password was proven",
        ),
    ],
)
def test_what_comes_next_in_a_custom_sign_in(situation: Situation, custom: str, step: Step) -> None:
    assert next_step(replace(situation, flow="CUSTOM_AUTH", custom=custom)) == step
