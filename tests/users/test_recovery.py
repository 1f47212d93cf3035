"""Where a code for a forgotten password goes."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from cognomen.store.user_pool_settings import AccountRecoverySetting, RecoveryMechanism
from cognomen.store.user_pools import UserPool
from cognomen.users import recovery
from tests.users.examples import a_pool, a_user

EMAIL = {"email": "ada@example.com", "email_verified": "true"}
PHONE = {"phone_number": "+15550001234", "phone_number_verified": "true"}


def a_pool_with(*names: str) -> UserPool:
    """Recovery by these, the last one first."""
    mechanisms = tuple(
        RecoveryMechanism(priority=len(names) - place, name=name) for place, name in enumerate(names)
    )
    setting = AccountRecoverySetting(recovery_mechanisms=mechanisms)
    pool = a_pool()
    return replace(pool, settings=msgspec.structs.replace(pool.settings, account_recovery_setting=setting))


@pytest.mark.parametrize(
    ("pool", "attributes", "expected"),
    [
        (a_pool(), EMAIL | PHONE, "phone_number"),
        (a_pool(), EMAIL, "email"),
        (a_pool_with(), EMAIL | PHONE, "phone_number"),
        (a_pool_with("verified_phone_number", "verified_email"), EMAIL | PHONE, "email"),
        (a_pool_with("verified_email", "verified_phone_number"), EMAIL | PHONE, "phone_number"),
        (a_pool_with("verified_email"), PHONE, None),
        (a_pool_with("admin_only"), EMAIL | PHONE, "phone_number"),
        (a_pool(), EMAIL | {"email_verified": "false"}, None),
        (a_pool(), {"email_verified": "true"}, None),
    ],
)
def test_it_goes_to_the_first_kind_of_address_that_is_verified(
    pool: UserPool, attributes: dict[str, str], expected: str | None
) -> None:
    assert recovery.attribute_of(pool, a_user(**attributes)) == expected


def test_some_pools_leave_it_to_administrators() -> None:
    assert recovery.is_by_admin_only(a_pool_with("admin_only"))
    assert not recovery.is_by_admin_only(a_pool_with("verified_email"))
    assert not recovery.is_by_admin_only(a_pool())
