"""What a provider's claims make of a user's attributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cognomen.errors import Refusal
from cognomen.federation import mapping
from cognomen.pools import schema
from cognomen.store.identity_providers import IdentityProvider
from cognomen.store.users import User
from tests.users.examples import a_client, a_pool, a_user

POOL = a_pool(
    {"Name": "name", "Required": True},
    {"Name": "badge", "AttributeDataType": "String", "Mutable": False},
    {"Name": "active", "AttributeDataType": "Boolean", "Mutable": True},
    {"Name": "team", "AttributeDataType": "String", "Mutable": True},
)
CLIENT = a_client()
NOW = 1_000


def a_provider(kind: str = "OIDC", **mapped: str) -> IdentityProvider:
    """Claims by attribute; a custom one by its name without `custom:`."""
    custom = {"badge", "active", "team"}
    names = {f"custom:{name}" if name in custom else name: claim for name, claim in mapped.items()}
    return IdentityProvider("p", "corp", kind, b"", False, names, (), {}, 0, 0, 1)


EVERY = a_provider(
    username="sub",
    name="name",
    email="mail",
    email_verified="verified",
    phone_number="phone",
    badge="badge",
    active="active",
    team="access_token",
)
SAML = a_provider("SAML", name="name", email="mail", badge="badge")


def mapped(claims: dict[str, str], provider: IdentityProvider = EVERY) -> dict[str, str]:
    return mapping.mapped(POOL, CLIENT, provider, claims)


def changed(user: User, claims: dict[str, str], provider: IdentityProvider = EVERY) -> dict[str, str]:
    return mapping.changed(POOL, provider, user, mapped(claims, provider), NOW).attributes


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, {}),
        ({"sub": "1", "other": "x"}, {}),
        ({"name": "Ada"}, {"name": "Ada"}),
        ({"name": ""}, {"name": ""}),
        ({"access_token": "ey.."}, {"custom:team": "ey.."}),
        ({"mail": "a@b.example"}, {"email": "a@b.example", "email_verified": "false"}),
        (
            {"mail": "a@b.example", "verified": "TRUE"},
            {"email": "a@b.example", "email_verified": "true"},
        ),
        (
            {"mail": "a@b.example", "verified": "1"},
            {"email": "a@b.example", "email_verified": "false"},
        ),
        ({"verified": "true"}, {}),
        ({"phone": "+15550100"}, {"phone_number": "+15550100", "phone_number_verified": "false"}),
    ],
)
def test_claims_become_what_they_are_mapped_to(claims: dict[str, str], expected: dict[str, str]) -> None:
    assert mapped(claims) == expected


def test_two_attributes_may_come_of_one_claim() -> None:
    provider = a_provider(name="full", nickname="full")
    assert mapped({"full": "Ada"}, provider) == {"name": "Ada", "nickname": "Ada"}


def test_what_the_client_may_not_write_is_passed_over_with_its_flag() -> None:
    client = a_client(write_attributes=("name",))
    claims = {"name": "Ada", "mail": "a@b.example", "verified": "true"}
    assert mapping.mapped(POOL, client, EVERY, claims) == {"name": "Ada"}


@pytest.mark.parametrize(
    ("provider", "claims", "error", "words"),
    [
        (EVERY, {}, "invalid_request", "attributes required: [name]"),
        (
            SAML,
            {"name": ""},
            "server_error",
            "Error in SAML response processing: Invalid user attributes: name: The attribute is required",
        ),
        (
            EVERY,
            {"name": "Ada", "mail": "none"},
            "invalid_request",
            "Invalid email address format.",
        ),
        (
            SAML,
            {"name": "Ada", "mail": "none"},
            "server_error",
            "Error in SAML response processing: Invalid email address format.",
        ),
        (
            EVERY,
            {"name": "Ada", "active": "yes"},
            "invalid_request",
            "Attributes did not conform to the schema: custom:active: Value must be true or false",
        ),
    ],
)
def test_a_new_user_has_what_the_pool_asks_for(
    provider: IdentityProvider, claims: dict[str, str], error: str, words: str
) -> None:
    with pytest.raises(Refusal) as caught:
        mapping.new(POOL, provider, mapped(claims, provider))
    assert (caught.value.type, caught.value.message) == (error, words)


@pytest.mark.parametrize("value", ["x" * 2_049, "\N{GRINNING FACE}" * 1_025, "a\0b", "\ud800"])
def test_a_value_that_no_attribute_holds_is_told(value: str) -> None:
    with pytest.raises(Refusal, match="Invalid user attributes: name: String must be no longer than 2048"):
        mapped({"name": value})
    mapped({"unmapped": value})


def test_an_immutable_attribute_comes_with_the_user_and_never_again() -> None:
    assert mapping.new(POOL, EVERY, mapped({"name": "Ada", "badge": "7"}))["custom:badge"] == "7"
    user = a_user(name="Ada", **{"custom:badge": "7"})
    for badge in ("7", "8", ""):
        with pytest.raises(Refusal, match=r"user\.custom:badge: Attribute cannot be updated\."):
            changed(user, {"badge": badge})
    assert changed(a_user(name="Ada"), {"badge": ""}) == {"name": "Ada"}


def test_a_new_address_that_the_provider_has_verified_is_verified() -> None:
    user = a_user(name="Ada", email="a@b.example", email_verified="true")
    claims = {"mail": "c@d.example", "verified": "true"}
    assert changed(user, claims) == {"name": "Ada", "email": "c@d.example", "email_verified": "true"}
    assert changed(user, {"mail": ""}) == {"name": "Ada"}


def test_what_is_kept_in_another_spelling_is_no_change() -> None:
    user = a_user(name="Ada", **{"custom:active": "true"})
    assert mapping.changed(POOL, EVERY, user, mapped({"active": "True"}), NOW) is user


# -- whatever comes ---------------------------------------------------------------------------------------------------

_CLAIMS = some.dictionaries(
    some.sampled_from(["name", "mail", "verified", "phone", "active", "access_token", "other"]),
    some.sampled_from(["", "true", "Ada", "a@b.example", "+15550100"]) | some.text(max_size=20),
)
_USERS = some.builds(
    lambda attributes: a_user(**attributes),
    some.fixed_dictionaries(
        {"name": some.sampled_from(["Ada", "Eve"])},
        optional={
            "email": some.just("a@b.example"),
            "email_verified": some.sampled_from(["true", "false"]),
            "custom:active": some.sampled_from(["true", "false"]),
            "locale": some.just("en"),
        },
    ),
)


@given(_USERS, _CLAIMS)
def test_a_change_that_is_let_through_is_of_what_was_mapped_and_is_none_the_next_time(
    user: User, claims: dict[str, str]
) -> None:
    try:
        values = mapped(claims)
        after = mapping.changed(POOL, EVERY, user, values, NOW)
    except Refusal:
        return
    assert values.keys() <= set(EVERY.attribute_mapping) | {"email_verified", "phone_number_verified"}
    assert "email_verified" not in values or "email" in values
    touched = values.keys() | {"email_verified", "phone_number_verified"}
    for name in user.attributes.keys() - touched:
        assert after.attributes[name] == user.attributes[name]
    for name, value in values.items():
        kept = after.attributes.get(name, "")
        assert kept == value or kept == value.lower() or name.endswith("_verified")
    assert (after.modified_at == NOW) is (after is not user)
    assert mapping.changed(POOL, EVERY, after, values, NOW + 1) is after
    assert all(schema.attribute(POOL, name) is not None for name in after.attributes)
    assert after.attributes["name"]


# -- names ------------------------------------------------------------------------------------------------------------


def test_a_name_is_the_providers_and_the_subject() -> None:
    assert mapping.username(EVERY, "Ada@example.com") == "corp_Ada@example.com"
    for subject in ("x" * 124, "Ada L", "\0"):
        with pytest.raises(Refusal, match="at 'userName' failed to satisfy constraint"):
            mapping.username(EVERY, subject)


def test_somebody_may_be_known_by_subject_or_by_what_is_mapped() -> None:
    claims = {"mail": "a@b.example", "sub": "1", "name": "", "phone": "\0", "access_token": "\ud800"}
    assert mapping.known_by(EVERY, "1", claims) == {
        "Cognito_Subject": "1",
        "username": "1",
        "email": "a@b.example",
    }
    assert mapping.known_by(a_provider("Google", email="mail"), "1", claims) == {"Cognito_Subject": "1"}


@pytest.mark.parametrize("subject", ["", "a\0b", "\ud800", "x" * 2_049])
def test_nobody_is_known_by_a_subject_that_cannot_be(subject: str) -> None:
    with pytest.raises(Refusal, match="at 'userName' failed to satisfy constraint") as caught:
        mapping.known_by(EVERY, subject, {})
    assert (caught.value.message or "").encode()
