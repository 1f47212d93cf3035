"""What judging costs: nothing where it is off, one statement where it is on, and the same for users and strangers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cognomen.sign_in.engine import SignedIn
from tests.adaptive import in_mode
from tests.calls import call_of
from tests.server import Server
from tests.sign_in.test_engine import answer_srp, begin_srp, sign_in

Make = Callable[..., Any]


def test_a_sign_in_is_judged_by_one_statement_more(
    server: Server, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    ran = {}
    for mode in ("OFF", "AUDIT"):
        pool_id = make_pool(**in_mode(mode))["Id"]
        make_user(pool_id, "ada")
        call = server.run(call_of(server.node, pool_id, make_client(pool_id)["ClientId"]))
        outcome, store = server.run(sign_in(call, "ada", "Passw0rd!"))
        assert isinstance(outcome, SignedIn)
        ran[mode] = store.transactions
        assert any("auth_events" in each for each in store.ran) == (mode != "OFF")
    assert ran == {"OFF": ["read", "read"], "AUDIT": ["read", "read", "read", "write"]}


def test_a_stranger_costs_what_a_user_costs(
    server: Server, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    pool_id = make_pool(**in_mode("ENFORCED"))["Id"]
    make_user(pool_id, "ada")
    client_id = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    call = server.run(call_of(server.node, pool_id, client_id))
    told = []
    for name in ("ada", "nobody"):
        _, wrong = server.run(sign_in(call, name, "wrong"))
        asked, question = server.run(begin_srp(call, name))
        _, answered = server.run(answer_srp(call, name, asked, "wrong"))
        told.append((wrong.ran, question.ran, answered.ran))
    assert told[0] == told[1]
