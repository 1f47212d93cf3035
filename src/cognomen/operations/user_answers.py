"""A user as answers show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cognomen.store.users import User
from cognomen.users import attributes, names
from cognomen.users import factors as second_factors
from cognomen.wire.answers import seconds


def listed(user: User, asked: Collection[str] | None = None) -> dict[str, Any]:
    """A UserType, as lists of users and AdminCreateUser show it; `asked` are the attributes asked for."""
    values = attributes.everything(user)
    if asked:
        values = {name: value for name, value in values.items() if name in asked}
    return {
        "Username": user.username,
        "Attributes": attribute_list(values),
        "UserCreateDate": seconds(user.created_at),
        "UserLastModifiedDate": seconds(user.modified_at),
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def factors(user: User) -> dict[str, Any]:
    """What is set of the user's second factors; nothing of it is there where nothing is."""
    said: dict[str, Any] = {}
    if user.factors.sms_by_options:
        said["MFAOptions"] = [{"DeliveryMedium": "SMS", "AttributeName": names.PHONE_NUMBER}]
    if user.factors.preferred:
        said["PreferredMfaSetting"] = user.factors.preferred
    if told := second_factors.told(user):
        said["UserMFASettingList"] = list(told)
    return said


def attribute_list(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]
