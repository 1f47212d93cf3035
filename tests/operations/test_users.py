"""Users made, read, listed, enabled, disabled and deleted: stories of an administrator and of the users."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import DAY, HOUR, SECOND
from cognomen.messages import inbox
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

PASSWORD = "Passw0rd!"
EMAIL = "ada@example.com"
PHONE_NUMBER = "+14155550100"


def attributes(**values: str) -> list[Any]:
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in values.items()]


def values_of(entries: list[Any]) -> dict[str, str]:
    return {entry["Name"]: entry["Value"] for entry in entries}


def tokens(anonymous: Cognito, client: Any, username: str, password: str = PASSWORD) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client["ClientId"],
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )["AuthenticationResult"]


def messages(server: Server, pool_id: str) -> list[dict[str, Any]]:
    """What was sent, newest first."""
    return server.run(inbox.newest(server.store, server.node.vault, pool_id, 60))


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool()["Id"]
    return id


@pytest.fixture
def address_pool_id(make_pool: Make) -> str:
    """A pool whose users sign in with an e-mail address or a phone number."""
    id: str = make_pool(UsernameAttributes=["email", "phone_number"])["Id"]
    return id


@pytest.fixture
def alias_pool_id(make_pool: Make) -> str:
    id: str = make_pool(AliasAttributes=["email", "phone_number", "preferred_username"])["Id"]
    return id


@pytest.fixture
def passwordless_pool_id(make_pool: Make) -> str:
    id: str = make_pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}})[
        "Id"
    ]
    return id


# -- AdminCreateUser --------------------------------------------------------------------------------------------------


def test_a_new_user_must_set_a_password_of_its_own(cognito: Cognito, pool_id: str, clock: HeldClock) -> None:
    user = cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="ada",
        UserAttributes=attributes(email=EMAIL, email_verified="True", birthdate="1815-12-10"),
        ValidationData=attributes(anything="goes"),
        ClientMetadata={"any": "thing"},
        MessageAction="SUPPRESS",
    )["User"]
    assert (user["Username"], user["UserStatus"], user["Enabled"]) == ("ada", "FORCE_CHANGE_PASSWORD", True)
    assert user["UserCreateDate"].timestamp() == pytest.approx(clock.now / 1000)
    assert user["UserLastModifiedDate"] == user["UserCreateDate"]
    assert user["Attributes"][0]["Name"] == "sub"
    found = values_of(user["Attributes"])
    assert str(uuid.UUID(found.pop("sub"))) == user["Attributes"][0]["Value"]
    assert found == {"email": EMAIL, "email_verified": "true", "birthdate": "1815-12-10"}


def test_no_user_is_made_past_a_trigger_that_cannot_be_reached(cognito: Cognito, pool_id: str) -> None:
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig={"PreSignUp": function})
    with refused("UnexpectedLambdaException"):
        cognito.admin_create_user(UserPoolId=pool_id, Username="bob", MessageAction="SUPPRESS")
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="bob")
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="RESEND")


def test_a_name_is_given_once(cognito: Cognito, pool_id: str) -> None:
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada")
    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada")
    cognito.admin_create_user(UserPoolId=pool_id, Username="Ada")


def test_a_pool_that_folds_gives_a_name_once_in_whatever_case(cognito: Cognito, make_pool: Make) -> None:
    id = make_pool(UsernameConfiguration={"CaseSensitive": False})["Id"]
    cognito.admin_create_user(UserPoolId=id, Username="Ada")
    with refused("UsernameExistsException", "User account already exists"):
        cognito.admin_create_user(UserPoolId=id, Username="aDA")
    assert cognito.admin_get_user(UserPoolId=id, Username="ADA")["Username"] == "ada"


def test_of_many_who_make_one_user_at_once_one_succeeds(cognito: Cognito, pool_id: str) -> None:
    def create(_: int) -> str:
        try:
            cognito.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "made"

    with ThreadPoolExecutor(8) as threads:
        outcomes = sorted(threads.map(create, range(8)))
    assert outcomes == ["UsernameExistsException"] * 7 + ["made"]
    assert len(cognito.list_users(UserPoolId=pool_id)["Users"]) == 1


def test_where_an_address_is_the_name_the_user_name_is_the_sub(
    cognito: Cognito, address_pool_id: str
) -> None:
    user = cognito.admin_create_user(
        UserPoolId=address_pool_id, Username=EMAIL, UserAttributes=attributes(email="other@example.com")
    )["User"]
    found = values_of(user["Attributes"])
    assert found == {"sub": user["Username"], "email": EMAIL}
    for name in (EMAIL, user["Username"]):
        assert cognito.admin_get_user(UserPoolId=address_pool_id, Username=name)["Username"] == found["sub"]
    with refused("UsernameExistsException", "An account with the given email already exists."):
        cognito.admin_create_user(UserPoolId=address_pool_id, Username=EMAIL)
    cognito.admin_create_user(UserPoolId=address_pool_id, Username=PHONE_NUMBER)
    with refused("UsernameExistsException", "An account with the given phone_number already exists."):
        cognito.admin_create_user(UserPoolId=address_pool_id, Username=PHONE_NUMBER)


@pytest.mark.parametrize(
    ("settings", "username", "message"),
    [
        ({"UsernameAttributes": ["email"]}, "ada", "Username should be an email."),
        ({"UsernameAttributes": ["phone_number"]}, "ada", "Username should be a phone number."),
        (
            {"UsernameAttributes": ["phone_number", "email"]},
            "ada",
            "Username should be either an email or a phone number.",
        ),
        (
            {"AliasAttributes": ["email"]},
            EMAIL,
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
    ],
)
def test_a_name_the_pool_does_not_take(
    cognito: Cognito, make_pool: Make, settings: dict[str, Any], username: str, message: str
) -> None:
    with refused("InvalidParameterException", message):
        cognito.admin_create_user(UserPoolId=make_pool(**settings)["Id"], Username=username)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"Name": "email", "Value": "ada"}, "Invalid email address format."),
        ({"Name": "phone_number", "Value": "555"}, "Invalid phone number format."),
        (
            {"Name": "custom:x", "Value": "1"},
            "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.\n",
        ),
        ({"Name": "sub", "Value": "1"}, "Cannot modify the non-mutable attribute sub"),
        ({"Name": "picture"}, "Attribute value for picture must not be null"),
        ({"Name": "email_verified", "Value": "true"}, "Email is required to verify/un-verify an email"),
    ],
)
def test_an_attribute_that_cannot_be_set(
    cognito: Cognito, pool_id: str, entry: dict[str, str], message: str
) -> None:
    with refused("InvalidParameterException", message):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", UserAttributes=[entry])  # type: ignore[list-item]  # a test says which
    with refused("UserNotFoundException"):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")


def test_what_a_user_must_have_an_administrator_may_leave_out(cognito: Cognito, make_pool: Make) -> None:
    id = make_pool(Schema=[{"Name": "name", "Required": True}])["Id"]
    cognito.admin_create_user(UserPoolId=id, Username="ada")


def test_a_temporary_password_must_conform(cognito: Cognito, pool_id: str) -> None:
    with refused(
        "InvalidPasswordException",
        "Password did not conform with password policy: Password must have numeric characters",
    ):
        cognito.admin_create_user(UserPoolId=pool_id, Username="ada", TemporaryPassword="Password!")


def test_the_temporary_password_signs_in_to_set_another(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make
) -> None:
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada", TemporaryPassword=PASSWORD)
    answer = anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=make_client(pool_id)["ClientId"],
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


# -- aliases ----------------------------------------------------------------------------------------------------------


def test_a_verified_address_of_another_is_refused_or_forced(
    cognito: Cognito, anonymous: Cognito, alias_pool_id: str, make_client: Make, make_user: Make
) -> None:
    verified = attributes(email=EMAIL, email_verified="true")
    make_user(alias_pool_id, "ada", email=EMAIL, email_verified="true")
    cognito.admin_create_user(
        UserPoolId=alias_pool_id, Username="bob", UserAttributes=attributes(email=EMAIL)
    )
    with refused("UsernameExistsException", "An account with the given email already exists."):
        cognito.admin_create_user(UserPoolId=alias_pool_id, Username="eve", UserAttributes=verified)
    cognito.admin_create_user(
        UserPoolId=alias_pool_id, Username="eve", UserAttributes=verified, ForceAliasCreation=True
    )
    assert cognito.admin_get_user(UserPoolId=alias_pool_id, Username=EMAIL)["Username"] == "eve"
    former = cognito.admin_get_user(UserPoolId=alias_pool_id, Username="ada")
    assert values_of(former["UserAttributes"])["email_verified"] == "false"
    assert "AccessToken" in tokens(anonymous, make_client(alias_pool_id), "ada")


def test_an_unverified_address_finds_nobody(cognito: Cognito, alias_pool_id: str, make_user: Make) -> None:
    make_user(alias_pool_id, "ada", email=EMAIL, preferred_username="countess")
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=alias_pool_id, Username=EMAIL)
    assert cognito.admin_get_user(UserPoolId=alias_pool_id, Username="countess")["Username"] == "ada"
    with refused("UsernameExistsException", "An account with the given preferred_username already exists."):
        cognito.admin_create_user(
            UserPoolId=alias_pool_id,
            Username="eve",
            UserAttributes=attributes(preferred_username="countess"),
            ForceAliasCreation=True,
        )


# -- invitations ------------------------------------------------------------------------------------------------------


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


# -- one user ---------------------------------------------------------------------------------------------------------


def test_an_administrator_reads_everything(cognito: Cognito, make_pool: Make) -> None:
    id = make_pool(Schema=[{"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}])[
        "Id"
    ]
    made = cognito.admin_create_user(
        UserPoolId=id,
        Username="ada",
        UserAttributes=attributes(dev__custom__note="x", email=EMAIL),
    )["User"]
    read = cognito.admin_get_user(UserPoolId=id, Username="ada")
    assert read["UserAttributes"] == made["Attributes"]
    assert [entry["Name"] for entry in read["UserAttributes"]] == ["sub", "dev:custom:note", "email"]
    assert read.keys() - {"ResponseMetadata"} == {
        "Username",
        "UserAttributes",
        "UserCreateDate",
        "UserLastModifiedDate",
        "Enabled",
        "UserStatus",
    }


def test_a_user_reads_what_its_client_may_read(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    sub = make_user(pool_id, "ada", email=EMAIL, nickname="A", name="Ada")
    everything = tokens(anonymous, make_client(pool_id), "ada")["AccessToken"]
    answer = anonymous.get_user(AccessToken=everything)
    assert answer["Username"] == "ada"
    assert answer["UserAttributes"][0] == {"Name": "sub", "Value": sub}
    assert values_of(answer["UserAttributes"]) == {"sub": sub, "email": EMAIL, "nickname": "A", "name": "Ada"}
    little = tokens(anonymous, make_client(pool_id, ReadAttributes=["nickname"]), "ada")["AccessToken"]
    assert values_of(anonymous.get_user(AccessToken=little)["UserAttributes"]) == {
        "sub": sub,
        "nickname": "A",
    }
    with refused("NotAuthorizedException", "Invalid Access Token"):
        anonymous.get_user(AccessToken="nonsense")


def test_the_disabled_lose_their_tokens_for_good(
    cognito: Cognito,
    anonymous: Cognito,
    pool_id: str,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> None:
    client = make_client(pool_id)
    make_user(pool_id, "ada")
    given = tokens(anonymous, client, "ada")
    for _ in range(2):
        cognito.admin_disable_user(UserPoolId=pool_id, Username="ada")
        assert not cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["Enabled"]
    with refused("NotAuthorizedException", "User is disabled."):
        anonymous.get_user(AccessToken=given["AccessToken"])
    with refused("NotAuthorizedException", "User is disabled."):
        tokens(anonymous, client, "ada")
    clock.advance(SECOND)
    for _ in range(2):
        cognito.admin_enable_user(UserPoolId=pool_id, Username="ada")
        assert cognito.admin_get_user(UserPoolId=pool_id, Username="ada")["Enabled"]
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        anonymous.get_user(AccessToken=given["AccessToken"])
    with refused("NotAuthorizedException", "Refresh Token has been revoked"):
        anonymous.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=client["ClientId"],
            AuthParameters={"REFRESH_TOKEN": given["RefreshToken"]},
        )
    anonymous.get_user(AccessToken=tokens(anonymous, client, "ada")["AccessToken"])


def test_a_deleted_user_is_gone_and_its_names_are_free(
    cognito: Cognito, anonymous: Cognito, alias_pool_id: str, make_client: Make, make_user: Make
) -> None:
    client = make_client(alias_pool_id)
    sub = make_user(alias_pool_id, "ada", email=EMAIL, email_verified="true")
    token = tokens(anonymous, client, "ada")["AccessToken"]
    cognito.admin_delete_user(UserPoolId=alias_pool_id, Username=EMAIL)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_delete_user(UserPoolId=alias_pool_id, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        anonymous.get_user(AccessToken=token)
    assert cognito.list_users(UserPoolId=alias_pool_id)["Users"] == []
    assert make_user(alias_pool_id, "ada", email=EMAIL, email_verified="true") != sub


def test_a_user_deletes_itself(
    cognito: Cognito, anonymous: Cognito, pool_id: str, make_client: Make, make_user: Make
) -> None:
    make_user(pool_id, "ada")
    token = tokens(anonymous, make_client(pool_id), "ada")["AccessToken"]
    anonymous.delete_user(AccessToken=token)
    with refused("UserNotFoundException", "User does not exist."):
        anonymous.delete_user(AccessToken=token)
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_get_user(UserPoolId=pool_id, Username="ada")


@pytest.mark.parametrize(
    "operation", ["admin_get_user", "admin_enable_user", "admin_disable_user", "admin_delete_user"]
)
def test_who_is_not_there(cognito: Cognito, pool_id: str, operation: str) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        getattr(cognito, operation)(UserPoolId=pool_id, Username="nobody")
    with refused("ResourceNotFoundException", "User pool us-east-1_Missing00 does not exist."):
        getattr(cognito, operation)(UserPoolId="us-east-1_Missing00", Username="nobody")


# -- ListUsers --------------------------------------------------------------------------------------------------------


def names(answer: Any) -> list[str]:
    return [user["Username"] for user in answer["Users"]]


def all_names(cognito: Cognito, pool_id: str, limit: int, **arguments: Any) -> list[str]:
    """The names on all pages, one page after another."""
    found: list[str] = []
    while True:
        answer = cognito.list_users(UserPoolId=pool_id, Limit=limit, **arguments)
        assert len(answer["Users"]) <= limit
        found += names(answer)
        if "PaginationToken" not in answer:
            return found
        arguments["PaginationToken"] = answer["PaginationToken"]


@pytest.fixture
def society(cognito: Cognito, pool_id: str) -> str:
    """A pool with a few users."""
    for username, values in {
        "ada": {"email": "Ada@Example.com", "name": "Ada Lovelace", "family_name": "Lovelace"},
        "bob": {"email": "bob@example.com", "name": 'Bob "the" \\Builder', "phone_number": PHONE_NUMBER},
        "Carol": {
            "email": "carol@example.org",
            "given_name": "Carol",
            "preferred_username": "Z\U0010ffff\U0010ffff",
        },
        "dave": {"name": "dave", "preferred_username": "Z"},
    }.items():
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=username,
            UserAttributes=attributes(**values),
            MessageAction="SUPPRESS",
        )
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="dave", Password=PASSWORD, Permanent=True)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="bob")
    return pool_id


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('username = "ada"', ["ada"]),
        ('username = "Ada"', []),
        ('"username" = "ada"', ["ada"]),
        ('username ^= "C"', ["Carol"]),
        ('username ^= ""', ["Carol", "ada", "bob", "dave"]),
        ('email = "ada@example.com"', ["ada"]),
        ('email = "ADA@EXAMPLE.COM"', ["ada"]),
        ('email ^= "ada@example.com"', ["ada"]),
        ('email ^= ""', ["ada", "bob", "Carol"]),
        ('email = "ada"', []),
        ('phone_number = "+14155550100"', ["bob"]),
        ('phone_number ^= "+1"', ["bob"]),
        ('name ^= "a"', ["ada"]),
        (r'name = "bob \"the\" \\builder"', ["bob"]),
        (r'name = "bob \"the\" \builder"', ["bob"]),
        ('given_name = "carol"', ["Carol"]),
        ('family_name ^= "love"', ["ada"]),
        ('preferred_username ^= "Z"', ["dave", "Carol"]),
        ('preferred_username ^= "z\U0010ffff"', ["Carol"]),
        ('preferred_username ^= "\U0010ffff"', []),
        ('status = "Enabled"', {"ada", "Carol", "dave"}),
        ('status = "Disabled"', ["bob"]),
        ('status = "disabled"', []),
        ('status ^= "Dis"', ["bob"]),
        ('status ^= ""', {"ada", "bob", "Carol", "dave"}),
        ('cognito:user_status = "CONFIRMED"', ["dave"]),
        ('cognito:user_status = "confirmed"', ["dave"]),
        ('cognito:user_status ^= "FORCE"', {"ada", "bob", "Carol"}),
        ('cognito:user_status = "FORCE"', []),
        ('cognito:user_status = "ARCHIVED"', []),
        ("", {"ada", "bob", "Carol", "dave"}),
    ],
)
def test_whom_a_filter_finds_in_which_order(
    cognito: Cognito, society: str, condition: str, found: list[str] | set[str]
) -> None:
    answer = names(cognito.list_users(UserPoolId=society, Filter=condition))
    assert (set(answer) if isinstance(found, set) else answer) == found
    assert len(answer) == len(found)
    assert all_names(cognito, society, 1, Filter=condition) == answer


def test_a_sub_is_a_filter_too(cognito: Cognito, pool_id: str, make_user: Make) -> None:
    sub = make_user(pool_id, "ada")
    make_user(pool_id, "bob")
    for condition in (f'sub = "{sub}"', f'sub = "{sub.upper()}"', f'sub ^= "{sub[:-1]}"'):
        assert names(cognito.list_users(UserPoolId=pool_id, Filter=condition)) == ["ada"]
    assert len(all_names(cognito, pool_id, 1, Filter='sub ^= ""')) == 2
    assert all_names(cognito, pool_id, 1, Filter=f'sub = "{sub[:-1]}"') == []


def test_values_longer_than_an_index_takes_are_found_and_told_apart(cognito: Cognito, pool_id: str) -> None:
    long = "x" * 300
    for username, value in {
        "short": "x" * 195,
        "one": long + "1",
        "two": long + "2",
        "other": "x" * 230 + "y" * 70,
    }.items():
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=username,
            UserAttributes=attributes(name=value),
            MessageAction="SUPPRESS",
        )
    assert set(all_names(cognito, pool_id, 1, Filter=f'name ^= "{"x" * 195}"')) == {
        "short",
        "one",
        "two",
        "other",
    }
    assert set(all_names(cognito, pool_id, 1, Filter=f'name ^= "{"X" * 231}"')) == {"one", "two"}
    assert all_names(cognito, pool_id, 1, Filter=f'name = "{"x" * 231}"') == []
    assert all_names(cognito, pool_id, 1, Filter=f'name = "{"x" * 195}"') == ["short"]


def test_a_changed_value_is_found_and_the_former_is_not(cognito: Cognito, society: str) -> None:
    cognito.admin_update_user_attributes(
        UserPoolId=society, Username="ada", UserAttributes=attributes(email="new@example.com")
    )
    assert names(cognito.list_users(UserPoolId=society, Filter='email ^= "ada"')) == []
    assert names(cognito.list_users(UserPoolId=society, Filter='email = "new@example.com"')) == ["ada"]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("ada", "Error while parsing filter"),
        ('username = "ada" and status = "Enabled"', "Error while parsing filter"),
        ("username = 'ada'", "Error while parsing filter"),
        ('custom:team = "x"', "Invalid search attribute: custom:team"),
        ('nickname = "x"', "Invalid search attribute: nickname"),
    ],
)
def test_a_filter_that_is_refused(cognito: Cognito, pool_id: str, condition: str, message: str) -> None:
    with refused("InvalidParameterException", message):
        cognito.list_users(UserPoolId=pool_id, Filter=condition)


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_a_character_no_database_keeps_is_an_error_of_the_caller(
    cognito: Cognito, pool_id: str, character: str
) -> None:
    with pytest.raises(ClientError) as caught:
        cognito.list_users(UserPoolId=pool_id, Filter=f'name = "{character}"')
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_pages_follow_one_another(cognito: Cognito, pool_id: str) -> None:
    everybody = {f"user{number}" for number in range(12)}
    for username in everybody:
        cognito.admin_create_user(UserPoolId=pool_id, Username=username, MessageAction="SUPPRESS")
    for limit in (1, 5, 12, 60):
        found = all_names(cognito, pool_id, limit)
        assert set(found) == everybody
        assert len(found) == 12
    assert all_names(cognito, pool_id, 5, Filter='username ^= "user1"') == ["user1", "user10", "user11"]
    assert len(cognito.list_users(UserPoolId=pool_id, Limit=0)["Users"]) == 12


def test_a_page_has_sixty_unless_asked_for_less(cognito: Cognito, pool_id: str) -> None:
    def create(number: int) -> None:
        cognito.admin_create_user(UserPoolId=pool_id, Username=f"user{number}", MessageAction="SUPPRESS")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(create, range(61)))
    first = cognito.list_users(UserPoolId=pool_id)
    assert len(first["Users"]) == 60
    second = cognito.list_users(UserPoolId=pool_id, PaginationToken=first["PaginationToken"])
    assert len(second["Users"]) == 1
    assert "PaginationToken" not in second


def test_a_page_token_is_good_for_an_hour_and_for_the_same_question(
    cognito: Cognito, society: str, clock: HeldClock
) -> None:
    token = cognito.list_users(UserPoolId=society, Limit=1)["PaginationToken"]
    cognito.list_users(UserPoolId=society, Limit=2, PaginationToken=token)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_users(UserPoolId=society, Filter='status = "Enabled"', PaginationToken=token)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_users(UserPoolId=society, PaginationToken="nonsense")
    clock.advance(HOUR + SECOND)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.list_users(UserPoolId=society, Limit=2, PaginationToken=token)


def test_only_the_attributes_asked_for_are_told(cognito: Cognito, society: str) -> None:
    answer = cognito.list_users(
        UserPoolId=society, AttributesToGet=["family_name", "sub"], Filter='username = "ada"'
    )
    assert values_of(answer["Users"][0]["Attributes"]).keys() == {"sub", "family_name"}
    answer = cognito.list_users(
        UserPoolId=society, AttributesToGet=["family_name"], Filter='username = "bob"'
    )
    assert answer["Users"][0]["Attributes"] == []
    with refused("InvalidParameterException", "One or more requested attributes do not exist in user pool."):
        cognito.list_users(UserPoolId=society, AttributesToGet=["custom:team"])
    with refused("ResourceNotFoundException", "User pool us-east-1_Missing00 does not exist."):
        cognito.list_users(UserPoolId="us-east-1_Missing00")
