from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from benchmarks import fill
from cognomen.store.database import Db
from cognomen.store.users import aliases, user_search, users
from tests.server import Server

USERS = 50


@pytest.fixture
def filled(server: Server) -> fill.Filled:
    return fill.fill(server.settings, USERS, lambda _: None)


def test_filled_users_sign_in_and_are_found(
    filled: fill.Filled, cognito: CognitoIdentityProviderClient
) -> None:
    for number in (0, USERS - 1):
        name, email = fill.username(number), fill.email(number)
        for typed in (name, email):
            answer = cognito.initiate_auth(
                ClientId=filled.client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": typed, "PASSWORD": fill.PASSWORD},
            )
            assert answer["AuthenticationResult"]["AccessToken"]
        (found,) = cognito.list_users(UserPoolId=filled.pool_id, Filter=f'email = "{email}"')["Users"]
        assert found["Username"] == name
    described = cognito.describe_user_pool(UserPoolId=filled.pool_id)["UserPool"]
    assert described["EstimatedNumberOfUsers"] == USERS


def test_tokens_of_filled_users_count(filled: fill.Filled, cognito: CognitoIdentityProviderClient) -> None:
    holder = cognito.get_user(AccessToken=filled.access_tokens[1])["Username"]
    refreshed = cognito.initiate_auth(
        ClientId=filled.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": filled.refresh_tokens[1]},
    )["AuthenticationResult"]

    assert cognito.get_user(AccessToken=refreshed["AccessToken"])["Username"] == holder == fill.username(1)


def test_a_filled_user_is_row_by_row_what_the_api_writes(
    filled: fill.Filled, cognito: CognitoIdentityProviderClient, server: Server
) -> None:
    filled_one = cognito.admin_get_user(UserPoolId=filled.pool_id, Username=fill.username(7))
    attributes = [pair for pair in filled_one["UserAttributes"] if pair["Name"] != "sub"]
    cognito.admin_delete_user(UserPoolId=filled.pool_id, Username=fill.username(8))
    for pair in attributes:
        pair["Value"] = pair["Value"].replace(fill.username(7), fill.username(8))
    cognito.admin_create_user(
        UserPoolId=filled.pool_id,
        Username=fill.username(8),
        UserAttributes=attributes,
        MessageAction="SUPPRESS",
    )
    cognito.admin_set_user_password(
        UserPoolId=filled.pool_id, Username=fill.username(8), Password=fill.PASSWORD, Permanent=True
    )

    def rows_of(number: int) -> list[Any]:
        name = fill.username(number)
        rows = server.run(server.store.read(_rows, filled.pool_id, name))
        return [[_general(value, name) for value in row] for row in rows]

    assert rows_of(7) == rows_of(8)
    assert len(rows_of(7)) == 1 + 2 + 4


def _rows(db: Db, pool_id: str, name: str) -> list[Any]:
    of_user = users.c.pool_id == pool_id, users.c.username == name
    (sub,) = db.one(select(users.c.sub).where(*of_user)) or ()
    found = [
        db.all(
            select(
                users.c.status, users.c.enabled, users.c.attributes, users.c.salt, users.c.sealed_verifier
            ).where(*of_user)
        ),
        *(
            db.all(select(*list(table.c)[:-1]).where(table.c.pool_id == pool_id, table.c.sub == sub))
            for table in (aliases, user_search)
        ),
    ]
    return sorted(row for rows in found for row in map(tuple, rows))


def _general(value: Any, name: str) -> Any:
    """What two users have in common: secrets by their size, their own name left out."""
    return len(value) if isinstance(value, bytes) else str(value).replace(name, "NAME")
