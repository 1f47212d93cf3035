"""Users who are invited, and invited again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cognomen.clock import DAY, SECOND
from cognomen.messages import inbox
from tests.held_clock import HeldClock
from tests.operations.users.conftest import (
    EMAIL,
    PASSWORD,
    PHONE_NUMBER,
    Cognito,
    Make,
    attributes,
    tokens,
    values_of,
)
from tests.refused import refused
from tests.server import Server


def messages(server: Server, pool_id: str) -> list[dict[str, Any]]:
    """What was sent, newest first."""
    return server.run(inbox.newest(server.store, server.node.vault, pool_id, 60))


@pytest.fixture
def passwordless_pool_id(make_pool: Make) -> str:
    id: str = make_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}})[
        "Id"
    ]
    return id


def test_an_invitation_goes_where_there_is_an_address(
    server: Server, cognito: Cognito, pool_id: str, clock: HeldClock
) -> None:
    for username, addresses in {
        "ada": {"email": EMAIL, "phone_number": PHONE_NUMBER},
        "bob": {"email": "bob@example.com"},
        "eve": {},
    }.items():
        cognito.admin_create_user(
            UserPoolId=pool_id, Username=username, UserAttributes=attributes(**addresses)
        )
        clock.advance(SECOND)
    assert [
        (sent["username"], sent["medium"], sent["destination"]) for sent in messages(server, pool_id)
    ] == [
        ("bob", "EMAIL", "bob@example.com"),
        ("ada", "SMS", PHONE_NUMBER),
    ]


def test_the_invited_sign_in_with_what_they_were_told(
    server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="ada",
        UserAttributes=attributes(email=EMAIL, phone_number=PHONE_NUMBER),
        DesiredDeliveryMediums=["EMAIL", "SMS"],
    )
    told = messages(server, pool_id)
    assert sorted(message["medium"] for message in told) == ["EMAIL", "SMS"]
    (password,) = {message["password"] for message in told}
    assert f"Your username is ada and temporary password is {password}. " in [
        message["body"] for message in told
    ]
    answer = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=make_client(pool_id)["ClientId"],
        AuthParameters={"USERNAME": "ada", "PASSWORD": password},
    )
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


@pytest.mark.parametrize(
    ("medium", "message"),
    [
        ("EMAIL", "No email provided but desired delivery medium was Email"),
        ("SMS", "No phone_number provided but desired delivery medium was SMS"),
    ],
)
def test_a_medium_that_is_asked_for_needs_an_address(
    server: Server, cognito: Cognito, pool_id: str, medium: Any, message: str
) -> None:
    with refused("InvalidParameterException", message):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", DesiredDeliveryMediums=[medium])
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")
    cognito.admin_create_user(
        UserPoolId=pool_id, Username="ada", DesiredDeliveryMediums=[medium], MessageAction="SUPPRESS"
    )
    assert messages(server, pool_id) == []


def test_a_user_whose_invitation_does_not_arrive_is_there_all_the_same(
    cognito: Cognito, pool_id: str, take_mail_down: Callable[[], None]
) -> None:
    take_mail_down()
    with refused("CodeDeliveryFailureException", "Failed to send the message."):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", UserAttributes=attributes(email=EMAIL))
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_an_invitation_sent_again_has_a_new_password_and_new_days(
    server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, clock: HeldClock
) -> None:
    client = make_client(pool_id)
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", UserAttributes=attributes(email=EMAIL))
    (first,) = messages(server, pool_id)
    clock.advance(6 * DAY)
    again = cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="RESEND")["User"]
    assert again["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    second = messages(server, pool_id)[0]
    assert second["password"] != first["password"]
    clock.advance(6 * DAY)
    with refused("NotAuthorizedException", "Incorrect username or password."):
        tokens(anonymous, client, "ada", first["password"])
    answer = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client["ClientId"],
        AuthParameters={"USERNAME": "ada", "PASSWORD": second["password"]},
    )
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    clock.advance(DAY)
    with refused(
        "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."
    ):
        tokens(anonymous, client, "ada", second["password"])


def test_an_invitation_may_be_sent_again_by_alias_and_with_a_password_of_ones_own(
    server: Server, cognito: Cognito, address_pool_id: str, clock: HeldClock
) -> None:
    cognito.admin_create_user(UserPoolId=address_pool_id, Username=EMAIL)
    clock.advance(SECOND)
    cognito.admin_create_user(
        UserPoolId=address_pool_id,
        Username=EMAIL,
        MessageAction="RESEND",
        TemporaryPassword=PASSWORD,
        DesiredDeliveryMediums=["EMAIL"],
    )
    assert messages(server, address_pool_id)[0]["password"] == PASSWORD
    with refused("InvalidPasswordException"):
        cognito.admin_create_user(
            UserPoolId=address_pool_id, Username=EMAIL, MessageAction="RESEND", TemporaryPassword="short"
        )


def test_an_administrator_may_write_the_sub_for_the_name_but_nobody_signs_in_with_it(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    user = cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")["User"]
    sub = values_of(user["Attributes"])["sub"]
    assert cognito.admin_get_user(UserPoolId=pool_id, Username=sub)["Username"] == "ada"
    resent = cognito.admin_create_user(UserPoolId=pool_id, Username=sub, MessageAction="RESEND")["User"]
    assert resent["Username"] == "ada"
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=sub, Password=PASSWORD, Permanent=True)
    client = make_client(pool_id)
    assert "AccessToken" in tokens(anonymous, client, "ada")
    with refused("UserNotFoundException", "User does not exist."):
        tokens(anonymous, client, sub)
    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=pool_id, Username=sub)
    cognito.admin_delete_user(UserPoolId=pool_id, Username=sub)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=pool_id, Username=sub)


def test_only_who_was_invited_and_did_not_come_is_invited_again(
    cognito: Cognito, pool_id: str, make_user: Make
) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="RESEND")
    make_user(pool_id, "ada")
    with refused(
        "UnsupportedUserStateException", "Resend not possible. ada status is not FORCE_CHANGE_PASSWORD"
    ):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="RESEND")


def test_where_one_can_sign_in_without_a_password_none_is_made(
    server: Server, cognito: Cognito, passwordless_pool_id: str
) -> None:
    user = cognito.admin_create_user(
        UserPoolId=passwordless_pool_id,
        Username="ada",
        UserAttributes=attributes(email=EMAIL, email_verified="true"),
    )["User"]
    assert user["UserStatus"] == "CONFIRMED"
    (invitation,) = messages(server, passwordless_pool_id)
    assert invitation["body"] == "Your username is ada. "
    assert invitation["password"] is None
    with refused("UnsupportedUserStateException"):
        cognito.admin_create_user(UserPoolId=passwordless_pool_id, Username="ada", MessageAction="RESEND")
    bob = cognito.admin_create_user(
        UserPoolId=passwordless_pool_id, Username="bob", TemporaryPassword=PASSWORD
    )["User"]
    assert bob["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    eve = cognito.admin_create_user(UserPoolId=passwordless_pool_id, Username="eve", TemporaryPassword="")[
        "User"
    ]
    assert eve["UserStatus"] == "CONFIRMED"
