from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.store.groups import Group
from cognomen.tokens.assurance import Assurance
from cognomen.tokens.claims import (
    Membership,
    Stamp,
    access_claims,
    at_hash,
    id_claims,
    machine_claims,
    membership_of,
)
from cognomen.tokens.scopes import API, Grant

STAMP = Stamp(
    issuer="http://localhost:4500/us-east-1_AbCdEf123",
    client_id="1example23456789",
    origin_jti="0199f6a0-0000-7000-8000-000000000000",
    event_id="5d2b1a7e-0000-4000-8000-000000000000",
    auth_time=1_700_000_000,
    issued_at=1_700_000_100,
)
SUB = "11111111-2222-4333-8444-555555555555"
NO_GROUPS = Membership()


def access(
    stamp: Stamp = STAMP,
    membership: Membership = NO_GROUPS,
    grant: Grant = API,
    device_key: str | None = None,
) -> dict[str, Any]:
    return access_claims(
        stamp,
        sub=SUB,
        username="anna",
        membership=membership,
        grant=grant,
        jti="j",
        expires_at=1_700_003_700,
        device_key=device_key,
    )


def identity(
    attributes: Mapping[str, str] = MappingProxyType({}),
    stamp: Stamp = STAMP,
    membership: Membership = NO_GROUPS,
    **more: Any,
) -> dict[str, Any]:
    return id_claims(
        stamp,
        sub=SUB,
        username="anna",
        membership=membership,
        attributes=attributes,
        jti="j",
        expires_at=1_700_003_700,
        **more,
    )


def test_an_access_token_says_this_in_this_order() -> None:
    assert list(access().items()) == [
        ("sub", SUB),
        ("iss", STAMP.issuer),
        ("client_id", STAMP.client_id),
        ("origin_jti", STAMP.origin_jti),
        ("event_id", STAMP.event_id),
        ("token_use", "access"),
        ("scope", "aws.cognito.signin.user.admin"),
        ("auth_time", 1_700_000_000),
        ("exp", 1_700_003_700),
        ("iat", 1_700_000_100),
        ("jti", "j"),
        ("username", "anna"),
    ]


def test_an_id_token_says_for_whom_it_is_and_who_the_user_is() -> None:
    assert identity() == {
        "sub": SUB,
        "iss": STAMP.issuer,
        "cognito:username": "anna",
        "origin_jti": STAMP.origin_jti,
        "aud": STAMP.client_id,
        "event_id": STAMP.event_id,
        "token_use": "id",
        "auth_time": 1_700_000_000,
        "exp": 1_700_003_700,
        "iat": 1_700_000_100,
        "jti": "j",
    }


def test_the_tokens_of_an_oauth_client_say_more() -> None:
    of_access = access(grant=Grant("openid shop/read", is_oauth=True, resource="https://shop"))
    assert list(of_access)[:5] == ["sub", "iss", "version", "client_id", "aud"]
    assert of_access.items() >= {"version": 2, "aud": "https://shop", "scope": "openid shop/read"}.items()
    of_id = identity(at_hash="h", nonce="n")
    assert next(iter(of_id)) == "at_hash"
    assert of_id.items() >= {"at_hash": "h", "nonce": "n"}.items()
    assert not {"at_hash", "nonce"} & identity().keys()


def test_an_access_token_names_the_device_it_was_given_to() -> None:
    assert access(device_key="us-east-1_d")["device_key"] == "us-east-1_d"


def test_tokens_tell_what_was_proven() -> None:
    proven = msgspec.structs.replace(STAMP, assurance=Assurance("urn:cognito:loa:1", ("pwd",)))
    for said in (access(proven), identity(stamp=proven)):
        assert said.items() >= {"acr": "urn:cognito:loa:1", "amr": ("pwd",)}.items()
    assert not {"acr", "amr"} & (access().keys() | identity().keys())


def test_a_machine_s_token_says_this_in_this_order() -> None:
    found = machine_claims("iss", "client", scope="shop/read", jti="j", issued_at=5, expires_at=9)
    assert list(found.items()) == [
        ("sub", "client"),
        ("token_use", "access"),
        ("scope", "shop/read"),
        ("auth_time", 5),
        ("iss", "iss"),
        ("exp", 9),
        ("iat", 5),
        ("version", 2),
        ("jti", "j"),
        ("client_id", "client"),
    ]


def test_the_hash_of_an_access_token_is_that_of_the_specification() -> None:
    """The example of OpenID Connect Core, appendix A.3."""
    assert at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_without_tracing_the_access_token_keeps_its_own_id_alone() -> None:
    untraced = msgspec.structs.replace(STAMP, origin_jti=None)
    assert access().keys() - access(untraced).keys() == {"origin_jti"}
    assert identity().keys() - identity(stamp=untraced).keys() == {"origin_jti", "jti"}


