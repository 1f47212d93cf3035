"""What every request passes through, seen from outside."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.operations.registry import REGISTRY
from tests.refused import refused
from tests.server import Server

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/cognito-idp/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
)


def send(server: Server, target: str | None, body: bytes) -> tuple[int, Any, dict[str, str]]:
    headers = {"Authorization": SIGNED, "X-Amz-Date": "20260101T000000Z"}
    headers |= {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{target}"} if target else {}
    request = urllib.request.Request(server.endpoint, body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), dict(error.headers)


def test_an_unknown_operation_is_said_to_be_unknown(server: Server) -> None:
    for target in (None, "MakeCoffee", ""):
        status, document, headers = send(server, target, b"{}")
        assert (status, document) == (400, {"__type": "UnknownOperationException"})
        assert headers["x-amzn-errortype"] == "UnknownOperationException:"


def test_an_operation_that_is_not_there_yet_says_so(cognito: CognitoIdentityProviderClient) -> None:
    with refused(
        "UnknownOperationException",
        "Cognomen does not provide ListTerms yet. The README lists the operations that work.",
    ):
        cognito.list_terms(UserPoolId="us-east-1_x")


def test_a_body_that_is_not_json_is_refused(server: Server) -> None:
    for body in (b"{", b"\xff", b'{"a":1}x', b"[" * 100_000):
        status, document, _ = send(server, "ListUserPools", body)
        assert (status, document["__type"]) == (400, "SerializationException")


def test_an_unknown_pool_or_user_is_told(cognito: CognitoIdentityProviderClient, make_pool: Any) -> None:
    with refused("ResourceNotFoundException", "User pool us-east-1_unknown does not exist."):
        cognito.admin_get_user(UserPoolId="us-east-1_unknown", Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=make_pool()["Id"], Username="ada")


def test_a_change_by_another_node_is_noticed(
    server: Server, cognito: CognitoIdentityProviderClient, make_pool: Any
) -> None:
    """The pool is changed behind this node's back; within `config_max_age` it answers with what is there now."""
    from cognomen.store import user_pools  # noqa: PLC0415  only here

    pool = make_pool()
    cognito.describe_user_pool(UserPoolId=pool["Id"])
    stored = server.run(server.store.read(user_pools.by_id, pool["Id"]))
    assert stored
    renamed = stored.__class__(
        **{name: getattr(stored, name) for name in stored.__slots__} | {"name": "renamed"}
    )
    assert server.run(server.store.write(user_pools.change, renamed, server.clock.now))
    server.clock.advance(server.store.config_max_age)
    assert cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["Name"] == "renamed"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize("name", sorted(REGISTRY))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_whatever_makes_an_operation_fail_inside(
    server: Server, name: str, data: st.DataObject
) -> None:
    """Members that exist with values of any kind: the answer is a refusal (or success), never an internal error."""
    members = sorted(REGISTRY[name].model.input.members)
    body = data.draw(st.dictionaries(st.sampled_from(members), JSON, max_size=len(members)))
    status, document, _ = send(server, name, json.dumps(body).encode())
    assert status in (200, 400), document
