"""UserMigration: whether a user who is not here is known to the pool owner's former directory.

Developer guide, "Migrate user Lambda trigger". Whoever is found is made a user by sign_in/migration.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from cognomen.call import Call
from cognomen.triggers.firing import arn_of, fire, with_metadata

USER_MIGRATION = "UserMigration"


class Migrated(Struct, frozen=True, rename="camel"):
    """Who was found: nobody where there are no `user_attributes`. They are values as texts, and maybe `username`."""

    user_attributes: dict[str, str] | None = None
    final_user_status: str | None = None
    message_action: str | None = None
    desired_delivery_mediums: list[str] | None = None
    force_alias_creation: bool | None = None
    enable_sms_mfa: bool | None = field(default=None, name="enableSMSMFA")


def is_configured(call: Call) -> bool:
    return arn_of(call.pool, USER_MIGRATION) is not None


async def at_sign_in(
    call: Call, typed: str, password: str, *, validation_data: Mapping[str, str] | None
) -> Migrated | None:
    """Who `typed` is, and whether the password is right: the function decides."""
    request = {
        "password": password,
        "validationData": dict(validation_data) if validation_data else None,
        "userAttributes": None,
    }
    return await _fire(call, "UserMigration_Authentication", typed, request)


async def at_forgot_password(
    call: Call, typed: str, *, client_metadata: Mapping[str, str] | None
) -> Migrated | None:
    """Who `typed` is, who has forgotten the password."""
    request = with_metadata({"validationData": None, "userAttributes": None}, client_metadata)
    return await _fire(call, "UserMigration_ForgotPassword", typed, request)


async def _fire(call: Call, source: str, typed: str, request: Mapping[str, Any]) -> Migrated | None:
    return await fire(call, USER_MIGRATION, source, user_name=typed, request=request, answer=Migrated)
