"""Passwords replaced with a code: asked for by the user, or reset by an administrator."""

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
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import HOUR, SECOND
from cognomen.crypto import hashes
from cognomen.errors import Refusal
from cognomen.messages import code_delivery
from cognomen.operations import passwords as operations
from cognomen.store import users
from cognomen.store.database import Db
from cognomen.store.users import Alias
from cognomen.users import codes, passwords, rows, status
from tests.calls import call_of
from tests.codes import messages_of, newest_code, wrong
from tests.held_clock import HeldClock
from tests.meeting import overtaken
from tests.refused import refused
from tests.server import Server
from tests.watched_store import WatchedStore, ran

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

PASSWORD = "Passw0rd!"
NEW_PASSWORD = "N3w-Passw0rd!"
EMAIL = "ada@example.com"
PHONE = "+17755550839"
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}

MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
UNKNOWN = ("UserNotFoundException", "Username/client id combination not found.")
NOTHING_VERIFIED = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)
CANNOT_RESET = ("NotAuthorizedException", "User password cannot be reset in the current state.")


class Desk:
    """Where people who have forgotten their passwords come: a pool, and a client of it."""

    def __init__(
        self, server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, client: Any, make_user: Make
    ) -> None:
        self.server, self.cognito, self.anonymous = server, cognito, anonymous
        self.pool_id, self.client, self.make_user = pool_id, client, make_user
        self.client_id = client["ClientId"]

    def add(self, username: str, **given: Any) -> None:
        self.make_user(self.pool_id, username, **given)

    def forget(self, username: str = "ada") -> Any:
        """Later than what was sent before, so that it is the newest in the inbox."""
        self.server.clock.advance(SECOND)
        answer = self.anonymous.forgot_password(ClientId=self.client_id, Username=username)
        return answer["CodeDeliveryDetails"]

    def confirm(self, code: str, password: str = NEW_PASSWORD, username: str = "ada", **more: Any) -> None:
        self.anonymous.confirm_forgot_password(
            ClientId=self.client_id, Username=username, ConfirmationCode=code, Password=password, **more
        )

    def reset(self, username: str = "ada") -> None:
        self.server.clock.advance(SECOND)
        self.cognito.admin_reset_user_password(UserPoolId=self.pool_id, Username=username)

    def sign_in(self, password: str, username: str = "ada") -> Any:
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def status(self, username: str = "ada") -> str:
        return self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=username)["UserStatus"]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return messages_of(self.server, self.pool_id)

    @property
    def code(self) -> str:
        return newest_code(self.server, self.pool_id)


@pytest.fixture
def desk_of(
    server: Server,
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
) -> Callable[..., Desk]:
    def make(client: dict[str, Any] | None = None, **settings: Any) -> Desk:
        pool_id = make_pool(**settings)["Id"]
        return Desk(server, cognito, anonymous, pool_id, make_client(pool_id, **client or {}), make_user)

    return make


@pytest.fixture
def desk(desk_of: Callable[..., Desk]) -> Desk:
    """A pool with ada, whose e-mail address is verified."""
    found = desk_of()
    found.add("ada", email=EMAIL, email_verified="true")
    return found


@pytest.fixture
def discreet(desk_of: Callable[..., Desk]) -> Desk:
    """The same, with a client that does not tell who exists."""
    found = desk_of({"PreventUserExistenceErrors": "ENABLED"})
    found.add("ada", email=EMAIL, email_verified="true")
    return found


