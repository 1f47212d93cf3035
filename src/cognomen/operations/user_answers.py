"""A user as answers show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cognomen.store.users import User
from cognomen.users import attributes
from cognomen.wire.answers import seconds


def listed(user: User, names: Collection[str] | None = None) -> dict[str, Any]:
    """A UserType, as lists of users and AdminCreateUser show it; `names` are the attributes asked for."""
    values = attributes.everything(user)
    if names:
        values = {name: value for name, value in values.items() if name in names}
    return {
        "Username": user.username,
        "Attributes": attribute_list(values),
        "UserCreateDate": seconds(user.created_at),
        "UserLastModifiedDate": seconds(user.modified_at),
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def attribute_list(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]
