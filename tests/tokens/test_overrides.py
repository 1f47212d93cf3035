"""What a PreTokenGeneration function may change, as a table, and that nothing it says gets past the table."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.errors import Refusal
from cognomen.tokens import overrides
from cognomen.tokens.claims import Membership
from cognomen.triggers.firing import read_answer
from cognomen.triggers.pre_token_generation import (
    AnswerV1,
    AnswerV2,
    Groups,
    OfToken,
    Overrides,
    overrides_v1,
    overrides_v2,
)

CLIENT = "1example23456789"
ID: dict[str, Any] = {
    "sub": "u",
    "cognito:groups": ("staff",),
    "email_verified": True,
    "cognito:preferred_role": "arn:role",
    "iss": "i",
    "cognito:username": "anna",
    "origin_jti": "o",
    "cognito:roles": ("arn:role",),
    "aud": CLIENT,
    "event_id": "e",
    "token_use": "id",
    "auth_time": 1,
    "exp": 3,
    "iat": 2,
    "jti": "j",
    "email": "anna@example.com",
    "custom:shop": "7",
}
ACCESS: dict[str, Any] = {
    "sub": "u",
    "cognito:groups": ("staff",),
    "iss": "i",
    "client_id": CLIENT,
    "origin_jti": "o",
    "event_id": "e",
    "token_use": "access",
    "scope": "aws.cognito.signin.user.admin",
    "auth_time": 1,
    "exp": 3,
    "iat": 2,
    "jti": "j",
    "username": "anna",
}
KEPT_BY_ID = overrides.FIXED | {"aud", "cognito:username"}
KEPT_BY_ACCESS = overrides.FIXED | {"scope", "cognito:username"}

ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted({*ID, *ACCESS, *overrides.FIXED, "shop", "dev:x", "cognito:x"})) | st.text()


def id_after(*suppress: str, **add: Any) -> dict[str, Any]:
    return overrides.id_claims(Overrides(id=OfToken(add, frozenset(suppress))), ID)


def access_after(*suppress: str, **add: Any) -> dict[str, Any]:
    return overrides.access_claims(Overrides(access=OfToken(add, frozenset(suppress))), ACCESS)


@pytest.mark.parametrize(
    ("name", "value", "claim"),
    [
        ("shop", "7", "7"),
        ("shop", 7, 7),
        ("shop", 7.5, 7.5),
        ("shop", False, False),
        ("shop", [1, "a", True], [1, "a", True]),
        ("shop", {"id": {"deep": [1]}}, {"id": {"deep": [1]}}),
        ("email", "bo@example.com", "bo@example.com"),
        ("custom:shop", "8", "8"),
        ("given_name", "Bo", "Bo"),
        ("email_verified", "false", False),
        ("phone_number_verified", "true", True),
        ("address", "1 Main Street", {"formatted": "1 Main Street"}),
        ("updated_at", "1700000000", "1700000000"),
    ],
)
def test_the_id_token_takes_a_claim(name: str, value: Any, claim: Any) -> None:
    assert id_after(**{name: value}) == ID | {name: claim}


@pytest.mark.parametrize("name", sorted(KEPT_BY_ID | {"cognito:groups", "cognito:roles", "dev:x"}))
def test_the_id_token_keeps_a_claim_as_it_is(name: str) -> None:
    assert id_after(**{name: "other"}) == ID


@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified", "updated_at", "address"])
@pytest.mark.parametrize("value", [1, True, ["a"], {"formatted": "x"}])
def test_some_claims_of_the_id_token_take_texts_alone(name: str, value: Any) -> None:
    assert id_after(**{name: value}) == ID


@pytest.mark.parametrize(
    ("name", "value"), [("shop", [1]), ("email", "bo@example.com"), ("email_verified", True), ("aud", CLIENT)]
)
def test_the_access_token_takes_a_claim(name: str, value: Any) -> None:
    assert access_after(**{name: value}) == ACCESS | {name: value}


def test_a_token_for_one_resource_stays_for_it() -> None:
    bound = ACCESS | {"aud": "https://shop.example.com"}
    for changes in (OfToken({"aud": CLIENT}), OfToken(suppress=frozenset({"aud"}))):
        assert overrides.access_claims(Overrides(access=changes), bound) == bound


@pytest.mark.parametrize("name", sorted(KEPT_BY_ACCESS | {"cognito:groups", "aud", "dev:x"}))
def test_the_access_token_keeps_a_claim_as_it_is(name: str) -> None:
    assert access_after(**{name: "other"}) == ACCESS


def test_what_is_suppressed_goes_even_where_it_was_added() -> None:
    assert id_after("email", "shop", "unknown", shop="7") == {
        name: value for name, value in ID.items() if name != "email"
    }
    assert access_after("shop", shop="7") == ACCESS


@pytest.mark.parametrize("name", sorted(KEPT_BY_ID))
def test_what_is_fixed_cannot_be_suppressed_in_the_id_token(name: str) -> None:
    assert id_after(name) == ID


@pytest.mark.parametrize("name", sorted(KEPT_BY_ACCESS))
def test_what_is_fixed_cannot_be_suppressed_in_the_access_token(name: str) -> None:
    assert access_after(name) == ACCESS


def test_groups_go_with_their_roles_and_roles_alone() -> None:
    roles = {"cognito:roles", "cognito:preferred_role"}
    assert ID.keys() - id_after("cognito:groups").keys() == roles | {"cognito:groups"}
    assert ID.keys() - id_after("cognito:roles").keys() == {"cognito:roles"}
    assert ACCESS.keys() - access_after("cognito:groups").keys() == {"cognito:groups"}


PRESENT = Membership(("staff",), ("arn:role",), "arn:role")


@pytest.mark.parametrize(
    ("groups", "membership"),
    [
        (None, PRESENT),
        (Groups(), Membership()),
        (Groups(["a", "b"]), Membership(("a", "b"))),
        (Groups(["a"], ["arn:r"], "arn:r"), Membership(("a",), ("arn:r",), "arn:r")),
        (Groups(None, ["arn:r"]), Membership((), ("arn:r",))),
    ],
)
def test_groups_are_replaced_or_stay(groups: Groups | None, membership: Membership) -> None:
    assert overrides.membership(Overrides(groups=groups), PRESENT) == membership


@pytest.mark.parametrize(
    ("add", "suppress", "scope"),
    [
        ((), (), "a b"),
        (("c", "a", "c"), (), "a b c"),
        (("c",), ("a",), "b c"),
        (("c",), ("c",), "a b"),
        ((), ("a", "b", "unknown"), ""),
    ],
)
def test_scopes_are_added_and_suppressed(add: tuple[str, ...], suppress: tuple[str, ...], scope: str) -> None:
    changes = Overrides(scopes_to_add=add, scopes_to_suppress=frozenset(suppress))
    assert overrides.scope(changes, "a b") == scope


@given(st.dictionaries(NAMES, ANY), st.frozensets(NAMES))
def test_nothing_that_is_fixed_is_ever_changed(add: dict[str, Any], suppress: frozenset[str]) -> None:
    changes = Overrides(id=OfToken(add, suppress), access=OfToken(add, suppress))
    of_id, of_access = overrides.id_claims(changes, ID), overrides.access_claims(changes, ACCESS)
    for claims, after, kept in ((ID, of_id, KEPT_BY_ID), (ACCESS, of_access, KEPT_BY_ACCESS)):
        for name in kept & claims.keys():
            assert after[name] == claims[name]
        assert not {name for name in after.keys() - claims.keys() if name in kept}
        assert not {name for name in after.keys() - claims.keys() if name.startswith(("cognito:", "dev:"))}
        assert not suppress & (after.keys() - kept - {"cognito:groups"})
        msgspec.json.encode(after)
    assert of_access.get("aud", CLIENT) == CLIENT


# -- what a function returned, read -----------------------------------------------------------------------------------

EVENT = dict.fromkeys(("version", "triggerSource", "region", "userPoolId", "userName", "request"), "")


def read_v1(details: object) -> Overrides:
    response = {"claimsOverrideDetails": details}
    return overrides_v1(read_answer(msgspec.json.encode(EVENT | {"response": response}), AnswerV1))


def read_v2(details: object) -> Overrides:
    response = {"claimsAndScopeOverrideDetails": details}
    return overrides_v2(read_answer(msgspec.json.encode(EVENT | {"response": response}), AnswerV2))


@pytest.mark.parametrize("read", [read_v1, read_v2])
@pytest.mark.parametrize(
    ("details", "groups"),
    [
        (None, None),
        ({}, None),
        ({"groupOverrideDetails": None}, Groups()),
        ({"groupOverrideDetails": {}}, Groups()),
        ({"groupOverrideDetails": {"groupsToOverride": ["a"]}}, Groups(["a"])),
    ],
)
def test_absent_groups_stay_and_empty_ones_go(read: Any, details: object, groups: Groups | None) -> None:
    assert read(details) == Overrides(groups=groups)


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (7, "7"), (7.5, "7.5"), (True, "true"), (False, "false"), ("", "")]
)
def test_version_1_makes_texts_of_plain_values(value: object, text: str) -> None:
    assert read_v1({"claimsToAddOrOverride": {"shop": value}}).id.add == {"shop": text}


@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_version_1_takes_no_other_values(value: object) -> None:
    with pytest.raises(Refusal, match="Unrecognizable lambda output"):
        read_v1({"claimsToAddOrOverride": {"shop": value}})


def test_version_1_does_not_touch_the_access_token() -> None:
    read = read_v1({"claimsToAddOrOverride": {"a": "1"}, "claimsToSuppress": ["email"]})
    assert read == Overrides(id=OfToken({"a": "1"}, frozenset({"email"})))


def test_later_versions_pass_over_a_claim_without_a_value() -> None:
    read = read_v2({"accessTokenGeneration": {"claimsToAddOrOverride": {"a": None, "b": 0}}})
    assert read == Overrides(access=OfToken({"b": 0}))


@given(ANY)
def test_whatever_a_function_returns_is_read_or_refused(details: object) -> None:
    for read in (read_v1, read_v2):
        try:
            read(details)
        except Refusal as refusal:
            assert refusal.type == "InvalidLambdaResponseException"  # noqa: PT017  most are refused, not all
