"""IAM-style policies: what they decide, and what is refused when they are made."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen.operations import policies
from cognomen.operations.policies import Decision, PolicyError

POOL = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_AbCdEfGhI"
OTHER = "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/eu-west-1_AbCdEfGhI"


def allow(action: Any, resource: Any = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def deny(action: Any, resource: Any = "*") -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def a_policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def decide(operation: str, resource: str, *statements: dict[str, Any]) -> Decision:
    return policies.decide(policies.parse(a_policy(*statements)), f"cognito-idp:{operation}", resource)


def test_what_keys_are_made_with_allows_everything() -> None:
    policy = policies.parse(policies.ALLOW_ALL)
    assert policies.decide(policy, "cognito-idp:CreateUserPool", "*") is Decision.ALLOWED
    assert policies.decide(policy, "cognito-idp:AdminDeleteUser", POOL) is Decision.ALLOWED


@pytest.mark.parametrize(
    ("action", "operation", "decision"),
    [
        ("cognito-idp:ListUsers", "ListUsers", Decision.ALLOWED),
        ("COGNITO-IDP:listusers", "ListUsers", Decision.ALLOWED),
        ("cognito-idp:ListUsers", "ListUserPools", Decision.NOT_ALLOWED),
        ("cognito-idp:List", "ListUsers", Decision.NOT_ALLOWED),
        ("cognito-idp:List*", "ListUsers", Decision.ALLOWED),
        ("cognito-idp:*user*", "AdminUserGlobalSignOut", Decision.ALLOWED),
        ("cognito-idp:?istUsers", "ListUsers", Decision.ALLOWED),
        ("cognito-idp:ListUsers?", "ListUsers", Decision.NOT_ALLOWED),
        ("*", "ListUsers", Decision.ALLOWED),
        ("*:ListUsers", "ListUsers", Decision.ALLOWED),
        (["cognito-idp:GetUser", "cognito-idp:ListUsers"], "ListUsers", Decision.ALLOWED),
    ],
)
def test_actions_are_matched_with_wildcards_and_in_any_case(
    action: Any, operation: str, decision: Decision
) -> None:
    assert decide(operation, POOL, allow(action)) is decision


@pytest.mark.parametrize(
    ("resource", "asked", "decision"),
    [
        (POOL, POOL, Decision.ALLOWED),
        (POOL, OTHER, Decision.NOT_ALLOWED),
        (POOL, POOL + "x", Decision.NOT_ALLOWED),
        (POOL.lower(), POOL, Decision.NOT_ALLOWED),
        (POOL.replace("us-east-1:", "*:"), POOL, Decision.ALLOWED),
        ("arn:aws:cognito-idp:*:*:userpool/*", OTHER, Decision.ALLOWED),
        ("arn:aws:cognito-idp:*:*:userpool/eu-west-1_*", POOL, Decision.NOT_ALLOWED),
        ("arn:aws:cognito-idp:us-east-?:*:*", POOL, Decision.ALLOWED),
        ("arn:*:*:*:*:*", POOL, Decision.ALLOWED),
        ("arn:aws:cognito-idp:us-east-1::*", POOL, Decision.NOT_ALLOWED),
        (
            "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_[A]bCdEfGhI",
            POOL,
            Decision.NOT_ALLOWED,
        ),
        ([OTHER, POOL], POOL, Decision.ALLOWED),
        ("*", "*", Decision.ALLOWED),
        ("arn:*:*:*:*:*", "*", Decision.NOT_ALLOWED),
        (POOL, "*", Decision.NOT_ALLOWED),
    ],
)
def test_resources_are_matched_part_by_part(resource: Any, asked: str, decision: Decision) -> None:
    assert decide("ListUsers", asked, allow("cognito-idp:*", resource)) is decision


@pytest.mark.parametrize(
    ("statements", "decision"),
    [
        ([deny("cognito-idp:DeleteUserPool")], Decision.DENIED),
        ([allow("*"), deny("cognito-idp:DeleteUserPool")], Decision.DENIED),
        ([deny("cognito-idp:Delete*"), allow("*")], Decision.DENIED),
        ([allow("*"), deny("*", OTHER)], Decision.ALLOWED),
        ([deny("*", OTHER)], Decision.NOT_ALLOWED),
        ([allow("*", OTHER), deny("cognito-idp:ListUsers")], Decision.NOT_ALLOWED),
    ],
)
def test_a_deny_wins_wherever_it_stands(statements: list[dict[str, Any]], decision: Decision) -> None:
    assert decide("DeleteUserPool", POOL, *statements) is decision


def test_one_statement_need_not_be_in_a_list() -> None:
    text = json.dumps({"Id": "mine", "Statement": {"Sid": "All", **allow("cognito-idp:*")}})
    assert policies.decide(policies.parse(text), "cognito-idp:ListUsers", POOL) is Decision.ALLOWED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The policy is not JSON"),
        ("{", "The policy is not JSON"),
        ("[" * 5000, "The policy is not JSON"),
        ("1" * 5000, "The policy is not JSON"),
        ("[]", "The policy must be a JSON object."),
        ("{}", "Statement must be a statement or a list of statements."),
        ('{"Statement": []}', "Statement must be a statement or a list of statements."),
        ('{"Statement": "all"}', "Statement must be a statement or a list of statements."),
        ('{"Statement": ["all"]}', "Statement 1 must be a JSON object."),
        ('{"Version": "2024-01-01", "Statement": {}}', 'Version must be "2012-10-17".'),
        ('{"Statement": {}, "Statment": {}}', "The policy has an element 'Statment', which no policy has."),
        ('{"Statement": {}, "Statement": {}}', "The policy has an object with the same element twice."),
        (a_policy(allow("*") | {"Effect": "allow"}), 'Statement 1: Effect must be "Allow" or "Deny".'),
        (a_policy(allow("*"), {"Effect": "Deny"}), "Statement 2: Action must be a text or a list of texts."),
        (a_policy(allow([])), "Statement 1: Action must be a text or a list of texts."),
        (a_policy(allow(["*", 1])), "Statement 1: Action must be a text or a list of texts."),
        (a_policy(allow("*", [])), "Statement 1: Resource must be a text or a list of texts."),
        (a_policy(allow("ListUsers")), "Statement 1: Action 'ListUsers' must be \"*\" or look like"),
        (a_policy(allow("cognito-idp:")), "Statement 1: Action 'cognito-idp:' must be"),
        (a_policy(deny("cognito-ipd:*")), "Statement 1: Action 'cognito-ipd:*' is of another service"),
        (
            a_policy(allow("*", "us-east-1_abc")),
            "Statement 1: Resource 'us-east-1_abc' must be \"*\" or look like",
        ),
        (
            a_policy(allow("*", "arn:aws:cognito-idp:*")),
            "Statement 1: Resource 'arn:aws:cognito-idp:*' must be",
        ),
        (
            a_policy(allow("*", "arn:aws:s3:::bucket")),
            "Statement 1: Resource 'arn:aws:s3:::bucket' is of another",
        ),
        (a_policy(deny("*", POOL + "${aws:username}")), "has a policy variable; these are not supported."),
        (
            a_policy(allow("*") | {"Principle": "*"}),
            "Statement 1 has an element 'Principle', which no policy has.",
        ),
        ("{}" + " " * policies.LENGTH_MAX, "The policy is longer than 6144 characters."),
    ],
)
def test_a_policy_that_could_mean_something_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policies.parse(text)
    assert reason in str(refused.value)


@pytest.mark.parametrize("element", ["Condition", "NotAction", "NotResource", "Principal", "NotPrincipal"])
def test_what_is_not_supported_is_never_ignored(element: str) -> None:
    with pytest.raises(PolicyError, match=f"Statement 1: {element} is not supported"):
        policies.parse(a_policy(deny("*") | {element: {}}))


def test_actions_that_match_no_operation_are_told() -> None:
    policy = policies.parse(a_policy(allow(["cognito-idp:List*", "cognito-idp:ListUser"]), deny("*")))
    assert policies.actions_without_match(policy, ["ListUsers", "GetUser"]) == ["cognito-idp:listuser"]


def matches(pattern: str, text: str) -> bool:
    """Wildcards in the plainest way."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches(pattern[1:], text) or (bool(text) and matches(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and matches(pattern[1:], text[1:])