# -- ForgotPassword and ConfirmForgotPassword -------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_with_the_code(desk: Desk) -> None:
    tokens = desk.sign_in(PASSWORD)["AuthenticationResult"]
    assert desk.forget() == {
        "Destination": "a***@e***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    (message,) = desk.messages
    assert message["subject"] == "Your verification code"
    assert message["body"] == f"Your password reset code is {message['code']}. "
    assert message["purpose"] == "forgot-password"
    desk.sign_in(PASSWORD)  # until the code is used
    desk.confirm(message["code"])
    assert desk.sign_in(NEW_PASSWORD)["AuthenticationResult"]
    with refused("NotAuthorizedException", "Incorrect username or password."):
        desk.sign_in(PASSWORD)
    with refused(*EXPIRED):
        desk.confirm(message["code"])
    desk.anonymous.get_user(AccessToken=tokens["AccessToken"])  # a new password revokes nothing


@pytest.mark.parametrize(
    ("mechanisms", "verified", "medium"),
    [
        (None, ["email", "phone_number"], "EMAIL"),
        (None, ["phone_number"], "SMS"),
        ([], ["email", "phone_number"], "SMS"),
        ([], ["email"], "EMAIL"),
        ([("verified_email", 2), ("verified_phone_number", 1)], ["email", "phone_number"], "SMS"),
        ([("verified_email", 1), ("verified_phone_number", 2)], ["email", "phone_number"], "EMAIL"),
        ([("verified_email", 1)], ["phone_number"], None),
        (None, [], None),
    ],
)
def test_the_code_goes_where_the_pool_says_first_among_what_is_verified(
    desk_of: Callable[..., Desk],
    mechanisms: list[tuple[str, int]] | None,
    verified: list[str],
    medium: str | None,
) -> None:
    settings: dict[str, Any] = {}
    if mechanisms is not None:
        recovery = [{"Name": name, "Priority": priority} for name, priority in mechanisms]
        settings["AccountRecoverySetting"] = {"RecoveryMechanisms": recovery} if recovery else {}
    desk = desk_of(**settings)
    flags = {f"{attribute}_verified": "true" for attribute in verified}
    desk.add("ada", email=EMAIL, phone_number=PHONE, **flags)
    if medium is None:
        with refused(*NOTHING_VERIFIED):
            desk.forget()
        with refused(*NOTHING_VERIFIED):
            desk.reset()
        assert desk.messages == []
        return
    assert desk.forget()["DeliveryMedium"] == medium
    desk.reset()
    assert [message["medium"] for message in desk.messages] == [medium] * 2


def test_a_pool_has_one_text_for_all_codes(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(EmailVerificationMessage="Hello {username}, {####}!", EmailVerificationSubject="A code")
    desk.add("ada", email=EMAIL, email_verified="true")
    desk.forget()
    (message,) = desk.messages
    assert (message["subject"], message["body"]) == ("A code", f"Hello ada, {message['code']}!")


def test_where_only_administrators_help_nobody_is_sent_a_code_for_asking(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]})
    desk.add("ada", email=EMAIL, email_verified="true")
    for name in ("ada", "nobody"):
        with refused("NotAuthorizedException", "Contact administrator to reset password."):
            desk.forget(name)
    desk.reset()
    desk.confirm(desk.code)
    assert desk.sign_in(NEW_PASSWORD)["AuthenticationResult"]


def test_who_cannot_have_forgotten_a_password_is_told_so(desk: Desk) -> None:
    with refused(*UNKNOWN):
        desk.forget("nobody")
    with refused(*UNKNOWN):
        desk.confirm("123456", username="nobody")
    desk.add("bert", permanent=False, email="bert@example.com", email_verified="true")
    with refused(*CANNOT_RESET):
        desk.forget("bert")
    desk.cognito.admin_disable_user(UserPoolId=desk.pool_id, Username="ada")
    with refused("NotAuthorizedException", "User is disabled."):
        desk.forget()
    with refused("NotAuthorizedException", "User is disabled."):
        desk.confirm("123456")


def test_a_wrong_code_changes_nothing_and_the_right_one_still_counts(desk: Desk, clock: HeldClock) -> None:
    with refused(*EXPIRED):
        desk.confirm("123456")
    desk.forget()
    code = desk.code
    with refused(*MISMATCH):
        desk.confirm(wrong(code))
    desk.sign_in(PASSWORD)
    with refused("InvalidPasswordException", "Password does not conform to policy: Password not long enough"):
        desk.confirm(code, "short")
    desk.confirm(code)
    desk.forget()
    code = desk.code
    clock.advance(HOUR)
    with refused(*EXPIRED):
        desk.confirm(code)


def test_a_code_resets_once_however_many_come_with_it(desk: Desk) -> None:
    desk.forget()
    code = desk.code

    def confirm(number: int) -> str:
        password = f"{NEW_PASSWORD}{number}"
        try:
            desk.confirm(code, password)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return password

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(confirm, range(4)))
    (winner,) = set(outcomes) - {"ExpiredCodeException"}
    assert outcomes.count("ExpiredCodeException") == 3
    assert desk.sign_in(winner)["AuthenticationResult"]


