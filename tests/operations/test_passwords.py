"""Passwords set by an administrator and changed by the user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from msgspec import structs
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.call import Call
from cognomen.clock import DAY, HOUR, MINUTE
from cognomen.crypto import srp
from cognomen.errors import Refusal
from cognomen.operations import passwords as operations
from cognomen.store import users
from cognomen.store.users import Alias
from cognomen.users import rows
from tests.calls import call_of
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server
from tests.users.examples import a_user
from tests.watched_store import WatchedStore

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

PASSWORD = "Passw0rd!"
NEW_PASSWORD = "N3w-Passw0rd!"
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")


class Ada:
    """A user, and the client she signs in with."""

    def __init__(self, cognito: Cognito, anonymous: Cognito, pool_id: str, client: Any) -> None:
        self.cognito, self.anonymous, self.pool_id, self.client = cognito, anonymous, pool_id, client

    def sign_in(self, password: str = PASSWORD) -> Any:
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client["ClientId"],
            AuthParameters={"USERNAME": "ada", "PASSWORD": password},
        )

    def token(self, password: str = PASSWORD) -> str:
        token: str = self.sign_in(password)["AuthenticationResult"]["AccessToken"]
        return token

    def set(self, password: str, **permanent: bool) -> None:
        arguments: Any = {name.title(): value for name, value in permanent.items()}
        self.cognito.admin_set_user_password(
            UserPoolId=self.pool_id, Username="ada", Password=password, **arguments
        )

    def change(self, token: str, previous: str | None, proposed: str) -> None:
        arguments: Any = {} if previous is None else {"PreviousPassword": previous}
        self.anonymous.change_password(AccessToken=token, ProposedPassword=proposed, **arguments)

    @property
    def status(self) -> str:
        return self.cognito.admin_get_user(UserPoolId=self.pool_id, Username="ada")["UserStatus"]


@pytest.fixture
def ada_of(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make
) -> Callable[..., Ada]:
    def make(**policy: Any) -> Ada:
        pool_id = make_pool(Policies={"PasswordPolicy": {"MinimumLength": 8} | policy} if policy else {})[
            "Id"
        ]
        make_user(pool_id, "ada")
        return Ada(cognito, anonymous, pool_id, make_client(pool_id))

    return make


@pytest.fixture
def ada(ada_of: Callable[..., Ada]) -> Ada:
    return ada_of()


# -- AdminSetUserPassword ---------------------------------------------------------------------------------------------


def test_a_permanent_password_signs_in(ada: Ada) -> None:
    token = ada.token()
    for _ in range(2):
        ada.set(NEW_PASSWORD, permanent=True)
    assert ada.status == "CONFIRMED"
    assert ada.token(NEW_PASSWORD)
    with refused(*INCORRECT):
        ada.sign_in()
    ada.anonymous.get_user(AccessToken=token)  # a new password revokes nothing


def test_a_password_may_have_a_space_inside_and_none_at_an_end(ada: Ada) -> None:
    phrase, other = "Correct horse 1", "Correct horse 2"
    ada.set(phrase, permanent=True)
    ada.change(ada.token(phrase), phrase, other)
    assert ada.token(other)
    at_an_end = (
        r"1 validation error detected: Value at '{}' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$"
    )
    for wrong in (f" {phrase}", f"{phrase} ", ""):
        with refused("InvalidParameterException", at_an_end.format("password")):
            ada.set(wrong)
        with refused("InvalidParameterException", at_an_end.format("proposedPassword")):
            ada.change("not.looked.at", other, wrong)


@pytest.mark.parametrize("permanent", [{}, {"permanent": False}])
def test_a_temporary_password_must_be_changed_in_time(
    ada: Ada, permanent: dict[str, bool], clock: HeldClock
) -> None:
    ada.set(NEW_PASSWORD, **permanent)
    assert ada.status == "FORCE_CHANGE_PASSWORD"
    assert ada.sign_in(NEW_PASSWORD)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    clock.advance(7 * DAY)
    with refused(
        "NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."
    ):
        ada.sign_in(NEW_PASSWORD)
    ada.set(NEW_PASSWORD, permanent=True)
    assert ada.token(NEW_PASSWORD)


def test_a_new_password_ends_the_sign_ins_under_way(ada: Ada) -> None:
    ada.set(PASSWORD, permanent=False)
    session = ada.sign_in()["Session"]
    ada.set(NEW_PASSWORD, permanent=False)
    with refused("NotAuthorizedException"):
        ada.anonymous.respond_to_auth_challenge(
            ClientId=ada.client["ClientId"],
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={"USERNAME": "ada", "NEW_PASSWORD": "An0ther-one!"},
        )


@pytest.mark.parametrize(
    ("password", "violation"),
    [
        ("Pw0!", "Password not long enough"),
        ("passw0rd!", "Password must have uppercase characters"),
        ("PASSW0RD!", "Password must have lowercase characters"),
        ("Password!", "Password must have numeric characters"),
        ("Passw0rds", "Password must have symbol characters"),
    ],
)
def test_a_password_must_conform_to_the_policy(ada: Ada, password: str, violation: str) -> None:
    message = f"Password does not conform to policy: {violation}"
    with refused("InvalidPasswordException", message):
        ada.set(password, permanent=True)
    with refused("InvalidPasswordException", message):
        ada.change(ada.token(), PASSWORD, password)
    assert ada.token()


def test_who_is_not_there(cognito: Cognito, ada: Ada) -> None:
    with refused("UserNotFoundException", "User does not exist."):
        cognito.admin_set_user_password(UserPoolId=ada.pool_id, Username="eve", Password=PASSWORD)


def test_a_pool_with_a_history_takes_no_former_password(ada_of: Callable[..., Ada], clock: HeldClock) -> None:
    ada = ada_of(PasswordHistorySize=2)
    clock.advance(DAY)
    ada.set(NEW_PASSWORD, permanent=True)
    with refused("PasswordHistoryPolicyViolationException"):
        ada.set(PASSWORD, permanent=True)
    with refused("PasswordHistoryPolicyViolationException"):
        ada.change(ada.token(NEW_PASSWORD), NEW_PASSWORD, NEW_PASSWORD)
    clock.advance(DAY)
    ada.change(ada.token(NEW_PASSWORD), NEW_PASSWORD, "Th1rd-Passw0rd!")
    clock.advance(DAY)
    ada.set(PASSWORD, permanent=True)
    assert ada.token()


# -- former passwords and other requests ------------------------------------------------------------------------------


def call_about_ada(server: Server, ada: Ada, overtake: Callable[[], object] | None = None) -> Call:
    """A call that found ada, whose store is watched; `overtake` happens before its first write."""
    call = server.run(call_of(server.node, ada.pool_id))
    user = server.run(server.store.read(users.by_alias, ada.pool_id, [Alias("username", "ada")]))
    assert user is not None
    call.found_user = user

    async def happen() -> None:
        if overtake is not None:
            await asyncio.to_thread(overtake)

    call.store = WatchedStore(server.store, happen)
    return call


def set_in(server: Server, call: Call, password: str) -> None:
    request: Any = {"Password": password, "Permanent": True}
    server.run(operations.admin_set_user_password(call, request))


def test_former_passwords_are_compared_outside_of_the_transaction(
    server: Server, ada_of: Callable[..., Ada], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store of a SQLite file writes for all requests of a process in one thread: nothing slow may happen there."""
    ada = ada_of(PasswordHistorySize=3)
    ada.set(NEW_PASSWORD, permanent=True)
    call = call_about_ada(server, ada)
    while_writing: list[bool] = []
    compare = srp.verify_password

    def spy(*given: Any) -> bool:
        while_writing.append(cast("WatchedStore", call.store).writing)
        return compare(*given)

    monkeypatch.setattr(srp, "verify_password", spy)
    set_in(server, call, "Th1rd-Passw0rd!")
    assert while_writing
    assert not any(while_writing)


