"""The names that find a user, in each kind of pool."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from cognomen.errors import Refusal
from cognomen.store.user_pools import UserPool
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


@pytest.mark.parametrize(("name", "what"), [("ada@example.com", "email"), ("+14155550100", "phone number")])
def test_a_preferred_name_must_not_look_like_another_alias(name: str, what: str) -> None:
    with pytest.raises(Refusal) as refusal:
        names.check_preferred(ALIASES, name)
    assert refusal.value.type == "InvalidParameterException"
    assert refusal.value.message == (
        f"Preferred username cannot be of {what} format, since user pool is configured for {what} alias."
    )


@pytest.mark.parametrize(
    "pool",
    [PLAIN, BY_ADDRESS, a_pool(alias=("preferred_username",)), a_pool(alias=("email", "phone_number"))],
    ids=["plain", "by address", "no other alias", "no alias itself"],
)
def test_a_preferred_name_may_look_like_anything_where_that_finds_nobody_else(pool: UserPool) -> None:
    names.check_preferred(pool, "ada@example.com")
    names.check_preferred(pool, "+14155550100")


LETTERS = st.text(st.sampled_from("aAiİ\N{COMBINING DOT ABOVE}\N{KELVIN SIGN}Σς-ß"), min_size=1, max_size=4)


@given(LETTERS, LETTERS, LETTERS)
def test_no_user_name_folds_to_what_an_address_folds_to(mailbox: str, domain: str, top: str) -> None:
    address = f"{mailbox}@{domain}.{top}"
    assume(names.is_email(address))
    for name in (address, names.lower(address), address.upper(), address.swapcase()):
        if names.fold(FOLDING, name) == names.fold(FOLDING, address):
            with pytest.raises(Refusal):
                names.check_new(FOLDING, name)


def test_an_address_that_folding_would_break_is_none() -> None:
    assert not names.is_email("ada@İ.com")


# -- rows -------------------------------------------------------------------------------------------------------------


def test_in_a_plain_pool_only_the_user_name_finds_and_the_sub_does_not() -> None:
    ada = a_user("ada", email="ada@example.com", email_verified="true", preferred_username="countess")
    assert names.aliases_of(PLAIN, ada) == {Alias("username", "ada"): "username"}
    assert names.readings(PLAIN, ada.sub) == (Alias("username", ada.sub),)


def test_addresses_are_aliases_once_verified_and_the_preferred_name_always() -> None:
    ada = a_user("ada", email="ada@example.com", phone_number="+14155550100", preferred_username="countess")
    assert names.aliases_of(ALIASES, ada) == {
        Alias("username", "ada"): "username",
        Alias("username", "countess"): "preferred_username",
    }
    ada.attributes.update(email_verified="true", phone_number_verified="false")
    assert Alias("email", "ada@example.com") in names.aliases_of(ALIASES, ada)
    assert Alias("phone_number", "+14155550100") not in names.aliases_of(ALIASES, ada)


def test_addresses_that_are_user_names_count_verified_or_not_and_so_does_the_sub() -> None:
    ada = a_user(email="ada@example.com", email_verified="false", preferred_username="countess")
    ada = replace(ada, username=ada.sub)
    assert names.aliases_of(BY_ADDRESS, ada).keys() == {
        Alias("username", ada.sub),
        Alias("email", "ada@example.com"),
    }


def test_a_federated_user_is_found_by_its_user_name_alone() -> None:
    user = a_user("Google_1", status="EXTERNAL_PROVIDER", email="ada@example.com", email_verified="true")
    assert names.aliases_of(ALIASES, user) == {Alias("username", "Google_1"): "username"}
    assert names.aliases_of(BY_ADDRESS, user) == {Alias("username", "Google_1"): "username"}


def test_a_preferred_name_that_is_ones_user_name_is_one_name() -> None:
    ada = a_user("ada", preferred_username="ada")
    assert names.aliases_of(ALIASES, ada) == {Alias("username", "ada"): "username"}


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("ada", ["username"]),
        ("ada@example.com", ["username", "email"]),
        ("+14155550100", ["username", "phone_number"]),
    ],
)
def test_the_user_name_is_tried_first(typed: str, kinds: list[str]) -> None:
    assert [alias.kind for alias in names.readings(ALIASES, typed)] == kinds


def test_case_counts_unless_the_pool_says_otherwise() -> None:
    ada = a_user("Ada", email="Ada@Example.com", email_verified="true", name="Ada LOVELACE")
    assert list(names.aliases_of(a_pool(alias=("email",)), ada)) == [
        Alias("username", "Ada"),
        Alias("email", "Ada@Example.com"),
    ]
    assert list(names.aliases_of(FOLDING, ada)) == [
        Alias("username", "ada"),
        Alias("email", "ada@example.com"),
    ]
    assert names.readings(FOLDING, "ADA@example.COM")[1] == Alias("email", "ada@example.com")
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
    assert names.readings(ALIASES, "x" * 300 + "a")[-1] == first


def test_case_does_not_count_in_the_part_of_a_name_that_is_cut_off() -> None:
    assert names.key(FOLDING, "x" * 300 + "a") == names.key(FOLDING, "X" * 300 + "A")
    assert names.key(PLAIN, "x" * 300 + "a") != names.key(PLAIN, "x" * 300 + "A")


def test_what_has_the_form_of_a_sub() -> None:
    assert names.is_sub(a_user().sub)
    assert not names.is_sub(a_user().sub.upper())
    assert not names.is_sub("ada")


@given(st.text(), st.text())
def test_lower_case_keeps_beginnings(one: str, other: str) -> None:
    assert names.lower(one + other) == names.lower(one) + names.lower(other)
    assert names.lower(names.lower(one)) == names.lower(one)


def test_a_greek_word_is_the_same_in_capitals() -> None:
    assert names.lower("ΟΔΟΣ") == names.lower("οδος")
