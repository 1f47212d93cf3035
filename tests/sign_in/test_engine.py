"""The engine itself: what it asks for, that a stranger costs what a user costs, that a plain sign-in writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.sign_in import engine
from cognomen.sign_in.engine import Ask, SignedIn
from cognomen.sign_in.flows import FLOWS
from cognomen.store.users import User
from cognomen.users import lockout, passwords, rows, status
from tests import srp_client
from tests.calls import call_of
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.second_factors import OWN_SENDER, Client
from tests.server import Server
from tests.watched_store import WatchedStore

Make = Callable[..., Any]
T = TypeVar("T")

INCORRECT = "NotAuthorizedException: Incorrect username or password."
LOCKED = "NotAuthorizedException: Password attempts exceeded"


async def outcome_of(
    call: Call, act: Callable[[Call], Awaitable[Ask | SignedIn]]
) -> tuple[Ask | SignedIn | str, WatchedStore]:
    """The outcome, or the words of the refusal, and what was asked of the store for it."""
    store = WatchedStore(call.store)
    watched = replace(call, store=store)
    try:
        return await act(watched), store
    except Refusal as refusal:
        return str(refusal), store


async def sign_in(
    call: Call, username: str, password: str | None
) -> tuple[Ask | SignedIn | str, WatchedStore]:
    """A sign-in whose password comes along, unless there is none."""
    given = {"USERNAME": username} | ({"PASSWORD": password} if password is not None else {})
    flow = FLOWS["USER_PASSWORD_AUTH"]
    return await outcome_of(call, lambda watched: engine.begin(watched, flow, username, given))


async def answer(
    call: Call, username: str, asked: Ask | SignedIn | str, password: str
) -> tuple[Ask | SignedIn | str, WatchedStore]:
    assert isinstance(asked, Ask)
    given = {"USERNAME": username, "PASSWORD": password}
    return await outcome_of(
        call, lambda watched: engine.answer(watched, asked.challenge, asked.session, username, given)
    )


async def begin_srp(call: Call, username: str) -> tuple[Ask | SignedIn | str, WatchedStore]:
    given = {"USERNAME": username, "SRP_A": srp_client.SRP_A}
    flow = FLOWS["USER_SRP_AUTH"]
    return await outcome_of(call, lambda watched: engine.begin(watched, flow, username, given))


async def answer_srp(
    call: Call, username: str, asked: Ask | SignedIn | str, password: str
) -> tuple[Ask | SignedIn | str, WatchedStore]:
    assert isinstance(asked, Ask)
    given = srp_client.answer_to(asked.parameters, call.pool.id, password, call.now)
    return await outcome_of(
        call, lambda watched: engine.answer(watched, asked.challenge, None, username, given)
    )


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
        assert of_user.ran == of_stranger.ran
    assert user == LOCKED


def test_a_sign_in_without_a_challenge_reads_twice_and_writes_nothing(server: Server, call: Call) -> None:
    outcome, store = server.run(sign_in(call, "anna@example.com", "Passw0rd!"))
    assert isinstance(outcome, SignedIn)
    assert store.transactions == ["read", "read"]


def test_a_sign_in_after_a_failure_forgets_it(server: Server, call: Call) -> None:
    server.run(sign_in(call, "anna@example.com", "wrong"))
    _, store = server.run(sign_in(call, "anna@example.com", "Passw0rd!"))
    assert store.transactions == ["read", "read", "write"]
    _, store = server.run(sign_in(call, "anna@example.com", "Passw0rd!"))
    assert "write" not in store.transactions


# -- a sign-in that begins with a question ----------------------------------------------------------------------------


def test_what_did_not_come_along_is_asked_for(server: Server, call: Call) -> None:
    asked, store = server.run(sign_in(call, "anna@example.com", None))
    assert isinstance(asked, Ask)
    assert (asked.challenge, asked.parameters) == ("PASSWORD", {})
    assert store.transactions == ["read", "read"]
    wrong, _ = server.run(answer(call, "anna@example.com", asked, "wrong"))
    assert wrong == INCORRECT
    right, _ = server.run(answer(call, "anna@example.com", asked, "Passw0rd!"))
    assert isinstance(right, SignedIn)
    again, _ = server.run(answer(call, "anna@example.com", asked, "Passw0rd!"))
    assert again == "NotAuthorizedException: Invalid session for the user, session can only be used once."


def test_a_stranger_is_asked_as_a_user_is(server: Server, call: Call) -> None:
    user, of_user = server.run(sign_in(call, "anna@example.com", None))
    stranger, of_stranger = server.run(sign_in(call, "nobody@example.com", None))
    assert isinstance(user, Ask)
    assert isinstance(stranger, Ask)
    assert (user.challenge, user.parameters) == (stranger.challenge, stranger.parameters)
    assert of_user.ran == of_stranger.ran
    for _ in range(6):
        to_user, of_user = server.run(answer(call, "anna@example.com", user, "wrong"))
        to_stranger, of_stranger = server.run(answer(call, "nobody@example.com", stranger, "wrong"))
        assert to_user == to_stranger
        assert of_user.ran == of_stranger.ran
    assert to_user == LOCKED


def test_with_srp_a_stranger_costs_what_a_user_costs(server: Server, call: Call) -> None:
    """The question reads twice; its one answer reads twice, spends the turn, and is counted where it is wrong."""
    for _ in range(4):
        begun = [server.run(begin_srp(call, name)) for name in ("anna@example.com", "nobody@example.com")]
        (user, of_user), (stranger, of_stranger) = begun
        assert of_user.ran == of_stranger.ran
        assert of_user.transactions == ["read", "read"]
        answered = [
            server.run(answer_srp(call, name, asked, "wrong"))
            for name, asked in (("anna@example.com", user), ("nobody@example.com", stranger))
        ]
        (user, of_user), (stranger, of_stranger) = answered
        assert user == stranger == INCORRECT
        assert of_user.ran == of_stranger.ran
        assert of_user.transactions == ["read", "read", "write", "write"]


def test_a_device_of_nobody_is_looked_for_as_a_users_is(server: Server, call: Call) -> None:
    """Anybody may ask, with no session, whether a sign-in of somebody waits for a device."""
    given = {"DEVICE_KEY": "us-east-1_11111111-2222-4333-8444-555555555555", "SRP_A": srp_client.SRP_A}
    (user, of_user), (stranger, of_stranger) = (
        server.run(
            outcome_of(call, lambda watched: engine.answer(watched, "DEVICE_SRP_AUTH", None, name, given))  # noqa: B023
        )
        for name in ("anna@example.com", "nobody@example.com")
    )
    assert user == stranger == "NotAuthorizedException: Invalid session for the user."
    assert of_user.transactions == ["read", "read"]
    assert of_user.ran == of_stranger.ran


def test_a_right_proof_writes_once(server: Server, call: Call) -> None:
    asked, _ = server.run(begin_srp(call, "anna@example.com"))
    outcome, store = server.run(answer_srp(call, "anna@example.com", asked, "Passw0rd!"))
    assert isinstance(outcome, SignedIn)
    assert store.transactions == ["read", "read", "write"]


def test_failures_count_for_a_long_name_that_nobody_has_as_for_a_user_s(
    server: Server, make_pool: Make, make_client: Make
) -> None:
    pool_id = make_pool(**KINDS_OF_POOL["folded"])["Id"]
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    call = server.run(call_of(server.node, pool_id, client_id))
    for name in ("a" * 2_000, "A" * 2_000, "Aa" * 1_000, "aA" * 1_000, "aaaA" * 500, "AAaa" * 500):
        outcome, _ = server.run(sign_in(call, name, "wrong"))
    assert outcome == LOCKED


def test_during_a_lock_nobody_is_asked(server: Server, call: Call) -> None:
    for name in ("anna@example.com", "nobody@example.com"):
        for _ in range(5):
            server.run(sign_in(call, name, "wrong"))
        outcome, _ = server.run(sign_in(call, name, None))
        assert outcome == LOCKED


def test_the_lock_comes_before_the_state_of_the_user(server: Server, call: Call) -> None:
    name = "anna@example.com"
    signed_in, _ = server.run(sign_in(call, name, "Passw0rd!"))
    assert isinstance(signed_in, SignedIn)
    for _ in range(5):
        server.run(sign_in(call, name, "wrong"))
    server.run(
        server.store.write(
            rows.change,
            call.pool,
            signed_in.user.sub,
            lambda user: status.moved(user, status.RESET_REQUIRED, call.now),
        )
    )
    outcome, _ = server.run(sign_in(call, name, "Passw0rd!"))
    assert outcome == LOCKED


async def behind(call: Call, begun: Awaitable[T], sub: str, meanwhile: Callable[[User], User]) -> T:
    """What comes of an attempt at a password that had to wait for another, when its user was changed before its turn."""
    key = lockout.key_of_user(call, sub)
    async with lockout.one_at_a_time(call, key, lockout.PASSWORD):
        late = asyncio.ensure_future(begun)
        queue = lockout._queues[call.pool.id, lockout.PASSWORD, key]
        while queue.length == 1 and not late.done():  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0)
        await call.store.write(rows.change, call.pool, sub, meanwhile)
    return await late


DISABLED = "NotAuthorizedException: User is disabled."


@pytest.mark.parametrize(
    ("by_srp", "ended", "password", "told"),
    [
        (False, False, PASSWORD, INCORRECT),
        (True, False, PASSWORD, INCORRECT),
        (False, True, PASSWORD, DISABLED),
        (True, True, PASSWORD, DISABLED),
        (False, True, "wrong", DISABLED),
    ],
)
def test_whoever_waits_for_others_is_held_against_the_user_as_it_is_then(
    server: Server, call: Call, by_srp: bool, ended: bool, password: str, told: str
) -> None:
    name = "anna@example.com"
    signed_in, _ = server.run(sign_in(call, name, PASSWORD))
    assert isinstance(signed_in, SignedIn)
    asked, _ = server.run(begin_srp(call, name))
    begun = answer_srp(call, name, asked, password) if by_srp else sign_in(call, name, password)

    def meanwhile(user: User) -> User:
        if ended:
            return status.disabled(user, call.now)
        return passwords.with_password(call.vault, user, "0ther-Passw0rd!", call.now)

    outcome, _ = server.run(behind(call, begun, signed_in.user.sub, meanwhile))
    assert outcome == told


# -- second factors ---------------------------------------------------------------------------------------------------


@pytest.fixture
def offering(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Client:
    """Of a pool that offers every second factor, in which anna has what it takes for each and has enabled none."""
    pool_id = make_pool(EmailConfiguration=OWN_SENDER)["Id"]
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    client = Client(cognito, anonymous, pool_id, client_id, clock)
    client.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    make_user(pool_id, "anna", email="anna@example.com", phone_number="+17755550839")
    return client


def test_second_factors_that_are_not_asked_for_cost_nothing(server: Server, offering: Client) -> None:
    offering.give_app("anna")
    call = server.run(call_of(server.node, offering.pool_id, offering.client_id))
    outcome, store = server.run(sign_in(call, "anna", "Passw0rd!"))
    assert isinstance(outcome, SignedIn)
    assert store.transactions == ["read", "read"]


def test_a_code_of_an_app_costs_one_write(server: Server, offering: Client) -> None:
    app = offering.give_app("anna")
    offering.prefer("anna", "SOFTWARE_TOKEN_MFA")
    call = server.run(call_of(server.node, offering.pool_id, offering.client_id))
    asked, store = server.run(sign_in(call, "anna", "Passw0rd!"))
    assert isinstance(asked, Ask)
    assert store.transactions == ["read", "read", "read"]
    given = {"USERNAME": "anna", "SOFTWARE_TOKEN_MFA_CODE": app.code()}
    outcome, store = server.run(
        outcome_of(
            call,
            lambda watched: engine.answer(watched, asked.challenge, asked.session, "anna", given),
        )
    )
    assert isinstance(outcome, SignedIn)
    assert outcome.proven == ("PASSWORD", "SOFTWARE_TOKEN_MFA")
    assert store.transactions == ["read", "read", "write"]


def test_what_comes_after_a_password_tells_nobody_who_exists(server: Server, offering: Client) -> None:
    """A stranger's password is never right, and a wrong one costs and says the same whatever factors a user has."""
    offering.give_app("anna")
    offering.prefer("anna", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    call = server.run(call_of(server.node, offering.pool_id, offering.client_id))
    for _ in range(6):
        user, of_user = server.run(sign_in(call, "anna", "wrong"))
        stranger, of_stranger = server.run(sign_in(call, "nobody", "wrong"))
        assert user == stranger
        assert of_user.ran == of_stranger.ran
    assert user == LOCKED