def test_a_password_that_another_request_sets_meanwhile_is_a_former_one(
    server: Server, ada_of: Callable[..., Ada]
) -> None:
    ada = ada_of(PasswordHistorySize=2)
    call = call_about_ada(server, ada, lambda: ada.set(NEW_PASSWORD, permanent=True))
    with pytest.raises(Refusal) as refusal:
        set_in(server, call, NEW_PASSWORD)
    assert refusal.value.type == "PasswordHistoryPolicyViolationException"


def test_of_two_administrators_at_the_same_moment_the_later_one_counts(
    server: Server, ada_of: Callable[..., Ada], clock: HeldClock
) -> None:
    ada = ada_of(PasswordHistorySize=2)
    other = "0ther-Passw0rd!"

    def overtake() -> None:
        clock.advance(1)
        ada.set(other, permanent=True)

    set_in(server, call_about_ada(server, ada, overtake), NEW_PASSWORD)
    assert ada.token(NEW_PASSWORD)
    with refused("PasswordHistoryPolicyViolationException"):
        ada.set(other, permanent=True)
    ada.set(PASSWORD, permanent=True)


def test_a_user_who_is_deleted_meanwhile_gets_no_password(server: Server, ada: Ada) -> None:
    def delete() -> None:
        ada.cognito.admin_delete_user(UserPoolId=ada.pool_id, Username="ada")

    with pytest.raises(Refusal, match="User does not exist"):
        set_in(server, call_about_ada(server, ada, delete), NEW_PASSWORD)


