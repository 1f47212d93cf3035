"""Tags of a pool: set with it, and one by one by its ARN."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.operations.access import PURPOSE
from cognomen.store import access_keys
from cognomen.store.access_keys import AccessKey
from tests.conftest import connect, empty_database
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server, running

MakePool = Callable[..., Any]


def tags(cognito: Cognito, pool: Any) -> dict[str, str]:
    return cognito.list_tags_for_resource(ResourceArn=pool["Arn"])["Tags"]


def test_a_pool_without_tags_has_an_empty_map(cognito: Cognito, make_pool: MakePool) -> None:
    assert tags(cognito, make_pool()) == {}


def test_tags_are_added_replaced_and_taken_away_one_by_one(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool(UserPoolTags={"team": "a", "stage": "test"})
    cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"team": "b", "cost": ""})
    assert tags(cognito, pool) == {"team": "b", "stage": "test", "cost": ""}
    cognito.untag_resource(ResourceArn=pool["Arn"], TagKeys=["stage", "unknown"])
    assert tags(cognito, pool) == {"team": "b", "cost": ""}
    described = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    assert described["UserPoolTags"] == {"team": "b", "cost": ""}


def test_an_update_of_the_pool_replaces_all_tags(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool(UserPoolTags={"team": "a", "stage": "test"})
    cognito.update_user_pool(UserPoolId=pool["Id"], UserPoolTags={"team": "c"})
    assert tags(cognito, pool) == {"team": "c"}


def test_tags_that_are_set_at_the_same_time_are_all_kept(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool()
    with ThreadPoolExecutor() as threads:
        for number in range(8):
            threads.submit(
                cognito.tag_resource, ResourceArn=pool["Arn"], Tags={f"tag{number}": "x"}
            ).add_done_callback(lambda done: done.result())
    assert len(tags(cognito, pool)) == 8


def test_a_reserved_name_is_refused(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool()
    with refused(
        "InvalidParameterException", "aws: prefixed tag key names are not allowed for external use."
    ):
        cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"Aws:team": "a"})


def test_the_fifty_first_tag_is_refused(cognito: Cognito, make_pool: MakePool) -> None:
    pool = make_pool(UserPoolTags={f"tag{number}": "x" for number in range(49)})
    cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"tag49": "x"})
    with refused("InvalidParameterException", "A user pool can have at most 50 tags."):
        cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"tag50": "x"})
    cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"tag49": "y"})
    with refused("UserPoolTaggingException", "A user pool can have at most 50 tags."):
        cognito.update_user_pool(
            UserPoolId=pool["Id"], UserPoolTags={f"t{number}": "x" for number in range(51)}
        )


def asks(cognito: Cognito, arn: str) -> Iterator[Callable[[], Any]]:
    yield lambda: cognito.list_tags_for_resource(ResourceArn=arn)
    yield lambda: cognito.tag_resource(ResourceArn=arn, Tags={"team": "a"})
    yield lambda: cognito.untag_resource(ResourceArn=arn, TagKeys=["team"])


def test_a_pool_that_is_not_there_is_told(cognito: Cognito) -> None:
    for ask in asks(cognito, "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Nothing12"):
        with refused("ResourceNotFoundException", "User pool us-east-1_Nothing12 does not exist."):
            ask()


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:cognito-idp:eu-west-1:000000000000:userpool/us-east-1_AbCdEf123",
        "arn:aws:cognito-idp:us-east-1:000000000001:userpool/us-east-1_AbCdEf123",
        "arn:aws:cognito-identity:us-east-1:000000000000:identitypool/us-east-1:1",
        "arn:aws:cognito-idp:us-east-1:000000000000:userpool",
        "arn:aws:cognito-idp:us-east-1:000000000000:userpool/",
    ],
)
def test_what_is_no_pool_of_this_server_is_refused(cognito: Cognito, arn: str) -> None:
    for ask in asks(cognito, arn):
        with refused(
            "InvalidParameterException",
            f"{arn} is not the ARN of a user pool: arn:aws:cognito-idp:us-east-1:000000000000:userpool/POOL_ID",
        ):
            ask()


# -- policies ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def closed(engine: str, tmp_path_factory: pytest.TempPathFactory, held_clock: HeldClock) -> Iterator[Server]:
    """A server of its own in signed mode."""
    folder: Path = tmp_path_factory.mktemp("closed")
    with empty_database(engine, folder) as url, running(str(folder), url, held_clock) as server:
        yield server


@pytest.mark.usefixtures("signing_clock")
def test_a_policy_for_one_pool_holds_for_its_tags(closed: Server) -> None:
    def with_key(id: str, resource: str) -> Cognito:
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "cognito-idp:*", "Resource": resource}],
        }
        sealed = closed.node.vault.seal(PURPOSE, b"s" * 40, id.encode())
        key = AccessKey(id, "tester", sealed, json.dumps(policy), closed.clock.now, None)
        closed.run(closed.store.write(access_keys.add, key))
        return connect(closed.endpoint, key=id, secret="s" * 40)

    everything = with_key("AKIAEVERYTHING", "*")
    own, other = (everything.create_user_pool(PoolName="a pool")["UserPool"] for _ in range(2))
    of_one = with_key("AKIAOFONEPOOL", own["Arn"])
    of_one.tag_resource(ResourceArn=own["Arn"], Tags={"team": "a"})
    assert tags(of_one, own) == {"team": "a"}
    for ask in asks(of_one, other["Arn"]):
        with refused("AccessDeniedException"):
            ask()
