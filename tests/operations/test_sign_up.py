"""Users who make themselves, and how they are confirmed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import Any

import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import DAY, HOUR, SECOND
from cognomen.crypto import hashes
from cognomen.operations import sign_up as operations
from tests.calls import call_of
from tests.codes import messages_of, newest_code, wrong
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server
from tests.watched_store import ran

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

PASSWORD = "Passw0rd!"
EMAIL = "ada@example.com"
PHONE = "+17755550839"
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}

MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
UNKNOWN = ("UserNotFoundException", "Username/client id combination not found.")
CANNOT_RESEND = ("NotAuthorizedException", "Cannot resend codes. Auto verification not turned on.")
CONFIRMED_ALREADY = ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")


def attributes(**values: str) -> list[Any]:
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in values.items()]


class Door:
    """Where people sign up: a pool, and a client of it."""

    def __init__(
        self, server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, client: Any
    ) -> None:
        self.server, self.cognito, self.anonymous = server, cognito, anonymous
        self.pool_id, self.client_id, self.client = pool_id, client["ClientId"], client

    def sign_up(self, username: str, password: str | None = PASSWORD, **values: str) -> Any:
        given: dict[str, Any] = {} if password is None else {"Password": password}
        return self.anonymous.sign_up(
            ClientId=self.client_id, Username=username, UserAttributes=attributes(**values), **given
        )

    def confirm(self, username: str, code: str, **more: Any) -> Any:
        return self.anonymous.confirm_sign_up(
            ClientId=self.client_id, Username=username, ConfirmationCode=code, **more
        )

    def resend(self, username: str) -> Any:
        """Later than what was sent before, so that it is the newest in the inbox."""
        self.server.clock.advance(SECOND)
        answer = self.anonymous.resend_confirmation_code(ClientId=self.client_id, Username=username)
        return answer["CodeDeliveryDetails"]

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def user(self, username: str) -> dict[str, str]:
        """Its attributes, and its status."""
        found = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=username)
        values = {each["Name"]: each["Value"] for each in found["UserAttributes"] if each["Name"] != "sub"}
        return values | {"status": found["UserStatus"]}

    @property
    def messages(self) -> list[dict[str, Any]]:
        return messages_of(self.server, self.pool_id)

    @property
    def code(self) -> str:
        return newest_code(self.server, self.pool_id)


@pytest.fixture
def door_of(
    server: Server, cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make
) -> Callable[..., Door]:
    def make(client: dict[str, Any] | None = None, **settings: Any) -> Door:
        pool_id = make_pool(**settings)["Id"]
        return Door(server, cognito, anonymous, pool_id, make_client(pool_id, **client or {}))

    return make


@pytest.fixture
def door(door_of: Callable[..., Door]) -> Door:
    """A pool that verifies e-mail addresses."""
    return door_of(AutoVerifiedAttributes=["email"])


@pytest.fixture
def discreet(door_of: Callable[..., Door]) -> Door:
    """The same, with a client that does not tell who exists."""
    return door_of({"PreventUserExistenceErrors": "ENABLED"}, AutoVerifiedAttributes=["email"])


# -- SignUp -----------------------------------------------------------------------------------------------------------


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


# -- ConfirmSignUp ----------------------------------------------------------------------------------------------------


def test_a_wrong_code_is_told_from_one_that_is_no_more(door: Door, clock: HeldClock) -> None:
    door.sign_up("ada", email=EMAIL)
    code = door.code
    with refused(*MISMATCH):
        door.confirm("ada", wrong(code))
    with refused(*MISMATCH):
        door.confirm("ada", f"{code}0")
    clock.advance(DAY)
    with refused(*EXPIRED):
        door.confirm("ada", code)
    door.resend("ada")
    door.confirm("ada", door.code)


def test_a_new_code_takes_the_place_of_the_one_before(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    first = door.code
    assert door.resend("ada") == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    if first != door.code:
        with refused(*MISMATCH):
            door.confirm("ada", first)
    door.confirm("ada", door.code)


def test_a_code_belongs_to_its_user(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    code = door.code
    door.sign_up("bert")
    with refused(*EXPIRED):
        door.confirm("bert", code)
    assert door.user("bert")["status"] == "UNCONFIRMED"


def test_a_code_belongs_to_the_client_that_asked_for_it(discreet: Door, make_client: Make) -> None:
    other = copy(discreet)
    other.client_id = make_client(discreet.pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    discreet.sign_up("ada", email=EMAIL)
    discreet.resend("nobody")
    first = newest_code(discreet.server, discreet.pool_id)
    for name in ("ada", "nobody"):
        with refused(*MISMATCH):
            other.confirm(name, first)
    other.resend("ada")
    second = other.code
    with refused(*MISMATCH):
        discreet.confirm("ada", second)
    other.confirm("ada", second)
    assert discreet.user("ada")["status"] == "CONFIRMED"


def test_guesses_at_other_clients_count(door: Door, make_client: Make) -> None:
    other = copy(door)
    other.client_id = make_client(door.pool_id)["ClientId"]
    door.sign_up("ada", email=EMAIL)
    for _ in range(15):
        with refused(*MISMATCH):
            other.confirm("ada", door.code)
    with refused(*LIMIT):
        door.confirm("ada", door.code)


def test_after_fifteen_attempts_in_an_hour_even_the_right_code_is_not_heard(
    door: Door, clock: HeldClock
) -> None:
    door.sign_up("ada", email=EMAIL)
    code = door.code
    clock.advance(HOUR - clock.now % HOUR)
    for _ in range(15):
        with refused(*MISMATCH):
            door.confirm("ada", wrong(code))
    for _ in range(2):
        with refused(*LIMIT):
            door.confirm("ada", code)
    clock.advance(HOUR)
    door.confirm("ada", code)


def test_of_many_guesses_at_once_fifteen_are_heard(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    code = wrong(door.code)

    def guess(_: int) -> str:
        try:
            door.confirm("ada", code)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "confirmed"

    with ThreadPoolExecutor(8) as threads:
        outcomes = sorted(threads.map(guess, range(20)))
    assert outcomes == ["CodeMismatchException"] * 15 + ["LimitExceededException"] * 5


def test_a_code_confirms_once_however_many_come_with_it(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    code = door.code

    def confirm(_: int) -> str:
        try:
            door.confirm("ada", code)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "confirmed"

    with ThreadPoolExecutor(6) as threads:
        outcomes = sorted(threads.map(confirm, range(6)))
    assert outcomes[-1] == "confirmed"
    assert set(outcomes[:-1]) <= {"ExpiredCodeException", "NotAuthorizedException"}, (
        "before it was read, and after"
    )


def test_a_code_for_an_address_that_was_changed_meanwhile_is_no_more(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    code = door.code
    door.cognito.admin_update_user_attributes(
        UserPoolId=door.pool_id,
        Username="ada",
        UserAttributes=attributes(email="new@example.com", email_verified="false"),
    )
    with refused(*EXPIRED):
        door.confirm("ada", code)
    door.resend("ada")
    assert door.messages[0]["destination"] == "new@example.com"


def test_an_address_that_is_another_s_alias_moves_only_by_force(door_of: Callable[..., Door]) -> None:
    door = door_of(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    for name in ("ada", "bert"):
        door.server.clock.advance(SECOND)
        door.sign_up(name, email=EMAIL)
        if name == "ada":
            door.confirm("ada", door.code)
    with refused("AliasExistsException", "An account with the email already exists."):
        door.confirm("bert", door.code)
    assert door.user(EMAIL)["status"] == "CONFIRMED"
    door.confirm("bert", door.code, ForceAliasCreation=True)
    assert door.user("ada")["email_verified"] == "false"
    assert door.cognito.admin_get_user(UserPoolId=door.pool_id, Username=EMAIL)["Username"] == "bert"


def test_who_has_confirmed_is_told_so_when_the_code_comes_again(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    door.confirm("ada", door.code)
    with refused(*CONFIRMED_ALREADY):
        door.confirm("ada", door.code)


def test_who_is_confirmed_already_is_told_so_whatever_the_code(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    door.cognito.admin_confirm_sign_up(UserPoolId=door.pool_id, Username="ada")
    for code in [wrong(door.code)] * 20 + [door.code]:
        with refused(*CONFIRMED_ALREADY):
            door.confirm("ada", code)


def test_a_deleted_user_s_code_goes_with_it(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    code = door.code
    door.cognito.admin_delete_user(UserPoolId=door.pool_id, Username="ada")
    with refused(*UNKNOWN):
        door.confirm("ada", code)
    door.sign_up("ada")
    with refused(*EXPIRED):
        door.confirm("ada", code)


def test_a_disabled_user_is_told_so(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    door.cognito.admin_disable_user(UserPoolId=door.pool_id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        door.confirm("ada", door.code)
    with refused("NotAuthorizedException", "User is disabled."):
        door.resend("ada")


# -- AdminConfirmSignUp -----------------------------------------------------------------------------------------------


def test_an_administrator_confirms_without_verifying_an_address(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    door.cognito.admin_confirm_sign_up(UserPoolId=door.pool_id, Username="ada")
    assert door.user("ada") == {"email": EMAIL, "email_verified": "false", "status": "CONFIRMED"}
    assert door.sign_in("ada")["AuthenticationResult"]
    with refused(*CONFIRMED_ALREADY):
        door.cognito.admin_confirm_sign_up(UserPoolId=door.pool_id, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        door.cognito.admin_confirm_sign_up(UserPoolId=door.pool_id, Username="nobody")


# -- ResendConfirmationCode -------------------------------------------------------------------------------------------


def test_nothing_is_sent_again_where_there_is_nothing_to_confirm(
    door: Door, door_of: Callable[..., Door]
) -> None:
    with refused(*UNKNOWN):
        door.resend("nobody")
    door.sign_up("ada")
    with refused(*CANNOT_RESEND):
        door.resend("ada")
    door.sign_up("bert", email=EMAIL)
    door.confirm("bert", door.code)
    with refused("InvalidParameterException", "User is already confirmed."):
        door.resend("bert")
    with refused(*CANNOT_RESEND):
        door_of().resend("anybody")


def test_five_codes_an_hour_are_sent_again(door: Door, clock: HeldClock) -> None:
    door.sign_up("ada", email=EMAIL)
    clock.advance(HOUR - clock.now % HOUR)
    for _ in range(5):
        door.resend("ada")
    with refused(*LIMIT):
        door.resend("ada")
    assert len(door.messages) == 6
    clock.advance(HOUR)
    door.resend("ada")


# -- a client that does not tell who exists ---------------------------------------------------------------------------


def test_whether_somebody_has_confirmed_is_told_for_the_right_code_alone(discreet: Door) -> None:
    discreet.sign_up("ada", email=EMAIL)
    discreet.confirm("ada", discreet.code)
    discreet.server.clock.advance(SECOND)
    discreet.sign_up("bert", email="bert@example.com")
    discreet.cognito.admin_confirm_sign_up(UserPoolId=discreet.pool_id, Username="bert")
    for name in ("ada", "nobody"):
        with refused(*EXPIRED):
            discreet.confirm(name, discreet.code)
    with refused(*MISMATCH):
        discreet.confirm("bert", wrong(discreet.code))
    with refused(*CONFIRMED_ALREADY):
        discreet.confirm("bert", discreet.code)


def test_a_name_nobody_has_is_sent_codes_that_go_nowhere(discreet: Door) -> None:
    with refused(*EXPIRED):
        discreet.confirm("nobody", "123456")
    details = discreet.resend("nobody")
    assert details["DeliveryMedium"] == "EMAIL"
    assert details == discreet.resend("nobody"), "the same each time"
    assert discreet.resend("someone@elsewhere.org")["Destination"] == "s***@e***"
    with refused(*MISMATCH):
        discreet.confirm("nobody", "123456")
    assert discreet.messages == []


def test_limits_hold_for_a_name_nobody_has_as_for_a_user(discreet: Door, clock: HeldClock) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    discreet.sign_up("ada", email=EMAIL)
    for name in ("ada", "nobody"):
        for _ in range(5):
            discreet.resend(name)
        with refused(*LIMIT):
            discreet.resend(name)
        for _ in range(15):
            with refused(*MISMATCH):
                discreet.confirm(name, wrong(discreet.code))
        with refused(*LIMIT):
            discreet.confirm(name, wrong(discreet.code))


def test_neither_a_state_nor_a_missing_address_tells_that_a_user_exists(discreet: Door) -> None:
    discreet.sign_up("ada", email=EMAIL)
    discreet.confirm("ada", discreet.code)
    discreet.sign_up("bert")
    discreet.sign_up("carl", email="carl@example.com")
    code = discreet.code
    discreet.cognito.admin_disable_user(UserPoolId=discreet.pool_id, Username="carl")
    with refused(*MISMATCH):
        discreet.confirm("carl", code)
    for name in ("ada", "bert", "carl"):
        assert discreet.resend(name)["DeliveryMedium"] == "EMAIL"
        with refused(*MISMATCH):
            discreet.confirm(name, "123456")
    assert len(discreet.messages) == 2


def test_a_message_that_does_not_arrive_tells_nothing(
    discreet: Door, take_mail_down: Callable[[], None]
) -> None:
    discreet.sign_up("ada", email=EMAIL)
    take_mail_down()
    assert discreet.resend("ada")["DeliveryMedium"] == "EMAIL"


def test_a_stranger_costs_what_a_user_costs(server: Server, discreet: Door) -> None:
    """The same transactions of the same statements, until both have used up their hour."""
    discreet.sign_up("ada", email=EMAIL)
    discreet.sign_up("bert", email="bert@example.com")
    discreet.cognito.admin_confirm_sign_up(UserPoolId=discreet.pool_id, Username="bert")
    call = server.run(call_of(server.node, discreet.pool_id, discreet.client_id))
    for _ in range(16):
        resent = [
            server.run(ran(call, operations.resend_confirmation_code, {"Username": name}))
            for name in ("ada", "bert", "nobody")
        ]
        assert resent[0] == resent[1] == resent[2]
        answer = {"ConfirmationCode": "wrong"}
        confirmed = [
            server.run(ran(call, operations.confirm_sign_up, {"Username": name} | answer))
            for name in ("ada", "nobody")
        ]
        assert confirmed[0] == confirmed[1]
    assert confirmed[0][1] == "LimitExceededException: Attempt limit exceeded, please try after some time."
