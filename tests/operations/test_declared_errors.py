"""What operations of every kind are refused alike, asked of each that declares it, with the least that its shape takes.

A new operation is asked by itself. What one of these refuses is said before its handler runs, so the body matters little.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.limits.categories import CATEGORIES
from cognomen.operations.registry import REGISTRY
from cognomen.wire.model import Operation
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.operations.test_dispatch import send
from tests.server import Server, running
from tests.wire.conftest import make_sample

Make = Callable[..., Any]

NO_POOL, NO_CLIENT = "us-east-1_nobody", "1nobody"
NO_ARN = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{NO_POOL}"
REPLICABLE: dict[str, Any] = {
    "KeyConfiguration": {
        "KeyType": "CUSTOMER_MANAGED_KEY",
        "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1a2b",
    },
    "IssuerConfiguration": {"Type": "UPDATED"},
}
# They name a domain, or nothing that is a pool's.
WITHOUT_POOL = {"CreateUserPool", "DescribeUserPoolDomain", "ListUserPools"}


def declaring(error: str) -> Iterator[Operation]:
    return (entry.model for entry in REGISTRY.values() if error in entry.model.errors)


def body_of(operation: Operation, known: dict[str, str]) -> dict[str, Any]:
    shape = operation.input
    given = {name: make_sample(shape.members[name]) for name in shape.required}
    return given | {name: value for name, value in known.items() if name in shape.members}


def refusals(server: Server, operations: Collection[Operation], known: dict[str, str]) -> dict[str, str]:
    """The type of error that each operation answers."""
    assert operations
    found = {}
    for operation in operations:
        body = json.dumps(body_of(operation, known)).encode()
        _, answer, _ = send(server, operation.name, body)
        found[operation.name] = answer.get("__type", "answered")
    return found


def all_are(error: str, operations: Iterable[Operation]) -> dict[str, str]:
    return {operation.name: error for operation in operations}


def someone(cognito: Cognito, **of_pool: Any) -> dict[str, str]:
    """What requests say of ada, who has signed in to a new pool."""
    pool = cognito.create_user_pool(PoolName="a pool", **of_pool)["UserPool"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="a client", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool["Id"], Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool["Id"], Username="ada", Password=PASSWORD, Permanent=True)
    tokens = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return {
        "UserPoolId": pool["Id"],
        "ResourceArn": pool["Arn"],
        "ClientId": client_id,
        "Username": "ada",
        "AccessToken": tokens["AccessToken"],
    }


def test_a_pool_that_nobody_has_is_told(server: Server) -> None:
    asked = [each for each in declaring("ResourceNotFoundException") if each.pool_member]
    found = refusals(server, asked, {"UserPoolId": NO_POOL, "ResourceArn": NO_ARN, "Username": "ada"})
    assert found == all_are("ResourceNotFoundException", asked)


def test_a_client_that_nobody_has_is_told(server: Server) -> None:
    asked = [
        each
        for each in declaring("ResourceNotFoundException")
        if each.auth == "public" and "ClientId" in each.input.required
    ]
    found = refusals(server, asked, {"ClientId": NO_CLIENT, "Username": "ada"})
    assert found == all_are("ResourceNotFoundException", asked)


def test_a_user_who_is_not_there_is_told(server: Server, cognito: Cognito) -> None:
    known = someone(cognito) | {"Username": "nobody"}
    asked = [entry.model for entry in REGISTRY.values() if entry.finds_user]
    assert refusals(server, asked, known) == all_are("UserNotFoundException", asked)


def test_what_must_be_there_is_missed(server: Server) -> None:
    asked = [each for each in declaring("InvalidParameterException") if each.input.required]
    assert asked
    found = {each.name: send(server, each.name, b"{}")[1].get("__type") for each in asked}
    assert found == all_are("InvalidParameterException", asked)


def test_a_password_that_waits_to_be_replaced_is_not_changed(server: Server, cognito: Cognito) -> None:
    known = someone(cognito)
    whose: Any = {"UserPoolId": known["UserPoolId"], "Username": "ada"}
    verified: Any = [
        {"Name": "email", "Value": "ada@example.com"},
        {"Name": "email_verified", "Value": "true"},
    ]
    cognito.admin_update_user_attributes(**whose, UserAttributes=verified)
    cognito.admin_reset_user_password(**whose)
    asked = [REGISTRY["ChangePassword"].model]
    assert refusals(server, asked, known) == all_are("PasswordResetRequiredException", asked)


def test_a_token_that_is_none_opens_nothing(server: Server) -> None:
    asked = [each for each in declaring("NotAuthorizedException") if "AccessToken" in each.input.members]
    found = refusals(server, asked, {"AccessToken": "no.access.token"})
    assert found == all_are("NotAuthorizedException", asked)


def test_the_token_of_a_disabled_user_opens_nothing(server: Server, cognito: Cognito) -> None:
    known = someone(cognito)
    cognito.admin_disable_user(UserPoolId=known["UserPoolId"], Username="ada")
    asked = [each for each in declaring("NotAuthorizedException") if "AccessToken" in each.input.members]
    assert refusals(server, asked, known) == all_are("NotAuthorizedException", asked)


def test_the_token_of_a_user_who_is_gone_opens_nothing(server: Server, cognito: Cognito) -> None:
    known = someone(cognito)
    cognito.admin_delete_user(UserPoolId=known["UserPoolId"], Username="ada")
    asked = [each for each in declaring("UserNotFoundException") if "AccessToken" in each.input.members]
    assert refusals(server, asked, known) == all_are("UserNotFoundException", asked)


def test_a_replica_that_is_being_made_answers_nothing(
    server: Server, cognito: Cognito, held_clock: HeldClock
) -> None:
    known = someone(cognito, **REPLICABLE)
    cognito.create_user_pool_replica(UserPoolId=known["UserPoolId"], RegionName="eu-west-1")
    known["ResourceArn"] = known["ResourceArn"].replace("us-east-1:", "eu-west-1:")
    asked = [each for each in declaring("OperationNotEnabledException") if each.name not in WITHOUT_POOL]
    given = server.settings
    with running(given.data, given.database_url, held_clock, region="eu-west-1") as abroad:
        found = refusals(abroad, asked, known)
        assert found == all_are("OperationNotEnabledException", asked)


def test_each_operation_has_a_rate(
    server: Server, cognito: Cognito, held_clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = someone(cognito)
    nearly_none: Any = 1e-6
    categories = tuple(replace(each, rate=nearly_none) for each in CATEGORIES)
    monkeypatch.setattr("cognomen.limits.limiter.CATEGORIES", categories)
    asked = [each.model for each in REGISTRY.values()]
    given = server.settings
    with running(given.data, given.database_url, held_clock, rate_limits=True) as limited:
        refusals(limited, asked, known)  # the first of each category is served
        assert refusals(limited, asked, known) == all_are("TooManyRequestsException", asked)
