from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.pools import schema
from cognomen.store.user_pool_settings import SchemaAttribute
from tests.pools.conftest import MakePool

STANDARD = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
]


def text(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "AttributeDataType": "String"} | more


def number(name: str, **bounds: str) -> dict[str, Any]:
    return {"Name": name, "AttributeDataType": "Number", "NumberAttributeConstraints": bounds}


def named(attributes: tuple[SchemaAttribute, ...], name: str) -> dict[str, Any]:
    """The attribute as an answer has it, without the members it does not have."""
    found = next(attribute for attribute in attributes if attribute.name == name)
    return {member: value for member, value in msgspec.to_builtins(found).items() if value is not None}


def test_the_standard_attributes_stand_in_cognitos_order() -> None:
    assert [attribute.name for attribute in schema.standard_schema()] == STANDARD


@pytest.mark.parametrize("name", sorted({*STANDARD} - {"sub", "birthdate", "updated_at"}))
def test_most_standard_attributes_are_texts_that_may_change(name: str) -> None:
    flag = name.endswith("_verified")
    constraints = {} if flag else {"StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"}}
    assert named(schema.standard_schema(), name) == {
        "Name": name,
        "AttributeDataType": "Boolean" if flag else "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        **constraints,
    }


def test_sub_is_required_and_never_changes() -> None:
    found = named(schema.standard_schema(), "sub")
    assert (found["Required"], found["Mutable"]) == (True, False)
    assert found["StringAttributeConstraints"] == {"MinLength": "1", "MaxLength": "2048"}


def test_a_birthdate_has_ten_characters() -> None:
    found = named(schema.standard_schema(), "birthdate")
    assert found["StringAttributeConstraints"] == {"MinLength": "10", "MaxLength": "10"}


def test_updated_at_is_a_number_from_zero() -> None:
    found = named(schema.standard_schema(), "updated_at")
    assert found["AttributeDataType"] == "Number"
    assert found["NumberAttributeConstraints"] == {"MinValue": "0"}
    assert "StringAttributeConstraints" not in found


def test_a_standard_attribute_can_be_made_required_immutable_and_shorter() -> None:
    entry = {
        "Name": "email",
        "Required": True,
        "Mutable": False,
        "StringAttributeConstraints": {"MaxLength": "64"},
    }
    merged = schema.merged([entry])
    assert [attribute.name for attribute in merged] == STANDARD
    assert named(merged, "email") == {
        "Name": "email",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "64"},
    }


def test_sub_stays_as_it_is_whatever_is_asked() -> None:
    entry = text("sub", Required=False, Mutable=True, StringAttributeConstraints={"MaxLength": "3"})
    assert schema.merged([entry]) == schema.standard_schema()


@pytest.mark.parametrize(
    ("entry", "stored"),
    [
        (
            text("team"),
            {"Name": "custom:team", "AttributeDataType": "String", "StringAttributeConstraints": {}},
        ),
        (
            text("team", StringAttributeConstraints={"MaxLength": "9"}, Mutable=False),
            {
                "Name": "custom:team",
                "AttributeDataType": "String",
                "Mutable": False,
                "StringAttributeConstraints": {"MaxLength": "9"},
            },
        ),
        (
            text("team", DeveloperOnlyAttribute=True),
            {
                "Name": "dev:custom:team",
                "AttributeDataType": "String",
                "DeveloperOnlyAttribute": True,
                "StringAttributeConstraints": {},
            },
        ),
        (
            number("level", MinValue="-5", MaxValue="5"),
            {
                "Name": "custom:level",
                "AttributeDataType": "Number",
                "NumberAttributeConstraints": {"MinValue": "-5", "MaxValue": "5"},
            },
        ),
        (
            {"Name": "since", "AttributeDataType": "DateTime"},
            {"Name": "custom:since", "AttributeDataType": "DateTime"},
        ),
        (
            {"Name": "member", "AttributeDataType": "Boolean"},
            {"Name": "custom:member", "AttributeDataType": "Boolean"},
        ),
    ],
)
def test_a_custom_attribute_has_its_prefix_and_what_was_given(
    entry: dict[str, Any], stored: dict[str, Any]
) -> None:
    usual = {"DeveloperOnlyAttribute": False, "Mutable": True, "Required": False}
    merged = schema.merged([entry])
    assert len(merged) == len(STANDARD) + 1
    assert named(merged, stored["Name"]) == usual | stored


def test_custom_attributes_follow_in_the_order_of_their_creation() -> None:
    first = schema.merged([text("b"), {"Name": "email", "Required": True}, text("a")])
    extended = schema.with_custom(first, [text("email"), number("9")])
    assert [attribute.name for attribute in extended[20:]] == [
        "custom:b",
        "custom:a",
        "custom:email",
        "custom:9",
    ]


