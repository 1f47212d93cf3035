"""SELECT_MFA_TYPE: which of several factors a user wants to prove."""

from __future__ import annotations

import json

import pytest

from tests.codes import newest_code
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import Client
from tests.server import Server

INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")


@pytest.fixture
def choosing(client: Client, clock: HeldClock) -> Client:
    """Anna has three factors and prefers none."""
    client.give_app("anna")
    client.prefer("anna", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    return client


def test_a_user_with_several_factors_is_asked_which(choosing: Client) -> None:
    asked = choosing.sign_in("anna")
    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == "anna"
    assert json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == [
        "SMS_MFA",
        "SOFTWARE_TOKEN_MFA",
        "EMAIL_OTP",
    ]


@pytest.mark.parametrize(
    ("answer", "challenge"),
    [
        ("SMS_MFA", "SMS_MFA"),
        ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA"),
        ("EMAIL_OTP", "EMAIL_OTP"),
        ("EMAIL_MFA", "EMAIL_OTP"),
    ],
)
def test_it_is_asked_for_what_it_chose(choosing: Client, answer: str, challenge: str) -> None:
    asked = choosing.answer("anna", choosing.sign_in("anna"), ANSWER=answer)
    assert asked["ChallengeName"] == challenge


def test_the_chosen_factor_signs_in(choosing: Client, server: Server) -> None:
    asked = choosing.answer("anna", choosing.sign_in("anna"), ANSWER="EMAIL_OTP")
    code = newest_code(server, choosing.pool_id)
    assert "AuthenticationResult" in choosing.answer("anna", asked, EMAIL_OTP_CODE=code)


def test_any_other_answer_is_refused_and_may_be_given_again(choosing: Client, clock: HeldClock) -> None:
    asked = choosing.sign_in("anna")
    with refused("MFAMethodNotFoundException", "PASSWORD is not an MFA method of the user."):
        choosing.answer("anna", asked, ANSWER="PASSWORD")
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        choosing.answer("anna", asked)
    choosing.answer("anna", asked, ANSWER="SMS_MFA")
    with refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        choosing.answer("anna", asked, ANSWER="EMAIL_OTP")


def test_a_factor_that_the_user_has_no_more_can_neither_be_chosen_nor_proven(
    choosing: Client, server: Server
) -> None:
    asked = choosing.sign_in("anna")
    chosen = choosing.answer("anna", choosing.sign_in("anna"), ANSWER="EMAIL_OTP")
    code = newest_code(server, choosing.pool_id)
    choosing.prefer("anna", "SMS_MFA", "SOFTWARE_TOKEN_MFA")
    with refused("MFAMethodNotFoundException"):
        choosing.answer("anna", asked, ANSWER="EMAIL_OTP")
    with refused(*INVALID_SESSION):
        choosing.answer("anna", chosen, EMAIL_OTP_CODE=code)
    choosing.prefer("anna", "SMS_MFA")  # there is nothing to choose
    with refused(*INVALID_SESSION):
        choosing.answer("anna", asked, ANSWER="SMS_MFA")


def test_a_session_of_another_user_is_worth_nothing(choosing: Client) -> None:
    choosing.prefer("bert", "SMS_MFA", "EMAIL_OTP")
    with refused(*INVALID_SESSION):
        choosing.answer("bert", choosing.sign_in("anna"), ANSWER="SMS_MFA")
