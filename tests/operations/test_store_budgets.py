"""What the requests of the speed budgets ask of the database, statement by statement: nothing is read or written unasked.

The times are measured in benchmarks/. Here stands what they are made of and what no change may add to by accident. A pool's
configuration is in memory and not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.late import sent
from tests.server import Server
from tests.srp_client import SRP_A, answer_to
from tests.vouching import Vouching, coming
from tests.watched_store import WatchedStore

Make = Callable[..., Any]
Ask = Callable[..., tuple[dict[str, Any], list[str]]]

_TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE(?! SET)) (\w+)")


@pytest.fixture
def ask(server: Server) -> Ask:
    """Send a request past the HTTP; its answer, and what it asked: transactions, and the verb and tables of each statement."""

    def send(operation: str, **request: Any) -> tuple[dict[str, Any], list[str]]:
        answer, ran = sent(server, operation, request, WatchedStore(server.store))
        return answer, [told(one) for one in ran]

    return send


def told(ran: str) -> str:
    verb = ran.split(maxsplit=1)[0]
    return " ".join([verb, *dict.fromkeys(_TABLES.findall(ran))])


@pytest.fixture
def pool(make_pool: Make) -> str:
    found: str = make_pool()["Id"]
    return found


@pytest.fixture
def client(pool: str, make_client: Make) -> str:
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    found: str = make_client(pool, ExplicitAuthFlows=flows)["ClientId"]
    return found


@pytest.fixture(autouse=True)
def ada(pool: str, make_user: Make) -> None:
    make_user(pool, "ada", email="ada@example.com")


def sign_in(ask: Ask, client: str) -> tuple[dict[str, Any], list[str]]:
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    answer, ran = ask(
        "InitiateAuth", ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    return answer["AuthenticationResult"], ran


FIND, FAILURES, GROUPS = "SELECT users aliases", "SELECT failures", "SELECT groups group_members"


def test_a_sign_in_with_a_password_writes_nothing(ask: Ask, client: str) -> None:
    _, ran = sign_in(ask, client)
    assert ran == ["read", FIND, "read", FAILURES, "read", GROUPS]


def test_a_refresh_reads_once_and_groups_only_of_who_is_in_one(
    ask: Ask, client: str, pool: str, cognito: Any
) -> None:
    tokens, _ = sign_in(ask, client)
    parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    refresh = {"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
    holder = "SELECT group_members users revoked_origins"
    assert ask("InitiateAuth", **refresh)[1] == ["read", holder]
    cognito.create_group(UserPoolId=pool, GroupName="staff")
    cognito.admin_add_user_to_group(UserPoolId=pool, GroupName="staff", Username="ada")
    assert ask("InitiateAuth", **refresh)[1] == ["read", holder, GROUPS]


def test_a_sign_in_by_srp_writes_that_its_answer_was_given(
    ask: Ask, pool: str, client: str, clock: HeldClock
) -> None:
    parameters = {"USERNAME": "ada", "SRP_A": SRP_A}
    asked, ran = ask("InitiateAuth", ClientId=client, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters)
    assert ran == ["read", FIND, "read", FAILURES]
    responses = answer_to(asked["ChallengeParameters"], pool, PASSWORD, clock.now)
    _, ran = ask(
        "RespondToAuthChallenge",
        ClientId=client,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=responses,
    )
    assert ran == [
        *("read", "SELECT users", "SELECT spent"),
        *("read", FAILURES),
        *("write", "INSERT spent"),
        *("read", GROUPS),
    ]


def test_a_user_is_read_by_a_key_or_an_index(ask: Ask, pool: str, client: str) -> None:
    tokens, _ = sign_in(ask, client)
    assert ask("GetUser", AccessToken=tokens["AccessToken"])[1] == ["read", "SELECT users revoked_origins"]
    assert ask("AdminGetUser", UserPoolId=pool, Username="ada")[1] == ["read", FIND]
    found = ask("ListUsers", UserPoolId=pool, Filter='email = "ada@example.com"')
    assert found[1] == ["read", "SELECT users user_search"]


def test_a_user_is_created_in_one_transaction(ask: Ask, pool: str) -> None:
    _, ran = ask("AdminCreateUser", UserPoolId=pool, Username="bob", MessageAction="SUPPRESS")
    assert ran == [
        "write",
        "SELECT aliases",
        "INSERT aliases",
        "INSERT users",
        "INSERT user_search",
        "INSERT user_counts",
    ]


def test_a_pool_is_described_from_memory_but_for_the_number_of_its_users(ask: Ask, pool: str) -> None:
    assert ask("DescribeUserPool", UserPoolId=pool)[1] == ["read", "SELECT user_counts"]


def test_pools_are_listed_by_three_statements_however_many_have_replicas(ask: Ask, make_pool: Make) -> None:
    make_pool()
    at_home, replicated, regions = (
        "SELECT user_pools",
        "SELECT user_pool_replicas user_pools",
        "SELECT user_pool_replicas",
    )
    assert ask("ListUserPools", MaxResults=60)[1] == ["read", at_home, replicated, regions]


def test_who_comes_from_a_provider_again_is_read_and_no_more(
    server: Server, cognito: Any, pool: str, client: str
) -> None:
    corp = Vouching(server, cognito, pool, client)
    corp.provider()

    def come(subject: str, **claims: str) -> list[str]:
        store = WatchedStore(server.store)
        server.run(coming(replace(server.node, store=store), pool, client, subject, claims))
        asked_for_provider = ["read", "SELECT identity_providers"]
        ran = [told(one) for one in store.ran]
        assert ran[:2] == asked_for_provider
        return ran[2:]

    holder = "SELECT users identities"
    assert come("1", email="eve@example.com") == [
        *("read", holder),
        *("write", holder, "SELECT groups"),
        *("INSERT identities", "SELECT aliases", "INSERT aliases", "INSERT users"),
        *("INSERT user_search", "INSERT user_search", "INSERT user_counts", "INSERT group_members"),
    ]
    assert come("1", email="eve@example.com") == ["read", holder]
    assert come("1", email="eve@new.example.com") == [
        *("read", holder),
        *("write", holder, "UPDATE users", "DELETE user_search", "INSERT user_search"),
    ]
