"""App clients through boto3: what an owner sees after creating, changing and deleting one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.crypto.sealing import CannotUnseal
from cognomen.pools.app_clients import CLIENTS_MAX
from cognomen.store import app_clients, user_pools
from cognomen.store.database import Db
from cognomen.store.opening import open_store
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server

MakePool = Callable[..., Any]
Make = Callable[..., Any]

ARN = "arn:aws:mobiletargeting:us-east-1:000000000000:apps/abc"
SERVICE_ROLE = "arn:aws:iam::000000000000:role/aws-service-role/cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdp"

DEFAULTS: dict[str, Any] = {
    "ClientName": "a client",
    "ClientType": "REGULAR",
    "RefreshTokenValidity": 30,
    "EnableTokenRevocation": True,
    "EnablePropagateAdditionalUserContextData": False,
    "AuthSessionValidity": 3,
    "AllowedOAuthFlowsUserPoolClient": False,
}
OF_THE_CLIENT = {"ClientId", "UserPoolId", "CreationDate", "LastModifiedDate"}

FULL: dict[str, Any] = {
    "ClientName": "everything",
    "RefreshTokenValidity": 10,
    "AccessTokenValidity": 60,
    "IdTokenValidity": 60,
    "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
    "ReadAttributes": ["email", "email_verified", "custom:team"],
    "WriteAttributes": ["email", "custom:team"],
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"],
    "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": ["https://example.com", "http://localhost:8001", "myapp://example"],
    "LogoutURLs": ["https://example.com/out"],
    "DefaultRedirectURI": "https://example.com",
    "AllowedOAuthFlows": ["code", "implicit"],
    "AllowedOAuthScopes": ["openid", "profile", "aws.cognito.signin.user.admin"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AnalyticsConfiguration": {"ApplicationArn": ARN, "UserDataShared": True},
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": False,
    "EnablePropagateAdditionalUserContextData": True,
    "AuthSessionValidity": 4,
    "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
}
IN_ANSWER = FULL | {
    "AnalyticsConfiguration": {"ApplicationArn": ARN, "UserDataShared": True, "RoleArn": SERVICE_ROLE}
}


@pytest.fixture
def pool_id(make_pool: MakePool) -> str:
    found: str = make_pool(Schema=[{"Name": "team", "AttributeDataType": "String"}])["Id"]
    return found


@pytest.fixture
def create(cognito: CognitoIdentityProviderClient) -> Make:
    """Create a client with a name and nothing else but what is said."""

    def make(pool_id: str, **members: Any) -> Any:
        asked = {"UserPoolId": pool_id, "ClientName": "a client"} | members
        return cognito.create_user_pool_client(**asked)["UserPoolClient"]

    return make


@pytest.fixture
def describe(cognito: CognitoIdentityProviderClient) -> Make:
    def ask(client: Any) -> Any:
        return cognito.describe_user_pool_client(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"]
        )["UserPoolClient"]

    return ask


@pytest.fixture
def update(cognito: CognitoIdentityProviderClient) -> Make:
    def ask(client: Any, **members: Any) -> Any:
        return cognito.update_user_pool_client(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"], **members
        )["UserPoolClient"]

    return ask


# -- creating and describing -------------------------------------------------------------------------------------------


def test_a_client_with_a_name_only_has_the_defaults_and_no_other_members(
    pool_id: str, create: Make, describe: Make, clock: HeldClock
) -> None:
    client = create(pool_id)
    assert {name: value for name, value in client.items() if name not in OF_THE_CLIENT} == DEFAULTS
    assert client["UserPoolId"] == pool_id
    assert re.fullmatch("[0-9a-z]{26}", client["ClientId"])
    assert client["CreationDate"] == client["LastModifiedDate"]
    assert client["CreationDate"].timestamp() == pytest.approx(clock.now / 1000)
    assert describe(client) == client


def test_everything_that_is_set_is_described(pool_id: str, create: Make, describe: Make) -> None:
    client = create(pool_id, GenerateSecret=True, **FULL)
    assert {name: client[name] for name in IN_ANSWER} == IN_ANSWER
    assert client.keys() == FULL.keys() | OF_THE_CLIENT | {"ClientType", "ClientSecret"}
    assert describe(client) == client


def test_one_unit_that_is_set_fills_the_others(pool_id: str, create: Make) -> None:
    client = create(pool_id, TokenValidityUnits={"AccessToken": "minutes"})
    assert client["TokenValidityUnits"] == {
        "AccessToken": "minutes",
        "IdToken": "hours",
        "RefreshToken": "days",
    }
    assert "AccessTokenValidity" not in client


def test_a_refresh_validity_of_zero_is_thirty_days(pool_id: str, create: Make) -> None:
    assert create(pool_id, RefreshTokenValidity=0)["RefreshTokenValidity"] == 30


def test_rotation_without_a_grace_period_has_none(pool_id: str, create: Make) -> None:
    client = create(pool_id, RefreshTokenRotation={"Feature": "ENABLED"})
    assert client["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}


def test_a_client_for_machines_has_its_one_flow(pool_id: str, create: Make) -> None:
    client = create(pool_id, GenerateSecret=True, ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"])
    assert client["ExplicitAuthFlows"] == ["ALLOW_CLIENT_TOKEN_AUTH"]


def test_two_clients_may_have_one_name(pool_id: str, create: Make) -> None:
    assert create(pool_id)["ClientId"] != create(pool_id)["ClientId"]


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_a_generated_secret_is_always_described(pool_id: str, create: Make, describe: Make) -> None:
    client = create(pool_id, GenerateSecret=True)
    assert re.fullmatch("[0-9a-z]{51,52}", client["ClientSecret"])
    assert describe(client)["ClientSecret"] == client["ClientSecret"]
    assert create(pool_id, GenerateSecret=True)["ClientSecret"] != client["ClientSecret"]


def test_an_own_secret_is_kept_as_it_is(pool_id: str, create: Make, describe: Make) -> None:
    own = "An_own_secret_of_mine_123"
    client = create(pool_id, ClientSecret=own)
    assert client["ClientSecret"] == own
    assert describe(client)["ClientSecret"] == own


def test_a_secret_is_given_or_generated(pool_id: str, create: Make) -> None:
    with refused(
        "InvalidParameterException", "Only one of GenerateSecret and ClientSecret can be specified."
    ):
        create(pool_id, ClientSecret="An_own_secret_of_mine_123", GenerateSecret=True)


def test_a_secret_lies_sealed_under_the_id_of_its_client_and_second(
    server: Server, pool_id: str, create: Make, clock: HeldClock
) -> None:
    client = create(pool_id, GenerateSecret=True)
    stored = server.run(server.store.read(app_clients.by_id, pool_id, client["ClientId"]))
    assert stored is not None
    (secret,) = stored.secrets
    assert secret.id == f"{client['ClientId']}--{clock.now // 1000}"
    assert client["ClientSecret"].encode() not in secret.sealed_value


def test_a_sealed_secret_opens_for_its_own_client_only(server: Server, pool_id: str, create: Make) -> None:
    """Whoever can write the database still cannot give a client the secret of another."""
    mine, other = create(pool_id, GenerateSecret=True), create(pool_id)

    def move(db: Db) -> None:
        stored = app_clients.by_id(db, pool_id, mine["ClientId"])
        target = app_clients.by_id(db, pool_id, other["ClientId"])
        assert stored is not None
        assert target is not None
        app_clients.remove(db, pool_id, other["ClientId"])
        app_clients.add(db, replace(target, secrets=stored.secrets))

    server.run(server.store.write(move))
    found = server.run(server.node.configurations.of_pool(pool_id, server.clock.now + 2_000))
    assert found is not None
    with pytest.raises(CannotUnseal):
        server.run(server.node.configurations.client(found, other["ClientId"]))


def test_a_secret_survives_an_update(pool_id: str, create: Make, update: Make) -> None:
    client = create(pool_id, GenerateSecret=True)
    assert update(client)["ClientSecret"] == client["ClientSecret"]


# -- what cannot be created --------------------------------------------------------------------------------------------

RANGE = "Invalid range for token validity."
BAD: list[tuple[dict[str, Any], str, str]] = [
    (
        {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ADMIN_NO_SRP_AUTH"]},
        "InvalidParameterException",
        "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.",
    ),
    ({"AccessTokenValidity": 25}, "InvalidParameterException", RANGE),
    (
        {"ReadAttributes": ["custom:nothing"]},
        "InvalidParameterException",
        "Invalid read attributes specified while creating a client",
    ),
    (
        {"WriteAttributes": ["email_verified"]},
        "InvalidParameterException",
        "Invalid write attributes specified while creating a client",
    ),
    (
        {"EnablePropagateAdditionalUserContextData": True},
        "InvalidParameterException",
        "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
    ),
    (
        {"AllowedOAuthFlows": ["client_credentials"]},
        "InvalidOAuthFlowException",
        "client_credentials flow can not be selected if client does not have a client secret.",
    ),
    (
        {"AllowedOAuthScopes": ["api/read"]},
        "ScopeDoesNotExistException",
        "Invalid scope requested: api/read",
    ),
    (
        {"CallbackURLs": ["http://example.com"]},
        "InvalidParameterException",
        "http://example.com cannot use the HTTP protocol.",
    ),
    (
        {"LogoutURLs": ["https://example.com/#out"]},
        "InvalidParameterException",
        "https://example.com/#out cannot use fragment",
    ),
    (
        {"AnalyticsConfiguration": {"ApplicationArn": ARN, "ApplicationId": "abc"}},
        "InvalidParameterException",
        "Invalid analytics configuration given, either <application arn> or <application id, role arn, external id> are valid",
    ),
    (
        {"AuthSessionValidity": 16},
        "InvalidParameterException",
        "1 validation error detected: Value '16' at 'authSessionValidity' failed to satisfy constraint: Member must have value less than or equal to 15",
    ),
]


@pytest.mark.parametrize(("members", "type_", "message"), BAD)
def test_a_client_that_cannot_be_is_neither_created_nor_made_by_an_update(
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    create: Make,
    update: Make,
    describe: Make,
    members: dict[str, Any],
    type_: str,
    message: str,
) -> None:
    with refused(type_, message):
        create(pool_id, **members)
    assert cognito.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"] == []
    client = create(pool_id)
    with refused(type_, message):
        update(client, **members)
    assert describe(client) == client


@pytest.mark.parametrize("member", ["CallbackURLs", "LogoutURLs"])
def test_a_client_has_at_most_a_hundred_urls_of_a_kind(pool_id: str, create: Make, member: str) -> None:
    urls = [f"https://example.com/{number}" for number in range(101)]
    with refused("InvalidParameterException"):
        create(pool_id, **{member: urls})
    assert create(pool_id, **{member: urls[:100]})[member] == urls[:100]


def test_a_provider_the_pool_does_not_have_is_refused(pool_id: str, create: Make) -> None:
    with refused("InvalidParameterException", f"The provider Google does not exist for User Pool {pool_id}"):
        create(pool_id, SupportedIdentityProviders=["COGNITO", "Google"])


def test_lite_refuses_rotation(make_pool: MakePool, create: Make, update: Make) -> None:
    pool = make_pool(UserPoolTier="LITE")
    refusal = (
        "FeatureUnavailableInTierException",
        "The following feature is not available for the LITE pricing tier configured: Refresh Token Rotation",
    )
    with refused(*refusal):
        create(pool["Id"], RefreshTokenRotation={"Feature": "ENABLED"})
    client = create(pool["Id"])
    with refused(*refusal):
        update(client, RefreshTokenRotation={"Feature": "ENABLED"})


def test_a_pool_has_at_most_a_thousand_clients(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, create: Make
) -> None:
    first = create(pool_id)

    def fill(db: Db) -> None:
        template = app_clients.by_id(db, pool_id, first["ClientId"])
        assert template is not None
        for number in range(CLIENTS_MAX - 1):
            app_clients.add(db, replace(template, id=f"{pool_id[-9:].lower()}{number}"))

    server.run(server.store.write(fill))
    with refused("LimitExceededException", "User pool client limit exceeded: at most 1000."):
        create(pool_id)
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=first["ClientId"])
    create(pool_id)


def test_each_change_of_a_client_is_one_change_of_its_pool(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, create: Make, update: Make
) -> None:
    def version() -> int:
        found = server.run(server.store.read(user_pools.version_of, pool_id))
        assert found is not None
        return found

    before = version()
    client = create(pool_id)
    assert version() == before + 1
    update(client)
    assert version() == before + 2
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])
    assert version() == before + 3


async def test_a_client_is_not_deleted_with_a_pool_that_went_before(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, create: Make
) -> None:
    """Its pool is held first, as in every change of a client, so that none waits for the other."""
    client = create(pool_id)
    other = open_store(server.settings.database_url)

    def remove_pool(db: Db) -> None:
        pool = user_pools.by_id(db, pool_id)
        assert pool is not None
        assert user_pools.remove(db, pool, 0)

    deletion = asyncio.to_thread(
        cognito.delete_user_pool_client, UserPoolId=pool_id, ClientId=client["ClientId"]
    )
    try:
        with refused("ResourceNotFoundException", f"User pool {pool_id} does not exist."):
            await overtaken(other, remove_pool, deletion)
    finally:
        other.close()


@pytest.mark.parametrize("ask", ["describe", "update", "delete"])
def test_a_client_that_is_not_there_is_told(
    cognito: CognitoIdentityProviderClient, pool_id: str, make_pool: MakePool, create: Make, ask: str
) -> None:
    elsewhere = create(make_pool()["Id"])["ClientId"]
    call: Any = getattr(cognito, f"{ask}_user_pool_client")
    for client_id in ("nothing", elsewhere):
        with refused("ResourceNotFoundException", f"User pool client {client_id} does not exist."):
            call(UserPoolId=pool_id, ClientId=client_id)


def test_a_pool_that_is_not_there_is_told(cognito: CognitoIdentityProviderClient, create: Make) -> None:
    missing = "User pool us-east-1_Nothing12 does not exist."
    with refused("ResourceNotFoundException", missing):
        create("us-east-1_Nothing12")
    with refused("ResourceNotFoundException", missing):
        cognito.list_user_pool_clients(UserPoolId="us-east-1_Nothing12")


# -- changing ----------------------------------------------------------------------------------------------------------


def test_an_update_that_says_nothing_resets_everything_but_name_and_secret(
    pool_id: str, create: Make, update: Make, describe: Make, clock: HeldClock
) -> None:
    client = create(pool_id, GenerateSecret=True, **FULL)
    clock.advance(2_000)
    changed = update(client)
    kept = {"ClientName": "everything", "ClientSecret": client["ClientSecret"]}
    assert {name: value for name, value in changed.items() if name not in OF_THE_CLIENT} == DEFAULTS | kept
    assert changed["CreationDate"] == client["CreationDate"]
    assert (changed["LastModifiedDate"] - client["LastModifiedDate"]).total_seconds() == 2
    assert describe(client) == changed


def test_an_update_makes_what_it_says(pool_id: str, create: Make, update: Make, describe: Make) -> None:
    client = create(pool_id, GenerateSecret=True)
    changed = update(client, **FULL)
    assert {name: changed[name] for name in IN_ANSWER} == IN_ANSWER
    assert describe(client) == changed


def test_a_description_sent_back_changes_nothing(pool_id: str, create: Make, update: Make) -> None:
    client = create(pool_id, GenerateSecret=True, **FULL)
    again = {
        name: value
        for name, value in client.items()
        if name not in OF_THE_CLIENT | {"ClientSecret", "ClientType"}
    }
    assert update(client, **again) == client


def test_an_update_is_seen_by_the_next_request(
    pool_id: str, create: Make, update: Make, describe: Make
) -> None:
    client = create(pool_id)
    for minutes in (5, 6, 7):
        update(client, AuthSessionValidity=minutes)
        assert describe(client)["AuthSessionValidity"] == minutes


# -- deleting and listing ----------------------------------------------------------------------------------------------


def test_a_deleted_client_is_gone(
    cognito: CognitoIdentityProviderClient, server: Server, pool_id: str, create: Make, describe: Make
) -> None:
    client = create(pool_id, GenerateSecret=True)
    cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])
    with refused("ResourceNotFoundException", f"User pool client {client['ClientId']} does not exist."):
        describe(client)
    assert cognito.list_user_pool_clients(UserPoolId=pool_id)["UserPoolClients"] == []
    assert server.run(server.store.read(app_clients.pool_id_of, client["ClientId"])) is None


def test_clients_are_listed_page_by_page_without_their_secrets(
    cognito: CognitoIdentityProviderClient, pool_id: str, make_pool: MakePool, create: Make
) -> None:
    create(make_pool()["Id"])
    made = [create(pool_id, GenerateSecret=True)["ClientId"] for _ in range(5)]
    paginator = cognito.get_paginator("list_user_pool_clients")
    pages = list(paginator.paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 2}))
    assert [len(page["UserPoolClients"]) for page in pages] == [2, 2, 1]
    listed = [client for page in pages for client in page["UserPoolClients"]]
    assert listed == [
        {"ClientId": client_id, "ClientName": "a client", "UserPoolId": pool_id} for client_id in sorted(made)
    ]


def test_a_full_last_page_has_no_token(
    cognito: CognitoIdentityProviderClient, pool_id: str, create: Make
) -> None:
    create(pool_id)
    create(pool_id)
    assert "NextToken" not in cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=2)
    assert "NextToken" not in cognito.list_user_pool_clients(UserPoolId=pool_id)


def test_clients_are_listed_by_their_type(
    cognito: CognitoIdentityProviderClient, pool_id: str, create: Make
) -> None:
    create(pool_id)
    regular: Any = {"ClientType": "REGULAR"}
    registered: Any = {"ClientType": "DCR"}
    assert len(cognito.list_user_pool_clients(UserPoolId=pool_id, **regular)["UserPoolClients"]) == 1
    assert cognito.list_user_pool_clients(UserPoolId=pool_id, **registered)["UserPoolClients"] == []


def test_a_page_token_is_good_for_its_own_pool(
    cognito: CognitoIdentityProviderClient, pool_id: str, make_pool: MakePool, create: Make
) -> None:
    other = make_pool()["Id"]
    create(pool_id)
    create(pool_id)
    token = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=1)["NextToken"]
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pool_clients(UserPoolId=other, MaxResults=1, NextToken=token)
