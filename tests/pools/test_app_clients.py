from __future__ import annotations

from typing import Any

import pytest

from cognomen.errors import Refusal
from cognomen.pools import app_clients, plans
from cognomen.pools.app_clients import settings_of
from cognomen.store.app_client_settings import RefreshTokenRotation, TokenValidityUnits
from tests.pools.conftest import MakeClient, MakePool

DAY = 86_400
ARN = "arn:aws:mobiletargeting:us-east-1:000000000000:apps/abc"
ROLE = "arn:aws:iam::000000000000:role/pinpoint"
SERVICE_ROLE = "arn:aws:iam::000000000000:role/aws-service-role/cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdp"
SCHEMA: list[dict[str, Any]] = [
    {"Name": "team", "AttributeDataType": "String"},
    {"Name": "born", "AttributeDataType": "String", "Mutable": False},
    {"Name": "cost", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
]

SRP, REFRESH, CUSTOM = "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH"
PASSWORD, ADMIN = "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"


@pytest.mark.parametrize(
    ("given", "effective"),
    [
        (None, {SRP, REFRESH, CUSTOM}),
        ([], {SRP, REFRESH, CUSTOM}),
        ([PASSWORD], {PASSWORD}),
        ([PASSWORD, REFRESH, PASSWORD], {PASSWORD, REFRESH}),
        (["ADMIN_NO_SRP_AUTH"], {ADMIN, SRP, REFRESH, CUSTOM}),
        (["USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"], {PASSWORD, ADMIN, SRP, REFRESH, CUSTOM}),
        (["CUSTOM_AUTH_FLOW_ONLY"], {REFRESH, CUSTOM}),
        (["CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"], {PASSWORD, REFRESH, CUSTOM}),
    ],
)
def test_flows_have_one_set_of_names(
    make_client_record: MakeClient, given: list[str] | None, effective: set[str]
) -> None:
    members = {} if given is None else {"ExplicitAuthFlows": given}
    assert app_clients.flows_of(make_client_record(**members)) == effective


def test_a_client_that_rotates_has_no_refresh_flow(make_client_record: MakeClient) -> None:
    client = make_client_record(RefreshTokenRotation={"Feature": "ENABLED"})
    assert app_clients.rotates(client)
    assert app_clients.flows_of(client) == {SRP, CUSTOM}
    assert client.settings.refresh_token_rotation == RefreshTokenRotation(
        feature="ENABLED", retry_grace_period_seconds=0
    )
    assert not app_clients.rotates(make_client_record(RefreshTokenRotation={"Feature": "DISABLED"}))


@pytest.mark.parametrize(
    ("given", "hides"), [({}, False), ("LEGACY", False), ("ENABLED", True)], ids=["absent", "legacy", "on"]
)
def test_unknown_users_are_hidden_when_the_client_says_so(
    make_client_record: MakeClient, given: Any, hides: bool
) -> None:
    members = {"PreventUserExistenceErrors": given} if given else {}
    assert app_clients.hides_unknown_users(make_client_record(**members)) is hides


@pytest.mark.parametrize(
    ("members", "access", "id_token", "refresh"),
    [
        ({}, 3_600, 3_600, 30 * DAY),
        ({"RefreshTokenValidity": 0}, 3_600, 3_600, 30 * DAY),
        ({"AccessTokenValidity": 2, "IdTokenValidity": 3, "RefreshTokenValidity": 4}, 7_200, 10_800, 4 * DAY),
        (
            {
                "AccessTokenValidity": 300,
                "IdTokenValidity": 5,
                "RefreshTokenValidity": 1,
                "TokenValidityUnits": {
                    "AccessToken": "seconds",
                    "IdToken": "minutes",
                    "RefreshToken": "hours",
                },
            },
            300,
            300,
            3_600,
        ),
        ({"TokenValidityUnits": {"AccessToken": "days", "RefreshToken": "minutes"}}, 3_600, 3_600, 30 * DAY),
        ({"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "days"}}, DAY, 3_600, 30 * DAY),
    ],
)
def test_tokens_live_as_long_as_the_client_says(
    make_client_record: MakeClient, members: dict[str, Any], access: int, id_token: int, refresh: int
) -> None:
    client = make_client_record(**members)
    assert app_clients.access_token_seconds(client) == access
    assert app_clients.id_token_seconds(client) == id_token
    assert app_clients.refresh_token_seconds(client) == refresh


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (None, None),
        ({}, None),
        ({"IdToken": "minutes"}, TokenValidityUnits(id_token="minutes")),
        (
            {"AccessToken": "days", "IdToken": "days", "RefreshToken": "hours"},
            TokenValidityUnits(access_token="days", id_token="days", refresh_token="hours"),
        ),
    ],
)
def test_one_given_unit_fills_all_three(given: Any, stored: TokenValidityUnits | None) -> None:
    members = {} if given is None else {"TokenValidityUnits": given}
    assert settings_of(members).token_validity_units == stored


# -- attributes --------------------------------------------------------------------------------------------------------


def test_a_client_reads_and_writes_all_but_what_is_the_developers_and_the_servers(
    make_record: MakePool, make_client_record: MakeClient
) -> None:
    pool, client = make_record(Schema=SCHEMA), make_client_record()
    everything = {found.name for found in pool.schema}
    assert app_clients.readable_attributes(pool, client) == everything - {"dev:custom:cost"}
    assert app_clients.writable_attributes(pool, client) == everything - {
        "dev:custom:cost",
        "sub",
        "email_verified",
        "phone_number_verified",
    }


def test_a_client_that_names_attributes_has_those(
    make_record: MakePool, make_client_record: MakeClient
) -> None:
    pool = make_record(Schema=SCHEMA)
    client = make_client_record(
        ReadAttributes=["email", "dev:custom:cost", "custom:team"], WriteAttributes=["custom:born"]
    )
    assert app_clients.readable_attributes(pool, client) == {"sub", "email", "custom:team"}
    assert app_clients.writable_attributes(pool, client) == {"custom:born"}


READ = "Invalid read attributes specified while creating a client"
WRITE = "Invalid write attributes specified while creating a client"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ReadAttributes": ["email", "custom:nothing"]}, READ),
        ({"ReadAttributes": ["team"]}, READ),
        ({"WriteAttributes": ["email", "custom:nothing"]}, WRITE),
        ({"WriteAttributes": ["email", "sub"]}, WRITE),
        ({"WriteAttributes": ["email", "email_verified"]}, WRITE),
        ({"WriteAttributes": ["email", "phone_number_verified"]}, WRITE),
        ({"WriteAttributes": ["email", "dev:custom:cost"]}, WRITE),
        ({"WriteAttributes": ["custom:team"]}, WRITE),
    ],
)
def test_attributes_that_cannot_be_read_or_written_are_refused(
    make_record: MakePool, members: dict[str, Any], message: str
) -> None:
    pool = make_record(Schema=[*SCHEMA, {"Name": "email", "Required": True}])
    with pytest.raises(Refusal) as refusal:
        app_clients.check(settings_of(members), pool, has_secret=False)
    assert (refusal.value.type, refusal.value.message) == ("InvalidParameterException", message)


