"""`cognomen events`."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cognomen.call import Node
from cognomen.errors import Refusal
from cognomen.operations import dispatch
from tests.cli.conftest import Place
from tests.held_clock import HeldClock

AUDIT: Any = {"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}
PASSWORD = "Passw0rd!"


def perform(node: Node, operation: str, **body: Any) -> dict[str, Any]:
    return asyncio.run(dispatch.perform(node, operation, body))


def made(node: Node, **settings: Any) -> tuple[str, str]:
    """A pool with ada, and a client of it."""
    pool_id: str = perform(node, "CreateUserPool", PoolName="a pool", **settings)["UserPool"]["Id"]
    client = perform(
        node,
        "CreateUserPoolClient",
        UserPoolId=pool_id,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    user = {"UserPoolId": pool_id, "Username": "ada"}
    perform(node, "AdminCreateUser", **user, MessageAction="SUPPRESS")
    perform(node, "AdminSetUserPassword", **user, Password=PASSWORD, Permanent=True)
    return pool_id, client["UserPoolClient"]["ClientId"]


def sign_in(node: Node, client_id: str, password: str) -> None:
    parameters = {"USERNAME": "ada", "PASSWORD": password}
    perform(
        node, "InitiateAuth", ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )


def test_it_tells_what_a_user_failed_at_and_what_it_was_told(
    place: Place, node: Node, clock: HeldClock
) -> None:
    pool_id, client_id = made(node, **AUDIT)
    assert "Nothing has happened since the pool keeps a history." in place.run("events", pool_id, "ada").out
    sign_in(node, client_id, PASSWORD)
    clock.advance(1)  # events are in the order of time
    for _ in range(6):
        with pytest.raises(Refusal):
            sign_in(node, client_id, "wrong")
    shown = place.run("events", pool_id, "ada").out
    assert "): CONFIRMED\n" in shown
    assert "has failed at password: " in shown
    assert "SignIn Fail Password=Failure\n" in shown
    assert "SignIn Pass Password=Success\n" in shown
    assert f"client {client_id}, request " in shown
    assert "told: Incorrect username or password." in shown
    found = json.loads(place.run("events", pool_id, "ada", "--json", "--limit", "1").out)
    assert (found["username"], found["enabled"], found["history_is_kept"]) == ("ada", True, True)
    assert [event["response"] for event in found["events"]] == ["Fail"]


def test_the_state_is_told_where_no_history_is_kept(place: Place, node: Node) -> None:
    pool_id, _ = made(node)
    user = {"UserPoolId": pool_id, "Username": "ada"}
    perform(node, "AdminDisableUser", **user)
    perform(node, "AdminSetUserPassword", **user, Password=PASSWORD)
    shown = place.run("events", pool_id, "ada").out
    assert "FORCE_CHANGE_PASSWORD, who has a temporary password, and must set another" in shown
    assert "is disabled, and refused everywhere" in shown
    assert "The pool keeps no history" in shown


def test_what_is_not_there_is_said(place: Place, node: Node) -> None:
    pool_id, _ = made(node)
    nobody = place.run("events", pool_id, "nobody")
    assert (nobody.code, nobody.err) == (1, f"Error: There is no user nobody in user pool {pool_id}.\n")
    nowhere = place.run("events", "us-east-1_nowhere00", "ada")
    assert nowhere.code == 1
    assert "There is no user pool us-east-1_nowhere00" in nowhere.err
