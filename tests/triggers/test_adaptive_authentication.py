"""Custom sign-ins under threat protection, which have a mode of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.adaptive import ELSEWHERE, HOME, Adaptive, Place, actions, context, in_mode
from tests.codes import newest_code
from tests.functions import Event, Functions, arn
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server

Make = Callable[..., Any]

BLOCKED = "Unable to login because of security reasons."
FUNCTIONS = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")


def define(event: Event) -> Event:
    response: Any = {"challengeName": "CUSTOM_CHALLENGE"}
    return event | {"response": {"issueTokens": True} if event["request"]["session"] else response}


class Riddles(Adaptive):
    """A pool whose functions ask one riddle, and then want tokens."""

    def solve(self, place: Place) -> Any:
        self.clock.advance(1)
        asked = self.cognito.admin_initiate_auth(
            UserPoolId=self.pool_id,
            ClientId=self.client_id,
            AuthFlow="CUSTOM_AUTH",
            AuthParameters={"USERNAME": "ada"},
            ContextData=context(place),
        )
        return self.prove("ada", asked, place, ANSWER="right")


@pytest.fixture
def make_riddles(
    cognito: Cognito,
    anonymous: Cognito,
    functions: Functions,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Callable[..., Riddles]:
    """Its user ada has solved one at home."""

    def make(**flows: str) -> Riddles:
        functions.does["DefineAuthChallenge"] = define
        functions.answer_with("CreateAuthChallenge", publicChallengeParameters={"riddle": "1"})
        functions.answer_with("VerifyAuthChallengeResponse", answerCorrect=True)
        triggers: Any = {name: arn("api", name) for name in FUNCTIONS}
        pool_id = make_pool(**in_mode("ENFORCED", **flows), LambdaConfig=triggers)["Id"]
        allowed = ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        client_id = make_client(pool_id, ExplicitAuthFlows=allowed)["ClientId"]
        make_user(pool_id, "ada")
        made = Riddles(cognito, anonymous, pool_id, client_id, clock)
        made.protect("ENFORCED", AccountTakeoverRiskConfiguration={"Actions": actions("BLOCK")})
        made.solve(HOME)
        return made

    return make


def test_a_custom_sign_in_is_judged_when_the_functions_want_tokens(
    make_riddles: Callable[..., Riddles],
) -> None:
    pool = make_riddles(CustomAuthMode="ENFORCED")
    with refused("NotAuthorizedException", BLOCKED):
        pool.solve(ELSEWHERE)
    assert pool.told("ada") == ["Fail Block", "Pass NoRisk"]


@pytest.mark.parametrize(
    ("flows", "told"), [({"CustomAuthMode": "AUDIT"}, "Pass AccountTakeover Medium"), ({}, "Pass NoRisk")]
)
def test_its_mode_is_not_that_of_other_sign_ins(
    make_riddles: Callable[..., Riddles], flows: dict[str, str], told: str
) -> None:
    pool = make_riddles(**flows)
    assert "AuthenticationResult" in pool.solve(ELSEWHERE)
    assert pool.told("ada")[0] == told


def test_a_factor_that_a_risk_demands_is_asked_for_after_the_riddle(
    make_riddles: Callable[..., Riddles],
) -> None:
    pool = make_riddles(CustomAuthMode="ENFORCED")
    pool.act("NO_ACTION")
    pool.offer("SOFTWARE_TOKEN_MFA")
    app = pool.give_app("ada")
    pool.prefer("ada")
    pool.act("MFA_REQUIRED")
    asked = pool.solve(ELSEWHERE)
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    proven = pool.prove("ada", asked, ELSEWHERE, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert "AuthenticationResult" in proven
    assert pool.told("ada")[0] == "Pass AccountTakeover Medium"


def test_a_code_that_is_sent_for_a_risk_is_a_second_factor_there_too(
    make_riddles: Callable[..., Riddles], server: Server
) -> None:
    pool = make_riddles(CustomAuthMode="ENFORCED")
    pool.offer("SMS_MFA")
    numbers: Any = [{"Name": "phone_number", "Value": "+17755550839"}]
    pool.cognito.admin_update_user_attributes(UserPoolId=pool.pool_id, Username="ada", UserAttributes=numbers)
    pool.prefer("ada", "SMS_MFA")
    pool.act("MFA_REQUIRED")
    asked = pool.solve(ELSEWHERE)
    assert asked["ChallengeName"] == "SMS_MFA"
    code = newest_code(server, pool.pool_id)
    assert len(code) == 6
    assert "AuthenticationResult" in pool.prove("ada", asked, ELSEWHERE, SMS_MFA_CODE=code)