def test_a_federated_user_s_first_password_takes_no_address_from_another(
    server: Server, cognito: Cognito, make_pool: Make, make_user: Make
) -> None:
    pool_id = make_pool(AliasAttributes=["email"])["Id"]
    make_user(pool_id, "ada", email="ada@example.com", email_verified="true")
    pool = server.run(call_of(server.node, pool_id)).pool
    for name, address in (("Idp_1", "ada@example.com"), ("Idp_2", "bob@example.com")):
        verified = {"email": address, "email_verified": "true"}
        federated = structs.replace(a_user(name, status="EXTERNAL_PROVIDER", **verified), pool_id=pool_id)
        server.run(server.store.write(rows.add, pool, federated))
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="Idp_2", Password=PASSWORD, Permanent=True)
    for found in ("Idp_2", "bob@example.com"):
        answer = cognito.admin_get_user(UserPoolId=pool_id, Username=found)
        assert (answer["Username"], answer["UserStatus"]) == ("Idp_2", "CONFIRMED")
    with refused("InvalidParameterException", "An account with the given email already exists."):
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username="Idp_1", Password=PASSWORD, Permanent=True
        )
    answer = cognito.admin_get_user(UserPoolId=pool_id, Username="Idp_1")
    assert answer["UserStatus"] == "EXTERNAL_PROVIDER"


# -- ChangePassword ---------------------------------------------------------------------------------------------------


def test_a_user_changes_its_password_and_stays_signed_in(ada: Ada) -> None:
    token = ada.token()
    ada.change(token, PASSWORD, NEW_PASSWORD)
    ada.anonymous.get_user(AccessToken=token)
    assert ada.status == "CONFIRMED"
    assert ada.token(NEW_PASSWORD)
    with refused(*INCORRECT):
        ada.sign_in()
    ada.change(token, NEW_PASSWORD, NEW_PASSWORD)
    ada.change(token, NEW_PASSWORD, PASSWORD)


def test_the_previous_password_must_be_right(ada: Ada) -> None:
    token = ada.token()
    for previous in ("Wr0ng-Passw0rd!", None):
        with refused(*INCORRECT):
            ada.change(token, previous, NEW_PASSWORD)
    with refused("NotAuthorizedException", "Invalid Access Token"):
        ada.change("nonsense", PASSWORD, NEW_PASSWORD)
    assert ada.token()


def test_after_five_wrong_ones_not_even_the_right_one_is_heard_for_an_hour(
    ada: Ada, clock: HeldClock
) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    token = ada.token()
    for _ in range(5):
        with refused(*INCORRECT):
            ada.change(token, "Wr0ng-Passw0rd!", NEW_PASSWORD)
    for _ in range(2):
        with refused(*LIMIT):
            ada.change(token, PASSWORD, NEW_PASSWORD)
        clock.advance(20 * MINUTE)
    clock.advance(20 * MINUTE)
    ada.change(ada.token(), PASSWORD, NEW_PASSWORD)


def test_a_right_one_in_between_does_not_begin_the_hour_anew(ada: Ada, clock: HeldClock) -> None:
    clock.advance(HOUR - clock.now % HOUR)
    token = ada.token()
    for _ in range(5):
        with refused(*INCORRECT):
            ada.change(token, "Wr0ng-Passw0rd!", NEW_PASSWORD)
        clock.advance(1)
        ada.token()
    with refused(*LIMIT):
        ada.change(token, PASSWORD, NEW_PASSWORD)


def test_wrong_ones_count_towards_the_lock_of_the_sign_in(ada: Ada, clock: HeldClock) -> None:
    token = ada.token()
    for _ in range(3):
        with refused(*INCORRECT):
            ada.change(token, "Wr0ng-Passw0rd!", NEW_PASSWORD)
    for _ in range(2):
        with refused(*INCORRECT):
            ada.sign_in("Wr0ng-Passw0rd!")
    with refused("NotAuthorizedException", "Password attempts exceeded"):
        ada.sign_in()
    with refused(*LIMIT):
        ada.change(token, PASSWORD, NEW_PASSWORD)
    clock.advance(15 * MINUTE)
    ada.change(token, PASSWORD, NEW_PASSWORD)


def test_of_many_guesses_at_once_few_are_heard(ada: Ada) -> None:
    token = ada.token()

    def guess(number: int) -> str:
        try:
            ada.change(token, f"Gu3ss-number-{number}", NEW_PASSWORD)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "guessed"

    with ThreadPoolExecutor(8) as threads:
        outcomes = sorted(threads.map(guess, range(16)))
    assert outcomes == ["LimitExceededException"] * 11 + ["NotAuthorizedException"] * 5


def test_of_two_who_change_one_password_at_once_one_succeeds(ada: Ada) -> None:
    token = ada.token()

    def change(number: int) -> str:
        try:
            ada.change(token, PASSWORD, f"{NEW_PASSWORD}{number}")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return f"{NEW_PASSWORD}{number}"

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(change, range(4)))
    (winner,) = set(outcomes) - {"NotAuthorizedException"}
    assert outcomes.count("NotAuthorizedException") == 3
    assert ada.token(winner)
