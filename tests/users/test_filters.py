"""The Filter of ListUsers, and the ranges of keys it asks for."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.store.users import key_of
from cognomen.users import filters
from cognomen.users.filters import Filter

TOP = "\U0010ffff"
NAMES = st.sampled_from(
    [
        "username",
        "email",
        "phone_number",
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "sub",
        "status",
    ]
)
# Long ones, since keys are cut, and the characters at the ends of the ranges.
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300),
    st.text(st.sampled_from(["a", "b", TOP, "\ud7ff", "\ue000", '"', "\\"]), max_size=300),
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('username = "ada"', Filter("username", begins_with=False, value="ada")),
        ('username="ada"', Filter("username", begins_with=False, value="ada")),
        ('  given_name  ^=  "Jon" ', Filter("given_name", begins_with=True, value="Jon")),
        ('"username" = "ada"', Filter("username", begins_with=False, value="ada")),
        ('"username"="ada"', Filter("username", begins_with=False, value="ada")),
        ('email ^= ""', Filter("email", begins_with=True, value="")),
        (
            'cognito:user_status = "CONFIRMED"',
            Filter("cognito:user_status", begins_with=False, value="CONFIRMED"),
        ),
        (r'family_name = "O\"Reilly"', Filter("family_name", begins_with=False, value='O"Reilly')),
        (r'name = "back\\slash"', Filter("name", begins_with=False, value="back\\slash")),
        (r'name = "CORP\ada"', Filter("name", begins_with=False, value=r"CORP\ada")),
        ("name = \"two\nlines = 'x'\"", Filter("name", begins_with=False, value="two\nlines = 'x'")),
    ],
)
def test_what_a_filter_says(text: str, meaning: Filter) -> None:
    assert filters.parse(text) == meaning


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_blank_filter_means_everybody(text: str) -> None:
    assert filters.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "ada",
        "username",
        "username =",
        "username = ada",
        "username = 'ada'",
        'username = "ada',
        'username = ada"',
        'username = "ada" "eve"',
        'username = "a"da"',
        'username == "ada"',
        'username =^ "ada"',
        'username != "ada"',
        'username ^ = "ada"',
        'username = "ada" and email = "x"',
        '= "ada"',
        '"username = "ada"',
        'username" = "ada"',
        '""username"" = "ada"',
        '" username " = "ada"',
        '"" = "ada"',
        r'username = "ada\"',
        'user name = "ada"',
    ],
)
def test_a_filter_that_cannot_be_read(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        filters.parse(text)
    assert (refusal.value.type, refusal.value.message) == (
        "InvalidParameterException",
        "Error while parsing filter",
    )


@pytest.mark.parametrize(
    "name", ["custom:team", "nickname", "Username", "address", "enabled", "dev:custom:x"]
)
def test_an_attribute_that_cannot_be_searched_by(name: str) -> None:
    with pytest.raises(Refusal) as refusal:
        filters.parse(f'{name} = "x"')
    assert refusal.value.message == f"Invalid search attribute: {name}"


@given(NAMES, st.booleans(), st.text())
def test_whatever_is_quoted_is_read_back(name: str, begins_with: bool, value: str) -> None:
    quoted = value.replace("\\", r"\\").replace('"', r"\"")
    parsed = filters.parse(f'{name} {"^=" if begins_with else "="} "{quoted}"')
    assert parsed == Filter(name, begins_with, value)


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_worse(text: str) -> None:
    with suppress(Refusal):
        parsed = filters.parse(text)
        assert parsed is None or f"{parsed.name}" in text


@given(VALUES, VALUES, st.booleans())
def test_the_key_of_a_value_that_matches_is_in_the_range(wanted: str, rest: str, begins_with: bool) -> None:
    value = wanted + rest if begins_with else wanted
    first, beyond = filters.range_of(wanted, begins_with=begins_with)
    assert filters.matches(value, wanted, begins_with=begins_with)
    assert first.encode() <= key_of(value).encode() < beyond.encode()


@given(VALUES, VALUES, st.booleans())
def test_the_key_of_a_short_value_in_the_range_matches(wanted: str, value: str, begins_with: bool) -> None:
    assume(len(wanted) < 192)
    first, beyond = filters.range_of(wanted, begins_with=begins_with)
    is_inside = first.encode() <= key_of(value).encode() < beyond.encode()
    assert is_inside == filters.matches(value, wanted, begins_with=begins_with)


@pytest.mark.parametrize(
    ("beginning", "beyond"),
    [("a", "b"), ("az", "a{"), ("\ud7ff", "\ue000"), ("a" + TOP, "b"), (TOP, TOP * 257), ("", TOP * 257)],
)
def test_where_the_range_of_a_beginning_ends(beginning: str, beyond: str) -> None:
    assert filters.range_of(beginning, begins_with=True) == (beginning, beyond)


def test_a_beginning_longer_than_a_key_keeps_needs_a_second_look() -> None:
    wanted, other = "x" * 200, "x" * 195 + "y" * 100
    first, beyond = filters.range_of(wanted, begins_with=True)
    assert first <= key_of(other) < beyond
    assert not filters.matches(other, wanted, begins_with=True)
