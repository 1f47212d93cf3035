"""The session of a sign-in: whose it is, how often and how long it is good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from cognomen.clock import MINUTE
from tests.held_clock import HeldClock
from tests.operations.sign_in.conftest import PASSWORD, Cognito, Make, set_new_password, sign_in
from tests.refused import refused

INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")
NO_USER = ("UserNotFoundException", "User does not exist.")
SPENT_SESSION = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def test_a_session_is_good_once(anonymous: Cognito, client_id: str, session: str) -> None:
    set_new_password(anonymous, client_id, "anna", session)
    with refused(*SPENT_SESSION):
        set_new_password(anonymous, client_id, "anna", session, "An0ther-Passw0rd!")


def test_a_session_is_good_once_even_for_two_at_the_same_moment(
    anonymous: Cognito, client_id: str, session: str
) -> None:
    def answer(password: str) -> str:
        try:
            set_new_password(anonymous, client_id, "anna", session, password)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return password

    passwords = [f"Passw0rd!{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(answer, passwords))
    assert outcomes.count(SPENT_SESSION[1]) == 7
    won = next(password for password in outcomes if password in passwords)
    assert "AuthenticationResult" in sign_in(anonymous, client_id, "anna", won)


def test_another_session_of_the_user_ends_with_the_new_password(
    anonymous: Cognito, client_id: str, session: str
) -> None:
    other = sign_in(anonymous, client_id, "anna")["Session"]
    set_new_password(anonymous, client_id, "anna", session)
    with refused(*INVALID_SESSION):
        set_new_password(anonymous, client_id, "anna", other)


def test_a_session_expires(anonymous: Cognito, client_id: str, session: str, clock: HeldClock) -> None:
    clock.advance(3 * MINUTE)
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        set_new_password(anonymous, client_id, "anna", session)


def test_a_session_belongs_to_its_user(
    anonymous: Cognito, pool_id: str, client_id: str, session: str, make_user: Make, make_client: Make
) -> None:
    make_user(pool_id, "bert")
    with refused(*INVALID_SESSION):
        set_new_password(anonymous, client_id, "bert", session)
    with refused(*NO_USER):
        set_new_password(anonymous, client_id, "nobody", session)
    discreet = make_client(pool_id, PreventUserExistenceErrors="ENABLED")["ClientId"]
    session = str(sign_in(anonymous, discreet, "anna")["Session"])
    for name in ("bert", "nobody"):
        with refused(*INVALID_SESSION):
            set_new_password(anonymous, discreet, name, session)


def test_a_session_belongs_to_its_client_and_pool(
    anonymous: Cognito, pool_id: str, session: str, make_client: Make, make_pool: Make, make_user: Make
) -> None:
    other_pool_id = make_pool()["Id"]
    make_user(other_pool_id, "anna", permanent=False)
    for other in (pool_id, other_pool_id):
        with refused(*INVALID_SESSION):
            set_new_password(anonymous, make_client(other)["ClientId"], "anna", session)


def test_a_session_that_was_never_given(anonymous: Cognito, client_id: str, session: str) -> None:
    for other in ("x" * 20, session[:-1], session[:40] + "AAAA" + session[44:], "x" * 4096):
        with refused(*INVALID_SESSION):
            set_new_password(anonymous, client_id, "anna", other)


def test_a_user_who_changes_meanwhile_begins_anew(
    cognito: Cognito, anonymous: Cognito, pool_id: str, client_id: str, session: str
) -> None:
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="anna", Password=PASSWORD, Permanent=False)
    with refused(*INVALID_SESSION):
        set_new_password(anonymous, client_id, "anna", session)
    session = sign_in(anonymous, client_id, "anna")["Session"]
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anna")
    with refused("NotAuthorizedException", "User is disabled."):
        set_new_password(anonymous, client_id, "anna", session)
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    with refused(*NO_USER):
        set_new_password(anonymous, client_id, "anna", session)
