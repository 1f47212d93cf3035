"""A pool of any size: made through the API's own handlers, its users written as the store writes them, many at once.

The pool finds users by name and by verified e-mail address. A user is what AdminCreateUser and a permanent password
leave, row by row. The functions of the store are run against a notebook instead of a database, and what they would
execute is handed to the driver in bulk. Some users, spread evenly over the pool, have a password; the others have a
sealed verifier of the same size that no password opens, since making a verifier takes longer than all the rest.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg

from cognomen import app, clock
from cognomen.call import Call, Node, begin
from cognomen.clock import SECOND
from cognomen.crypto import srp
from cognomen.operations import access, dispatch, policies
from cognomen.pools import app_clients, master_keys
from cognomen.settings import Settings
from cognomen.store import access_keys, postgresql, sqlite, user_pools, users
from cognomen.store.access_keys import AccessKey
from cognomen.store.database import Db, Statements
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.tokens import minting, refresh_tokens
from cognomen.tokens.refresh_tokens import RefreshToken
from cognomen.users import attributes, names, passwords, status
from cognomen.users.passwords import Password
from cognomen.wire.front import WireRequest

PASSWORD = "C0rrect-horse"
WITH_PASSWORD = 10_000  # users at most; as many pages of each table are read by sign-ins
WITH_TOKENS = 5_000
BATCH = 20_000  # users in a transaction
GROUP = "benchmark"
MEMBERS = 200  # of the group, at most

SIGNED = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0"
FLOWS = (
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
)


class Filled(msgspec.Struct, frozen=True):
    """What the driver must know of a pool; users are numbered from 0, and their number is in their name.

    Those whose number is a multiple of `password_step` have PASSWORD. `hiding_client_id` is of a client that does not tell who
    exists, `machine` the id and secret of one that gets tokens for itself.
    """

    pool_id: str
    client_id: str
    hiding_client_id: str
    machine: tuple[str, str]
    users: int
    password_step: int
    access_tokens: list[str]
    refresh_tokens: list[str]


def username(number: int) -> str:
    return f"user{number:07}"


def email(number: int) -> str:
    return f"{username(number)}@example.com"


def fill(given: Settings, count: int, progress: Callable[[str], None], **pool: Any) -> Filled:
    """A new pool with `count` users, in the database of these settings, which is made ready first; `pool` are more of its settings."""
    app.prepare(given)
    node = app.build(given)
    try:
        asyncio.run(master_keys.check(node))
        call = asyncio.run(_pool_and_client(node, pool))
        hiding, machine = asyncio.run(_other_clients(node, call.pool.id))
        step = max(1, count // WITH_PASSWORD)
        holders = []
        with _bulk(given.database_url) as write:
            for first in range(0, count, BATCH):
                numbers = range(first, min(first + BATCH, count))
                made = [_user(call, number, has_password=number % step == 0) for number in numbers]
                write(call.pool, made)
                holders += made[-first % step :: step]
                progress(f"{numbers.stop:,} of {count:,} users")
        asyncio.run(_group(node, call.pool.id, min(count, MEMBERS)))
        progress("tokens")
        chosen = holders[:: max(1, len(holders) // WITH_TOKENS)]
        return Filled(
            pool_id=call.pool.id,
            client_id=call.client.id,
            hiding_client_id=hiding,
            machine=machine,
            users=count,
            password_step=step,
            access_tokens=asyncio.run(_access_tokens(call, chosen)),
            refresh_tokens=[_refresh_token(call, user) for user in chosen],
        )
    finally:
        node.store.close()


def add_access_key(given: Settings) -> tuple[str, str]:
    """A key that may do everything, its id and secret; from now on signatures are verified."""
    id, secret = "AKIABENCHMARK", "the secret of a benchmark"
    node = app.build(given)
    try:
        sealed = node.vault.seal(access.PURPOSE, secret.encode(), id.encode())
        key = AccessKey(id, "benchmark", sealed, policies.ALLOW_ALL, clock.now(), None)
        asyncio.run(node.store.write(access_keys.add, key))
    finally:
        node.store.close()
    return id, secret


# -- through the handlers ---------------------------------------------------------------------------------------------


async def _pool_and_client(node: Node, settings: dict[str, Any]) -> Call:
    """A call about the new pool and its client, as a handler would find it."""
    pool = await _ask(
        node,
        "CreateUserPool",
        PoolName="benchmark",
        AliasAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        **settings,
    )
    pool_id = pool["UserPool"]["Id"]
    client = await _ask(
        node,
        "CreateUserPoolClient",
        UserPoolId=pool_id,
        ClientName="benchmark",
        ExplicitAuthFlows=FLOWS,
        AccessTokenValidity=24,
        AuthSessionValidity=15,
    )
    call = begin(node, "benchmark", clock.uuid4())
    found = await node.configurations.of_client(client["UserPoolClient"]["ClientId"], call.now)
    if found is None:
        raise RuntimeError("the client just made is not there")
    call.found_pool, call.found_client = found
    return call


async def _other_clients(node: Node, pool_id: str) -> tuple[str, tuple[str, str]]:
    """The id of a client that hides who exists; id and secret of one for machines, with a scope of a resource server."""
    hiding = await _ask(
        node,
        "CreateUserPoolClient",
        UserPoolId=pool_id,
        ClientName="hiding",
        ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )
    scopes = [{"ScopeName": "read", "ScopeDescription": "read"}]
    await _ask(
        node, "CreateResourceServer", UserPoolId=pool_id, Identifier="orders", Name="orders", Scopes=scopes
    )
    machine = await _ask(
        node,
        "CreateUserPoolClient",
        UserPoolId=pool_id,
        ClientName="machine",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["orders/read"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    described = machine["UserPoolClient"]
    return hiding["UserPoolClient"]["ClientId"], (described["ClientId"], described["ClientSecret"])


async def _group(node: Node, pool_id: str, members: int) -> None:
    await _ask(node, "CreateGroup", UserPoolId=pool_id, GroupName=GROUP)
    for number in range(members):
        await _ask(
            node, "AdminAddUserToGroup", UserPoolId=pool_id, GroupName=GROUP, Username=username(number)
        )


async def _ask(node: Node, operation: str, **request: Any) -> Any:
    headers = {"authorization": SIGNED, "x-amz-date": "20260101T000000Z"}
    received = WireRequest(
        request_id=clock.uuid4(),
        operation=operation,
        body=msgspec.json.encode(request),
        headers=headers,
        method="POST",
        raw_path="/",
        query="",
        client_ip=None,
        host="localhost",
    )
    return msgspec.json.decode(await dispatch.run(node, received))


# -- users ------------------------------------------------------------------------------------------------------------

_NOBODYS = bytes(range(256)) + bytes(128)  # as long as a verifier


def _user(call: Call, number: int, *, has_password: bool) -> User:
    given = {
        "email": email(number),
        "email_verified": "true",
        "given_name": f"Given{number % 1000}",
        "family_name": f"Family{number % 5000}",
    }
    user = User(
        pool_id=call.pool.id,
        sub=clock.uuid4(),
        username=username(number),
        status=status.CONFIRMED,
        enabled=True,
        attributes=attributes.new(call.pool, given, complete=False),
        salt=None,
        sealed_verifier=None,
        password_set_at=0,
        credential_version=1,
        signed_out_at=0,
        created_at=call.now,
        modified_at=call.now,
        version=1,
    )
    kept = passwords.make(call.vault, user, PASSWORD) if has_password else _nobodys(call, user)
    return passwords.put(user, kept, call.now)


def _nobodys(call: Call, user: User) -> Password:
    salt = srp.new_salt(clock.random_bytes(srp.SALT_BYTES))
    return Password(salt, call.vault.seal(passwords.PURPOSE, _NOBODYS, f"{user.pool_id}/{user.sub}".encode()))


def _refresh_token(call: Call, user: User) -> str:
    return refresh_tokens.issue(call.vault, call.pool.id, _origin(call, user))


async def _access_tokens(call: Call, users: Sequence[User]) -> list[str]:
    return [
        (await minting.mint(call, user, (), _origin(call, user), with_refresh=False)).access for user in users
    ]


def _origin(call: Call, user: User) -> RefreshToken:
    expires_at = call.now + app_clients.refresh_token_seconds(call.client) * SECOND
    return RefreshToken(call.client.id, user.sub, clock.uuid7(call.now), call.now, expires_at)


# -- writing in bulk --------------------------------------------------------------------------------------------------


class Notebook:
    """In place of a connection: keeps what it is told to execute, and answers as an INSERT does."""

    rowcount = 1

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def execute(self, sql: str, values: dict[str, Any]) -> Notebook:
        self.rows.setdefault(sql, []).append(values)
        return self

    def fetchone(self) -> None:
        return None

    def fetchall(self) -> list[Any]:
        return []


def noted(statements: Statements, pool: UserPool, made: list[User]) -> dict[str, list[dict[str, Any]]]:
    """By statement, the rows that these new users are."""
    notebook = Notebook()
    db = Db(statements, notebook.execute)
    for user in made:
        users.add(db, user, sorted(names.aliases_of(pool, user)), names.search_values_of(pool, user))
    for bucket, count in Counter(user.sub[0] for user in made).items():
        user_pools.count_users(db, pool.id, bucket, count)
    return notebook.rows


Write = Callable[[UserPool, list[User]], None]


@contextmanager
def _bulk(url: str) -> Iterator[Write]:
    """What writes many new users in a transaction; after the block the database is as after a night's rest."""
    if url.startswith("sqlite:///"):
        yield from _into_sqlite(url.removeprefix("sqlite:///"))
    else:
        yield from _into_postgresql(url)


def _into_sqlite(path: str) -> Iterator[Write]:
    connection = sqlite.connect(path)
    for pragma in ("synchronous=OFF", "cache_size=-524288"):  # nothing that is lost in a power cut is missed
        connection.execute(f"PRAGMA {pragma}")

    def write(pool: UserPool, made: list[User]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for sql, rows in noted(sqlite.STATEMENTS, pool, made).items():
            connection.executemany(sql, rows)
        connection.execute("COMMIT")

    yield write
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _into_postgresql(url: str) -> Iterator[Write]:
    with psycopg.connect(url, autocommit=True) as connection:

        def write(pool: UserPool, made: list[User]) -> None:
            with connection.transaction(), connection.cursor() as cursor:
                for sql, rows in noted(postgresql.STATEMENTS, pool, made).items():
                    cursor.executemany(sql.encode(), rows)

        yield write
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
