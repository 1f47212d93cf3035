"""A server as it was at its start, or a pool as it was set up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from botocore.exceptions import ClientError
from sqlalchemy import func, select
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen import clock as machine
from cognomen.control import reset
from cognomen.errors import Refusal
from cognomen.store import clearing, user_pools
from cognomen.store.database import Contended, Db, Store
from cognomen.store.tables import metadata
from tests.conftest import PASSWORD, connect
from tests.control.conftest import Ask, ask_of
from tests.refused import refused
from tests.server import Server
from tests.store.test_user_pools import a_pool
from tests.watched_store import WatchedStore

P = ParamSpec("P")
T = TypeVar("T")


def sign_in(cognito: Cognito, client_id: str) -> Any:
    return cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]


@pytest.fixture
def pool_id(make_pool: Any, make_user: Any) -> str:
    id: str = make_pool(PoolName="kept", AutoVerifiedAttributes=["email"])["Id"]
    make_user(id, "ada", email="ada@example.com")
    return id


@pytest.fixture
def client_id(make_client: Any, pool_id: str) -> str:
    id: str = make_client(pool_id, GenerateSecret=False)["ClientId"]
    return id


def rows(server: Server) -> dict[str, int]:
    """How many rows each table has."""

    def count(db: Db) -> dict[str, int]:
        found = {}
        for table in metadata.sorted_tables:
            row = db.one(select(func.count()).select_from(table))
            assert row
            found[table.name] = row[0]
        return found

    return server.run(server.store.read(count))


def test_everything_is_gone_and_the_clock_is_right(
    server: Server, ask: Ask, cognito: Cognito, pool_id: str, client_id: str
) -> None:
    token = sign_in(cognito, client_id)["AccessToken"]
    ask("POST", "clock", {"advance": "10m"})
    assert ask("POST", "reset") == (200, {})
    assert machine.moved() == 0
    assert cognito.list_user_pools(MaxResults=1)["UserPools"] == []
    with refused("ResourceNotFoundException", f"User pool {pool_id} does not exist."):
        cognito.describe_user_pool(UserPoolId=pool_id)
    with refused("ResourceNotFoundException", f"User pool client {client_id} does not exist."):
        sign_in(cognito, client_id)
    with refused("NotAuthorizedException"):
        cognito.get_user(AccessToken=token)
    left = {name for name, count in rows(server).items() if count}
    # The operator's keys, and the pools whose late rows are still to be swept.
    assert left == {"master_keys", "deleted_pools"}


def test_the_server_works_as_before(ask: Ask, cognito: Cognito, make_pool: Any) -> None:
    for _ in range(3):
        assert ask("POST", "reset")[0] == 200
        id = make_pool()["Id"]
        assert [pool["Id"] for pool in cognito.list_user_pools(MaxResults=2)["UserPools"]] == [id]


def test_resets_in_a_row_do_not_gather_deleted_pools(server: Server, ask: Ask, make_pool: Any) -> None:
    make_pool()
    ask("POST", "reset")
    server.clock.advance(clearing.LATE)
    ask("POST", "reset")
    assert rows(server)["deleted_pools"] == 0


def test_a_pool_keeps_its_configuration_and_loses_its_users(
    server: Server, ask: Ask, cognito: Cognito, pool_id: str, client_id: str, make_user: Any
) -> None:
    token = sign_in(cognito, client_id)["AccessToken"]
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="bob",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[{"Name": "email", "Value": "bob@example.com"}],
    )
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    client = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    assert pool["EstimatedNumberOfUsers"] == 2
    assert ask("POST", f"reset?pool={pool_id}") == (200, {})
    assert cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"] == pool | {"EstimatedNumberOfUsers": 0}
    assert (
        cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"] == client
    )
    assert cognito.list_users(UserPoolId=pool_id)["Users"] == []
    assert ask("GET", f"inbox?pool={pool_id}") == (200, {"Messages": []})
    with refused("UserNotFoundException", "User does not exist."):
        sign_in(cognito, client_id)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.get_user(AccessToken=token)
    make_user(pool_id, "ada")
    assert sign_in(cognito, client_id)


def test_a_locked_user_is_not_locked_any_more(
    ask: Ask, cognito: Cognito, pool_id: str, client_id: str, make_user: Any
) -> None:
    for _ in range(6):
        with pytest.raises(ClientError):
            cognito.initiate_auth(
                ClientId=client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "ada", "PASSWORD": "wrong"},
            )
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        sign_in(cognito, client_id)
    ask("POST", f"reset?pool={pool_id}")
    make_user(pool_id, "ada")
    assert sign_in(cognito, client_id)


def test_other_pools_stay(ask: Ask, cognito: Cognito, pool_id: str, make_pool: Any, make_user: Any) -> None:
    other = make_pool()["Id"]
    make_user(other, "ada")
    ask("POST", f"reset?pool={pool_id}")
    assert len(cognito.list_users(UserPoolId=other)["Users"]) == 1


def test_a_pool_that_is_not_there_cannot_be_reset(ask: Ask) -> None:
    message = "User pool us-east-1_none does not exist; ListUserPools tells which there are."
    assert ask("POST", "reset?pool=us-east-1_none") == (404, {"message": message})
    assert ask("POST", "reset?pool=") == (400, {"message": "Say which pool: ?pool=ID"})


def test_a_reset_amid_requests_leaves_nothing_half(
    server: Server, ask: Ask, cognito: Cognito, make_pool: Any, make_client: Any
) -> None:
    """Pools that were made before a reset are gone, those that came after are whole."""

    def make_and_use(_: int) -> None:
        try:
            pool_id = make_pool()["Id"]
            client_id = make_client(pool_id)["ClientId"]
            cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
            cognito.admin_set_user_password(
                UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True
            )
            sign_in(cognito, client_id)
        except ClientError as error:
            # What a reset may do to a request: its pool is gone. A user of a pool that is gone is nobody.
            gone = {"ResourceNotFoundException", "UserNotFoundException", "NotAuthorizedException"}
            assert error.response["Error"]["Code"] in gone, error  # noqa: PT017  told apart, not expected

    with ThreadPoolExecutor(6) as workers:
        working = [workers.submit(make_and_use, number) for number in range(30)]
        statuses = [ask("POST", "reset")[0] for _ in range(15)]
        for each in working:
            each.result()
    assert set(statuses) == {200}
    for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
        for user in cognito.list_users(UserPoolId=pool["Id"])["Users"]:
            assert cognito.admin_get_user(UserPoolId=pool["Id"], Username=user["Username"])
        client_id = make_client(pool["Id"])["ClientId"]
        cognito.admin_create_user(UserPoolId=pool["Id"], Username="eve", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool["Id"], Username="eve", Password=PASSWORD, Permanent=True
        )
        answer = cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "eve", "PASSWORD": PASSWORD},
        )
        assert "AccessToken" in answer["AuthenticationResult"]


class Contested(WatchedStore):
    """A store in which others change the same rows each of the first `times` that a write is tried."""

    def __init__(self, inner: Store, times: int) -> None:
        super().__init__(inner)
        self._times = times

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._times -= 1
        if self._times >= 0:
            raise Contended("others were there")
        return await self._inner.write(f, *args, **kwargs)


async def test_a_reset_insists_where_others_change_the_same_rows(store: Store) -> None:
    pool_id = "us-east-1_Contested"
    await store.write(user_pools.add, a_pool(pool_id), ())
    with pytest.raises(Contended):
        await reset._insist(Contested(store, reset.PATIENCE), clearing.clear, 1)
    assert await store.read(user_pools.by_id, pool_id) is not None
    await reset._insist(Contested(store, reset.PATIENCE - 1), clearing.clear, 1)
    assert await store.read(user_pools.by_id, pool_id) is None


async def test_a_key_made_while_a_reset_runs_undoes_it(
    closing: tuple[Server, Callable[[], None]],
) -> None:
    server, end_open_mode = closing
    pool = connect(server.endpoint).create_user_pool(PoolName="kept")["UserPool"]
    end_open_mode()
    for work in (
        server.store.write(reset._reset_all, 1),
        server.store.write(reset._reset_pool, pool["Id"]),
    ):
        with pytest.raises(Refusal, match="nothing at this address"):
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, server.loop))
    counts = rows(server)
    assert (counts["access_keys"], counts["user_pools"], counts["deleted_pools"]) == (1, 1, 0)


def test_a_client_that_comes_back_under_its_id_in_another_pool_is_found(ask: Ask, server: Server) -> None:
    ask_again = ask_of(server)
    wished = connect(server.endpoint)
    wanted = {"id": ""}
    wished.meta.events.register(
        "before-call.cognito-idp",
        lambda params, **_: params["headers"].update({"X-Cognomen-Id": wanted["id"]}),
    )
    for pool_id in ("us-east-1_One", "us-east-1_Two"):
        ask_again("POST", "reset")
        wanted["id"] = pool_id
        wished.create_user_pool(PoolName="p")
        wanted["id"] = "web"
        wished.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="web",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
        wished.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
        wished.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password=PASSWORD, Permanent=True)
        assert sign_in(wished, "web")
