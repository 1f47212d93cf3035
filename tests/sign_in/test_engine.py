"""The engine itself: that a name nobody has costs what a user costs, and that a plain sign-in writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest

from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.sign_in import engine
from cognomen.sign_in.engine import Ask, SignedIn
from cognomen.sign_in.flows import FLOWS
from cognomen.store.database import Db, Row, Store
from cognomen.users import decoys
from tests.calls import call_of
from tests.server import Server

P = ParamSpec("P")
T = TypeVar("T")
Make = Callable[..., Any]


class CountingDb(Db):
    """A transaction that tells which statements it runs."""

    __slots__ = ("_inner", "_ran")

    def __init__(self, inner: Db, ran: list[str]) -> None:
        self._inner, self._ran = inner, ran

    def one(self, statement: Any, **values: object) -> Row | None:
        self._ran.append(str(statement))
        return self._inner.one(statement, **values)

    def all(self, statement: Any, **values: object) -> list[Row]:
        self._ran.append(str(statement))
        return self._inner.all(statement, **values)

    def run(self, statement: Any, **values: object) -> int:
        self._ran.append(str(statement))
        return self._inner.run(statement, **values)


class CountingStore:
    """A store that tells which transactions and statements it runs."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self.url, self.config_max_age = inner.url, inner.config_max_age
        self.ran: list[str] = []

    async def read(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.ran.append("read")
        return await self._inner.read(lambda db: f(CountingDb(db, self.ran), *args, **kwargs))

    async def write(self, f: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.ran.append("write")
        return await self._inner.write(lambda db: f(CountingDb(db, self.ran), *args, **kwargs))

    def close(self) -> None:
        self._inner.close()


async def sign_in(call: Call, username: str, password: str) -> tuple[Ask | SignedIn | str, list[str]]:
    """The outcome, or the words of the refusal, and what was asked of the store for it."""
    counting = CountingStore(call.store)
    asked = Call(
        operation=call.operation,
        request_id=call.request_id,
        now=call.now,
        settings=call.settings,
        store=counting,
        vault=call.vault,
        configurations=call.configurations,
    )
    asked.configuration, asked.client = call.configuration, call.client
    given = {"USERNAME": username, "PASSWORD": password}
    try:
        outcome: Ask | SignedIn | str = await engine.begin(
            asked, FLOWS["USER_PASSWORD_AUTH"], username, given, admin=False
        )
    except Refusal as refusal:
        outcome = str(refusal)
    return outcome, counting.ran


KINDS_OF_POOL: dict[str, dict[str, Any]] = {
    "plain": {},
    "folded": {"UsernameConfiguration": {"CaseSensitive": False}},
    "aliases": {"AliasAttributes": ["email", "phone_number", "preferred_username"]},
    "addresses": {"UsernameAttributes": ["email"]},
}


@pytest.fixture(params=KINDS_OF_POOL)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def call(server: Server, make_pool: Make, make_client: Make, make_user: Make, kind: str) -> Call:
    """About a pool that does not tell who exists, and has anna and bert."""
    pool_id = make_pool(**KINDS_OF_POOL[kind])["Id"]
    for name in ("anna", "bert"):
        if kind == "aliases":
            make_user(pool_id, name, email=f"{name}@example.com", email_verified="true")
        else:
            make_user(pool_id, f"{name}@example.com")
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    return server.run(call_of(server.node, pool_id, client_id))


def test_a_stranger_costs_what_a_user_costs(server: Server, call: Call) -> None:
    for _ in range(7):
        user, of_user = server.run(sign_in(call, "anna@example.com", "wrong"))
        stranger, of_stranger = server.run(sign_in(call, "nobody@example.com", "wrong"))
        assert user == stranger
        assert of_user == of_stranger
    assert user == "NotAuthorizedException: Password attempts exceeded"


def test_a_sign_in_without_a_challenge_reads_twice_and_writes_nothing(server: Server, call: Call) -> None:
    outcome, ran = server.run(sign_in(call, "anna@example.com", "Passw0rd!"))
    assert isinstance(outcome, SignedIn)
    assert outcome.how == ("PASSWORD",)
    assert [one for one in ran if one in ("read", "write")] == ["read", "read"]


def test_a_sign_in_after_a_failure_forgets_it(server: Server, call: Call) -> None:
    server.run(sign_in(call, "anna@example.com", "wrong"))
    _, ran = server.run(sign_in(call, "anna@example.com", "Passw0rd!"))
    assert [one for one in ran if one in ("read", "write")] == ["read", "read", "write"]
    _, ran = server.run(sign_in(call, "anna@example.com", "Passw0rd!"))
    assert "write" not in ran


def test_a_decoy_is_the_same_each_time_and_shaped_like_a_user(call: Call, kind: str) -> None:
    name = "nobody@example.com"
    first, again = decoys.decoy(call, name), decoys.decoy(call, name)
    assert first == again
    assert decoys.verifier(call, name) == decoys.verifier(call, name)
    assert first.salt is not None
    assert len(first.salt) == 16
    assert first.salt[0] != 0
    assert len(decoys.verifier(call, name)) == 384
    assert (first.username == first.sub) is (kind in ("aliases", "addresses"))
    assert first.username in (first.sub, name)
    other = decoys.decoy(call, "someone@example.com")
    assert (other.sub, other.salt) != (first.sub, first.salt)
    if kind == "folded":
        assert decoys.decoy(call, "Nobody@Example.com") == first
