"""What a test suite reads of the messages to its users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.control.conftest import Ask
from tests.refused import refused


def invite(cognito: Cognito, pool_id: str, username: str) -> str:
    user = cognito.admin_create_user(
        UserPoolId=pool_id,
        Username=username,
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[{"Name": "email", "Value": f"{username}@example.com"}],
    )["User"]
    return next(found["Value"] for found in user["Attributes"] if found["Name"] == "sub")


@pytest.fixture
def pool_id(make_pool: Any) -> str:
    id: str = make_pool()["Id"]
    return id


def test_the_messages_to_one_user_are_found(ask: Ask, cognito: Cognito, pool_id: str) -> None:
    subs = {name: invite(cognito, pool_id, name) for name in ("ada", "bob", "eve")}

    def found(query: str) -> list[str]:
        status, document = ask("GET", f"inbox?pool={pool_id}{query}")
        assert status == 200
        return [message["username"] for message in document["Messages"]]

    assert sorted(found("")) == ["ada", "bob", "eve"]
    assert found("&user=ada") == ["ada"]
    assert found(f"&user={subs['bob']}") == ["bob"]
    assert found("&to=eve@example.com") == ["eve"]
    assert found("&to=eve@example.com&user=ada") == []
    assert len(found("&limit=2")) == 2


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.0", "x", "", "\u0661"])
def test_a_limit_is_a_number(ask: Ask, limit: str) -> None:
    assert ask("GET", f"inbox?pool=p&limit={quote(limit)}") == (
        400,
        {"message": "limit must be a number from 1 to 100."},
    )


@pytest.mark.parametrize("query", ["", "?pool=", "?pool=%00"])
def test_a_pool_must_be_named(ask: Ask, query: str) -> None:
    for method in ("GET", "DELETE"):
        assert ask(method, f"inbox{query}") == (400, {"message": "Say which pool: ?pool=ID"})


def test_the_messages_of_a_pool_can_be_removed(ask: Ask, cognito: Cognito, make_pool: Any) -> None:
    one, other = make_pool()["Id"], make_pool()["Id"]
    for pool_id in (one, other):
        invite(cognito, pool_id, "ada")
    assert ask("DELETE", f"inbox?pool={one}") == (200, {})
    assert ask("GET", f"inbox?pool={one}") == (200, {"Messages": []})
    assert len(ask("GET", f"inbox?pool={other}")[1]["Messages"]) == 1


def test_what_no_carrier_took_is_shown_with_the_reason(
    ask: Ask, cognito: Cognito, pool_id: str, take_mail_down: Callable[[], None]
) -> None:
    take_mail_down()
    with refused("CodeDeliveryFailureException"):
        invite(cognito, pool_id, "ada")
    status, document = ask("GET", f"outbox?pool={pool_id}&limit=1")
    assert status == 200
    (waiting,) = document["Messages"]
    assert (waiting["state"], waiting["reason"]) == ("waiting", "the other side is down")
    assert not {"code", "password", "body"} & waiting.keys()
    assert ask("GET", f"outbox?pool={pool_id}&limit=0")[0] == 400
