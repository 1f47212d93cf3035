"""What a test suite reads of the messages to its users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.control import inbox
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


def test_messages_are_found_by_whatever_a_person_signs_in_with(
    ask: Ask, cognito: Cognito, make_pool: Any, make_client: Any
) -> None:
    def found(pool_id: str, **query: str) -> int:
        status, document = ask("GET", f"inbox?{urlencode({'pool': pool_id, **query})}")
        assert status == 200
        return len(document["Messages"])

    by_address = make_pool(
        UsernameAttributes=["email", "phone_number"],
        AutoVerifiedAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
    )["Id"]
    client = make_client(by_address)["ClientId"]
    for name, attributes in {
        "Ada@Example.com": {},
        "+15555550100": {"email": "bob@example.com"},
    }.items():
        cognito.sign_up(
            ClientId=client,
            Username=name,
            Password="Passw0rd!",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
    for name in ("Ada@Example.com", "ada@example.com", "+15555550100", "bob@example.com"):
        assert found(by_address, user=name) == 1, name
        assert found(by_address, to=name) == 1, name
    assert found(by_address, to="+15555550199") == 0

    with_aliases = make_pool(AliasAttributes=["preferred_username"])["Id"]
    invite(cognito, with_aliases, "eve")
    cognito.admin_update_user_attributes(
        UserPoolId=with_aliases,
        Username="eve",
        UserAttributes=[{"Name": "preferred_username", "Value": "evening"}],
    )
    assert found(with_aliases, user="evening") == found(with_aliases, to="evening") == 1


def test_an_address_that_was_written_to_hides_what_went_elsewhere(
    ask: Ask, cognito: Cognito, make_pool: Any
) -> None:
    pool_id = make_pool(AliasAttributes=["email"])["Id"]
    invite(cognito, pool_id, "ada")
    new: list[Any] = [
        {"Name": "email", "Value": "new@example.com"},
        {"Name": "email_verified", "Value": "true"},
    ]
    cognito.admin_update_user_attributes(UserPoolId=pool_id, Username="ada", UserAttributes=new)
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="RESEND")
    for address in ("ada@example.com", "new@example.com"):
        _, document = ask("GET", f"inbox?pool={pool_id}&to={address}")
        assert [each["destination"] for each in document["Messages"]] == [address]


def test_a_pool_that_is_not_there_is_told_and_so_is_a_user(ask: Ask, pool_id: str) -> None:
    told = {"message": "User pool us-east-1_None does not exist; ListUserPools tells which there are."}
    for method, name in (("GET", "inbox"), ("GET", "outbox"), ("DELETE", "inbox"), ("POST", "reset")):
        assert ask(method, f"{name}?pool=us-east-1_None") == (404, told)
    assert ask("GET", f"inbox?pool={pool_id}&user=nobody") == (
        200,
        {"Messages": [], "message": "Nobody in the pool is called nobody, and nothing was sent there."},
    )


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


def test_the_messages_of_a_pool_can_be_removed_however_many_there_are(
    ask: Ask, cognito: Cognito, make_pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "BATCH", 2)
    one, other = make_pool()["Id"], make_pool()["Id"]
    for pool_id, name in ((one, "ada"), (one, "bob"), (one, "eve"), (other, "ada")):
        invite(cognito, pool_id, name)
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
