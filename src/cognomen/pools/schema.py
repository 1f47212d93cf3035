"""The attributes the users of a pool have: the 20 standard ones, and those its owner added.

    standard_schema()       what every pool starts with, in the order Cognito lists it
    merged(...)             the schema of a new pool: constraints of standard attributes changed, custom ones added
    with_custom(...)        the schema of a pool to which AddCustomAttributes adds
    attribute(pool, name)   one attribute, by its full name

A schema only grows: an attribute is never removed, renamed or changed. What values an attribute takes is judged in
users/attributes.py. Source: developer guide, "Working with user attributes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from cognomen import errors
from cognomen.store.user_pool_settings import SchemaAttribute

if TYPE_CHECKING:
    from cognomen.store.user_pools import UserPool

CUSTOM = "custom:"
DEVELOPER_ONLY = "dev:custom:"
CUSTOM_ATTRIBUTES_MAX = 50
LARGEST_BOUND = 2**1023  # the description's own limit for MaxLength and MaxValue

_INTEGER = re.compile(r"-?[0-9]{1,309}")  # as many digits as 2^1023 has and one more
_ANY_LENGTH = {"MinLength": "0", "MaxLength": "2048"}


def standard_schema() -> tuple[SchemaAttribute, ...]:
    """The standard attributes in Cognito's order (AWS CLI examples, create-user-pool)."""
    return _STANDARD


def merged(given: Sequence[Mapping[str, Any]]) -> tuple[SchemaAttribute, ...]:
    """The schema of a new pool for the entries of CreateUserPool's `Schema`, which are in the API's names.

    An entry named like a standard attribute changes its constraints, `Required` and `Mutable`; any other makes a custom
    attribute. Raises STANDARD_ATTRIBUTE_FIXED, DUPLICATE_ATTRIBUTE and what `with_custom` raises.
    """
    schema = {attribute.name: attribute for attribute in _STANDARD}
    changed: set[str] = set()
    custom = []
    for entry in given:
        name = _name(entry)
        if name not in _STANDARD_NAMES:
            custom.append(entry)
            continue
        if name in changed:
            raise errors.DUPLICATE_ATTRIBUTE(name=name)
        changed.add(name)
        schema[name] = _changed(schema[name], entry)
    return with_custom(tuple(schema.values()), custom)


def with_custom(
    schema: tuple[SchemaAttribute, ...], given: Sequence[Mapping[str, Any]]
) -> tuple[SchemaAttribute, ...]:
    """`schema` with custom attributes added at its end, for entries in the API's names.

    Raises ATTRIBUTE_EXISTS, DUPLICATE_ATTRIBUTE, TOO_MANY_CUSTOM_ATTRIBUTES, CUSTOM_ATTRIBUTE_REQUIRED,
    ATTRIBUTE_NAME_MISSING, ATTRIBUTE_TYPE_MISSING and the faults of constraints.
    """
    existing = {found.name for found in schema}
    added: dict[str, SchemaAttribute] = {}
    for entry in given:
        new = _custom(entry)
        if new.name in added:
            raise errors.DUPLICATE_ATTRIBUTE(name=new.name)
        for taken in (CUSTOM + entry["Name"], DEVELOPER_ONLY + entry["Name"]):
            if taken in existing or taken in added:
                raise errors.ATTRIBUTE_EXISTS(name=new.name, existing=taken)
        added[new.name] = new
    if len(existing - _STANDARD_NAMES) + len(added) > CUSTOM_ATTRIBUTES_MAX:
        raise errors.TOO_MANY_CUSTOM_ATTRIBUTES(limit=CUSTOM_ATTRIBUTES_MAX)
    return (*schema, *added.values())


def attribute(pool: UserPool, name: str) -> SchemaAttribute | None:
    """The attribute with this full name (`email`, `custom:team`, `dev:custom:team`); None when there is none."""
    return pool.attributes.get(name)


