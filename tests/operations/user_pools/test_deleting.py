"""User pools deleted and listed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools import schema
from cognomen.store import user_pools
from cognomen.store.database import Db
from cognomen.store.opening import open_store
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.operations.user_pools.conftest import LAMBDA, MakePool, described
from tests.refused import refused
from tests.server import Server


def test_a_deleted_pool_is_gone_with_its_clients(
    cognito: CognitoIdentityProviderClient,
    make_pool: MakePool,
    make_client: Callable[..., Any],
    server: Server,
) -> None:
    pool = make_pool()
    client = make_client(pool["Id"])
    cognito.delete_user_pool(UserPoolId=pool["Id"])
    missing = f"User pool {pool['Id']} does not exist."
    with refused("ResourceNotFoundException", missing):
        cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client["ClientId"])
    with refused("ResourceNotFoundException", missing):
        cognito.delete_user_pool(UserPoolId=pool["Id"])
    assert server.run(server.node.configurations.of_client(client["ClientId"], server.clock.now)) is None


def test_a_protected_pool_is_not_deleted(cognito: CognitoIdentityProviderClient, make_pool: MakePool) -> None:
    pool = make_pool(DeletionProtection="ACTIVE")
    with refused(
        "InvalidParameterException",
        "The user pool cannot be deleted because deletion protection is activated. "
        "Deletion protection must be inactivated first.",
    ):
        cognito.delete_user_pool(UserPoolId=pool["Id"])
    cognito.update_user_pool(UserPoolId=pool["Id"], DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool["Id"])


async def test_a_pool_that_is_protected_while_it_is_deleted_stays(
    server: Server, cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    """Another node commits the protection after this one has read that there is none."""
    pool = make_pool()
    other = open_store(server.settings.database_url)

    def protect(db: Db) -> None:
        found = user_pools.by_id(db, pool["Id"])
        assert found is not None
        protected = msgspec.structs.replace(found.settings, deletion_protection="ACTIVE")
        assert user_pools.change(db, replace(found, settings=protected), 0)

    deletion = asyncio.to_thread(cognito.delete_user_pool, UserPoolId=pool["Id"])
    try:
        with refused(
            "InvalidParameterException",
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first.",
        ):
            await overtaken(other, protect, deletion)
    finally:
        other.close()
    assert described(cognito, pool)["DeletionProtection"] == "ACTIVE"


def test_pools_are_listed_page_by_page_each_once(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    made = {make_pool(PoolName="listed", LambdaConfig={"PreSignUp": LAMBDA})["Id"] for _ in range(3)}
    listed: list[Any] = []
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 2})
    for page in pages:
        assert len(page["UserPools"]) <= 2
        listed += page["UserPools"]
    assert len({pool["Id"] for pool in listed}) == len(listed)
    mine = [pool for pool in listed if pool["Id"] in made]
    assert {pool["Id"] for pool in mine} == made
    for pool in mine:
        assert pool.keys() == {"Id", "Name", "LambdaConfig", "CreationDate", "LastModifiedDate"}
        assert (pool["Name"], pool["LambdaConfig"]) == ("listed", {"PreSignUp": LAMBDA})


def test_a_page_token_is_good_for_its_operation_and_an_hour(
    cognito: CognitoIdentityProviderClient, make_pool: MakePool, clock: HeldClock
) -> None:
    pool, _ = make_pool(), make_pool()
    token = cognito.list_user_pools(MaxResults=1)["NextToken"]
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pools(MaxResults=1, NextToken="anything")
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pool_clients(UserPoolId=pool["Id"], NextToken=token)
    clock.advance(3_600_001)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pools(MaxResults=1, NextToken=token)


def test_a_change_made_behind_the_cache_is_not_written_over(
    server: Server, cognito: CognitoIdentityProviderClient, make_pool: MakePool
) -> None:
    """Another node may have changed the pool since this one read it: its change stays."""
    pool = make_pool()
    described(cognito, pool)

    def change(db: Db) -> None:
        found = user_pools.by_id(db, pool["Id"])
        assert found is not None
        extended = schema.with_custom(found.schema, [{"Name": "there", "AttributeDataType": "String"}])
        user_pools.change(db, replace(found, schema=extended), 0)

    server.run(server.store.write(change))
    cognito.add_custom_attributes(
        UserPoolId=pool["Id"], CustomAttributes=[{"Name": "here", "AttributeDataType": "String"}]
    )
    names = [found["Name"] for found in described(cognito, pool)["SchemaAttributes"]]
    assert names[20:] == ["custom:there", "custom:here"]
