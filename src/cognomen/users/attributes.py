"""What may stand in an attribute of a user, and who may read and write it.

    given, plain    a request's list as a mapping
    new             the attributes of a new user, checked
    changes         what an existing user's attributes shall become, checked; deletions, the same for names
    changed         a user with such changes
    check_writable, readable    what an app client may write and read

Values are text, whatever their type. The schema itself is pools/schema.py's. Faults of the schema are collected and
told together; the texts of errors.py are for clients that compare them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cognomen import errors
from cognomen.pools import app_clients, schema
from cognomen.store.app_clients import AppClient
from cognomen.store.user_pool_settings import SchemaAttribute
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users.names import (
    EMAIL,
    PHONE_NUMBER,
    PREFERRED_USERNAME,
    VERIFIED,
    check_preferred,
    is_email,
    is_phone_number,
)

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

SUB = "sub"
IDENTITIES = "identities"

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FORMATTED = frozenset(
    {"name", "address"}
)  # objects inside Cognito, of which a user has only the formatted text

_REQUIRED_TO_VERIFY = {
    EMAIL: errors.VERIFIED_WITHOUT_EMAIL,
    PHONE_NUMBER: errors.VERIFIED_WITHOUT_PHONE_NUMBER,
}


def given(entries: Iterable[AttributeTypeTypeDef]) -> dict[str, str]:
    """A request's `[{Name, Value}]` as a mapping; raises ATTRIBUTE_VALUE_NULL for an entry without a value."""
    result = {}
    for entry in entries:
        if "Value" not in entry:
            raise errors.ATTRIBUTE_VALUE_NULL(name=entry["Name"])
        result[entry["Name"]] = entry["Value"]
    return result


def plain(entries: Iterable[AttributeTypeTypeDef]) -> dict[str, str]:
    """The same where an entry may have no value, which counts as an empty one."""
    return {entry["Name"]: entry.get("Value", "") for entry in entries}


def new(pool: UserPool, given: Mapping[str, str], *, complete: bool) -> dict[str, str]:
    """The attributes of a new user: immutable ones may be set; empty ones are left out.

    `complete`: the required ones must be there. An administrator may leave them to the user's first sign-in.
    Raises SUB_GIVEN, ATTRIBUTES_UNLIKE_SCHEMA, INVALID_EMAIL, INVALID_PHONE_NUMBER, PREFERRED_USERNAME_LIKE_…,
    VERIFIED_WITHOUT_….
    """
    if SUB in given:
        raise errors.SUB_GIVEN()
    present = {name: value for name, value in given.items() if value}
    _check_schema(pool, present, missing(pool, present) if complete else ())
    values = _normal(pool, present)
    _check_formats(pool, values)
    for address, flag in VERIFIED.items():
        if flag in values and address not in values:
            raise _REQUIRED_TO_VERIFY[address]()
    return values


def unverified(attributes: Mapping[str, str]) -> dict[str, str]:
    """The flags of a user who signs up, one for each address, which only a code or a function may turn (recorded events).

    One whom an administrator makes has those that were given, and no others (recorded answers).
    """
    return {flag: "false" for address, flag in VERIFIED.items() if address in attributes}


def missing(pool: UserPool, attributes: Mapping[str, str]) -> tuple[str, ...]:
    """The names of required attributes that have no value."""
    return tuple(
        entry.name
        for entry in pool.schema
        if entry.required and entry.name != SUB and not attributes.get(entry.name)
    )


def changes(pool: UserPool, given: Mapping[str, str]) -> dict[str, str]:
    """What attributes of an existing user shall become; an empty text clears one.

    Names the schema does not have are told first, and in another form than where a user is made (publicly reported).
    Raises UNKNOWN_ATTRIBUTES, ATTRIBUTES_UNLIKE_SCHEMA, SUB_GIVEN, IMMUTABLE_ATTRIBUTE, INVALID_EMAIL,
    INVALID_PHONE_NUMBER, PREFERRED_USERNAME_LIKE_….
    """
    unknown = "".join(_unknown_item_of_user(name) for name in given if schema.attribute(pool, name) is None)
    if unknown:
        raise errors.UNKNOWN_ATTRIBUTES(items=unknown)
    present = {name: value for name, value in given.items() if value}
    cleared = [name for name, value in given.items() if not value]
    _check_schema(pool, given, [name for name in cleared if _is_required(pool, name)])
    _refuse_immutable(pool, given)
    values = _normal(pool, present)
    _check_formats(pool, values)
    return values | dict.fromkeys(cleared, "")


def deletions(pool: UserPool, names: Iterable[str]) -> dict[str, str]:
    """The changes that clear `names`; raises INVALID_USER_ATTRIBUTES, SUB_GIVEN, IMMUTABLE_ATTRIBUTE."""
    cleared = dict.fromkeys(names, "")
    items = ""
    for name in cleared:
        if schema.attribute(pool, name) is None:
            items += _unknown_item_of_user(name)
        elif _is_required(pool, name):
            items += "user." + errors.ITEM_REQUIRED.format(name=name)
    if items:
        raise errors.INVALID_USER_ATTRIBUTES(items=items)
    _refuse_immutable(pool, cleared)
    return cleared


def changed(user: User, changes: Mapping[str, str], now: int) -> User:
    """The user with changed attributes. A new address is unverified unless the same change says that it is verified.

    Raises VERIFIED_WITHOUT_… for a flag without its address.
    """
    values = {name: value for name, value in {**user.attributes, **changes}.items() if value}
    for address, flag in VERIFIED.items():
        if address not in values:
            if changes.get(flag):
                raise _REQUIRED_TO_VERIFY[address]()
            values.pop(flag, None)
        elif values[address] != user.attributes.get(address) and not changes.get(flag):
            values[flag] = "false"
    return replace(user, attributes=values, modified_at=now)