def _changed(standard: SchemaAttribute, entry: Mapping[str, Any]) -> SchemaAttribute:
    """A standard attribute as its owner wants it. `sub` is the server's own, so nothing about it changes."""
    if entry.get(
        "AttributeDataType", standard.attribute_data_type
    ) != standard.attribute_data_type or entry.get("DeveloperOnlyAttribute"):
        raise errors.STANDARD_ATTRIBUTE_FIXED(name=standard.name)
    if standard.name == "sub":
        return standard
    changed = msgspec.structs.replace(
        standard,
        mutable=entry.get("Mutable", standard.mutable),
        required=entry.get("Required", standard.required),
        string_attribute_constraints=_bounds(standard.string_attribute_constraints, entry, "String"),
        number_attribute_constraints=_bounds(standard.number_attribute_constraints, entry, "Number"),
    )
    _check_bounds(changed)
    return changed


def _custom(entry: Mapping[str, Any]) -> SchemaAttribute:
    developer_only = entry.get("DeveloperOnlyAttribute", False)
    name = (DEVELOPER_ONLY if developer_only else CUSTOM) + _name(entry)
    data_type = entry.get("AttributeDataType")
    if data_type is None:
        raise errors.ATTRIBUTE_TYPE_MISSING()
    if entry.get("Required"):
        raise errors.CUSTOM_ATTRIBUTE_REQUIRED()
    new = SchemaAttribute(
        name=name,
        attribute_data_type=data_type,
        developer_only_attribute=developer_only,
        mutable=entry.get("Mutable", True),
        string_attribute_constraints=_bounds({} if data_type == "String" else None, entry, "String"),
        number_attribute_constraints=_bounds({} if data_type == "Number" else None, entry, "Number"),
    )
    _check_bounds(new)
    return new


def _name(entry: Mapping[str, Any]) -> str:
    """The description does not require it."""
    name: str | None = entry.get("Name")
    if name is None:
        raise errors.ATTRIBUTE_NAME_MISSING()
    return name


def _bounds(usual: dict[str, str] | None, entry: Mapping[str, Any], kind: str) -> dict[str, str] | None:
    """The bounds given on top of the usual ones; None for an attribute that has none of this kind."""
    return None if usual is None else usual | entry.get(f"{kind}AttributeConstraints", {})


def _check_bounds(attribute: SchemaAttribute) -> None:
    lengths = attribute.string_attribute_constraints or {}
    values = attribute.number_attribute_constraints or {}
    shortest, longest = (_bound(attribute, lengths, bound, 0) for bound in ("MinLength", "MaxLength"))
    least, most = (_bound(attribute, values, bound, -LARGEST_BOUND) for bound in ("MinValue", "MaxValue"))
    if shortest is not None and longest is not None and longest < shortest:
        raise errors.ATTRIBUTE_LENGTHS_CROSSED(name=attribute.name)
    if least is not None and most is not None and most < least:
        raise errors.ATTRIBUTE_VALUES_CROSSED(name=attribute.name)


def _bound(attribute: SchemaAttribute, bounds: dict[str, str], bound: str, lowest: int) -> int | None:
    text = bounds.get(bound)
    if text is None:
        return None
    number = int(text) if _INTEGER.fullmatch(text) else None
    if number is None or not lowest <= number <= LARGEST_BOUND:
        raise errors.INVALID_ATTRIBUTE_CONSTRAINT(name=attribute.name, constraint=bound)
    return number


def _text(name: str) -> SchemaAttribute:
    return SchemaAttribute(name=name, string_attribute_constraints=_ANY_LENGTH)


_STANDARD = (
    SchemaAttribute(
        name="sub",
        mutable=False,
        required=True,
        string_attribute_constraints={"MinLength": "1", "MaxLength": "2048"},
    ),
    _text("name"),
    _text("given_name"),
    _text("family_name"),
    _text("middle_name"),
    _text("nickname"),
    _text("preferred_username"),
    _text("profile"),
    _text("picture"),
    _text("website"),
    _text("email"),
    SchemaAttribute(name="email_verified", attribute_data_type="Boolean"),
    _text("gender"),
    SchemaAttribute(name="birthdate", string_attribute_constraints={"MinLength": "10", "MaxLength": "10"}),
    _text("zoneinfo"),
    _text("locale"),
    _text("phone_number"),
    SchemaAttribute(name="phone_number_verified", attribute_data_type="Boolean"),
    _text("address"),
    SchemaAttribute(
        name="updated_at", attribute_data_type="Number", number_attribute_constraints={"MinValue": "0"}
    ),
)
_STANDARD_NAMES = frozenset(standard.name for standard in _STANDARD)