def test_ten_requests_and_attempts_an_hour_are_heard(desk: Desk, clock: HeldClock) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    for _ in range(4):
        desk.forget()
    code = desk.code
    for _ in range(6):
        with refused(*MISMATCH):
            desk.confirm(wrong(code))
    with refused(*LIMIT):
        desk.confirm(code)
    with refused(*LIMIT):
        desk.forget()
    assert len(desk.messages) == 4
    clock.advance(HOUR)
    desk.forget()
    desk.confirm(desk.code)


def test_former_passwords_are_told_only_to_whoever_has_the_code(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 3}})
    desk.add("ada", email=EMAIL, email_verified="true")
    desk.forget()
    code = desk.code
    with refused(*MISMATCH):
        desk.confirm(wrong(code), PASSWORD)
    with refused("PasswordHistoryPolicyViolationException"):
        desk.confirm(code, PASSWORD)
    desk.confirm(code)
    desk.reset()
    for former in (PASSWORD, NEW_PASSWORD):
        with refused("PasswordHistoryPolicyViolationException"):
            desk.confirm(desk.code, former)


def test_a_new_password_ends_the_lock_out(desk: Desk) -> None:
    for _ in range(8):
        with refused("NotAuthorizedException"):
            desk.sign_in("wrong")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        desk.sign_in(PASSWORD)
    desk.anonymous.forgot_password(ClientId=desk.client_id, Username="ada")
    desk.confirm(desk.code)
    assert desk.sign_in(NEW_PASSWORD)["AuthenticationResult"]


