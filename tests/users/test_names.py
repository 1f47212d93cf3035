"""The names that find a user, in each kind of pool."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.store.users import KEY_MAX, Alias, SearchValue
from cognomen.users import names
from tests.users.examples import ALL_ALIASES, a_pool, a_user

PLAIN = a_pool()
ALIASES = a_pool(alias=ALL_ALIASES)
BY_ADDRESS = a_pool(username=("email", "phone_number"))
FOLDING = a_pool(alias=("email",), case_sensitive=False)


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com",
        "a@b.co",
        "ada.l+tag@mail.example.co.uk",
        "name.@docomo.example.jp",
        "o'neill_&co@example.com",
        "jürgen@bücher.example",
        "用户@例子.广告",
        "x@1-2.xn--p1ai",
    ],
)
def test_an_email_address(address: str) -> None:
    assert names.is_email(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@@example.com",
        "ada@exa mple.com",
        "ada @example.com",
        "ada@example.com\n",
        "ada@example.com\r\nBcc: eve@example.com",
        "Ada <ada@example.com>",
        "ada@.example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@example.com.",
        "ada,eve@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 255 + ".com",
    ],
)
def test_no_email_address(text: str) -> None:
    assert not names.is_email(text)


@pytest.mark.parametrize("number", ["+14155550100", "+491701234567", "+1", "+123456789012345"])
def test_a_phone_number(number: str) -> None:
    assert names.is_phone_number(number)


@pytest.mark.parametrize(
    "text", ["", "+", "14155550100", "+1 415 555 0100", "+1234567890123456", "+٣٤٥", "+1\n"]
)
def test_no_phone_number(text: str) -> None:
    assert not names.is_phone_number(text)


# -- new names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "typed", "stands_for"),
    [
        (None, "ada", None),
        (None, "ada@example.com", None),
        (("email",), "ada@example.com", "email"),
        (("phone_number",), "+14155550100", "phone_number"),
        (("email", "phone_number"), "ada@example.com", "email"),
        (("email", "phone_number"), "+14155550100", "phone_number"),
    ],
)
def test_what_the_name_of_a_new_user_stands_for(
    kinds: tuple[str, ...] | None, typed: str, stands_for: str | None
) -> None:
    assert names.check_new(a_pool(username=kinds), typed) == stands_for


@pytest.mark.parametrize(
    ("kinds", "typed", "message"),
    [
        (("email",), "ada", "Username should be an email."),
        (("email",), "+14155550100", "Username should be an email."),
        (("phone_number",), "ada@example.com", "Username should be a phone number."),
        (("email", "phone_number"), "ada", "Username should be either an email or a phone number."),
    ],
)
def test_a_name_that_is_no_address_where_it_has_to_be(
    kinds: tuple[str, ...], typed: str, message: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        names.check_new(a_pool(username=kinds), typed)
    assert (refusal.value.type, refusal.value.message) == ("InvalidParameterException", message)


@pytest.mark.parametrize(
    ("alias", "typed", "message"),
    [
        (
            "email",
            "ada@example.com",
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
        (
            "phone_number",
            "+14155550100",
            "Username cannot be of phone number format, since user pool is configured for phone number alias.",
        ),
    ],
)
def test_a_name_must_not_look_like_an_alias(alias: str, typed: str, message: str) -> None:
    with pytest.raises(Refusal) as refusal:
        names.check_new(a_pool(alias=(alias,)), typed)
    assert refusal.value.message == message


def test_a_name_may_look_like_what_is_no_alias() -> None:
    assert names.check_new(a_pool(alias=("phone_number",)), "ada@example.com") is None


# -- rows -------------------------------------------------------------------------------------------------------------


def test_in_a_plain_pool_only_the_user_name_finds_and_the_sub_does_not() -> None:
    ada = a_user("ada", email="ada@example.com", email_verified="true", preferred_username="countess")
    assert names.aliases_of(PLAIN, ada) == (Alias("username", "ada"),)
    assert names.at_sign_in(PLAIN, ada.sub) == (Alias("username", ada.sub),)


def test_addresses_are_aliases_once_verified_and_the_preferred_name_always() -> None:
    ada = a_user("ada", email="ada@example.com", phone_number="+14155550100", preferred_username="countess")
    assert set(names.aliases_of(ALIASES, ada)) == {
        Alias("username", "ada"),
        Alias("preferred_username", "countess"),
    }
    ada.attributes.update(email_verified="true", phone_number_verified="false")
    assert Alias("email", "ada@example.com") in names.aliases_of(ALIASES, ada)
    assert Alias("phone_number", "+14155550100") not in names.aliases_of(ALIASES, ada)


def test_addresses_that_are_user_names_count_verified_or_not_and_so_does_the_sub() -> None:
    ada = a_user(email="ada@example.com", email_verified="false", preferred_username="countess")
    ada = type(ada)(**{field: getattr(ada, field) for field in ada.__slots__} | {"username": ada.sub})
    assert set(names.aliases_of(BY_ADDRESS, ada)) == {
        Alias("username", ada.sub),
        Alias("email", "ada@example.com"),
    }


def test_a_federated_user_is_found_by_its_user_name_alone() -> None:
    user = a_user("Google_1", status="EXTERNAL_PROVIDER", email="ada@example.com", email_verified="true")
    assert names.aliases_of(ALIASES, user) == (Alias("username", "Google_1"),)
    assert names.aliases_of(BY_ADDRESS, user) == (Alias("username", "Google_1"),)


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("ada", ["username", "preferred_username"]),
        ("ada@example.com", ["username", "email", "preferred_username"]),
        ("+14155550100", ["username", "phone_number", "preferred_username"]),
    ],
)
def test_the_user_name_is_tried_first(typed: str, kinds: list[str]) -> None:
    assert [alias.kind for alias in names.at_sign_in(ALIASES, typed)] == kinds
    assert names.for_admin(ALIASES, typed) == names.at_sign_in(ALIASES, typed)


def test_case_counts_unless_the_pool_says_otherwise() -> None:
    ada = a_user("Ada", email="Ada@Example.com", email_verified="true", name="Ada LOVELACE")
    assert names.aliases_of(a_pool(alias=("email",)), ada) == (
        Alias("username", "Ada"),
        Alias("email", "Ada@Example.com"),
    )
    assert names.aliases_of(FOLDING, ada) == (Alias("username", "ada"), Alias("email", "ada@example.com"))
    assert names.at_sign_in(FOLDING, "ADA@example.COM")[1] == Alias("email", "ada@example.com")
    assert names.fold(a_pool(case_sensitive=True), "Ada") == "Ada"


def test_searches_are_in_lower_case_but_the_user_name_follows_the_pool() -> None:
    ada = a_user("Ada", email="Ada@Example.com", name="Ada", nickname="Countess", given_name="")
    assert names.search_values_of(PLAIN, ada) == (
        SearchValue("username", "Ada"),
        SearchValue("email", "ada@example.com"),
        SearchValue("name", "ada"),
    )
    assert names.search_values_of(FOLDING, ada)[0] == SearchValue("username", "ada")


def test_a_value_too_long_for_an_index_is_cut_and_still_different_from_others() -> None:
    one, other = (a_user(preferred_username="x" * 300 + end) for end in "ab")
    (_, first), (_, second) = (names.aliases_of(ALIASES, user) for user in (one, other))
    assert first != second
    assert len(first.value) == KEY_MAX
    assert names.at_sign_in(ALIASES, "x" * 300 + "a")[-1] == first


@given(st.text(), st.text())
def test_lower_case_keeps_beginnings(one: str, other: str) -> None:
    assert names.lower(one + other) == names.lower(one) + names.lower(other)
    assert names.lower(names.lower(one)) == names.lower(one)


def test_a_greek_word_is_the_same_in_capitals() -> None:
    assert names.lower("ΟΔΟΣ") == names.lower("οδος")
