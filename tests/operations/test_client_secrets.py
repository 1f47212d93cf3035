"""The two secrets of a client: either proves it, here and on another node, until it is deleted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore import UNSIGNED
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.crypto.hashes import secret_hash
from cognomen.store import app_clients, user_pools
from tests.conftest import PASSWORD, connect
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server, running

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

OWN = "An_own_secret_of_mine_123"


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    """A pool in which anna is."""
    made: str = make_pool()["Id"]
    make_user(made, "anna")
    return made


@pytest.fixture
def client(pool_id: str, make_client: Make) -> Any:
    """A client with one secret."""
    return make_client(pool_id, GenerateSecret=True)


@pytest.fixture
def add(cognito: Cognito) -> Make:
    def make(client: Any, **members: Any) -> Any:
        return cognito.add_user_pool_client_secret(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"], **members
        )["ClientSecretDescriptor"]

    return make


@pytest.fixture
def listed(cognito: Cognito) -> Make:
    def ask(client: Any) -> Any:
        return cognito.list_user_pool_client_secrets(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"]
        )["ClientSecrets"]

    return ask


@pytest.fixture
def delete(cognito: Cognito) -> Make:
    def remove(client: Any, secret_id: str) -> None:
        cognito.delete_user_pool_client_secret(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"], ClientSecretId=secret_id
        )

    return remove


def sign_in(anonymous: Cognito, client: Any, secret: str) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client["ClientId"],
        AuthParameters={
            "USERNAME": "anna",
            "PASSWORD": PASSWORD,
            "SECRET_HASH": secret_hash(secret, "anna", client["ClientId"]),
        },
    )["AuthenticationResult"]


def unable(client: Any) -> tuple[str, str]:
    return "NotAuthorizedException", f"Unable to verify secret hash for client {client['ClientId']}"


# -- adding and listing ------------------------------------------------------------------------------------------------


def test_a_generated_secret_is_told_once(client: Any, add: Make, listed: Make, clock: HeldClock) -> None:
    clock.advance(5_000)
    added = add(client)
    assert re.fullmatch("[0-9a-z]{52}", added.pop("ClientSecretValue"))
    assert added["ClientSecretId"] == f"{client['ClientId']}--{clock.now // 1000}"
    assert added["ClientSecretCreateDate"].timestamp() == pytest.approx(clock.now / 1000)
    first, second = listed(client)
    assert second == added
    assert first["ClientSecretCreateDate"] == client["CreationDate"]
    assert first.keys() == {"ClientSecretId", "ClientSecretCreateDate"}


def test_a_secret_of_ones_own_is_not_told_at_all(client: Any, add: Make, listed: Make) -> None:
    added = add(client, ClientSecret=OWN)
    assert added.keys() == {"ClientSecretId", "ClientSecretCreateDate"}
    assert listed(client)[1] == added


def test_two_secrets_of_one_moment_have_two_ids_in_the_order_they_were_made(
    client: Any, add: Make, listed: Make
) -> None:
    added = add(client)
    ids = [secret["ClientSecretId"] for secret in listed(client)]
    assert len(set(ids)) == 2
    assert ids[1] == added["ClientSecretId"]


def test_a_description_tells_the_oldest_secret(
    cognito: Cognito, client: Any, add: Make, listed: Make, delete: Make
) -> None:
    def told() -> str:
        found = cognito.describe_user_pool_client(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"]
        )
        return found["UserPoolClient"]["ClientSecret"]

    second = add(client)["ClientSecretValue"]
    assert told() == client["ClientSecret"]
    delete(client, listed(client)[0]["ClientSecretId"])
    assert told() == second


def test_a_secret_lies_sealed(server: Server, client: Any, add: Make) -> None:
    add(client, ClientSecret=OWN)
    stored = server.run(server.store.read(app_clients.by_id, client["UserPoolId"], client["ClientId"]))
    assert stored is not None
    assert len(stored.secrets) == 2
    assert not any(OWN.encode() in secret.sealed_value for secret in stored.secrets)


def test_a_client_has_at_most_two_secrets(client: Any, add: Make, listed: Make, delete: Make) -> None:
    first = add(client)
    for members in ({}, {"ClientSecret": OWN}):
        with refused("LimitExceededException", "Client secret limit exceeded: at most 2."):
            add(client, **members)
    assert len(listed(client)) == 2
    delete(client, first["ClientSecretId"])
    add(client)


def test_a_public_client_stays_public(pool_id: str, make_client: Make, add: Make, listed: Make) -> None:
    public = make_client(pool_id)
    with refused(
        "InvalidParameterException", "A secret can only be added to a client that was created with one."
    ):
        add(public)
    assert listed(public) == []


def test_the_same_secret_is_not_added_twice(pool_id: str, make_client: Make, add: Make, listed: Make) -> None:
    """Else the one could be deleted and go on to count."""
    client = make_client(pool_id, ClientSecret=OWN)
    with refused("InvalidParameterException", "The client has this secret already."):
        add(client, ClientSecret=OWN)
    assert len(listed(client)) == 1


def test_a_secret_that_is_too_long_is_refused_without_being_told(client: Any, add: Make) -> None:
    with refused(
        "InvalidParameterException",
        "1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: Member must have length "
        "less than or equal to 64",
    ):
        add(client, ClientSecret="s" * 65)


def test_secrets_come_on_one_page(cognito: Cognito, client: Any) -> None:
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_user_pool_client_secrets(
            UserPoolId=client["UserPoolId"], ClientId=client["ClientId"], NextToken="made-up"
        )


# -- deleting ----------------------------------------------------------------------------------------------------------


def test_the_last_secret_stays(client: Any, add: Make, listed: Make, delete: Make) -> None:
    (only,) = listed(client)
    with refused("InvalidParameterException", "The last secret of a client cannot be deleted."):
        delete(client, only["ClientSecretId"])
    added = add(client)
    delete(client, only["ClientSecretId"])
    assert [secret["ClientSecretId"] for secret in listed(client)] == [added["ClientSecretId"]]


def test_a_secret_that_is_not_there_is_told(
    pool_id: str, make_client: Make, client: Any, add: Make, listed: Make, delete: Make
) -> None:
    other = make_client(pool_id, GenerateSecret=True)
    add(client)
    for secret_id in (f"{client['ClientId']}--1", listed(other)[0]["ClientSecretId"]):
        with refused("ResourceNotFoundException", f"Client secret {secret_id} does not exist."):
            delete(client, secret_id)
    assert (len(listed(client)), len(listed(other))) == (2, 1)


def test_a_client_or_pool_that_is_not_there_is_told(
    client: Any, add: Make, listed: Make, delete: Make
) -> None:
    gone = client | {"ClientId": "nothing"}
    nowhere = client | {"UserPoolId": "us-east-1_Nothing12"}
    calls: list[Callable[[Any], Any]] = [add, listed, lambda named: delete(named, "an-id")]
    for call in calls:
        with refused("ResourceNotFoundException", "User pool client nothing does not exist."):
            call(gone)
        with refused("ResourceNotFoundException", "User pool us-east-1_Nothing12 does not exist."):
            call(nowhere)


def test_of_both_secrets_deleted_at_once_one_stays(
    client: Any, add: Make, listed: Make, delete: Make
) -> None:
    add(client)
    ids = [secret["ClientSecretId"] for secret in listed(client)]

    async def both() -> list[Any]:
        return await asyncio.gather(
            *(asyncio.to_thread(delete, client, secret_id) for secret_id in ids), return_exceptions=True
        )

    outcomes = asyncio.run(both())
    assert sum(outcome is None for outcome in outcomes) == 1
    assert len(listed(client)) == 1


def test_of_secrets_added_at_once_one_is_there(client: Any, add: Make, listed: Make) -> None:
    async def many() -> list[Any]:
        return await asyncio.gather(
            *(asyncio.to_thread(add, client) for _ in range(4)), return_exceptions=True
        )

    outcomes = asyncio.run(many())
    assert sum("LimitExceededException" in str(outcome) for outcome in outcomes) == 3
    assert len(listed(client)) == 2


def test_each_change_of_a_secret_is_one_change_of_its_pool(
    server: Server, client: Any, add: Make, delete: Make
) -> None:
    def version() -> int:
        found = server.run(server.store.read(user_pools.version_of, client["UserPoolId"]))
        assert found is not None
        return found

    before = version()
    added = add(client)
    assert version() == before + 1
    delete(client, added["ClientSecretId"])
    assert version() == before + 2


# -- proving the client ------------------------------------------------------------------------------------------------


def test_either_secret_signs_in_and_a_deleted_one_does_not(
    anonymous: Cognito, client: Any, add: Make, listed: Make, delete: Make
) -> None:
    first, second = client["ClientSecret"], add(client, ClientSecret=OWN) and OWN
    for secret in (first, second):
        assert sign_in(anonymous, client, secret)
    delete(client, listed(client)[0]["ClientSecretId"])
    with refused(*unable(client)):
        sign_in(anonymous, client, first)
    assert sign_in(anonymous, client, second)


def test_either_secret_refreshes_and_revokes_and_a_deleted_one_does_not(
    anonymous: Cognito, client: Any, add: Make, listed: Make, delete: Make
) -> None:
    """The tokens stay good: a deleted secret proves nothing any more, it revokes nothing."""
    first, second = client["ClientSecret"], add(client)["ClientSecretValue"]
    token = sign_in(anonymous, client, first)["RefreshToken"]

    def refresh(secret: str) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=client["ClientId"],
            AuthParameters={
                "REFRESH_TOKEN": token,
                "SECRET_HASH": secret_hash(secret, "anna", client["ClientId"]),
            },
        )

    def revoke(token: str, secret: str) -> Any:
        return anonymous.revoke_token(Token=token, ClientId=client["ClientId"], ClientSecret=secret)

    assert refresh(first)
    assert refresh(second)
    revoke(sign_in(anonymous, client, first)["RefreshToken"], first)
    revoke(sign_in(anonymous, client, first)["RefreshToken"], second)
    delete(client, listed(client)[0]["ClientSecretId"])
    with refused(*unable(client)):
        refresh(first)
    with refused("UnauthorizedException", "Unauthorized client."):
        revoke(token, first)
    assert refresh(second)
    revoke(token, second)


def test_a_challenge_is_answered_with_the_other_secret(
    anonymous: Cognito, pool_id: str, make_user: Make, client: Any, add: Make
) -> None:
    make_user(pool_id, "ben", "Temp0rary!", permanent=False)
    second = add(client)["ClientSecretValue"]
    named: Any = {"ClientId": client["ClientId"]}
    asked = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        **named,
        AuthParameters={
            "USERNAME": "ben",
            "PASSWORD": "Temp0rary!",
            "SECRET_HASH": secret_hash(client["ClientSecret"], "ben", client["ClientId"]),
        },
    )
    answered = anonymous.respond_to_auth_challenge(
        ChallengeName="NEW_PASSWORD_REQUIRED",
        **named,
        Session=asked["Session"],
        ChallengeResponses={
            "USERNAME": "ben",
            "NEW_PASSWORD": PASSWORD,
            "SECRET_HASH": secret_hash(second, "ben", client["ClientId"]),
        },
    )
    assert answered["AuthenticationResult"]["AccessToken"]


# -- another node ------------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(server: Server, clock: HeldClock) -> Iterator[Cognito]:
    """An unsigned client of a second node on the same database."""
    with running(str(server.settings.data), server.settings.database_url, clock) as other:
        yield connect(other.endpoint, signature_version=UNSIGNED)


def test_secrets_come_and_go_on_a_second_node_within_a_second(
    server: Server, elsewhere: Cognito, client: Any, add: Make, listed: Make, delete: Make, clock: HeldClock
) -> None:
    first = client["ClientSecret"]
    assert sign_in(elsewhere, client, first)
    second = add(client)["ClientSecretValue"]
    clock.advance(server.store.config_max_age)
    assert sign_in(elsewhere, client, first)
    assert sign_in(elsewhere, client, second)
    delete(client, listed(client)[0]["ClientSecretId"])
    clock.advance(server.store.config_max_age)
    with refused(*unable(client)):
        sign_in(elsewhere, client, first)
    assert sign_in(elsewhere, client, second)