@pytest.mark.parametrize(
    ("name", "kept", "claim"),
    [
        ("email", "anna@example.com", "anna@example.com"),
        ("email_verified", "true", True),
        ("email_verified", "false", False),
        ("phone_number_verified", "true", True),
        ("address", "1 Main Street", {"formatted": "1 Main Street"}),
        ("updated_at", "1700000000", 1_700_000_000),
        ("updated_at", "yesterday", "yesterday"),
        ("custom:age", "42", "42"),
        ("custom:active", "true", "true"),
        ("given_name", "true", "true"),
    ],
)
def test_an_attribute_becomes_a_claim_of_its_type(name: str, kept: str, claim: object) -> None:
    assert identity({name: kept})[name] == claim
    assert type(identity({name: kept})[name]) is type(claim)


@pytest.mark.parametrize("name", ["dev:custom:secret", "cognito:mfa_enabled", "cognito:user_status"])
def test_some_attributes_are_no_claims(name: str) -> None:
    assert name not in identity({name: "true"})


def test_an_attribute_never_takes_the_place_of_the_subject() -> None:
    assert identity({"sub": "someone else"})["sub"] == SUB


def test_identities_are_a_list_with_two_members_as_texts() -> None:
    kept = [
        {"userId": "1", "providerName": "P", "issuer": None, "primary": True, "dateCreated": 1701125599632}
    ]
    assert identity({"identities": json.dumps(kept)})["identities"] == [
        {
            "userId": "1",
            "providerName": "P",
            "issuer": None,
            "primary": "true",
            "dateCreated": "1701125599632",
        }
    ]


@given(st.text())
def test_any_text_in_identities_or_updated_at_makes_a_token(text: str) -> None:
    json.dumps(identity({"identities": text, "updated_at": text}))


# -- groups ------------------------------------------------------------------------------------------------------------

ADMIN, STAFF = "arn:aws:iam::000000000000:role/admin", "arn:aws:iam::000000000000:role/staff"


def a_group(name: str, precedence: int | None = None, role_arn: str | None = None) -> Group:
    return Group("us-east-1_AbCdEf123", f"id of {name}", name, None, role_arn, precedence, 0, 0)


def test_groups_stand_where_cognito_puts_them() -> None:
    of_both = Membership(groups=("admins", "staff"), roles=(ADMIN, STAFF), preferred_role=ADMIN)
    assert list(access(membership=of_both))[:3] == ["sub", "cognito:groups", "iss"]
    assert access(membership=of_both)["cognito:groups"] == ("admins", "staff")
    assert not access(membership=of_both).keys() & {"cognito:roles", "cognito:preferred_role"}
    claims = identity({"email_verified": "true", "email": "anna@example.com"}, membership=of_both)
    assert list(claims)[:9] == [
        "sub",
        "cognito:groups",
        "email_verified",
        "cognito:preferred_role",
        "iss",
        "cognito:username",
        "origin_jti",
        "cognito:roles",
        "aud",
    ]
    assert claims["cognito:groups"] == ("admins", "staff")
    assert claims["cognito:roles"] == (ADMIN, STAFF)
    assert claims["cognito:preferred_role"] == ADMIN


def test_without_groups_nothing_is_said_of_them() -> None:
    assert membership_of([]) == NO_GROUPS
    without_roles = membership_of([a_group("staff", 1)])
    assert identity(membership=without_roles).keys() - identity().keys() == {"cognito:groups"}


@pytest.mark.parametrize(
    ("groups", "names", "roles", "preferred"),
    [
        ([a_group("a"), a_group("b", 7), a_group("c", 0)], ("c", "b", "a"), (), None),
        ([a_group("b", 1), a_group("a", 1), a_group("B", 1)], ("B", "a", "b"), (), None),
        ([a_group("a", None, STAFF)], ("a",), (STAFF,), STAFF),
        ([a_group("a", 2, STAFF), a_group("b", 1, ADMIN)], ("b", "a"), (ADMIN, STAFF), ADMIN),
        ([a_group("a", None, STAFF), a_group("b", 0, ADMIN)], ("b", "a"), (ADMIN, STAFF), ADMIN),
        ([a_group("a", 1, STAFF), a_group("b", 1, STAFF)], ("a", "b"), (STAFF,), STAFF),
        ([a_group("a", 1, STAFF), a_group("b", 1, ADMIN)], ("a", "b"), (STAFF, ADMIN), None),
        ([a_group("a", None, STAFF), a_group("b", None, ADMIN)], ("a", "b"), (STAFF, ADMIN), None),
        ([a_group("a", 0), a_group("b", 1, ADMIN)], ("a", "b"), (ADMIN,), ADMIN),
        ([a_group("a", 1), a_group("b", 1, ADMIN)], ("a", "b"), (ADMIN,), ADMIN),
        (
            [a_group("a", 0, ADMIN), a_group("b", 1, STAFF), a_group("c", 1, ADMIN)],
            ("a", "b", "c"),
            (ADMIN, STAFF),
            ADMIN,
        ),
    ],
)
def test_the_best_group_comes_first_and_gives_the_preferred_role(
    groups: list[Group], names: tuple[str, ...], roles: tuple[str, ...], preferred: str | None
) -> None:
    told = Membership(names, roles, preferred)
    assert membership_of(groups) == told
    assert membership_of(reversed(groups)) == told
