"""Attributes changed and deleted, by an administrator and by the user's own client."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import DAY, HOUR, SECOND
from tests.codes import messages_of, newest_code, wrong
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

PASSWORD = "Passw0rd!"
EMAIL = "ada@example.com"
NEW_EMAIL = "new@example.com"
TAKEN = ("AliasExistsException", "An account with the given email already exists.")
SCHEMA = [
    {"Name": "team", "AttributeDataType": "String"},
    {"Name": "badge", "AttributeDataType": "String", "Mutable": False},
    {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
    {"Name": "name", "Required": True},
]


def attributes(**values: str) -> list[Any]:
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in values.items()]


class People:
    """The users of one pool, as an administrator and as they see themselves."""

    def __init__(self, cognito: Cognito, anonymous: Cognito, pool_id: str, client: Any) -> None:
        self.cognito, self.anonymous, self.pool_id, self.client = cognito, anonymous, pool_id, client

    def of(self, username: str) -> dict[str, str]:
        """The attributes of a user, as an administrator sees them, without the sub."""
        user = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=username)
        found = {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}
        del found["sub"]
        return found

    def set(self, username: str, **values: str) -> None:
        self.cognito.admin_update_user_attributes(
            UserPoolId=self.pool_id, Username=username, UserAttributes=attributes(**values)
        )

    def delete(self, username: str, *names: str) -> None:
        self.cognito.admin_delete_user_attributes(
            UserPoolId=self.pool_id, Username=username, UserAttributeNames=list(names)
        )

    def found_by(self, typed: str) -> str | None:
        try:
            return self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=typed)["Username"]
        except self.cognito.exceptions.UserNotFoundException:
            return None

    def token(self, username: str, client: Any = None) -> str:
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=(client or self.client)["ClientId"],
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]["AccessToken"]

    def set_own(self, token: str, **values: str) -> Any:
        return self.anonymous.update_user_attributes(AccessToken=token, UserAttributes=attributes(**values))


@pytest.fixture
def people_of(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make
) -> Callable[..., People]:
    def make(**settings: Any) -> People:
        pool_id = make_pool(**settings)["Id"]
        return People(cognito, anonymous, pool_id, make_client(pool_id))

    return make


@pytest.fixture
def people(people_of: Callable[..., People], make_user: Make) -> People:
    """A pool with a schema of its own, and a user `ada`."""
    found = people_of(Schema=SCHEMA)
    make_user(found.pool_id, "ada", name="Ada", email=EMAIL, email_verified="true")
    return found


# -- an administrator -------------------------------------------------------------------------------------------------


def test_an_administrator_changes_adds_and_clears(people: People, clock: HeldClock) -> None:
    before = people.cognito.admin_get_user(UserPoolId=people.pool_id, Username="ada")
    clock.advance(SECOND)
    people.set("ada", name="Ada Lovelace", custom__team="one", dev__custom__note="x", nickname="A")
    people.set("ada", nickname="")
    assert people.of("ada") == {
        "name": "Ada Lovelace",
        "email": EMAIL,
        "email_verified": "true",
        "custom:team": "one",
        "dev:custom:note": "x",
    }
    after = people.cognito.admin_get_user(UserPoolId=people.pool_id, Username="ada")
    assert after["UserLastModifiedDate"] > before["UserLastModifiedDate"]
    assert after["UserCreateDate"] == before["UserCreateDate"]


def test_a_new_address_is_unverified_unless_told_otherwise(people: People) -> None:
    people.set("ada", email=NEW_EMAIL)
    assert people.of("ada")["email_verified"] == "false"
    people.set("ada", email_verified="true")
    assert people.of("ada")["email_verified"] == "true"
    people.set("ada", email=EMAIL, email_verified="true")
    assert people.of("ada")["email_verified"] == "true"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("email", "ada", "Invalid email address format."),
        ("phone_number", "5550100", "Invalid phone number format."),
        (
            "custom:x",
            "1",
            "user.custom:x: Attribute does not exist in the schema.\n",
        ),
        (
            "name",
            "",
            "Attributes did not conform to the schema: name.formatted: The attribute name.formatted is required\n",
        ),
        (
            "custom:badge",
            "1",
            "user.custom:badge: Attribute cannot be updated.\n (changing an immutable attribute)",
        ),
        ("sub", "1", "Cannot modify the non-mutable attribute sub"),
        (
            "phone_number_verified",
            "true",
            "Phone Number is required to verify/un-verify a phone number",
        ),
    ],
)
def test_a_change_that_is_refused(people: People, name: str, value: str, message: str) -> None:
    before = people.of("ada")
    with refused("InvalidParameterException", message):
        people.cognito.admin_update_user_attributes(
            UserPoolId=people.pool_id, Username="ada", UserAttributes=[{"Name": name, "Value": value}]
        )
    assert people.of("ada") == before


def test_an_entry_without_a_value(people: People) -> None:
    with refused("InvalidParameterException", "Attribute value for picture must not be null"):
        people.cognito.admin_update_user_attributes(
            UserPoolId=people.pool_id, Username="ada", UserAttributes=[{"Name": "picture"}]
        )


def test_what_is_deleted_is_gone_and_an_address_takes_its_flag_along(people: People) -> None:
    people.set("ada", nickname="A")
    people.delete("ada", "nickname", "email", "picture")
    assert people.of("ada") == {"name": "Ada"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("custom:x", "Invalid user attributes: user.custom:x: Attribute does not exist in the schema.\n"),
        ("name", "Invalid user attributes: user.name: The attribute is required\n"),
        ("sub", "Cannot modify the non-mutable attribute sub"),
        (
            "custom:badge",
            "user.custom:badge: Attribute cannot be updated.\n (changing an immutable attribute)",
        ),
    ],
)
def test_what_cannot_be_deleted(people: People, name: str, message: str) -> None:
    with refused("InvalidParameterException", message):
        people.delete("ada", name)
    with refused("InvalidParameterException", message):
        people.anonymous.delete_user_attributes(AccessToken=people.token("ada"), UserAttributeNames=[name])


def test_who_is_not_there(people: People) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        people.set("nobody", nickname="A")
    with refused("UserNotFoundException", "User does not exist."):
        people.delete("nobody", "nickname")


# -- the user ---------------------------------------------------------------------------------------------------------


def test_a_user_changes_what_its_client_may_write(people: People, make_client: Make) -> None:
    assert (
        people.set_own(people.token("ada"), custom__team="one", nickname="A")["CodeDeliveryDetailsList"] == []
    )
    assert people.of("ada")["custom:team"] == "one"
    narrow = people.token("ada", make_client(people.pool_id, WriteAttributes=["nickname", "name"]))
    people.set_own(narrow, nickname="B")
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        people.set_own(narrow, nickname="C", custom__team="two")
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        people.anonymous.delete_user_attributes(AccessToken=narrow, UserAttributeNames=["custom:team"])
    people.anonymous.delete_user_attributes(AccessToken=narrow, UserAttributeNames=["nickname"])
    assert people.of("ada") == {
        "name": "Ada",
        "email": EMAIL,
        "email_verified": "true",
        "custom:team": "one",
    }


@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified", "dev:custom:note"])
def test_a_user_neither_verifies_itself_nor_writes_what_is_the_developers(people: People, name: str) -> None:
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        people.anonymous.update_user_attributes(
            AccessToken=people.token("ada"), UserAttributes=[{"Name": name, "Value": "true"}]
        )
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        people.anonymous.delete_user_attributes(AccessToken=people.token("ada"), UserAttributeNames=[name])


def test_a_user_that_changes_its_address_has_to_prove_it_again(people: People) -> None:
    token = people.token("ada")
    people.set_own(token, email=EMAIL)
    assert people.of("ada")["email_verified"] == "true"
    people.set_own(token, email=NEW_EMAIL)
    assert people.of("ada")["email_verified"] == "false"
    with refused("InvalidParameterException", "Invalid email address format."):
        people.set_own(token, email="ada")
    with refused("InvalidParameterException", "Cannot modify the non-mutable attribute sub"):
        people.set_own(token, sub="1")


def test_a_forged_token_changes_nothing(people: People) -> None:
    with refused("NotAuthorizedException", "Invalid Access Token"):
        people.set_own("nonsense", nickname="A")
    with refused("NotAuthorizedException", "Invalid Access Token"):
        people.anonymous.delete_user_attributes(AccessToken="nonsense", UserAttributeNames=["nickname"])


# -- names ------------------------------------------------------------------------------------------------------------


def test_an_alias_follows_the_attribute_while_it_is_verified(
    people_of: Callable[..., People], make_user: Make
) -> None:
    people = people_of(AliasAttributes=["email", "preferred_username"])
    make_user(people.pool_id, "ada", email=EMAIL)
    assert people.found_by(EMAIL) is None
    people.set("ada", email_verified="true", preferred_username="countess")
    assert people.found_by(EMAIL) == people.found_by("countess") == "ada"
    people.set_own(people.token(EMAIL), email=NEW_EMAIL, preferred_username="lady")
    assert people.found_by(EMAIL) is people.found_by(NEW_EMAIL) is people.found_by("countess") is None
    assert people.found_by("lady") == "ada"
    people.delete("ada", "preferred_username")
    assert people.found_by("lady") is None


def test_a_verified_alias_moves_to_whom_an_administrator_gives_it(
    people_of: Callable[..., People], make_user: Make
) -> None:
    people = people_of(AliasAttributes=["email", "preferred_username"])
    make_user(people.pool_id, "ada", email=EMAIL, email_verified="true", preferred_username="countess")
    make_user(people.pool_id, "eve", email=EMAIL)
    assert people.found_by(EMAIL) == "ada"
    people.set("eve", email_verified="true")
    assert people.found_by(EMAIL) == "eve"
    assert people.of("ada")["email_verified"] == "false"
    taken = "An account with the given preferred_username already exists."
    with refused("AliasExistsException", taken):
        people.set("eve", preferred_username="countess")
    with refused("AliasExistsException", taken):
        people.set_own(people.token("eve"), preferred_username="countess")


def test_nobody_is_found_by_what_another_is_or_may_yet_be_found_by(
    people_of: Callable[..., People], make_user: Make
) -> None:
    people = people_of(AliasAttributes=["email", "preferred_username"])
    ada_sub = make_user(people.pool_id, "ada", email=EMAIL)
    make_user(people.pool_id, "eve")
    token = people.token("eve")
    with refused(
        "InvalidParameterException",
        "Preferred username cannot be of email format, since user pool is configured for email alias.",
    ):
        people.set_own(token, preferred_username=EMAIL)
    taken = "An account with the given preferred_username already exists."
    for name in ("ada", ada_sub):
        with refused("AliasExistsException", taken):
            people.set_own(token, preferred_username=name)
        with refused("AliasExistsException", taken):
            people.set("eve", preferred_username=name)
    people.set_own(token, preferred_username="bob")
    with refused("UsernameExistsException", "User account already exists"):
        make_user(people.pool_id, "bob")
    assert people.found_by("bob") == "eve"
    assert people.found_by(ada_sub) == "ada"
    assert people.found_by(EMAIL) is None


def test_an_address_one_signs_in_with_is_one_users(people_of: Callable[..., People], make_user: Make) -> None:
    people = people_of(UsernameAttributes=["email"])
    make_user(people.pool_id, EMAIL)
    make_user(people.pool_id, "eve@example.com")
    with refused(*TAKEN):
        people.set("eve@example.com", email=EMAIL, email_verified="true")
    with refused(*TAKEN):
        people.set_own(people.token("eve@example.com"), email=EMAIL)
    people.set_own(people.token(EMAIL), email=NEW_EMAIL)
    assert people.found_by(EMAIL) is None
    assert people.of(NEW_EMAIL) == {"email": NEW_EMAIL, "email_verified": "false"}
    people.set("eve@example.com", email=EMAIL)
    assert people.found_by(EMAIL)


def told(change: Callable[[str], None], usernames: list[str]) -> list[str]:
    """What everybody is told who does the same at the same moment, sorted."""

    def attempt(username: str) -> str:
        try:
            change(username)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "done"

    with ThreadPoolExecutor(len(usernames)) as threads:
        return sorted(threads.map(attempt, usernames))


def test_of_many_given_one_address_at_once_one_gets_it(
    people_of: Callable[..., People], make_user: Make
) -> None:
    people = people_of(UsernameAttributes=["email"])
    subs = [make_user(people.pool_id, f"{number}@example.com") for number in range(6)]
    assert told(lambda sub: people.set(sub, email=EMAIL), subs) == ["AliasExistsException"] * 5 + ["done"]
    owners = [sub for sub in subs if people.of(sub)["email"] == EMAIL]
    assert owners == [people.found_by(EMAIL)]


def test_of_many_given_one_alias_at_once_one_keeps_it(
    people_of: Callable[..., People], make_user: Make
) -> None:
    people = people_of(AliasAttributes=["email"])
    everybody = [f"user{number}" for number in range(6)]
    for username in everybody:
        make_user(people.pool_id, username)
    assert told(lambda name: people.set(name, email=EMAIL, email_verified="true"), everybody) == ["done"] * 6
    owners = [name for name in everybody if people.of(name)["email_verified"] == "true"]
    assert owners == [people.found_by(EMAIL)]


# -- codes that verify ------------------------------------------------------------------------------------------------


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
