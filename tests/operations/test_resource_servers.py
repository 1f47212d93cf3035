"""Resource servers through boto3, and what becomes of clients that have their scopes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.pools.resource_servers import SERVERS_MAX
from cognomen.store import resource_servers, user_pools
from cognomen.store.database import Db
from cognomen.wire import model
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

API = "https://api.example.com"
ONE_VIOLATION = "1 validation error detected: Value"
UNLIKE_PATTERN = "failed to satisfy constraint: Member must satisfy regular expression pattern"
READ = {"ScopeName": "read", "ScopeDescription": "May read"}
WRITE = {"ScopeName": "write", "ScopeDescription": "May write"}


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    found: str = make_pool()["Id"]
    return found


@pytest.fixture
def create(cognito: CognitoIdentityProviderClient, pool_id: str) -> Make:
    def make(identifier: str = API, *scopes: Any, pool_id: str = pool_id) -> Any:
        return cognito.create_resource_server(
            UserPoolId=pool_id, Identifier=identifier, Name="an API", Scopes=scopes
        )["ResourceServer"]

    return make


@pytest.fixture
def update(cognito: CognitoIdentityProviderClient, pool_id: str) -> Make:
    def change(identifier: str = API, *scopes: Any, name: str = "an API") -> Any:
        return cognito.update_resource_server(
            UserPoolId=pool_id, Identifier=identifier, Name=name, Scopes=scopes
        )["ResourceServer"]

    return change


@pytest.fixture
def describe(cognito: CognitoIdentityProviderClient, pool_id: str) -> Make:
    def ask(identifier: str = API) -> Any:
        return cognito.describe_resource_server(UserPoolId=pool_id, Identifier=identifier)["ResourceServer"]

    return ask


# -- servers -----------------------------------------------------------------------------------------------------------


def test_a_server_is_described_as_it_was_created(pool_id: str, create: Make, describe: Make) -> None:
    server = create(API, READ, WRITE)
    assert server == {
        "UserPoolId": pool_id,
        "Identifier": API,
        "Name": "an API",
        "Scopes": [READ, WRITE],
    }
    assert describe() == server
    # ManagedBy is of servers that the service makes itself.
    assert model.load().shapes["ResourceServerType"].members.keys() - server.keys() == {"ManagedBy"}


def test_a_server_may_have_no_scopes(
    cognito: CognitoIdentityProviderClient, pool_id: str, describe: Make
) -> None:
    cognito.create_resource_server(UserPoolId=pool_id, Identifier=API, Name="an API")
    assert describe()["Scopes"] == []


def test_an_update_replaces_name_and_all_scopes(
    cognito: CognitoIdentityProviderClient, pool_id: str, create: Make, update: Make, describe: Make
) -> None:
    create(API, READ, WRITE)
    changed = update(API, READ | {"ScopeDescription": "May look"}, name="renamed")
    assert (changed["Name"], changed["Scopes"]) == ("renamed", [READ | {"ScopeDescription": "May look"}])
    assert describe() == changed
    cognito.update_resource_server(UserPoolId=pool_id, Identifier=API, Name="renamed")
    assert describe()["Scopes"] == []


def test_a_deleted_server_is_gone(
    cognito: CognitoIdentityProviderClient, pool_id: str, create: Make, update: Make, describe: Make
) -> None:
    create()
    cognito.delete_resource_server(UserPoolId=pool_id, Identifier=API)
    missing = f"Resource server {API} does not exist."
    with refused("ResourceNotFoundException", missing):
        describe()
    with refused("ResourceNotFoundException", missing):
        update()
    with refused("ResourceNotFoundException", missing):
        cognito.delete_resource_server(UserPoolId=pool_id, Identifier=API)
    create()


def test_an_identifier_is_of_one_server_in_its_pool(
    pool_id: str, make_pool: Make, create: Make, describe: Make
) -> None:
    create(API, READ)
    with refused("InvalidParameterException", f"{API} already exists in user pool {pool_id}."):
        create(API, WRITE)
    assert describe()["Scopes"] == [READ]
    create(API, WRITE, pool_id=make_pool()["Id"])


def test_the_longest_identifier_and_scope_are_kept(create: Make, describe: Make) -> None:
    identifier = "i" * 256
    scope = {"ScopeName": "s" * 256, "ScopeDescription": "d" * 256}
    create(identifier, scope)
    assert describe(identifier)["Scopes"] == [scope]


@pytest.mark.parametrize(
    ("identifier", "scopes", "message"),
    [
        (API, [READ, READ], "Duplicate scope name read is not allowed in a resource server."),
        ("aws.cognito", [], "The identifier aws.cognito is reserved."),
        ("aws.cognito/dcr", [], "The identifier aws.cognito/dcr is reserved."),
        ("aws.cognito.signin", [], "The identifier aws.cognito.signin is reserved."),
        (
            "an api",
            [],
            rf"{ONE_VIOLATION} 'an api' at 'identifier' {UNLIKE_PATTERN}: [\x21\x23-\x5B\x5D-\x7E]+",
        ),
        (
            API,
            [READ | {"ScopeName": "a/b"}],
            rf"{ONE_VIOLATION} 'a/b' at 'scopes.1.member.scopeName' {UNLIKE_PATTERN}: [\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+",
        ),
    ],
)
def test_a_server_that_cannot_be_is_not_created(
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    create: Make,
    identifier: str,
    scopes: list[Any],
    message: str,
) -> None:
    with refused("InvalidParameterException", message):
        create(identifier, *scopes)
    assert cognito.list_resource_servers(UserPoolId=pool_id)["ResourceServers"] == []


def test_a_server_has_at_most_a_hundred_scopes(create: Make, update: Make, describe: Make) -> None:
    scopes = [{"ScopeName": f"s{number}", "ScopeDescription": "d"} for number in range(101)]
    with refused("InvalidParameterException"):
        create(API, *scopes)
    create(API, *scopes[:100])
    with refused("InvalidParameterException"):
        update(API, *scopes)
    assert len(describe()["Scopes"]) == 100


def test_a_pool_has_at_most_25_servers(
    cognito: CognitoIdentityProviderClient, pool_id: str, create: Make
) -> None:
    for number in range(SERVERS_MAX):
        create(f"api-{number}")
    with refused("LimitExceededException", "Resource server limit exceeded: at most 25."):
        create()
    with refused("InvalidParameterException", f"api-0 already exists in user pool {pool_id}."):
        create("api-0")
    cognito.delete_resource_server(UserPoolId=pool_id, Identifier="api-0")
    create()


def test_of_servers_created_at_once_no_more_than_the_limit_are(
    server: Server, pool_id: str, create: Make
) -> None:
    for number in range(SERVERS_MAX - 1):
        create(f"api-{number}")

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(
            *(asyncio.to_thread(create, f"late-{number}") for number in range(4)), return_exceptions=True
        )

    outcomes = asyncio.run(all_at_once())
    assert sum("LimitExceededException" in str(outcome) for outcome in outcomes) == 3
    assert server.run(server.store.read(resource_servers.count, pool_id)) == SERVERS_MAX


def test_each_change_of_a_server_is_one_change_of_its_pool(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, create: Make, update: Make
) -> None:
    def version() -> int:
        found = server.run(server.store.read(user_pools.version_of, pool_id))
        assert found is not None
        return found

    before = version()
    create()
    update()
    cognito.delete_resource_server(UserPoolId=pool_id, Identifier=API)
    assert version() == before + 3


def test_a_deleted_pool_takes_its_servers_along(
    server: Server, cognito: CognitoIdentityProviderClient, pool_id: str, create: Make
) -> None:
    create(API, READ)
    cognito.delete_user_pool(UserPoolId=pool_id)

    def sweep(db: Db) -> int:
        assert user_pools.sweep_deleted(db, pool_id, 100)
        return resource_servers.count(db, pool_id)

    assert server.run(server.store.write(sweep)) == 0


def test_a_pool_that_is_not_there_is_told(cognito: CognitoIdentityProviderClient) -> None:
    named: Any = {"UserPoolId": "us-east-1_Nothing12", "Identifier": API}
    calls: list[Callable[[], Any]] = [
        lambda: cognito.create_resource_server(**named, Name="an API"),
        lambda: cognito.describe_resource_server(**named),
        lambda: cognito.update_resource_server(**named, Name="an API"),
        lambda: cognito.delete_resource_server(**named),
        lambda: cognito.list_resource_servers(UserPoolId="us-east-1_Nothing12"),
    ]
    for call in calls:
        with refused("ResourceNotFoundException", "User pool us-east-1_Nothing12 does not exist."):
            call()


def test_servers_are_listed_page_by_page(
    cognito: CognitoIdentityProviderClient, pool_id: str, make_pool: Make, create: Make
) -> None:
    create("elsewhere", pool_id=make_pool()["Id"])
    made = [create(f"api-{number}", READ) for number in range(5)]
    pages = list(
        cognito.get_paginator("list_resource_servers").paginate(
            UserPoolId=pool_id, PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["ResourceServers"]) for page in pages] == [2, 2, 1]
    assert [found for page in pages for found in page["ResourceServers"]] == made
    whole = cognito.list_resource_servers(UserPoolId=pool_id, MaxResults=5)
    assert whole["ResourceServers"] == made
    assert "NextToken" not in whole
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_resource_servers(UserPoolId=pool_id, NextToken="made-up")


# -- their scopes on clients -------------------------------------------------------------------------------------------


def for_machines(*scopes: str) -> dict[str, Any]:
    return {
        "GenerateSecret": True,
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthScopes": list(scopes),
    }


def test_a_client_may_have_the_scopes_of_its_pools_servers(
    cognito: CognitoIdentityProviderClient, pool_id: str, make_client: Make, create: Make
) -> None:
    create(API, READ)
    client = make_client(pool_id, **for_machines(f"{API}/read"))
    assert client["AllowedOAuthScopes"] == [f"{API}/read"]
    mixed = make_client(
        pool_id,
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        CallbackURLs=["https://example.com"],
        AllowedOAuthScopes=["openid", f"{API}/read"],
    )
    assert mixed["AllowedOAuthScopes"] == ["openid", f"{API}/read"]


@pytest.mark.parametrize("scope", [f"{API}/write", "other/read", "read", f"{API}/", "openid"])
def test_a_client_for_machines_has_no_other_scope(
    pool_id: str, make_pool: Make, make_client: Make, create: Make, scope: str
) -> None:
    create(API, READ)
    create("other", READ, pool_id=make_pool()["Id"])
    with refused("ScopeDoesNotExistException", f"Invalid scope requested: {scope}"):
        make_client(pool_id, **for_machines(f"{API}/read", scope))


def test_a_client_has_at_most_fifty_scopes(pool_id: str, make_client: Make, create: Make) -> None:
    create(API, *({"ScopeName": f"s{number}", "ScopeDescription": "d"} for number in range(51)))
    scopes = [f"{API}/s{number}" for number in range(51)]
    with refused("InvalidParameterException"):
        make_client(pool_id, **for_machines(*scopes))
    assert len(make_client(pool_id, **for_machines(*scopes[:50]))["AllowedOAuthScopes"]) == 50


@pytest.mark.parametrize("way", ["its scope", "the server"])
def test_a_scope_that_goes_away_stays_with_its_clients_and_cannot_be_given_anew(
    cognito: CognitoIdentityProviderClient,
    pool_id: str,
    make_client: Make,
    create: Make,
    update: Make,
    way: str,
) -> None:
    create(API, READ, WRITE)
    members = for_machines(f"{API}/read")
    client = make_client(pool_id, **members)
    named: Any = {"UserPoolId": pool_id, "ClientId": client["ClientId"]}
    del members["GenerateSecret"]

    def give_back() -> None:
        create(API, READ) if way == "the server" else update(API, READ, WRITE)

    if way == "the server":
        cognito.delete_resource_server(UserPoolId=pool_id, Identifier=API)
    else:
        update(API, WRITE)
    described = cognito.describe_user_pool_client(**named)["UserPoolClient"]
    assert described["AllowedOAuthScopes"] == [f"{API}/read"]
    with refused("ScopeDoesNotExistException", f"Invalid scope requested: {API}/read"):
        cognito.update_user_pool_client(**named, **members)
    give_back()
    cognito.update_user_pool_client(**named, **members)
