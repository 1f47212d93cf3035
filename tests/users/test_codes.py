"""What a code is worth, and how often one may try."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cognomen.call import Call
from cognomen.clock import DAY, HOUR
from cognomen.errors import Refusal
from cognomen.store import codes as stored
from cognomen.store.codes import Code
from cognomen.store.database import Db, Store
from cognomen.users import codes
from cognomen.users.codes import Holder
from tests.calls import call_of
from tests.meeting import overtaken
from tests.server import Server
from tests.users.examples import a_user

ADA = Holder("sub of ada", "key of ada", None, a_user("ada"))
CODE = "123456"


@pytest.fixture
def call(server: Server, make_pool: Callable[..., Any], make_client: Callable[..., Any]) -> Call:
    pool_id = make_pool()["Id"]
    return server.run(call_of(server.node, pool_id, make_client(pool_id)["ClientId"]))


def put(server: Server, call: Call, purpose: str = codes.SIGN_UP) -> Code:
    code = codes.kept(call, ADA.sub, purpose, CODE, "email", "ada@example.com")
    server.run(call.store.write(stored.put, call.pool.id, code))
    return code


def attempt(server: Server, call: Call, given: str, purpose: str = codes.SIGN_UP) -> Code | str:
    """The code, or the type of the refusal."""
    outcome = server.run(call.store.write(codes.attempt, call, ADA, purpose, given))
    return outcome.type if isinstance(outcome, Refusal) else outcome


def test_codes_are_six_digits_that_differ() -> None:
    made = {codes.new() for _ in range(200)}
    assert len(made) > 190
    assert all(len(code) == 6 and code.isdecimal() and code.isascii() for code in made)


def test_what_is_kept_is_not_the_code_and_is_bound_to_user_purpose_client_and_pool(
    server: Server, call: Call, make_pool: Callable[..., Any], make_client: Callable[..., Any]
) -> None:
    kept = put(server, call)
    assert CODE.encode() not in kept.digest
    elsewhere = server.run(call_of(server.node, make_pool()["Id"]))
    at_another = server.run(call_of(server.node, call.pool.id, make_client(call.pool.id)["ClientId"]))
    others = (
        codes.kept(call, "another sub", codes.SIGN_UP, CODE, "email", ""),
        codes.kept(call, ADA.sub, codes.FORGOT_PASSWORD, CODE, "email", ""),
        codes.kept(at_another, ADA.sub, codes.SIGN_UP, CODE, "email", ""),
        codes.kept(elsewhere, ADA.sub, codes.SIGN_UP, CODE, "email", ""),
    )
    assert len({kept.digest, *(other.digest for other in others)}) == 5


@pytest.mark.parametrize("purpose", [codes.SIGN_UP, codes.FORGOT_PASSWORD, *codes.VERIFY.values()])
def test_a_code_counts_at_the_client_that_asked_for_it_and_one_of_no_client_at_all(
    server: Server, call: Call, make_client: Callable[..., Any], purpose: str
) -> None:
    pool_id = call.pool.id
    other = server.run(call_of(server.node, pool_id, make_client(pool_id)["ClientId"]))
    administrator = server.run(call_of(server.node, pool_id))
    own = put(server, call, purpose)
    assert attempt(server, call, CODE, purpose) == own
    assert attempt(server, other, CODE, purpose) == "CodeMismatchException"
    assert attempt(server, administrator, CODE, purpose) == "CodeMismatchException"
    of_nobody = put(server, administrator, purpose)
    assert attempt(server, call, CODE, purpose) == attempt(server, other, CODE, purpose) == of_nobody


def test_codes_that_come_back_with_a_session_are_bound_by_that(
    server: Server, call: Call, make_client: Callable[..., Any]
) -> None:
    pool_id, purpose = call.pool.id, codes.shared_by_sign_ins("EMAIL")
    other = server.run(call_of(server.node, pool_id, make_client(pool_id)["ClientId"]))
    form = codes.Form(digits=8, expires_at=call.now + 1)
    code = codes.kept(call, ADA.sub, purpose, CODE, "email", "ada@example.com", form)
    assert codes.is_right(other, code, CODE)


@pytest.mark.parametrize(
    ("purpose", "life"),
    [(codes.SIGN_UP, DAY), (codes.FORGOT_PASSWORD, HOUR), (codes.VERIFY["email"], DAY)],
)
def test_a_code_is_good_for_its_time(server: Server, call: Call, purpose: str, life: int) -> None:
    kept = put(server, call, purpose)
    now = call.now
    call.now = now + life - 1
    assert attempt(server, call, CODE, purpose) == kept
    assert attempt(server, call, "123457", purpose) == "CodeMismatchException"
    call.now = now + life
    assert attempt(server, call, CODE, purpose) == "ExpiredCodeException"


def test_a_code_is_of_one_purpose(server: Server, call: Call) -> None:
    put(server, call)
    assert attempt(server, call, CODE, codes.FORGOT_PASSWORD) == "ExpiredCodeException"


@pytest.mark.parametrize("given", ["", "12345", "1234567", " 123456", "١٢٣٤٥٦", "\udcff"])
def test_what_only_looks_like_the_code_is_none(server: Server, call: Call, given: str) -> None:
    put(server, call)
    assert attempt(server, call, given) == "CodeMismatchException"


def test_attempts_that_meet_are_all_counted(server: Server, call: Call) -> None:
    put(server, call)

    async def all_at_once() -> list[Any]:
        tries = [call.store.write(codes.attempt, call, ADA, codes.SIGN_UP, "000000") for _ in range(18)]
        return await asyncio.gather(*tries, return_exceptions=True)

    outcomes = [outcome.type for outcome in server.run(all_at_once())]
    assert sorted(outcomes) == ["CodeMismatchException"] * 15 + ["LimitExceededException"] * 3


def test_the_last_attempt_of_an_hour_is_heard_once(server: Server, call: Call, store: Store) -> None:
    """Whoever is counted at the same moment waits, and sees the count of the one before."""
    watching = replace(call, store=store)

    def tries(db: Db) -> None:
        for _ in range(5):
            codes.count(db, watching, ADA, codes.RESEND_QUOTA)

    async def meet() -> None:
        await overtaken(store, tries, store.write(codes.count, watching, ADA, codes.RESEND_QUOTA))

    with pytest.raises(Refusal, match="Attempt limit exceeded"):
        asyncio.run(meet())
