"""Who may call the operations that need a signature: open mode, access keys and their policies."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.operations.access import PURPOSE
from cognomen.store import access_keys
from cognomen.store.access_keys import AccessKey
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server, running
from tests.writing import SIGNED

pytestmark = pytest.mark.usefixtures("signing_clock")

SECRET = "s" * 40
EVERYTHING = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"cognito-idp:*","Resource":"*"}]}'
)


def make_key(server: Server, id: str, policy: str = EVERYTHING) -> None:
    sealed = server.node.vault.seal(PURPOSE, SECRET.encode(), id.encode())
    server.run(
        server.store.write(access_keys.add, AccessKey(id, "tester", sealed, policy, server.clock.now, None))
    )


@pytest.fixture(scope="module")
def closed(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    """A server of its own, with one access key that may do everything."""
    folder: Path = tmp_path_factory.mktemp("closed")
    with empty_database(engine, folder) as url, running(str(folder), url, held_clock) as server:
        make_key(server, "AKIAEVERYTHING")
        yield server


def signed_by(server: Server, key: str, secret: str = SECRET) -> CognitoIdentityProviderClient:
    return connect(server.endpoint, key=key, secret=secret)


def post(server: Server, operation: str, body: Any, **headers: str) -> tuple[int, Any]:
    request = urllib.request.Request(
        server.endpoint,
        json.dumps(body).encode(),
        {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            **headers,
        },
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_key_that_signs_may_do_what_its_policy_allows(closed: Server) -> None:
    pool = signed_by(closed, "AKIAEVERYTHING").create_user_pool(PoolName="mine")["UserPool"]
    assert (
        signed_by(closed, "AKIAEVERYTHING").describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["Name"]
        == "mine"
    )


def test_a_wrong_secret_is_refused(closed: Server) -> None:
    with refused("InvalidSignatureException"):
        signed_by(closed, "AKIAEVERYTHING", "wrong").list_user_pools(MaxResults=1)


def test_an_unknown_key_is_refused(closed: Server) -> None:
    with refused("UnrecognizedClientException", "The security token included in the request is invalid."):
        signed_by(closed, "AKIANOBODY").list_user_pools(MaxResults=1)


def test_a_request_without_signature_is_refused(closed: Server) -> None:
    status, document = post(closed, "ListUserPools", {"MaxResults": 1})
    assert (status, document["__type"]) == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize(
    ("authorization", "refusal"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"Authorization": SIGNED.replace("AKIA/", "AKIANOBODY/")}, "UnrecognizedClientException"),
    ],
)
def test_a_large_body_is_not_kept_for_who_has_no_key(
    closed: Server, authorization: dict[str, str], refusal: str
) -> None:
    large = {"UserPoolId": "us-east-1_x", "CSS": "x" * 1_000_000}
    headers = authorization | {"X-Amz-Date": "20260101T000000Z"} if authorization else {}
    status, document = post(closed, "SetUICustomization", large, **headers)
    assert (status, document["__type"]) == (400, refusal)


def test_a_large_body_is_taken_from_who_has_a_key(closed: Server) -> None:
    with refused("InvalidParameterException"):  # it was read: an image has at most 131,072 bytes
        signed_by(closed, "AKIAEVERYTHING").set_ui_customization(
            UserPoolId="us-east-1_none", ImageFile=bytes(1_000_000)
        )


def test_another_region_in_the_signature_is_refused(closed: Server) -> None:
    with refused("InvalidSignatureException", "Credential should be scoped to a valid region."):
        connect(closed.endpoint, key="AKIAEVERYTHING", secret=SECRET, region="eu-west-1").list_user_pools(
            MaxResults=1
        )


def test_a_revoked_key_is_refused_and_does_not_open_the_server(closed: Server) -> None:
    make_key(closed, "AKIAREVOKED")
    signed_by(closed, "AKIAREVOKED").list_user_pools(MaxResults=1)
    closed.run(closed.store.write(access_keys.revoke, "AKIAREVOKED", closed.clock.now))
    closed.clock.advance(closed.store.config_max_age)
    with refused("UnrecognizedClientException"):
        signed_by(closed, "AKIAREVOKED").list_user_pools(MaxResults=1)


def test_a_new_key_is_known_at_once(closed: Server) -> None:
    with refused("UnrecognizedClientException"):
        signed_by(closed, "AKIANEW").list_user_pools(MaxResults=1)
    make_key(closed, "AKIANEW")
    signed_by(closed, "AKIANEW").list_user_pools(MaxResults=1)


def test_a_policy_is_held_for_each_pool_and_operation(closed: Server) -> None:
    admin = signed_by(closed, "AKIAEVERYTHING")
    mine, other = (admin.create_user_pool(PoolName="p")["UserPool"] for _ in range(2))
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "cognito-idp:Describe*", "Resource": mine["Arn"]},
            {"Effect": "Deny", "Action": "cognito-idp:DescribeUserPoolClient", "Resource": "*"},
        ],
    }
    make_key(closed, "AKIALITTLE", json.dumps(policy))
    little = signed_by(closed, "AKIALITTLE")
    assert little.describe_user_pool(UserPoolId=mine["Id"])["UserPool"]["Id"] == mine["Id"]
    with refused("AccessDeniedException"):
        little.describe_user_pool(UserPoolId=other["Id"])
    with refused("AccessDeniedException"):
        little.describe_user_pool(UserPoolId="us-east-1_doesnotexist")
    with refused("AccessDeniedException"):
        little.list_user_pools(MaxResults=1)
    with refused(
        "AccessDeniedException",
        "User: arn:aws:iam::000000000000:user/tester is not authorized to perform: cognito-idp:DescribeUserPoolClient "
        f"on resource: {mine['Arn']} because an explicit deny in an identity-based policy",
    ):
        little.describe_user_pool_client(UserPoolId=mine["Id"], ClientId="x")


def test_terms_that_may_not_be_described_may_not_be_by_the_client_either(closed: Server) -> None:
    pool = signed_by(closed, "AKIAEVERYTHING").create_user_pool(PoolName="p")["UserPool"]
    for key, effect, error in (
        ("AKIANOTERMS", "Deny", "AccessDeniedException"),
        ("AKIATERMS", "Allow", "ResourceNotFoundException"),
    ):
        statements = [
            {"Effect": "Allow", "Action": "cognito-idp:DescribeTermsByClient", "Resource": "*"},
            {"Effect": effect, "Action": "cognito-idp:DescribeTerms", "Resource": "*"},
        ]
        make_key(closed, key, json.dumps({"Version": "2012-10-17", "Statement": statements}))
        with refused(error):
            signed_by(closed, key).describe_terms_by_client(
                UserPoolId=pool["Id"], ClientId="x", TermsName="terms-of-use"
            )


def test_public_operations_need_no_signature_in_signed_mode(closed: Server) -> None:
    status, document = post(closed, "InitiateAuth", {"ClientId": "none", "AuthFlow": "USER_PASSWORD_AUTH"})
    assert (status, document["__type"]) == (400, "ResourceNotFoundException")


def test_the_inbox_is_not_there_in_signed_mode(closed: Server) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{closed.endpoint}/_cognomen/inbox?pool=any")


def test_any_key_is_taken_in_open_mode_but_not_none(
    server: Server, cognito: CognitoIdentityProviderClient
) -> None:
    cognito.list_user_pools(MaxResults=1)
    status, document = post(server, "ListUserPools", {"MaxResults": 1})
    assert (status, document["__type"]) == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize(
    "host",
    ["evil.example.com", "evil.example.com:80", "127.0.0.1.evil.com", "evil.com.", "printer", "[", "", "a b"],
)
def test_a_name_that_a_stranger_may_own_is_refused_in_open_mode(server: Server, host: str) -> None:
    status, document = post(server, "InitiateAuth", {"ClientId": "x", "AuthFlow": "USER_AUTH"}, Host=host)
    assert (status, document["__type"]) == (400, "AccessDeniedException")
    request = urllib.request.Request(f"{server.endpoint}/_cognomen/inbox?pool=any", headers={"Host": host})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request)


@pytest.mark.parametrize("host", ["localhost", "[::1]:4500", "10.0.0.1", "pool.localhost", "a.test"])
def test_a_name_that_nobody_can_own_is_served(server: Server, host: str) -> None:
    _, document = post(server, "InitiateAuth", {"ClientId": "x", "AuthFlow": "USER_PASSWORD_AUTH"}, Host=host)
    assert document["__type"] == "ResourceNotFoundException"


def test_a_web_page_cannot_drive_signed_operations(server: Server) -> None:
    status, document = post(
        server,
        "ListUserPools",
        {"MaxResults": 1},
        Origin="https://evil.example.com",
        Authorization="AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/cognito-idp/aws4_request, "
        "SignedHeaders=host, Signature=0",
    )
    assert status == 400
    assert document["__type"] == "AccessDeniedException"
