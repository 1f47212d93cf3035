"""SignUp."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cognomen.crypto import hashes
from tests.operations.sign_up.conftest import EMAIL, PASSWORD, Cognito, Door, attributes
from tests.refused import refused

PHONE = "+17755550839"
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}


def test_a_person_signs_up_confirms_with_the_code_and_signs_in(door: Door) -> None:
    answer = door.sign_up("ada", email=EMAIL, nickname="A")
    assert answer["UserConfirmed"] is False
    assert answer["CodeDeliveryDetails"] == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    with refused("UserNotConfirmedException", "User is not confirmed."):
        door.sign_in("ada")
    (message,) = door.messages
    code = message["code"]
    assert (len(code), code.isdecimal()) == (6, True)
    assert message["subject"] == "Your verification code"
    assert message["body"] == f"Your verification code is {code}. "
    assert (message["sub"], message["purpose"]) == (answer["UserSub"], "sign-up")
    assert door.user("ada") == {
        "email": EMAIL,
        "email_verified": "false",
        "nickname": "A",
        "status": "UNCONFIRMED",
    }
    assert "Session" not in door.confirm("ada", code)
    assert door.user("ada") == {
        "email": EMAIL,
        "email_verified": "true",
        "nickname": "A",
        "status": "CONFIRMED",
    }
    assert door.sign_in("ada")["AuthenticationResult"]


@pytest.mark.parametrize(
    ("verified", "given", "medium"),
    [
        ([], {"email": EMAIL}, None),
        (["email"], {}, None),
        (["email"], {"phone_number": PHONE}, None),
        (["email"], {"email": EMAIL, "phone_number": PHONE}, "EMAIL"),
        (["email", "phone_number"], {"email": EMAIL}, "EMAIL"),
        (["email", "phone_number"], {"email": EMAIL, "phone_number": PHONE}, "SMS"),
    ],
)
def test_a_code_goes_to_an_address_that_is_given_and_verified_by_the_pool(
    door_of: Callable[..., Door], verified: list[str], given: dict[str, str], medium: str | None
) -> None:
    door = door_of(AutoVerifiedAttributes=verified, SmsConfiguration=SMS)
    answer = door.sign_up("ada", **given)
    assert answer.get("CodeDeliveryDetails", {}).get("DeliveryMedium") == medium
    assert [message["medium"] for message in door.messages] == ([medium] if medium else [])
    if medium == "SMS":
        assert answer["CodeDeliveryDetails"]["Destination"] == "+*******0839"
        door.confirm("ada", door.code)
        assert door.user("ada")["phone_number_verified"] == "true"
        assert door.user("ada").get("email_verified") == ("false" if "email" in given else None)


def test_where_an_address_is_the_name_the_user_is_called_by_its_sub(door_of: Callable[..., Door]) -> None:
    door = door_of(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])
    sub = door.sign_up(EMAIL)["UserSub"]
    with refused("UsernameExistsException", "An account with the given email already exists."):
        door.sign_up(EMAIL)
    with refused("InvalidParameterException", "Username should be an email."):
        door.sign_up("ada")
    door.confirm(EMAIL, door.code)
    assert door.sign_in(EMAIL)["AuthenticationResult"]
    assert door.cognito.admin_get_user(UserPoolId=door.pool_id, Username=EMAIL)["Username"] == sub


def test_a_name_is_taken_once(door: Door) -> None:
    door.sign_up("ada")
    with refused("UsernameExistsException", "User already exists"):
        door.sign_up("ada", email=EMAIL)
    assert door.messages == []

    def sign_up(_: int) -> str:
        try:
            door.sign_up("bert", email=EMAIL)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return "signed up"

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(sign_up, range(4)))
    assert outcomes == ["User already exists"] * 3 + ["signed up"]
    assert len(door.messages) == 1, "a message is queued with the user it tells, or not at all"


@pytest.mark.parametrize(
    ("password", "violation"),
    [
        ("Ab1!", "Password not long enough"),
        ("passw0rd!", "Password must have uppercase characters"),
        ("Passw0rd", "Password must have symbol characters"),
    ],
)
def test_a_password_unlike_the_policy_is_refused(door: Door, password: str, violation: str) -> None:
    with refused("InvalidPasswordException", f"Password did not conform with policy: {violation}"):
        door.sign_up("ada", password)


def test_a_password_is_wanted_unless_one_can_sign_in_without(
    door: Door, door_of: Callable[..., Door]
) -> None:
    with refused("InvalidPasswordException", "Password is required."):
        door.sign_up("ada", None)
    passwordless = door_of(
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
    )
    passwordless.sign_up("ada", None, email=EMAIL)
    passwordless.confirm("ada", passwordless.code)
    assert passwordless.user("ada")["status"] == "CONFIRMED"
    passwordless.sign_up("bob", "", email="bob@example.com")
    with refused("InvalidPasswordException"):
        door.sign_up("bob", "")


def test_attributes_are_checked_and_only_those_the_client_may_write_are_taken(
    door_of: Callable[..., Door],
) -> None:
    door = door_of({"WriteAttributes": ["name", "nickname"]}, Schema=[{"Name": "name", "Required": True}])
    with refused("NotAuthorizedException", "A client attempted to write unauthorized attribute"):
        door.sign_up("ada", name="Ada", email=EMAIL)
    with refused(
        "InvalidParameterException",
        "Attributes did not conform to the schema: name.formatted: The attribute name.formatted is required\n",
    ):
        door.sign_up("ada")
    door.sign_up("ada", name="Ada")


def test_nobody_verifies_its_own_address_by_saying_so(door: Door) -> None:
    with refused("NotAuthorizedException"):
        door.sign_up("ada", email=EMAIL, email_verified="true")


def test_a_preferred_name_that_is_an_alias_comes_later(door_of: Callable[..., Door]) -> None:
    door = door_of(AliasAttributes=["preferred_username"])
    with refused(
        "InvalidParameterException",
        "The preferred_username is an alias in this user pool and can be set only once the user is confirmed.",
    ):
        door.sign_up("ada", preferred_username="countess")
    plain = door_of()
    plain.sign_up("ada", preferred_username="countess")


def test_where_administrators_make_the_users_nobody_signs_up(door_of: Callable[..., Door]) -> None:
    door = door_of(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    with refused("NotAuthorizedException", "SignUp is not permitted for this user pool"):
        door.sign_up("ada")


def test_a_client_that_does_not_exist_is_told(anonymous: Cognito) -> None:
    with refused("ResourceNotFoundException", "User pool client nothing does not exist."):
        anonymous.sign_up(ClientId="nothing", Username="ada", Password=PASSWORD)


def test_a_pool_whose_trigger_may_refuse_takes_nobody(door_of: Callable[..., Door]) -> None:
    arn = "arn:aws:lambda:us-east-1:000000000000:function:guard"
    door = door_of(LambdaConfig={"PreSignUp": arn})
    with refused("UnexpectedLambdaException"):
        door.sign_up("ada")


def test_a_user_whose_message_does_not_arrive_is_there_all_the_same(
    door: Door, take_mail_down: Callable[[], None]
) -> None:
    take_mail_down()
    with refused("CodeDeliveryFailureException", "Failed to send the message."):
        door.sign_up("ada", email=EMAIL)
    assert door.user("ada")["status"] == "UNCONFIRMED"
    with refused("CodeDeliveryFailureException"):
        door.resend("ada")


def test_a_client_with_a_secret_proves_that_it_has_it(door_of: Callable[..., Door]) -> None:
    door = door_of({"GenerateSecret": True}, AutoVerifiedAttributes=["email"])
    id, secret = door.client_id, door.client["ClientSecret"]
    proof = hashes.secret_hash(secret, "ada", id)
    missing = ("NotAuthorizedException", f"Client {id} is configured for secret but secret was not received")
    mismatch = ("NotAuthorizedException", f"Unable to verify secret hash for client {id}")
    requests: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (door.anonymous.sign_up, {"Password": PASSWORD, "UserAttributes": attributes(email=EMAIL)}),
        (door.anonymous.resend_confirmation_code, {}),
        (door.anonymous.confirm_sign_up, {"ConfirmationCode": "000000"}),
    ]
    for call, given in requests:
        with refused(*missing):
            call(ClientId=id, Username="ada", **given)
        with refused(*mismatch):
            call(ClientId=id, Username="ada", SecretHash=hashes.secret_hash(secret, "bert", id), **given)
    door.anonymous.sign_up(
        ClientId=id,
        Username="ada",
        Password=PASSWORD,
        SecretHash=proof,
        UserAttributes=attributes(email=EMAIL),
    )
    door.confirm("ada", door.code, SecretHash=proof)
    assert door.user("ada")["status"] == "CONFIRMED"


def test_a_pool_with_links_sends_a_link_and_the_code_in_it_confirms(door_of: Callable[..., Door]) -> None:
    door = door_of(
        AutoVerifiedAttributes=["email"],
        VerificationMessageTemplate={
            "DefaultEmailOption": "CONFIRM_WITH_LINK",
            "EmailMessageByLink": "Welcome! {##Click & go##} now",
            "EmailSubjectByLink": "Your link",
        },
    )
    door.sign_up("ada lovelace".replace(" ", "+"), email=EMAIL)
    (message,) = door.messages
    url = (
        f"{door.server.settings.own_url}/confirmUser/?client_id={door.client_id}"
        f"&amp;user_name=ada%2Blovelace&amp;confirmation_code={message['code']}"
    )
    assert message["subject"] == "Your link"
    assert message["body"] == f'Welcome! <a href="{url}">Click & go</a> now'
    door.resend("ada+lovelace")
    assert "confirmUser" in door.messages[0]["body"]
    door.confirm("ada+lovelace", door.code)
