from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cognomen.call import Call
from cognomen.clock import MINUTE
from cognomen.errors import Refusal
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in.attempt import Attempt, Custom
from cognomen.sign_in.challenges.custom_challenge import Kept
from cognomen.sign_in.engine import Ask
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.server import Server


@pytest.fixture
def call(server: Server, make_pool: Callable[..., Any], make_client: Callable[..., Any]) -> Call:
    pool_id = make_pool()["Id"]
    return server.run(call_of(server.node, pool_id, make_client(pool_id, AuthSessionValidity=5)["ClientId"]))


def attempt_of(call: Call, name: str = "anna") -> Attempt:
    of_call = (call.pool.id, call.client.id)
    begun = Attempt(*of_call, "USER_PASSWORD_AUTH", name, "11111111-2222-4333-8444-555555555555", False, 1)
    return attempts.asked(call, begun, "NEW_PASSWORD_REQUIRED")


def test_what_was_sealed_opens_as_long_as_the_client_says(call: Call, clock: HeldClock) -> None:
    attempt = attempt_of(call)
    session = attempts.seal(call, attempt)
    call.now += 5 * MINUTE - 1
    assert attempts.unseal(call, session) == attempt
    call.now += 1
    with pytest.raises(Refusal, match=r"Invalid session for the user, session is expired\."):
        attempts.unseal(call, session)


def test_each_question_has_a_turn_of_its_own(call: Call) -> None:
    assert attempt_of(call).turn != attempt_of(call).turn


def test_a_session_fits_the_wire_and_shows_nothing(call: Call) -> None:
    session = attempts.seal(call, attempt_of(call, "a" * 256))
    assert 20 <= len(session) <= 2_500
    assert session.isascii()
    assert "anna" not in session


def test_what_is_printed_tells_no_name_and_nothing_that_is_kept(call: Call) -> None:
    custom = Custom(shown=(("CUSTOM_CHALLENGE", True, "a secret"),), next="CUSTOM_CHALLENGE")
    attempt = msgspec.structs.replace(attempt_of(call), kept=b"a secret", custom=custom)
    kept, ask = Kept({"answer": "a secret"}, "a secret"), Ask("X", {"X": "a secret"}, "a secret")
    printed = f"{attempt} {custom} {kept} {ask}"
    assert "secret" not in printed
    assert "anna" not in printed
    assert attempt.turn not in printed


def test_another_client_or_pool_cannot_open_it(
    server: Server, call: Call, make_pool: Callable[..., Any], make_client: Callable[..., Any]
) -> None:
    session = attempts.seal(call, attempt_of(call))
    other_pool_id = make_pool()["Id"]
    for pool_id in (call.pool.id, other_pool_id):
        other = server.run(call_of(server.node, pool_id, make_client(pool_id)["ClientId"]))
        with pytest.raises(Refusal, match=r"Invalid session for the user\."):
            attempts.unseal(other, session)


@pytest.mark.parametrize("text", ["", "x" * 20, "AQ" * 100, "☃" * 20, "x" * 4096])
def test_no_other_text_is_a_session(call: Call, text: str) -> None:
    with pytest.raises(Refusal, match=r"Invalid session for the user\."):
        attempts.unseal(call, text)


def test_a_session_of_a_release_that_sealed_other_members_is_none(call: Call) -> None:
    of_others: tuple[object, ...] = (["USER_PASSWORD_AUTH", True, "anna"], ["USER_PASSWORD_AUTH"], {}, "anna")
    for members in of_others:
        session = call.vault.seal_text(attempts.PURPOSE, msgspec.msgpack.encode(members), b"")
        with pytest.raises(Refusal, match=r"Invalid session for the user\."):
            attempts.unseal(call, session)


def test_a_changed_session_is_none(call: Call) -> None:
    session = attempts.seal(call, attempt_of(call))
    for place in range(0, len(session), 7):
        other = "A" if session[place] != "A" else "B"
        with pytest.raises(Refusal, match=r"Invalid session for the user\."):
            attempts.unseal(call, session[:place] + other + session[place + 1 :])