def test_attributes_of_the_schema_may_be_named(make_record: MakePool) -> None:
    members = {
        "ReadAttributes": ["sub", "email_verified", "custom:team", "dev:custom:cost"],
        "WriteAttributes": ["custom:team", "custom:born"],
    }
    app_clients.check(settings_of(members), make_record(Schema=SCHEMA), has_secret=False)


# -- flows, validity, the rest -----------------------------------------------------------------------------------------

RANGE = "Invalid range for token validity."
ORDER = "Access and Id Token expiration times must be less than or equal to refresh token expiration times."
ANALYTICS = (
    "Invalid analytics configuration given, either <application arn> or <application id, role arn, external id> "
    "are valid"
)
ROTATION = {"RefreshTokenRotation": {"Feature": "ENABLED"}}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"ExplicitAuthFlows": [SRP, "USER_PASSWORD_AUTH"]},
            "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.",
        ),
        (
            {"ExplicitAuthFlows": [REFRESH]} | ROTATION,
            "ALLOW_REFRESH_TOKEN_AUTH is not a permitted ExplicitAuthFlow when refresh token rotation is enabled.",
        ),
        (
            {"ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH", REFRESH]},
            "ALLOW_CLIENT_TOKEN_AUTH cannot be used with other auth flows.",
        ),
        (
            {"ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"]},
            "ALLOW_CLIENT_TOKEN_AUTH requires a client secret.",
        ),
        (
            {"EnablePropagateAdditionalUserContextData": True},
            "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
        ),
        ({"AccessTokenValidity": 25}, RANGE),
        ({"AccessTokenValidity": 299, "TokenValidityUnits": {"AccessToken": "seconds"}}, RANGE),
        ({"IdTokenValidity": 4, "TokenValidityUnits": {"IdToken": "minutes"}}, RANGE),
        ({"IdTokenValidity": 2, "TokenValidityUnits": {"IdToken": "days"}}, RANGE),
        ({"RefreshTokenValidity": 3_651}, RANGE),
        ({"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}}, RANGE),
        (
            {
                "AccessTokenValidity": 2,
                "RefreshTokenValidity": 1,
                "TokenValidityUnits": {"RefreshToken": "hours"},
            },
            ORDER,
        ),
        (
            {
                "IdTokenValidity": 2,
                "RefreshTokenValidity": 1,
                "TokenValidityUnits": {"RefreshToken": "hours"},
            },
            ORDER,
        ),
        ({"AnalyticsConfiguration": {"ApplicationArn": ARN, "ApplicationId": "abc"}}, ANALYTICS),
        ({"AnalyticsConfiguration": {"ApplicationArn": ARN, "RoleArn": ROLE}}, ANALYTICS),
        ({"AnalyticsConfiguration": {"ApplicationArn": ARN, "ExternalId": "x"}}, ANALYTICS),
        ({"AnalyticsConfiguration": {"ApplicationId": "abc", "RoleArn": ROLE}}, ANALYTICS),
        ({"AnalyticsConfiguration": {"UserDataShared": True}}, ANALYTICS),
    ],
)
def test_a_public_client_with_settings_that_cannot_be_is_refused(
    make_record: MakePool, members: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        app_clients.check(settings_of(members), make_record(), has_secret=False)
    assert (refusal.value.type, refusal.value.message) == ("InvalidParameterException", message)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"ExplicitAuthFlows": ["USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"]},
        {"ExplicitAuthFlows": [SRP]} | ROTATION,
        {"ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"]},
        {"ExplicitAuthFlows": ["ALLOW_USER_AUTH", REFRESH]},
        {"EnablePropagateAdditionalUserContextData": True},
        {"AccessTokenValidity": 24, "IdTokenValidity": 24, "RefreshTokenValidity": 1},
        {"RefreshTokenValidity": 3_650},
        {"RefreshTokenValidity": 60, "TokenValidityUnits": {"RefreshToken": "minutes"}},
        {"AnalyticsConfiguration": {"ApplicationArn": ARN, "UserDataShared": True}},
        {"AnalyticsConfiguration": {"ApplicationArn": ARN, "RoleArn": SERVICE_ROLE}},
        {"AnalyticsConfiguration": {"ApplicationId": "abc", "RoleArn": ROLE, "ExternalId": "x"}},
    ],
)
def test_a_confidential_client_with_settings_that_go_together_is_taken(
    make_record: MakePool, members: dict[str, Any]
) -> None:
    app_clients.check(settings_of(members), make_record(), has_secret=True)


@pytest.mark.parametrize(
    ("members", "feature"),
    [
        ({"ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}, "Choice-Based Sign-In"),
        (ROTATION, "Refresh Token Rotation"),
    ],
)
def test_a_feature_of_essentials_is_refused_in_a_lite_pool(
    make_record: MakePool, members: dict[str, Any], feature: str
) -> None:
    settings = settings_of(members)
    assert [used.name for used in plans.of_client(settings)] == [feature]
    app_clients.check(settings, make_record(), has_secret=False)
    with pytest.raises(Refusal) as refusal:
        app_clients.check(settings, make_record(UserPoolTier="LITE"), has_secret=False)
    assert refusal.value.type == "FeatureUnavailableInTierException"
    assert refusal.value.message == (
        f"The following feature is not available for the LITE pricing tier configured: {feature}"
    )


def test_lists_are_sets_and_empty_ones_are_none() -> None:
    settings = settings_of({"ReadAttributes": ["email", "name", "email"], "AllowedOAuthFlows": []})
    assert settings.read_attributes == ("email", "name")
    assert settings.allowed_oauth_flows is None
