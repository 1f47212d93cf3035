"""Attributes changed and deleted, by an administrator and by the user's own client."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from cognomen.clock import SECOND
from tests.held_clock import HeldClock
from tests.operations.attributes.conftest import EMAIL, NEW_EMAIL, TAKEN, Make, People
from tests.refused import refused

# -- an administrator --------------------------------------------------------------------------------------------------


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


# -- the user ----------------------------------------------------------------------------------------------------------


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


# -- names -------------------------------------------------------------------------------------------------------------


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