def test_a_code_to_an_address_that_is_no_more_the_user_s_does_not_reset(desk: Desk) -> None:
    desk.forget()
    desk.cognito.admin_update_user_attributes(
        UserPoolId=desk.pool_id,
        Username="ada",
        UserAttributes=[
            {"Name": "email", "Value": "new@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )
    with refused(*EXPIRED):
        desk.confirm(desk.code)
    desk.sign_in(PASSWORD)


def test_a_code_ends_with_whatever_is_done_later_to_keep_others_out(desk: Desk) -> None:
    user: Any = {"UserPoolId": desk.pool_id, "Username": "ada"}
    own = "0wn-Passw0rd!"

    def change() -> None:
        token = desk.sign_in(PASSWORD)["AuthenticationResult"]["AccessToken"]
        desk.anonymous.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=own)

    def sign_out() -> None:
        token = desk.sign_in(own)["AuthenticationResult"]["AccessToken"]
        desk.anonymous.global_sign_out(AccessToken=token)

    def set_by_admin() -> None:
        desk.cognito.admin_set_user_password(**user, Password=own, Permanent=True)

    def reset_and_set() -> None:
        desk.reset()
        set_by_admin()

    def disable() -> None:
        desk.cognito.admin_disable_user(**user)
        desk.cognito.admin_enable_user(**user)

    for later in (
        change,
        sign_out,
        set_by_admin,
        reset_and_set,
        disable,
        partial(desk.cognito.admin_user_global_sign_out, **user),
    ):
        desk.server.clock.advance(HOUR)  # which hears ten requests
        desk.forget()
        kept = desk.code
        later()
        with refused(*EXPIRED):
            desk.confirm(kept)
        desk.sign_in(own)


def test_a_code_that_is_being_queued_while_a_password_is_set_ends_with_it(server: Server, desk: Desk) -> None:
    """What is not committed is not found: whoever sets the password must wait for it."""

    async def race() -> str:
        call = await call_of(server.node, desk.pool_id, desk.client_id)
        holder = await codes.holder(call, "ada")
        delivery = await operations._forgotten(call, holder, None)
        assert delivery is not None
        assert delivery.message.code is not None

        def ask(db: Db) -> None:
            code_delivery.queue_counted(db, call, delivery, holder, codes.FORGOT_QUOTA)

        setting = partial(
            desk.cognito.admin_set_user_password,
            UserPoolId=desk.pool_id,
            Username="ada",
            Password=NEW_PASSWORD,
            Permanent=True,
        )
        await overtaken(server.store, ask, asyncio.to_thread(setting))
        return delivery.message.code

    code = server.run(race())
    with refused(*EXPIRED):
        desk.confirm(code, "0ther-Passw0rd!")
    assert desk.sign_in(NEW_PASSWORD)["AuthenticationResult"]


def test_a_change_that_comes_too_late_leaves_a_newer_code_good(server: Server, desk: Desk) -> None:
    """Its own proof of the previous password is worth nothing any more, and so is what it would end."""
    call = server.run(call_of(server.node, desk.pool_id, desk.client_id))
    user = server.run(server.store.read(users.by_alias, desk.pool_id, [Alias("username", "ada")]))
    assert user is not None

    def overtake() -> None:
        desk.cognito.admin_set_user_password(
            UserPoolId=desk.pool_id, Username="ada", Password="0ther-Passw0rd!", Permanent=True
        )
        desk.forget()

    watched = WatchedStore(call.store, partial(asyncio.to_thread, overtake))
    late = replace(call, store=watched, found_user=user)
    request = {"PreviousPassword": PASSWORD, "ProposedPassword": "0wn-Passw0rd!"}
    with pytest.raises(Refusal, match="Incorrect username or password"):
        server.run(operations.change_password(late, cast("Any", request)))
    desk.confirm(desk.code)
    assert desk.sign_in(NEW_PASSWORD)["AuthenticationResult"]


def test_a_code_that_was_queued_behind_a_temporary_password_ends_with_the_user_s_own(
    server: Server, desk: Desk
) -> None:
    """Whoever asked for it saw a user who may have forgotten a password; an administrator came between."""
    temporary = "T3mporary-one!"

    async def overtake() -> None:
        await asyncio.to_thread(
            desk.cognito.admin_set_user_password,
            UserPoolId=desk.pool_id,
            Username="ada",
            Password=temporary,
        )

    call = server.run(call_of(server.node, desk.pool_id, desk.client_id))
    watched = replace(call, store=WatchedStore(call.store, overtake))
    server.run(operations.forgot_password(watched, cast("Any", {"Username": "ada"})))
    asked = desk.sign_in(temporary)
    desk.anonymous.respond_to_auth_challenge(
        ClientId=desk.client_id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": "0wn-Passw0rd!"},
    )
    with refused(*EXPIRED):
        desk.confirm(desk.code)
    assert desk.sign_in("0wn-Passw0rd!")["AuthenticationResult"]


def test_a_user_with_a_temporary_password_no_longer_resets_it(desk: Desk) -> None:
    desk.forget()
    desk.cognito.admin_set_user_password(
        UserPoolId=desk.pool_id, Username="ada", Password="T3mporary!", Permanent=False
    )
    with refused(*EXPIRED):
        desk.confirm(desk.code)


def test_a_code_belongs_to_the_client_that_asked_for_it(desk: Desk, make_client: Make) -> None:
    other = copy(desk)
    other.client_id = make_client(desk.pool_id)["ClientId"]
    desk.forget()
    with refused(*MISMATCH):
        other.confirm(desk.code)
    other.forget()
    with refused(*MISMATCH):
        desk.confirm(desk.code)
    other.confirm(desk.code)
    assert desk.sign_in(NEW_PASSWORD)["AuthenticationResult"]


def test_the_code_of_an_administrator_is_of_no_client(desk: Desk, make_client: Make) -> None:
    other = copy(desk)
    other.client_id = make_client(desk.pool_id)["ClientId"]
    desk.reset()
    other.confirm(desk.code)
    desk.reset()
    desk.confirm(desk.code, PASSWORD)


def test_a_client_with_a_secret_proves_that_it_has_it(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of({"GenerateSecret": True})
    desk.add("ada", email=EMAIL, email_verified="true")
    id = desk.client_id
    with refused(
        "NotAuthorizedException", f"Client {id} is configured for secret but secret was not received"
    ):
        desk.forget()
    with refused("NotAuthorizedException", f"Unable to verify secret hash for client {id}"):
        desk.confirm("123456", SecretHash="wrong")
    proof = hashes.secret_hash(desk.client["ClientSecret"], "ada", id)
    desk.anonymous.forgot_password(ClientId=id, Username="ada", SecretHash=proof)
    desk.confirm(desk.code, SecretHash=proof)


def test_a_code_that_does_not_arrive_is_told(desk: Desk, take_mail_down: Callable[[], None]) -> None:
    take_mail_down()
    with refused("CodeDeliveryFailureException"):
        desk.forget()
    desk.reset()  # declares no such error; the message is tried again
    assert desk.status() == "RESET_REQUIRED"


def test_a_password_that_changed_between_code_and_reset_is_not_overwritten(
    server: Server, desk: Desk
) -> None:
    """The new password was compared with what the user had, and that is no more."""
    desk.forget()
    call = server.run(call_of(server.node, desk.pool_id, desk.client_id))

    async def overtake() -> None:
        user = await server.store.read(users.by_alias, desk.pool_id, [Alias("username", "ada")])
        assert user is not None
        kept = passwords.make(server.node.vault, user, "An0ther-one!")
        await server.store.write(
            rows.change, call.pool, user.sub, lambda user: passwords.put(user, kept, call.now)
        )

    class Overtaken(WatchedStore):
        """Another request comes between the attempt and the reset."""

        async def write(self, *args: Any, **kwargs: Any) -> Any:
            if self.transactions.count("write") == 1:
                await overtake()
            return await super().write(*args, **kwargs)

    watched = replace(call, store=Overtaken(call.store))
    request = {"Username": "ada", "ConfirmationCode": desk.code, "Password": NEW_PASSWORD}
    with pytest.raises(Refusal, match="Invalid code provided"):
        server.run(operations.confirm_forgot_password(watched, cast("Any", request)))
    assert desk.sign_in("An0ther-one!")["AuthenticationResult"]


# -- AdminResetUserPassword -------------------------------------------------------------------------------------------


def test_a_reset_password_signs_in_no_more_and_the_code_sets_another(desk: Desk) -> None:
    desk.reset()
    assert desk.status() == "RESET_REQUIRED"
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        desk.sign_in(PASSWORD)
    desk.reset()
    desk.confirm(desk.code)
    assert desk.status() == "CONFIRMED"
    assert desk.sign_in(NEW_PASSWORD)["AuthenticationResult"]
    desk.reset()
    desk.forget()
    desk.confirm(desk.code, PASSWORD)
    assert desk.sign_in(PASSWORD)["AuthenticationResult"]


def test_ten_resets_an_hour_are_made(desk: Desk, clock: HeldClock) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    for _ in range(10):
        desk.reset()
    with refused(*LIMIT):
        desk.reset()
    assert len(desk.messages) == 10
    desk.forget()  # which strangers can, so it is counted apart
    clock.advance(HOUR)
    desk.reset()


def test_only_a_password_that_is_the_user_s_own_is_reset(desk: Desk) -> None:
    desk.add("bert", permanent=False, email="bert@example.com", email_verified="true")
    desk.anonymous.sign_up(ClientId=desk.client_id, Username="carl", Password=PASSWORD)
    for name in ("bert", "carl"):
        with refused(*CANNOT_RESET):
            desk.reset(name)
    with refused(*NOTHING_VERIFIED):
        desk.forget("carl")
    with refused("UserNotFoundException", "User does not exist."):
        desk.reset("nobody")


def test_a_federated_user_has_no_password_to_forget(server: Server, desk: Desk) -> None:
    call = server.run(call_of(server.node, desk.pool_id, desk.client_id))
    user = server.run(server.store.read(users.by_alias, desk.pool_id, [Alias("username", "ada")]))
    assert user is not None
    federated = status.EXTERNAL_PROVIDER
    server.run(
        server.store.write(
            rows.change, call.pool, user.sub, lambda user: status.moved(user, federated, call.now)
        )
    )
    with refused(*CANNOT_RESET):
        desk.forget()
    with refused(*CANNOT_RESET):
        desk.reset()


# -- a client that does not tell who exists ---------------------------------------------------------------------------


def test_a_name_nobody_has_is_answered_as_a_user_is(discreet: Desk, clock: HeldClock) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    with refused(*EXPIRED):
        discreet.confirm("123456", username="nobody")
    assert discreet.forget("nobody") == discreet.forget("nobody")
    assert discreet.forget("nobody@example.com")["Destination"] == "n***@e***"
    told = discreet.forget("+15550001234")
    assert told["DeliveryMedium"] == "EMAIL" or told["Destination"] == "+*******1234"
    assert discreet.messages == []
    for _ in range(7):
        with refused(*MISMATCH):
            discreet.confirm("123456", username="nobody")
    with refused(*LIMIT):
        discreet.confirm("123456", username="nobody")
    clock.advance(HOUR)
    with refused(*EXPIRED):
        discreet.confirm("123456", username="nobody")


def test_no_state_of_a_user_tells_that_it_exists(discreet: Desk) -> None:
    discreet.add("bert")
    discreet.add("carl", permanent=False, email="carl@example.com", email_verified="true")
    discreet.forget("ada")
    code = discreet.code
    discreet.cognito.admin_disable_user(UserPoolId=discreet.pool_id, Username="ada")
    with refused(*EXPIRED):
        discreet.confirm(code)
    for name in ("ada", "bert", "carl"):
        assert discreet.forget(name)["DeliveryMedium"] == "EMAIL"
        with refused(*MISMATCH):
            discreet.confirm("123456", username=name)
    assert len(discreet.messages) == 1


def test_a_user_is_told_of_the_same_address_whatever_is_asked_and_whether_or_not_it_is_sent(
    desk_of: Callable[..., Desk],
) -> None:
    discreet = desk_of({"PreventUserExistenceErrors": "ENABLED"}, AutoVerifiedAttributes=["email"])
    discreet.add("ada", email=EMAIL, email_verified="true")
    discreet.add("bert", email="bert@elsewhere.org")
    discreet.add("carl", permanent=False, email="carl@xyz.org", email_verified="true")
    discreet.add("dora", phone_number=PHONE, phone_number_verified="true")
    discreet.add("emil")
    told = {"ada": "a***@e***", "bert": "b***@e***", "carl": "c***@x***", "dora": "+*******0839"}
    for name in ("ada", "bert", "carl", "dora", "emil", "nobody"):
        forgotten = discreet.forget(name)
        resent = discreet.anonymous.resend_confirmation_code(ClientId=discreet.client_id, Username=name)
        assert forgotten == resent["CodeDeliveryDetails"]
        assert forgotten["Destination"] == told.get(name, forgotten["Destination"])
    assert {message["destination"] for message in discreet.messages} == {EMAIL, PHONE}


def test_some_names_that_nobody_has_are_told_of_a_phone_alone_where_users_may_have_that(
    desk_of: Callable[..., Desk],
) -> None:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}}
    client = {"PreventUserExistenceErrors": "ENABLED", "ExplicitAuthFlows": ["ALLOW_USER_AUTH"]}
    discreet = desk_of(client, Policies=policy, SmsConfiguration=SMS)
    mediums: set[str] = set()
    for name in (f"nobody{number}" for number in range(200)):
        if len(mediums) == 2:
            break
        told = discreet.forget(name)
        mediums.add(told["DeliveryMedium"])
        factor = f"{told['DeliveryMedium']}_OTP"
        asked = discreet.anonymous.initiate_auth(
            AuthFlow="USER_AUTH",
            ClientId=discreet.client_id,
            AuthParameters={"USERNAME": name, "PREFERRED_CHALLENGE": factor},
        )
        if factor in asked["AvailableChallenges"]:
            assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == told["Destination"]
        else:
            assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]
    assert mediums == {"EMAIL", "SMS"}


def test_a_stranger_costs_what_a_user_costs(server: Server, discreet: Desk) -> None:
    """The same transactions of the same statements, but for the inbox, which keeps what has somewhere to go."""
    call = server.run(call_of(server.node, discreet.pool_id, discreet.client_id))

    for _ in range(6):
        asked = [
            server.run(ran(call, operations.forgot_password, {"Username": name}))
            for name in ("ada", "nobody")
        ]
        assert asked[0] == asked[1]
        answer = {"ConfirmationCode": "wrong", "Password": NEW_PASSWORD}
        answered = [
            server.run(ran(call, operations.confirm_forgot_password, {"Username": name} | answer))
            for name in ("ada", "nobody")
        ]
        assert answered[0] == answered[1]
    assert answered[0][1] == "LimitExceededException: Attempt limit exceeded, please try after some time."
