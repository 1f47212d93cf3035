"""Ids that a test suite wishes for, in open mode."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import app
from cognomen.operations.access import PURPOSE
from cognomen.store import access_keys
from cognomen.store.access_keys import AccessKey
from tests.conftest import PASSWORD, connect, empty_database
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server, running

Wish = Callable[[str], Cognito]


def wishing(endpoint: str, id: str, **options: Any) -> Cognito:
    """A client that sends the wish with whatever it calls."""
    client = connect(endpoint, **options)
    client.meta.events.register(
        "before-call.cognito-idp", lambda params, **_: params["headers"].update({"X-Cognomen-Id": id})
    )
    return client


@pytest.fixture
def wish(server: Server) -> Wish:
    return lambda id: wishing(server.endpoint, id)


def test_a_pool_and_a_client_get_the_ids_that_are_wanted(wish: Wish, pool_id: str, cognito: Cognito) -> None:
    pool = wish(pool_id).create_user_pool(PoolName="p")["UserPool"]
    assert pool["Id"] == pool_id
    assert pool["Arn"].endswith(f"userpool/{pool_id}")
    client_id = pool_id.replace("-", "")
    client = wish(client_id).create_user_pool_client(UserPoolId=pool_id, ClientName="c")["UserPoolClient"]
    assert client["ClientId"] == client_id
    assert (
        cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"] == client
    )


def test_an_id_that_is_taken_is_refused(wish: Wish, pool_id: str, make_pool: Any) -> None:
    wish(pool_id).create_user_pool(PoolName="p")
    with refused(
        "InvalidParameterException",
        f"There is a user pool {pool_id} already. Delete it first, or choose another id.",
    ):
        wish(pool_id).create_user_pool(PoolName="p")
    client_id = pool_id.replace("-", "")
    wish(client_id).create_user_pool_client(UserPoolId=pool_id, ClientName="c")
    for any_pool in (pool_id, make_pool()["Id"]):
        with refused(
            "InvalidParameterException",
            f"There is an app client {client_id} already, in this user pool or in another. "
            "Delete it first, or choose another id.",
        ):
            wish(client_id).create_user_pool_client(UserPoolId=any_pool, ClientName="c")


def test_an_id_that_cannot_be_one_is_refused(wish: Wish, make_pool: Any) -> None:
    with refused(
        "InvalidParameterException",
        "A user pool cannot have the id eu-west-1_Test: it must begin with us-east-1_, have letters and digits after "
        "it, and at most 55 characters.",
    ):
        wish("eu-west-1_Test").create_user_pool(PoolName="p")
    pool_id = make_pool()["Id"]
    with refused(
        "InvalidParameterException",
        "An app client cannot have the id my-app: it must have 1 to 128 letters, digits, _ or +.",
    ):
        wish("my-app").create_user_pool_client(UserPoolId=pool_id, ClientName="c")


def test_a_pool_made_again_under_its_id_is_another_pool(
    server: Server, wish: Wish, pool_id: str, cognito: Cognito, make_user: Any
) -> None:
    """With other keys, without the users of the former; and whoever has it in memory notices."""
    client_id = pool_id.replace("-", "")
    issued = []
    for _ in range(2):
        wish(pool_id).create_user_pool(PoolName="p")
        wish(client_id).create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="c",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
        assert cognito.list_users(UserPoolId=pool_id)["Users"] == []
        make_user(pool_id, "ada")
        token = cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        )["AuthenticationResult"]["AccessToken"]
        assert cognito.get_user(AccessToken=token)["Username"] == "ada"
        issued.append(token)
        cognito.delete_user_pool(UserPoolId=pool_id)
    wish(pool_id).create_user_pool(PoolName="p")
    for token in issued:
        with refused("NotAuthorizedException"):
            cognito.get_user(AccessToken=token)


def test_another_worker_notices_that_a_pool_was_made_again_under_its_id(
    server: Server, wish: Wish, pool_id: str, cognito: Cognito
) -> None:
    another = app.build(server.settings)

    def key_ids() -> set[str]:
        known = server.run(another.configurations.of_pool(pool_id, server.clock.now))
        assert known is not None
        return set(known.keys)

    try:
        wish(pool_id).create_user_pool(PoolName="p")
        first = key_ids()
        cognito.delete_user_pool(UserPoolId=pool_id)
        wish(pool_id).create_user_pool(PoolName="p")
        assert not first & key_ids()
    finally:
        another.store.close()


def test_of_several_who_want_one_id_one_gets_it(wish: Wish, pool_id: str) -> None:
    client = wish(pool_id)

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(
            *(asyncio.to_thread(client.create_user_pool, PoolName="p") for _ in range(4)),
            return_exceptions=True,
        )

    outcomes = asyncio.run(all_at_once())
    assert sum(isinstance(outcome, dict) for outcome in outcomes) == 1


@pytest.mark.usefixtures("signing_clock")
def test_in_signed_mode_nobody_has_a_wish(
    engine: str, tmp_path: Path, held_clock: HeldClock, pool_id: str
) -> None:
    with empty_database(engine, tmp_path) as url, running(str(tmp_path), url, held_clock) as server:
        sealed = server.node.vault.seal(PURPOSE, b"secret", b"AKIAADMIN")
        policy = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
        key = AccessKey("AKIAADMIN", "tester", sealed, policy, held_clock.now, None)
        server.run(server.store.write(access_keys.add, key))
        client = wishing(server.endpoint, pool_id, key="AKIAADMIN", secret="secret")
        made = client.create_user_pool(PoolName="p")["UserPool"]["Id"]
        assert made != pool_id
        made_client = client.create_user_pool_client(UserPoolId=made, ClientName="c")["UserPoolClient"]
        assert made_client["ClientId"] != pool_id
