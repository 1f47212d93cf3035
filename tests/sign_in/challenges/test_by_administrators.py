"""AdminRespondToAuthChallenge: what an administrator's program is told of answers that are not right, as every client is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cognomen.clock import MINUTE
from tests.codes import newest_code, wrong
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import PASSWORD, App, Client
from tests.server import Server

Make = Callable[..., Any]

MISMATCH = ("CodeMismatchException", "Invalid code or auth state for the user.")
TEMPORARY = "Temp-Passw0rd!"


class Program(Client):
    """A client whose sign-ins are an administrator's."""

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        self.clock.advance(1)
        return self.cognito.admin_initiate_auth(
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            UserPoolId=self.pool_id,
            ClientId=self.client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def answer(self, username: str, asked: Any, **responses: str) -> Any:
        return self.respond(asked, {"USERNAME": username, **responses})

    def respond(self, asked: Any, responses: dict[str, str], **instead: str) -> Any:
        usual = {"UserPoolId": self.pool_id, "ClientId": self.client_id}
        return self.cognito.admin_respond_to_auth_challenge(
            **{**usual, **instead},  # type: ignore[arg-type]
            ChallengeName=asked["ChallengeName"],
            Session=asked["Session"],
            ChallengeResponses=responses,
        )


@pytest.fixture
def program(client: Client) -> Program:
    return Program(client.cognito, client.anonymous, client.pool_id, client.client_id, client.clock)


def test_a_code_that_is_wrong_or_late_or_was_sent_to_a_former_address(
    program: Program, server: Server, clock: HeldClock
) -> None:
    program.prefer("anna", "EMAIL_OTP")
    asked = program.sign_in("anna")
    code = newest_code(server, program.pool_id)
    with refused(*MISMATCH):
        program.answer("anna", asked, EMAIL_OTP_CODE=wrong(code))
    with refused("InvalidParameterException", "Missing required parameter EMAIL_OTP_CODE"):
        program.answer("anna", asked)
    program.cognito.admin_update_user_attributes(
        UserPoolId=program.pool_id,
        Username="anna",
        UserAttributes=[{"Name": "email", "Value": "new@example.com"}],
    )
    with refused("ExpiredCodeException", "Invalid code provided, please request a code again."):
        program.answer("anna", asked, EMAIL_OTP_CODE=code)
    asked = program.sign_in("anna")
    clock.advance(3 * MINUTE)
    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        program.answer("anna", asked, EMAIL_OTP_CODE=newest_code(server, program.pool_id))


def test_the_code_of_an_app_that_is_wrong_or_used_or_of_no_use_any_more(program: Program) -> None:
    app: App = program.give_app("anna")
    program.prefer("anna", "SOFTWARE_TOKEN_MFA")
    asked = program.sign_in("anna")
    with refused("CodeMismatchException"):
        program.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=wrong(app.code()))
    program.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    asked = program.sign_in("anna")
    with refused("ExpiredCodeException", "Your software token has already been used once."):
        program.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    program.offer("SMS_MFA")
    with refused("NotAuthorizedException", "Invalid session for the user."):
        program.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


def test_a_factor_that_the_user_does_not_have(program: Program) -> None:
    program.prefer("anna", "EMAIL_OTP", "SMS_MFA")
    asked = program.sign_in("anna")
    for name in ("SOFTWARE_TOKEN_MFA", "WEB_AUTHN"):
        with refused("MFAMethodNotFoundException", f"{name} is not an MFA method of the user."):
            program.answer("anna", asked, ANSWER=name)
    assert program.answer("anna", asked, ANSWER="SMS_MFA")["ChallengeName"] == "SMS_MFA"


def test_a_new_password_that_is_weak_or_was_there_before(
    program: Program, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    program.pool_id = make_pool(Policies={"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 3}})[
        "Id"
    ]
    program.client_id = make_client(program.pool_id)["ClientId"]
    make_user(program.pool_id, "anna")
    program.cognito.admin_set_user_password(UserPoolId=program.pool_id, Username="anna", Password=TEMPORARY)
    asked = program.sign_in("anna", TEMPORARY)
    with refused("InvalidPasswordException", "Password does not conform to policy: Password not long enough"):
        program.answer("anna", asked, NEW_PASSWORD="short")
    for former in (TEMPORARY, PASSWORD):
        with refused("PasswordHistoryPolicyViolationException"):
            program.answer("anna", asked, NEW_PASSWORD=former)
    assert "AuthenticationResult" in program.answer("anna", asked, NEW_PASSWORD="N3w-Passw0rd!")


def test_a_pool_or_client_that_is_not_there(program: Program, make_pool: Make, make_client: Make) -> None:
    program.prefer("anna", "EMAIL_OTP")
    asked, answer = program.sign_in("anna"), {"USERNAME": "anna", "EMAIL_OTP_CODE": "123456"}
    elsewhere = make_pool()["Id"]
    of_elsewhere = make_client(elsewhere)["ClientId"]
    gone = "us-east-1_000000000"
    with refused("ResourceNotFoundException", f"User pool {gone} does not exist."):
        program.respond(asked, answer, UserPoolId=gone)
    for client_id in ("0" * 26, of_elsewhere):
        with refused("ResourceNotFoundException", f"User pool client {client_id} does not exist."):
            program.respond(asked, answer, ClientId=client_id)
    with refused("NotAuthorizedException", "Invalid session for the user."):
        program.respond(asked, answer, UserPoolId=elsewhere, ClientId=of_elsewhere)
