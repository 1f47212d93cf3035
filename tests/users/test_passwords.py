"""Passwords: the policy, how they are kept, how long temporary ones are good, and the former ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cognomen.clock import DAY
from cognomen.crypto import srp
from cognomen.crypto.sealing import CannotUnseal
from cognomen.errors import Refusal
from cognomen.master_key.vault import Vault
from cognomen.store import passwords as former_passwords
from cognomen.store.database import Store
from cognomen.store.user_pool_settings import PasswordPolicy
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import passwords
from tests.users.examples import a_pool, a_user, in_pool

ANYTHING = PasswordPolicy(
    minimum_length=6,
    require_uppercase=False,
    require_lowercase=False,
    require_numbers=False,
    require_symbols=False,
)


@pytest.mark.parametrize(
    ("password", "violation"),
    [
        ("Passw0rd!", None),
        ("Pass w0rd", None),
        ("Pw0!", "Password not long enough"),
        ("", "Password not long enough"),
        ("passw0rd!", "Password must have uppercase characters"),
        ("PASSW0RD!", "Password must have lowercase characters"),
        ("Password!", "Password must have numeric characters"),
        ("Passw0rdd", "Password must have symbol characters"),
        (" Passw0rd ", "Password must have symbol characters"),
        ("passwordd", "Password must have uppercase characters"),
        ("ÄPFEL-ärger-1", None),
        ("Äpfel-ärger-1", "Password must have uppercase characters"),
        ("PÄSSWÖRD-ä-1", "Password must have lowercase characters"),
        ("Password-\u0661", "Password must have numeric characters"),
        ("Passw0rd\N{EM DASH}", "Password must have symbol characters"),
    ],
)
def test_one_violation_is_told_at_a_time(password: str, violation: str | None) -> None:
    assert passwords.violation(PasswordPolicy(), password) == violation


@pytest.mark.parametrize("symbol", "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-")
def test_a_symbol_is_one_of_the_documented_ones(symbol: str) -> None:
    assert passwords.violation(PasswordPolicy(), f"Passw0rd{symbol}") is None


def test_a_pool_may_ask_for_nothing_but_length() -> None:
    assert passwords.violation(ANYTHING, "aaaaaa") is None
    assert passwords.violation(ANYTHING, "aaaaa") == "Password not long enough"


@given(
    st.builds(
        PasswordPolicy,
        minimum_length=st.integers(6, 99),
        require_uppercase=st.booleans(),
        require_lowercase=st.booleans(),
        require_numbers=st.booleans(),
        require_symbols=st.booleans(),
    )
)
def test_what_is_generated_conforms(policy: PasswordPolicy) -> None:
    password = passwords.generate(policy)
    assert passwords.violation(policy, password) is None
    assert 12 <= len(password) <= 99
    assert password != passwords.generate(policy)


# -- how they are kept ------------------------------------------------------------------------------------------------


def test_the_right_password_and_no_other_is_right(vault: Vault) -> None:
    ada = passwords.with_password(vault, a_user(), "Passw0rd!", 7)
    assert passwords.is_right(vault, ada, "Passw0rd!")
    for wrong in ("Passw0rd", "passw0rd!", "", "Passw0rd! "):
        assert not passwords.is_right(vault, ada, wrong)


def test_nothing_is_right_for_a_user_without_a_password(vault: Vault) -> None:
    assert not passwords.is_right(vault, a_user(), "")
    assert not passwords.is_right(vault, a_user(), "Passw0rd!")
    assert passwords.verifier_of(vault, a_user()) is None


def test_a_new_password_ends_the_sign_ins_under_way(vault: Vault) -> None:
    ada = a_user()
    after = passwords.with_password(vault, ada, "Passw0rd!", 7)
    assert (after.password_set_at, after.credential_version, after.modified_at) == (7, 2, 7)
    assert (
        structs.replace(
            after, salt=None, sealed_verifier=None, password_set_at=0, credential_version=1, modified_at=1
        )
        == ada
    )


def test_the_same_password_is_kept_differently_each_time(vault: Vault) -> None:
    ada = a_user()
    one, other = (passwords.make(vault, ada, "Passw0rd!") for _ in range(2))
    assert one.salt != other.salt
    assert one.sealed_verifier != other.sealed_verifier


def test_what_is_kept_is_the_srp_verifier_that_clients_prove(vault: Vault) -> None:
    ada = passwords.with_password(vault, a_user("ada"), "Passw0rd!", 7)
    assert ada.salt
    kept = passwords.verifier_of(vault, ada)
    assert kept == srp.verifier("Examples1", "ada", "Passw0rd!", ada.salt)


def test_a_password_opens_for_nobody_else(vault: Vault) -> None:
    ada = passwords.with_password(vault, a_user(), "Passw0rd!", 7)
    eve = structs.replace(a_user("eve"), salt=ada.salt, sealed_verifier=ada.sealed_verifier)
    with pytest.raises(CannotUnseal):
        passwords.is_right(vault, eve, "Passw0rd!")


@pytest.mark.parametrize(("days", "effective"), [(7, 7), (1, 1), (365, 365), (0, 7)])
def test_a_temporary_password_is_good_for_some_days(days: int, effective: int) -> None:
    pool = a_pool(policy=PasswordPolicy(temporary_password_validity_days=days))
    invited = structs.replace(a_user(status="FORCE_CHANGE_PASSWORD"), password_set_at=DAY)
    last_moment = DAY + effective * DAY - 1
    assert not passwords.temporary_has_expired(pool, invited, last_moment)
    assert passwords.temporary_has_expired(pool, invited, last_moment + 1)
    assert not passwords.temporary_has_expired(
        pool, structs.replace(invited, status="CONFIRMED"), last_moment + 1
    )


# -- the former ones --------------------------------------------------------------------------------------------------


async def replace_password(
    store: Store, vault: Vault, pool: UserPool, user: User, password: str, now: int
) -> User:
    await passwords.refuse_former(store, vault, pool, user, password)
    await store.write(passwords.remember, pool, user, now)
    return passwords.with_password(vault, user, password, now)


async def test_a_pool_with_a_history_refuses_the_last_passwords(
    store: Store, vault: Vault, pool_id: str
) -> None:
    pool = in_pool(pool_id, a_pool(policy=PasswordPolicy(password_history_size=3)))
    user = structs.replace(a_user(), pool_id=pool_id)
    for number in range(1, 6):
        user = await replace_password(store, vault, pool, user, f"Passw0rd!{number}", number)
    for number in (5, 4, 3):
        with pytest.raises(Refusal) as refusal:
            await replace_password(store, vault, pool, user, f"Passw0rd!{number}", 9)
        assert refusal.value.type == "PasswordHistoryPolicyViolationException"
    assert len(await store.read(former_passwords.all_of_user, pool_id, user.sub)) == 2
    await replace_password(store, vault, pool, user, "Passw0rd!2", 9)


async def test_a_pool_that_remembers_one_knows_only_the_present_password(
    store: Store, vault: Vault, pool_id: str
) -> None:
    pool = in_pool(pool_id, a_pool(policy=PasswordPolicy(password_history_size=1)))
    user = structs.replace(a_user(), pool_id=pool_id)
    user = await replace_password(store, vault, pool, user, "Passw0rd!1", 1)
    with pytest.raises(Refusal):
        await replace_password(store, vault, pool, user, "Passw0rd!1", 2)
    user = await replace_password(store, vault, pool, user, "Passw0rd!2", 2)
    assert await store.read(former_passwords.all_of_user, pool_id, user.sub) == []
    await replace_password(store, vault, pool, user, "Passw0rd!1", 3)


@pytest.mark.parametrize("size", [None, 0])
async def test_a_pool_without_a_history_takes_the_same_password_again(
    store: Store, vault: Vault, pool_id: str, size: int | None
) -> None:
    pool = in_pool(pool_id, a_pool(policy=PasswordPolicy(password_history_size=size)))
    user = structs.replace(a_user(), pool_id=pool_id)
    for now in (1, 2):
        user = await replace_password(store, vault, pool, user, "Passw0rd!", now)
    assert await store.read(former_passwords.all_of_user, pool_id, user.sub) == []