# -- rights of an app client ------------------------------------------------------------------------------------------


def check_writable(pool: UserPool, client: AppClient, names: Iterable[str]) -> None:
    """Raises UNAUTHORIZED_ATTRIBUTE for a name that users of this client may not write."""
    writable = app_clients.writable_attributes(pool, client)
    if not writable.issuperset(names):
        raise errors.UNAUTHORIZED_ATTRIBUTE()


def readable(client: AppClient, user: User) -> dict[str, str]:
    """What users of this client may read: `sub` first, and of the attributes those that the client may read.

    `identities` is no attribute of the schema, so that nobody can write it, and no client is asked whether it reads it.
    """
    shown = {
        name: value
        for name, value in user.attributes.items()
        if name == IDENTITIES or app_clients.may_read(client, name)
    }
    return {SUB: user.sub, **shown}


def everything(user: User) -> dict[str, str]:
    """What an administrator reads: all attributes, `sub` first."""
    return {SUB: user.sub, **user.attributes}


# -- values -----------------------------------------------------------------------------------------------------------


def _check_schema(pool: UserPool, given: Mapping[str, str], missing: Iterable[str]) -> None:
    items = "".join(_required_item(name) for name in missing)
    for name, value in given.items():
        entry = schema.attribute(pool, name)
        if entry is None:
            items += errors.ITEM_UNKNOWN.format(name=name)
        elif value:
            items += _fault(entry, value)
    if items:
        raise errors.ATTRIBUTES_UNLIKE_SCHEMA(items=items)


def _unknown_item_of_user(name: str) -> str:
    return "user." + errors.ITEM_UNKNOWN.format(name=name)


def _required_item(name: str) -> str:
    item = errors.ITEM_FORMATTED_REQUIRED if name in _FORMATTED else errors.ITEM_REQUIRED
    return item.format(name=name)


def _fault(entry: SchemaAttribute, value: str) -> str:
    """The line that says why `value` cannot stand in the attribute; empty when it can."""
    if entry.name == "birthdate" and not _is_date(value):
        return errors.ITEM_NO_DATE.format(name=entry.name)
    return _FAULTS[entry.attribute_data_type](entry, value)


def _fault_of_string(entry: SchemaAttribute, value: str) -> str:
    bounds = entry.string_attribute_constraints or {}
    shortest, longest = bounds.get("MinLength"), bounds.get("MaxLength")
    if longest is not None and len(value) > int(longest):
        return errors.ITEM_TOO_LONG.format(name=entry.name, limit=longest)
    if shortest is not None and len(value) < int(shortest):
        return errors.ITEM_TOO_SHORT.format(name=entry.name, limit=shortest)
    return ""


def _fault_of_number(entry: SchemaAttribute, value: str) -> str:
    if not _NUMBER.fullmatch(value):
        return errors.ITEM_NO_NUMBER.format(name=entry.name)
    bounds = entry.number_attribute_constraints or {}
    least, most = bounds.get("MinValue"), bounds.get("MaxValue")
    if most is not None and Decimal(value) > Decimal(most):
        return errors.ITEM_TOO_LARGE.format(name=entry.name, limit=most)
    if least is not None and Decimal(value) < Decimal(least):
        return errors.ITEM_TOO_SMALL.format(name=entry.name, limit=least)
    return ""


def _fault_of_boolean(entry: SchemaAttribute, value: str) -> str:
    return "" if value.lower() in ("true", "false") else errors.ITEM_NO_BOOLEAN.format(name=entry.name)


def _fault_of_date_time(entry: SchemaAttribute, value: str) -> str:
    """ISO 8601, or the number of seconds or milliseconds since the epoch, which clients send as well."""
    if _NUMBER.fullmatch(value):
        return ""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return errors.ITEM_NO_DATE_TIME.format(name=entry.name)
    return ""


_FAULTS = {
    "String": _fault_of_string,
    "Number": _fault_of_number,
    "Boolean": _fault_of_boolean,
    "DateTime": _fault_of_date_time,
}


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _normal(pool: UserPool, values: Mapping[str, str]) -> dict[str, str]:
    """Booleans in lower case (`True` is accepted, `true` is what is kept), the others as they are."""
    result = dict(values)
    for name, value in values.items():
        entry = schema.attribute(pool, name)
        if entry is not None and entry.attribute_data_type == "Boolean":
            result[name] = value.lower()
    return result


def _check_formats(pool: UserPool, values: Mapping[str, str]) -> None:
    if EMAIL in values and not is_email(values[EMAIL]):
        raise errors.INVALID_EMAIL()
    if PHONE_NUMBER in values and not is_phone_number(values[PHONE_NUMBER]):
        raise errors.INVALID_PHONE_NUMBER()
    if PREFERRED_USERNAME in values:
        check_preferred(pool, values[PREFERRED_USERNAME])


def _is_required(pool: UserPool, name: str) -> bool:
    entry = schema.attribute(pool, name)
    return entry is not None and entry.required and name != SUB


def _refuse_immutable(pool: UserPool, names: Iterable[str]) -> None:
    for name in names:
        if name == SUB:
            raise errors.SUB_GIVEN()
        entry = schema.attribute(pool, name)
        if entry is not None and not entry.mutable:
            raise errors.IMMUTABLE_ATTRIBUTE(name=name)
