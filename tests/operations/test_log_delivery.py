from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools import lookup
from cognomen.store import log_delivery
from cognomen.store.database import Db
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server

MAIL: Any = {
    "LogLevel": "ERROR",
    "EventSource": "userNotification",
    "CloudWatchLogsConfiguration": {"LogGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:/pools/a"},
}
SIGN_INS: Any = {
    "LogLevel": "INFO",
    "EventSource": "userAuthEvents",
    "S3Configuration": {"BucketArn": "arn:aws:s3:::a-bucket"},
}

Make = Callable[..., Any]


def test_a_configuration_comes_back_as_it_was_given(
    cognito: CognitoIdentityProviderClient, make_pool: Make
) -> None:
    pool_id = make_pool(UserPoolTier="PLUS")["Id"]
    empty = {"UserPoolId": pool_id, "LogConfigurations": []}
    assert cognito.get_log_delivery_configuration(UserPoolId=pool_id)["LogDeliveryConfiguration"] == empty
    given = cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[SIGN_INS, MAIL])
    expected = {"UserPoolId": pool_id, "LogConfigurations": [SIGN_INS, MAIL]}
    assert given["LogDeliveryConfiguration"] == expected
    assert cognito.get_log_delivery_configuration(UserPoolId=pool_id)["LogDeliveryConfiguration"] == expected
    cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[MAIL])
    found = cognito.get_log_delivery_configuration(UserPoolId=pool_id)["LogDeliveryConfiguration"]
    assert found["LogConfigurations"] == [MAIL]
    cleared = cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[])
    assert cleared["LogDeliveryConfiguration"] == empty
    assert cognito.get_log_delivery_configuration(UserPoolId=pool_id)["LogDeliveryConfiguration"] == empty


def test_a_faulty_configuration_is_refused_and_changes_nothing(
    cognito: CognitoIdentityProviderClient, make_pool: Make
) -> None:
    pool_id = make_pool()["Id"]
    cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[MAIL])
    with refused("InvalidParameterException", "The log level of userNotification must be ERROR."):
        cognito.set_log_delivery_configuration(
            UserPoolId=pool_id, LogConfigurations=[MAIL | {"LogLevel": "INFO"}]
        )
    with refused(
        "FeatureUnavailableInTierException",
        "The following feature is not available for the ESSENTIALS pricing tier configured: User Activity Log Export",
    ):
        cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[SIGN_INS])
    with refused("InvalidParameterException"):
        cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[MAIL] * 3)
    found = cognito.get_log_delivery_configuration(UserPoolId=pool_id)["LogDeliveryConfiguration"]
    assert found["LogConfigurations"] == [MAIL]


def test_the_pool_must_exist(cognito: CognitoIdentityProviderClient) -> None:
    with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
        cognito.get_log_delivery_configuration(UserPoolId="us-east-1_nobody")
    with refused("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."):
        cognito.set_log_delivery_configuration(UserPoolId="us-east-1_nobody", LogConfigurations=[])


def test_a_pool_that_exports_its_users_activity_keeps_its_plan(
    cognito: CognitoIdentityProviderClient, make_pool: Callable[..., Any]
) -> None:
    pool_id = make_pool(UserPoolTier="PLUS")["Id"]
    cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[SIGN_INS])
    with refused("TierChangeNotAllowedException"):
        cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="ESSENTIALS")
    cognito.set_log_delivery_configuration(UserPoolId=pool_id, LogConfigurations=[])
    cognito.update_user_pool(UserPoolId=pool_id, UserPoolTier="ESSENTIALS")


def test_a_plan_is_not_lowered_while_an_export_that_needs_it_is_set(
    server: Server, cognito: CognitoIdentityProviderClient, make_pool: Callable[..., Any]
) -> None:
    pool_id = make_pool(UserPoolTier="PLUS")["Id"]

    def export(db: Db) -> None:
        lookup.locked(db, pool_id)
        log_delivery.put(db, pool_id, [SIGN_INS])

    async def lowered() -> None:
        await asyncio.to_thread(cognito.update_user_pool, UserPoolId=pool_id, UserPoolTier="ESSENTIALS")

    with refused("TierChangeNotAllowedException"):
        server.run(overtaken(server.store, export, lowered()))