@given(st.text("ab*?", min_size=1, max_size=8), st.text("ab", max_size=8))
def test_wildcards_mean_what_they_mean_everywhere(pattern: str, operation: str) -> None:
    expected = Decision.ALLOWED if matches(pattern, operation) else Decision.NOT_ALLOWED
    assert decide(operation, POOL, allow(f"cognito-idp:{pattern}")) is expected


@given(st.text("ab*?[]!-.^$", max_size=8), st.text("ab[]!-.^$", max_size=8))
def test_only_the_two_wildcards_are_special_in_an_arn(pattern: str, name: str) -> None:
    expected = Decision.ALLOWED if matches(pattern, name) else Decision.NOT_ALLOWED
    resource = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pattern}"
    asked = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{name}"
    assert decide("ListUsers", asked, allow("*", resource)) is expected


def test_many_wildcards_take_no_long_time() -> None:
    action = "cognito-idp:" + "*a" * 1000 + "b"
    assert decide("a" * 5000, POOL, allow(action)) is Decision.NOT_ALLOWED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
elements = st.sampled_from(["Version", "Statement", "Effect", "Action", "Resource", "Condition", "Sid"])


@given(json_values | st.dictionaries(elements, json_values | st.dictionaries(elements, json_values)))
def test_any_document_is_a_policy_or_is_refused_in_a_sentence(document: Any) -> None:
    with suppress(PolicyError):
        assert policies.parse(json.dumps(document)).statements
