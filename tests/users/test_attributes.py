"""What may stand in an attribute, and who may read and write it."""

from __future__ import annotations

import pytest

from cognomen.errors import Refusal
from cognomen.users import attributes
from tests.users.examples import a_client, a_pool, a_user

SCHEMA: tuple[dict[str, object], ...] = (
    {
        "Name": "team",
        "AttributeDataType": "String",
        "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "5"},
    },
    {
        "Name": "size",
        "AttributeDataType": "Number",
        "NumberAttributeConstraints": {"MinValue": "-1", "MaxValue": "10"},
    },
    {"Name": "any", "AttributeDataType": "Number"},
    {"Name": "active", "AttributeDataType": "Boolean"},
    {"Name": "since", "AttributeDataType": "DateTime"},
    {"Name": "badge", "AttributeDataType": "String", "Mutable": False},
    {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
    {"Name": "given_name", "Required": True},
    {"Name": "name", "Required": True},
    {"Name": "locale", "Mutable": False},
)
POOL = a_pool(*SCHEMA)
WHOLE = {"given_name": "Ada", "name": "Ada Lovelace"}
FAULTS = [
    ("custom:team", "a", "custom:team: String must be at least 2 characters\n"),
    ("custom:team", "sixsix", "custom:team: String must be no longer than 5 characters\n"),
    ("custom:size", "x", "custom:size: Value must be a number\n"),
    ("custom:size", "1e3", "custom:size: Value must be a number\n"),
    ("custom:size", "\u0661", "custom:size: Value must be a number\n"),
    ("custom:size", "11", "custom:size: Number must be no larger than 10\n"),
    ("custom:size", "10.01", "custom:size: Number must be no larger than 10\n"),
    ("custom:size", "-2", "custom:size: Number must be no smaller than -1\n"),
    ("updated_at", "-1", "updated_at: Number must be no smaller than 0\n"),
    ("custom:active", "yes", "custom:active: Value must be true or false\n"),
    (
        "custom:since",
        "yesterday",
        "custom:since: Invalid format, value must be a date and time of ISO 8601\n",
    ),
    ("birthdate", "1815-12-1", "birthdate: Invalid format, value must be a date YYYY-MM-DD\n"),
    ("birthdate", "1815-13-10", "birthdate: Invalid format, value must be a date YYYY-MM-DD\n"),
    ("birthdate", "10/12/1815", "birthdate: Invalid format, value must be a date YYYY-MM-DD\n"),
]
FITTING = [
    ("custom:team", "\N{GRINNING FACE}" * 5),
    ("custom:size", "-1"),
    ("custom:size", "10.0"),
    ("custom:any", "-" + "9" * 2000),
    ("custom:active", "true"),
    ("custom:since", "2026-01-31T12:00:00Z"),
    ("custom:since", "1767225600"),
    ("birthdate", "1815-12-10"),
    ("dev:custom:note", "x"),
    ("email", "ada@example.com"),
    ("phone_number", "+14155550100"),
    ("address", "12 St James's Square\nLondon"),
    ("picture", "p" * 2048),
]


def message_of(refusal: pytest.ExceptionInfo[Refusal]) -> str | None:
    assert refusal.value.type == "InvalidParameterException"
    return refusal.value.message


@pytest.mark.parametrize(("name", "value", "item"), FAULTS)
def test_a_value_that_does_not_fit_the_schema(name: str, value: str, item: str) -> None:
    message = f"Attributes did not conform to the schema: {item}"
    with pytest.raises(Refusal) as refusal:
        attributes.new(POOL, {name: value}, complete=False)
    assert message_of(refusal) == message
    with pytest.raises(Refusal) as refusal:
        attributes.changes(POOL, {name: value})
    assert message_of(refusal) == message


@pytest.mark.parametrize("name", ["custom:unknown", "team", "custom:note", "Email"])
def test_an_attribute_the_schema_does_not_have(name: str) -> None:
    item = f"{name}: Attribute does not exist in the schema.\n"
    with pytest.raises(Refusal) as refusal:
        attributes.new(POOL, {name: "abc"}, complete=False)
    assert message_of(refusal) == f"Attributes did not conform to the schema: {item}"
    for value in ("abc", ""):
        with pytest.raises(Refusal) as refusal:
            attributes.changes(POOL, {name: value})
        assert message_of(refusal) == f"user.{item}"


def test_a_change_tells_all_that_the_schema_does_not_have_and_nothing_else() -> None:
    with pytest.raises(Refusal) as refusal:
        attributes.changes(POOL, {"custom:x": "1", "custom:team": "a", "custom:y": "2"})
    assert message_of(refusal) == (
        "user.custom:x: Attribute does not exist in the schema.\n"
        "user.custom:y: Attribute does not exist in the schema.\n"
    )


def test_a_preferred_name_that_looks_like_an_alias_can_be_neither_set_nor_changed() -> None:
    pool = a_pool(alias=("email", "preferred_username"))
    good, bad = {"preferred_username": "countess"}, {"preferred_username": "ada@example.com"}
    message = "Preferred username cannot be of email format, since user pool is configured for email alias."
    assert attributes.new(pool, good, complete=False) == attributes.changes(pool, good) == good
    with pytest.raises(Refusal) as refusal:
        attributes.new(pool, bad, complete=False)
    assert message_of(refusal) == message
    with pytest.raises(Refusal) as refusal:
        attributes.changes(pool, bad)
    assert message_of(refusal) == message


@pytest.mark.parametrize(("name", "value"), FITTING)
def test_a_value_that_fits(name: str, value: str) -> None:
    assert attributes.new(POOL, {name: value}, complete=False) == {name: value}
    assert attributes.changes(POOL, {name: value}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("email", "ada", "Invalid email address format."),
        ("phone_number", "14155550100", "Invalid phone number format."),
    ],
)
def test_an_address_of_no_such_form(name: str, value: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        attributes.new(POOL, {name: value}, complete=False)
    assert message_of(refusal) == message
    with pytest.raises(Refusal) as refusal:
        attributes.changes(POOL, {name: value})
    assert message_of(refusal) == message


def test_all_faults_are_told_together_each_with_its_end_of_line() -> None:
    with pytest.raises(Refusal) as refusal:
        attributes.new(POOL, {"custom:team": "a", "custom:x": "y"}, complete=True)
    assert message_of(refusal) == (
        "Attributes did not conform to the schema: "
        "name.formatted: The attribute name.formatted is required\n"
        "given_name: The attribute is required\n"
        "custom:team: String must be at least 2 characters\n"
        "custom:x: Attribute does not exist in the schema.\n"
    )


def test_an_administrator_may_leave_required_ones_out() -> None:
    assert attributes.new(POOL, {}, complete=False) == {}
    assert attributes.missing(POOL, {"name": "Ada", "given_name": ""}) == ("given_name",)
    assert attributes.new(POOL, WHOLE, complete=True) == WHOLE


def test_booleans_are_kept_in_lower_case() -> None:
    given = {"email": "ada@example.com", "email_verified": "True", "custom:active": "FALSE"}
    assert attributes.new(POOL, given, complete=False) == given | {
        "email_verified": "true",
        "custom:active": "false",
    }


def test_an_entry_without_a_value() -> None:
    assert attributes.given([{"Name": "a", "Value": "1"}, {"Name": "b", "Value": ""}]) == {"a": "1", "b": ""}
    with pytest.raises(Refusal) as refusal:
        attributes.given([{"Name": "picture"}])
    assert message_of(refusal) == "Attribute value for picture must not be null"


def test_empty_values_of_a_new_user_are_left_out() -> None:
    assert attributes.new(POOL, {"custom:team": "", "nickname": "A"}, complete=False) == {"nickname": "A"}


def test_immutable_ones_are_set_once() -> None:
    assert attributes.new(POOL, {"custom:badge": "7"}, complete=False) == {"custom:badge": "7"}


@pytest.mark.parametrize("name", ["custom:badge", "locale"])
@pytest.mark.parametrize("value", ["8", ""])
def test_immutable_ones_are_neither_changed_nor_cleared(name: str, value: str) -> None:
    message = f"user.{name}: Attribute cannot be updated.\n (changing an immutable attribute)"
    with pytest.raises(Refusal) as refusal:
        attributes.changes(POOL, {name: value})
    assert message_of(refusal) == message
    with pytest.raises(Refusal) as refusal:
        attributes.deletions(POOL, [name])
    assert message_of(refusal) == message


def test_the_sub_is_the_servers_own() -> None:
    with pytest.raises(Refusal, match="Cannot modify the non-mutable attribute sub"):
        attributes.new(POOL, {"sub": "x"}, complete=False)
    with pytest.raises(Refusal, match="Cannot modify the non-mutable attribute sub"):
        attributes.changes(POOL, {"sub": "x"})
    with pytest.raises(Refusal, match="Cannot modify the non-mutable attribute sub"):
        attributes.deletions(POOL, ["sub"])


def test_a_required_one_cannot_be_cleared() -> None:
    with pytest.raises(Refusal) as refusal:
        attributes.changes(POOL, {"given_name": "", "nickname": ""})
    assert (
        message_of(refusal)
        == "Attributes did not conform to the schema: given_name: The attribute is required\n"
    )


def test_what_cannot_be_deleted_is_told_together() -> None:
    with pytest.raises(Refusal) as refusal:
        attributes.deletions(POOL, ["custom:x", "given_name", "nickname"])
    assert message_of(refusal) == (
        "Invalid user attributes: user.custom:x: Attribute does not exist in the schema.\n"
        "user.given_name: The attribute is required\n"
    )
    assert attributes.deletions(POOL, ["nickname"]) == {"nickname": ""}


# -- what a change does -----------------------------------------------------------------------------------------------

VERIFIED = {"email": "ada@example.com", "email_verified": "true"}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"email": "new@example.com"}, {"email": "new@example.com", "email_verified": "false"}),
        ({"email": "ada@example.com"}, VERIFIED),
        (
            {"email": "new@example.com", "email_verified": "true"},
            {"email": "new@example.com", "email_verified": "true"},
        ),
        (
            {"email": "new@example.com", "email_verified": ""},
            {"email": "new@example.com", "email_verified": "false"},
        ),
        ({"email_verified": "false"}, VERIFIED | {"email_verified": "false"}),
        ({"email_verified": ""}, {"email": "ada@example.com"}),
        ({"email": ""}, {}),
        ({"email": "", "email_verified": ""}, {}),
        (
            {"phone_number": "+14155550100"},
            VERIFIED | {"phone_number": "+14155550100", "phone_number_verified": "false"},
        ),
        ({"nickname": "A"}, VERIFIED | {"nickname": "A"}),
        ({"nickname": ""}, VERIFIED),
    ],
)
def test_a_new_address_is_unverified_unless_the_same_change_says_otherwise(
    changes: dict[str, str], outcome: dict[str, str]
) -> None:
    ada = a_user(**VERIFIED)
    changed = attributes.changed(ada, changes, 7)
    assert changed.attributes == outcome
    assert changed.modified_at == 7
    assert ada.attributes == VERIFIED


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("email_verified", "Email is required to verify/un-verify an email"),
        ("phone_number_verified", "Phone Number is required to verify/un-verify a phone number"),
    ],
)
def test_nothing_is_verified_that_is_not_there(flag: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        attributes.changed(a_user(), {flag: "true"}, 7)
    assert message_of(refusal) == message
    with pytest.raises(Refusal) as refusal:
        attributes.new(POOL, {flag: "true"}, complete=False)
    assert message_of(refusal) == message


# -- rights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "is_allowed"),
    [
        (["nickname", "custom:team"], True),
        ([], True),
        (["email"], True),
        (["email_verified"], False),
        (["phone_number_verified"], False),
        (["dev:custom:note"], False),
        (["sub"], False),
    ],
)
def test_what_a_client_without_a_list_may_write(names: list[str], is_allowed: bool) -> None:
    if is_allowed:
        attributes.check_writable(POOL, a_client(), names)
        return
    with pytest.raises(Refusal) as refusal:
        attributes.check_writable(POOL, a_client(), names)
    assert (refusal.value.type, refusal.value.message) == (
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
    )


def test_a_client_writes_what_its_list_says() -> None:
    client = a_client(write_attributes=("nickname", "given_name", "name"))
    attributes.check_writable(POOL, client, ["nickname"])
    with pytest.raises(Refusal):
        attributes.check_writable(POOL, client, ["nickname", "custom:team"])


def test_a_client_reads_what_its_list_says_and_the_sub_first() -> None:
    values = {"nickname": "A", "custom:team": "abc", "dev:custom:note": "x", "email_verified": "false"}
    ada = a_user(**values)
    assert list(attributes.readable(a_client(), ada).items()) == [
        ("sub", ada.sub),
        ("nickname", "A"),
        ("custom:team", "abc"),
        ("email_verified", "false"),
    ]
    assert attributes.readable(a_client(read_attributes=("nickname",)), ada) == {
        "sub": ada.sub,
        "nickname": "A",
    }
    assert attributes.everything(ada) == {"sub": ada.sub} | values
