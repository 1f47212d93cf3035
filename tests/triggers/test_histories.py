"""What the history of a user tells of sign-ins that functions judge: no stranger makes it grow as he likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import HOUR
from cognomen.sign_in.recording import QUOTA
from tests.adaptive import Adaptive, in_mode
from tests.authenticator import Authenticator
from tests.functions import Event, Functions
from tests.held_clock import HeldClock
from tests.refused import refused

Make = Callable[..., Any]

TRIES = QUOTA.an_hour + 2


@pytest.fixture
def pool(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Adaptive:
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool_id = make_pool(**in_mode("AUDIT"), Policies=factors)["Id"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool_id, WebAuthnConfiguration={"RelyingPartyId": "example.com"}
    )
    flows = [f"ALLOW_{flow}_AUTH" for flow in ("USER_PASSWORD", "USER", "CUSTOM")]
    client_id = make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"]
    make_user(pool_id, "ada")
    return Adaptive(cognito, anonymous, pool_id, client_id, clock)


def begin(pool: Adaptive, flow: Any, **more: str) -> Any:
    pool.clock.advance(1)
    return pool.anonymous.initiate_auth(
        ClientId=pool.client_id, AuthFlow=flow, AuthParameters={"USERNAME": "ada"} | more
    )


def test_who_knocks_where_no_function_answers_is_not_told_of(pool: Adaptive) -> None:
    for _ in range(3):
        with refused("InvalidParameterException"):
            begin(pool, "CUSTOM_AUTH")
    assert pool.told("ada") == []


def test_wrong_answers_to_challenges_of_ones_own_are_told_of_some_in_an_hour(
    pool: Adaptive, functions: Functions, set_triggers: Make
) -> None:
    def define(event: Event) -> Event:
        is_over = bool(event["request"]["session"])
        response = {"failAuthentication": True} if is_over else {"challengeName": "CUSTOM_CHALLENGE"}
        return event | {"response": response}

    functions.does["DefineAuthChallenge"] = define
    functions.does["CreateAuthChallenge"] = lambda event: event | {"response": {}}
    functions.does["VerifyAuthChallengeResponse"] = lambda event: (
        event | {"response": {"answerCorrect": False}}
    )
    set_triggers(pool.pool_id, "DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
    pool.cognito.update_user_pool(
        UserPoolId=pool.pool_id,
        **in_mode("AUDIT"),
        LambdaConfig=pool.cognito.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]["LambdaConfig"],
    )
    for hours in (1, 2):
        for _ in range(TRIES):
            asked = begin(pool, "CUSTOM_AUTH")
            with refused("NotAuthorizedException"):
                pool.answer("ada", asked, ANSWER="wrong")
        assert pool.told("ada") == ["Fail NoRisk"] * (QUOTA.an_hour * hours)
        pool.clock.advance(HOUR)


def test_so_are_wrong_passkeys(pool: Adaptive) -> None:
    token = pool.tokens("ada")["AccessToken"]
    options = pool.anonymous.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    made: Any = Authenticator().create(options, "https://login.example.com")
    pool.anonymous.complete_web_authn_registration(AccessToken=token, Credential=made)
    before = len(pool.told("ada"))
    for _ in range(TRIES):
        asked = begin(pool, "USER_AUTH", PREFERRED_CHALLENGE="WEB_AUTHN")
        with refused("NotAuthorizedException"):
            pool.answer("ada", asked, CREDENTIAL="{}")
    assert pool.told("ada")[:-before] == ["Fail NoRisk"] * QUOTA.an_hour
