"""Codes that verify an address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from cognomen.clock import DAY, HOUR, SECOND
from cognomen.operations import attributes as operations
from cognomen.store import users
from cognomen.store.users import Alias
from tests.calls import call_of
from tests.codes import messages_of, newest_code, wrong
from tests.held_clock import HeldClock
from tests.operations.attributes.conftest import EMAIL, NEW_EMAIL, TAKEN, Make, People
from tests.refused import refused
from tests.server import Server
from tests.watched_store import WatchedStore


class Verifying:
    """A pool that verifies e-mail addresses, and ada with a token and a verified one."""

    def __init__(self, server: Server, people: People) -> None:
        self.server, self.people = server, people
        self.token = people.token("ada")

    def set_own(self, **values: str) -> list[Any]:
        self.server.clock.advance(SECOND)
        sent: list[Any] = self.people.set_own(self.token, **values)["CodeDeliveryDetailsList"]
        return sent

    def ask(self, attribute: str = "email") -> Any:
        self.server.clock.advance(SECOND)
        return self.people.anonymous.get_user_attribute_verification_code(
            AccessToken=self.token, AttributeName=attribute
        )["CodeDeliveryDetails"]

    def verify(self, code: str, attribute: str = "email") -> None:
        self.people.anonymous.verify_user_attribute(
            AccessToken=self.token, AttributeName=attribute, Code=code
        )

    @property
    def messages(self) -> list[dict[str, Any]]:
        return messages_of(self.server, self.people.pool_id)

    @property
    def code(self) -> str:
        return newest_code(self.server, self.people.pool_id)

    @property
    def ada(self) -> dict[str, str]:
        return self.people.of("ada")


@pytest.fixture
def verifying_of(
    server: Server, people_of: Callable[..., People], make_user: Make
) -> Callable[..., Verifying]:
    def make(**settings: Any) -> Verifying:
        people = people_of(**{"AutoVerifiedAttributes": ["email"]} | settings)
        make_user(people.pool_id, "ada", email=EMAIL, email_verified="true")
        return Verifying(server, people)

    return make


@pytest.fixture
def verifying(verifying_of: Callable[..., Verifying]) -> Verifying:
    return verifying_of()


@pytest.fixture
def proving(verifying_of: Callable[..., Verifying]) -> Verifying:
    """The same, where a new address counts only once it is verified."""
    return verifying_of(UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]})


MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
TO_NEW = {"Destination": "n***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}


def test_a_new_address_counts_at_once_and_is_verified_with_the_code(verifying: Verifying) -> None:
    assert verifying.set_own(email=NEW_EMAIL, nickname="A", phone_number="+15550001234") == [TO_NEW]
    assert (verifying.ada["email"], verifying.ada["email_verified"]) == (NEW_EMAIL, "false")
    (message,) = verifying.messages
    assert message["destination"] == NEW_EMAIL
    assert message["body"] == f"Your verification code is {message['code']}. "
    with refused(*MISMATCH):
        verifying.verify(wrong(message["code"]))
    verifying.verify(message["code"])
    assert verifying.ada["email_verified"] == "true"
    with refused(*EXPIRED):
        verifying.verify(message["code"])
    assert verifying.set_own(email=NEW_EMAIL, nickname="B") == []


def test_where_addresses_are_proven_first_the_former_stays_until_the_code_comes(proving: Verifying) -> None:
    before = proving.ada
    assert proving.set_own(email=NEW_EMAIL, nickname="A") == [TO_NEW]
    assert proving.ada == before | {"nickname": "A"}
    assert proving.ask() == TO_NEW, "a code is asked for again for the address that waits"
    proving.verify(proving.code)
    assert proving.ada == {"email": NEW_EMAIL, "email_verified": "true", "nickname": "A"}


def test_what_waits_is_forgotten_with_its_code_and_when_the_address_changes(
    proving: Verifying, clock: HeldClock
) -> None:
    proving.set_own(email=NEW_EMAIL)
    proving.set_own(email=EMAIL)
    with refused(*EXPIRED):
        proving.verify(proving.code)
    proving.set_own(email=NEW_EMAIL)
    clock.advance(DAY)
    proving.token = proving.people.token("ada")
    with refused(*EXPIRED):
        proving.verify(proving.code)
    assert proving.ask()["Destination"] == "a***@e***"
    assert proving.ada["email"] == EMAIL


def test_an_administrator_s_change_waits_too_unless_it_says_verified(proving: Verifying) -> None:
    proving.people.set("ada", email=NEW_EMAIL, email_verified="false")
    assert (proving.ada["email"], proving.ada["email_verified"]) == (EMAIL, "true")
    proving.people.set("ada", email="other@example.com", email_verified="true")
    assert proving.ada["email"] == "other@example.com"
    (message,) = proving.messages
    assert message["destination"] == NEW_EMAIL
    with refused(*EXPIRED):
        proving.verify(message["code"])


def test_an_administrator_s_change_sends_a_code_where_the_pool_verifies(verifying: Verifying) -> None:
    verifying.people.set("ada", email=NEW_EMAIL)
    assert verifying.ada["email_verified"] == "false"
    verifying.verify(verifying.code)
    assert verifying.ada["email_verified"] == "true"


def test_an_address_that_waits_is_another_s_meanwhile(
    verifying_of: Callable[..., Verifying], make_user: Make
) -> None:
    proving = verifying_of(
        AliasAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
    )
    proving.set_own(email=NEW_EMAIL)
    make_user(proving.people.pool_id, "bert", email=NEW_EMAIL, email_verified="true")
    with refused(*TAKEN):
        proving.verify(proving.code)
    assert proving.ada["email"] == EMAIL
    assert proving.people.found_by(NEW_EMAIL) == "bert"


def test_a_code_belongs_to_the_client_that_asked_for_it(proving: Verifying, make_client: Make) -> None:
    other = copy(proving)
    other.token = proving.people.token("ada", make_client(proving.people.pool_id))
    proving.set_own(email=NEW_EMAIL)
    with refused(*MISMATCH):
        other.verify(proving.code)
    assert other.ask() == TO_NEW
    with refused(*MISMATCH):
        proving.verify(proving.code)
    other.verify(proving.code)
    assert proving.ada["email"] == NEW_EMAIL


def test_a_code_that_an_administrator_s_change_sends_is_of_no_client(
    verifying: Verifying, make_client: Make
) -> None:
    verifying.people.set("ada", email=NEW_EMAIL)
    verifying.token = verifying.people.token("ada", make_client(verifying.people.pool_id))
    verifying.verify(verifying.code)
    assert verifying.ada["email_verified"] == "true"


def test_any_address_of_the_user_s_own_can_be_verified_on_demand(verifying: Verifying) -> None:
    verifying.set_own(phone_number="+15550001234")
    assert verifying.messages == [], "the pool does not verify phone numbers by itself"
    assert verifying.ask("phone_number") == {
        "Destination": "+*******1234",
        "DeliveryMedium": "SMS",
        "AttributeName": "phone_number",
    }
    with refused(*EXPIRED):
        verifying.verify(verifying.code, "email")
    verifying.verify(verifying.code, "phone_number")
    assert verifying.ada["phone_number_verified"] == "true"


def test_a_code_that_is_asked_for_while_another_address_comes_forgets_neither(
    server: Server, proving: Verifying
) -> None:
    """It is made for the address that waited when it was asked for, and goes to the one that waits when it is sent."""
    proving.set_own(email=NEW_EMAIL)
    later = "later@example.com"
    people = proving.people

    async def ask() -> Any:
        call = await call_of(server.node, people.pool_id, people.client["ClientId"])
        user = await call.store.read(users.by_alias, people.pool_id, [Alias("username", "ada")])
        assert user is not None
        overtake = partial(asyncio.to_thread, partial(proving.set_own, email=later))
        asking = replace(call, store=WatchedStore(call.store, overtake), found_user=user)
        return await operations.get_user_attribute_verification_code(
            asking, cast("Any", {"AttributeName": "email"})
        )

    told = server.run(ask())["CodeDeliveryDetails"]
    assert told["Destination"] == "l***@e***"
    # Of the two that went there the one asked for is by its clock the older, and counts.
    *_, asked_for = [message["code"] for message in proving.messages if message["destination"] == later]
    proving.verify(asked_for)
    assert proving.ada["email"] == later


def test_what_is_no_address_or_not_there_cannot_be_verified(verifying: Verifying) -> None:
    with refused("InvalidParameterException"):
        verifying.ask("nickname")
    with refused("InvalidParameterException"):
        verifying.verify("123456", "nickname")
    with refused("InvalidParameterException"):
        verifying.ask("phone_number")
    with refused(*EXPIRED):
        verifying.verify("123456", "phone_number")
    verifying.ask()
    verifying.people.anonymous.delete_user_attributes(
        AccessToken=verifying.token, UserAttributeNames=["email"]
    )
    with refused(*EXPIRED):
        verifying.verify(verifying.code)


def test_five_codes_and_fifteen_attempts_an_hour_are_heard(verifying: Verifying, clock: HeldClock) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    verifying.token = verifying.people.token("ada")
    for _ in range(5):
        verifying.ask()
    with refused(*LIMIT):
        verifying.ask()
    for _ in range(15):
        with refused(*MISMATCH):
            verifying.verify(wrong(verifying.code))
    with refused(*LIMIT):
        verifying.verify(verifying.code)


def test_a_code_that_does_not_arrive_is_told(
    verifying: Verifying, take_mail_down: Callable[[], None]
) -> None:
    take_mail_down()
    with refused("CodeDeliveryFailureException"):
        verifying.ask()
    with refused("CodeDeliveryFailureException"):
        verifying.set_own(email=NEW_EMAIL)
    assert verifying.ada["email"] == NEW_EMAIL
    verifying.people.set("ada", email=EMAIL)  # declares no such error


def test_a_code_verifies_once_however_many_come_with_it(verifying: Verifying) -> None:
    verifying.set_own(email=NEW_EMAIL)
    code = verifying.code

    def verify(_: int) -> str:
        try:
            verifying.verify(code)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "verified"

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(verify, range(4)))
    assert outcomes == ["ExpiredCodeException"] * 3 + ["verified"]


def test_a_user_has_codes_sent_to_new_addresses_ten_times_an_hour(
    verifying: Verifying, clock: HeldClock
) -> None:
    for number in range(10):
        verifying.set_own(email=f"{number}@example.com")
    for _ in range(2):
        with refused("TooManyRequestsException", "Rate exceeded"):
            verifying.set_own(email=NEW_EMAIL)
    assert verifying.ada["email"] == "9@example.com"
    assert len(verifying.messages) == 10
    verifying.set_own(nickname="A")
    verifying.set_own(email="9@example.com")
    verifying.people.set("ada", email=EMAIL)
    clock.advance(HOUR)
    verifying.token = verifying.people.token("ada")
    assert verifying.set_own(email=NEW_EMAIL) == [TO_NEW]
