"""SOFTWARE_TOKEN_MFA: right, wrong, expired, replayed, foreign and out of turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from cognomen.clock import MINUTE, SECOND
from tests.codes import wrong
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import App, Client

MISMATCH = ("CodeMismatchException", "Invalid code received for user")
USED = ("ExpiredCodeException", "Your software token has already been used once.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")


@pytest.fixture
def app(client: Client, clock: HeldClock) -> App:
    """Anna's, which she must show codes of."""
    made = client.give_app("anna")
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    clock.advance(MINUTE)  # the code that verified it is long used
    return made


def test_a_right_code_signs_in(client: Client, app: App) -> None:
    asked = client.sign_in("anna")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert asked["ChallengeParameters"] == {"USER_ID_FOR_SRP": "anna"}
    assert "AuthenticationResult" in client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_device_may_be_one_step_from_our_time(client: Client, app: App, steps: int) -> None:
    client.answer("anna", client.sign_in("anna"), SOFTWARE_TOKEN_MFA_CODE=app.code(steps))


def test_after_a_wrong_code_the_session_is_good_for_a_right_one(client: Client, app: App) -> None:
    asked = client.sign_in("anna")
    for code in (wrong(app.code()), app.code(-2), app.code(2), "☃"):
        with refused(*MISMATCH):
            client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=code)
    with refused("InvalidParameterException", "Missing required parameter SOFTWARE_TOKEN_MFA_CODE"):
        client.answer("anna", asked)
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    with refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


def test_a_code_is_used_once_in_whatever_session(client: Client, app: App) -> None:
    asked, again = client.sign_in("anna"), client.sign_in("anna")
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    with refused(*USED):
        client.answer("anna", again, SOFTWARE_TOKEN_MFA_CODE=app.code())
    client.answer("anna", again, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


def test_of_many_who_come_with_one_code_one_is_signed_in(client: Client, app: App) -> None:
    """Each in a session of its own, so that nothing but the code is what counts once."""
    sessions = [client.sign_in("anna") for _ in range(8)]

    def answer(number: int) -> str:
        try:
            client.answer("anna", sessions[number], SOFTWARE_TOKEN_MFA_CODE=app.code())
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "signed in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(answer, range(8)))
    assert outcomes == ["ExpiredCodeException"] * 7 + ["signed in"]


def test_a_session_expires(client: Client, app: App, clock: HeldClock) -> None:
    asked = client.sign_in("anna")
    clock.advance(3 * MINUTE)
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_a_code_or_a_session_of_another_user_is_worth_nothing(
    client: Client, app: App, clock: HeldClock
) -> None:
    of_bert = client.give_app("bert")
    client.prefer("bert", "SOFTWARE_TOKEN_MFA")
    asked = client.sign_in("anna")
    with refused(*MISMATCH):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=of_bert.code())
    with refused(*INVALID_SESSION):
        client.answer("bert", asked, SOFTWARE_TOKEN_MFA_CODE=of_bert.code())


def test_out_of_turn_it_is_no_answer(client: Client, app: App) -> None:
    asked = client.sign_in("anna")
    for challenge in ("SMS_MFA", "EMAIL_OTP", "MFA_SETUP", "SELECT_MFA_TYPE", "NEW_PASSWORD_REQUIRED"):
        with refused(*INVALID_SESSION):
            client.answer("anna", asked | {"ChallengeName": challenge}, SMS_MFA_CODE=app.code())
    client.prefer("anna", "SMS_MFA")  # it is not asked for any more
    with refused(*INVALID_SESSION):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_whose_password_is_reset_meanwhile_is_told_so(client: Client, app: App) -> None:
    asked = client.sign_in("anna")
    client.cognito.admin_update_user_attributes(
        UserPoolId=client.pool_id,
        Username="anna",
        UserAttributes=[{"Name": "email_verified", "Value": "true"}],
    )
    client.cognito.admin_reset_user_password(UserPoolId=client.pool_id, Username="anna")
    with refused("PasswordResetRequiredException", "Password reset required for the user"):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_five_wrong_codes_lock_the_app_and_not_the_password(
    client: Client, app: App, clock: HeldClock
) -> None:
    asked = client.sign_in("anna")
    for _ in range(5):
        with refused(*MISMATCH):
            client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=wrong(app.code()))
    with refused(*LOCKED):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    with refused(*LOCKED):  # nobody is asked for what is locked
        client.sign_in("anna")
    client.prefer("anna", "SMS_MFA")
    assert client.sign_in("anna")["ChallengeName"] == "SMS_MFA"
    client.prefer("anna")
    client.tokens("anna")
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    clock.advance(SECOND)
    client.answer("anna", client.sign_in("anna"), SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_a_known_password_opens_no_more_guesses_at_codes(client: Client, app: App, clock: HeldClock) -> None:
    for _ in range(5):
        asked = client.sign_in("anna")
        with refused(*MISMATCH):
            client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=wrong(app.code()))
    clock.advance(SECOND)
    asked = client.sign_in("anna")
    with refused(*MISMATCH):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=wrong(app.code()))
    clock.advance(SECOND)
    with refused(*LOCKED):  # the sixth locks for two seconds
        client.sign_in("anna")


def test_guesses_at_the_password_lock_no_codes(client: Client, app: App, clock: HeldClock) -> None:
    asked = client.sign_in("anna")
    for _ in range(5):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            client.sign_in("anna", "wrong")
    with refused(*LOCKED):
        client.sign_in("anna")
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())


def test_a_sign_in_forgets_the_failures_at_all_it_proved(client: Client, app: App, clock: HeldClock) -> None:
    for _ in range(4):
        with refused("NotAuthorizedException", "Incorrect username or password."):
            client.sign_in("anna", "wrong")
    asked = client.sign_in("anna")
    for _ in range(4):
        with refused(*MISMATCH):
            client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=wrong(app.code()))
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    with refused("NotAuthorizedException", "Incorrect username or password."):
        client.sign_in("anna", "wrong")
    asked = client.sign_in("anna")
    with refused(*MISMATCH):
        client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=wrong(app.code()))
    client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code(1))