FIXED = "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([number("email")], FIXED + "email"),
        ([{"Name": "email", "DeveloperOnlyAttribute": True}], FIXED + "email"),
        ([{"Name": "sub", "AttributeDataType": "Number"}], FIXED + "sub"),
        (
            [{"Name": "email"}, {"Name": "email"}],
            "Duplicate custom attribute names email are not allowed in a user pool schema.",
        ),
        (
            [text("team"), text("team")],
            "Duplicate custom attribute names custom:team are not allowed in a user pool schema.",
        ),
        (
            [text("team"), text("team", DeveloperOnlyAttribute=True)],
            "dev:custom:team: Existing attribute already has name custom:team.",
        ),
        (
            [{"Name": "team"}],
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ),
        ([text("team", Required=True)], "Required custom attributes are not supported currently."),
        (
            [
                text("team", StringAttributeConstraints={"MinLength": "9", "MaxLength": "10"}),
                number("x"),
                text("y", StringAttributeConstraints={"MinLength": "10", "MaxLength": "9"}),
            ],
            "Attribute custom:y cannot have a max length shorter than it's min length",
        ),
        (
            [{"Name": "email", "StringAttributeConstraints": {"MinLength": "2049"}}],
            "Attribute email cannot have a max length shorter than it's min length",
        ),
        (
            [number("level", MinValue="10", MaxValue="9")],
            "Attribute custom:level cannot have a max value smaller than it's min value",
        ),
        (
            [{"Name": "updated_at", "NumberAttributeConstraints": {"MaxValue": "-1"}}],
            "Attribute updated_at cannot have a max value smaller than it's min value",
        ),
        (
            [text("team", StringAttributeConstraints={"MinLength": "-1"})],
            "custom:team: invalid MinLength constraint.",
        ),
        (
            [text("team", StringAttributeConstraints={"MaxLength": "ten"})],
            "custom:team: invalid MaxLength constraint.",
        ),
        (
            [text("team", StringAttributeConstraints={"MaxLength": "9" * 100_000})],
            "custom:team: invalid MaxLength constraint.",
        ),
        ([number("level", MaxValue="1e9")], "custom:level: invalid MaxValue constraint."),
        ([number("level", MaxValue=str(2**1023 + 1))], "custom:level: invalid MaxValue constraint."),
        ([number("level", MinValue="")], "custom:level: invalid MinValue constraint."),
        ([number("level", MinValue="٣")], "custom:level: invalid MinValue constraint."),
    ],
)
def test_a_schema_that_cannot_be_is_refused(entries: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        schema.merged(entries)
    assert (refusal.value.type, refusal.value.message) == ("InvalidParameterException", message)


def test_a_bound_may_be_as_large_as_2_to_the_1023() -> None:
    assert schema.merged([number("level", MinValue=str(-(2**1023)), MaxValue=str(2**1023))])


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (text("team"), "custom:team: Existing attribute already has name custom:team."),
        (text("role"), "custom:role: Existing attribute already has name dev:custom:role."),
        (
            text("role", DeveloperOnlyAttribute=True),
            "dev:custom:role: Existing attribute already has name dev:custom:role.",
        ),
    ],
)
def test_an_attribute_that_exists_is_not_added_again(added: dict[str, Any], message: str) -> None:
    existing = schema.merged([text("team"), text("role", DeveloperOnlyAttribute=True)])
    with pytest.raises(Refusal) as refusal:
        schema.with_custom(existing, [added])
    assert refusal.value.message == message


def test_a_pool_has_at_most_fifty_custom_attributes() -> None:
    full = schema.merged([text(f"a{n}") for n in range(schema.CUSTOM_ATTRIBUTES_MAX)])
    assert len(full) == 70
    with pytest.raises(Refusal, match="at most 50 custom attributes"):
        schema.with_custom(full, [text("one_more")])


def test_an_attribute_is_found_by_its_full_name(make_record: MakePool) -> None:
    pool = make_record(Schema=[text("team")])
    found = schema.attribute(pool, "custom:team")
    assert found is not None
    assert found.name == "custom:team"
    assert schema.attribute(pool, "team") is None
    assert schema.attribute(pool, "dev:custom:team") is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_bounds_are_taken_or_refused(least: str, most: str) -> None:
    """No text a request can hold is a defect of ours."""
    try:
        merged = schema.merged([number("level", MinValue=least, MaxValue=most)])
    except Refusal:
        return
    bounds = merged[-1].number_attribute_constraints
    assert bounds == {"MinValue": least, "MaxValue": most}
    assert int(least) <= int(most)


def test_an_attribute_of_the_schema_has_a_name() -> None:
    nameless: list[list[dict[str, Any]]] = [[{}], [{"AttributeDataType": "String"}]]
    for entries in nameless:
        with pytest.raises(Refusal, match="needs a Name"):
            schema.merged(entries)
        with pytest.raises(Refusal, match="needs a Name"):
            schema.with_custom((), entries)
