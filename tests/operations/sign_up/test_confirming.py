"""ConfirmSignUp, AdminConfirmSignUp and ResendConfirmationCode."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy

from botocore.exceptions import ClientError

from cognomen.clock import DAY, HOUR, SECOND
from tests.codes import newest_code, wrong
from tests.held_clock import HeldClock
from tests.operations.sign_up.conftest import (
    CONFIRMED_ALREADY,
    EMAIL,
    EXPIRED,
    LIMIT,
    MISMATCH,
    Door,
    Make,
    attributes,
)
from tests.refused import refused

UNKNOWN = ("UserNotFoundException", "Username/client id combination not found.")
CANNOT_RESEND = ("NotAuthorizedException", "Cannot resend codes. Auto verification not turned on.")


# -- ConfirmSignUp -----------------------------------------------------------------------------------------------------


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


# -- AdminConfirmSignUp ------------------------------------------------------------------------------------------------


def test_an_administrator_confirms_without_verifying_an_address(door: Door) -> None:
    door.sign_up("ada", email=EMAIL)
    door.cognito.admin_confirm_sign_up(UserPoolId=door.pool_id, Username="ada")
    assert door.user("ada") == {"email": EMAIL, "email_verified": "false", "status": "CONFIRMED"}
    assert door.sign_in("ada")["AuthenticationResult"]
    with refused(*CONFIRMED_ALREADY):
        door.cognito.admin_confirm_sign_up(UserPoolId=door.pool_id, Username="ada")
    with refused("UserNotFoundException", "User does not exist."):
        door.cognito.admin_confirm_sign_up(UserPoolId=door.pool_id, Username="nobody")


# -- ResendConfirmationCode --------------------------------------------------------------------------------------------


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
