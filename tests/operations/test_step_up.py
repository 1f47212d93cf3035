"""Step-up authentication: a sign-in that is to reach a level, from nothing or from an access token."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from tests.authenticator import PRESENT, VERIFIED, Authenticator
from tests.codes import newest_code
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.second_factors import App, Client
from tests.server import Server

Make = Callable[..., Any]

PASSWORD = "Passw0rd!"
PARTY, ORIGIN = "example.com", "https://login.example.com"
ONE, TWO, THREE, FOUR = (f"urn:cognito:loa:{level}" for level in (1, 2, 3, 4))
FLOWS: dict[str, Any] = {
    "PreventUserExistenceErrors": "ENABLED",
    "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
}
FACTORS: Any = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}}

OUT_OF_REACH = (
    "InvalidParameterException",
    "The user has no authentication factor that reaches a level of TARGET_ACR_VALUES.",
)
REACHED = ("InvalidParameterException", "The access token reaches the target level already.")
FOREIGN = ("NotAuthorizedException", "Access Token was not issued to this user by this client.")


@pytest.fixture
def client(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    clock: HeldClock,
) -> Client:
    """Of a pool where apps that show codes are offered; its users are anna and ben."""
    pool_id = make_pool(Policies=FACTORS)["Id"]
    client = Client(cognito, anonymous, pool_id, make_client(pool_id, **FLOWS)["ClientId"], clock)
    client.offer("SOFTWARE_TOKEN_MFA")
    make_user(pool_id, "anna", email="anna@example.com", email_verified="true")
    make_user(pool_id, "ben")
    return client


@pytest.fixture
def app(client: Client, clock: HeldClock) -> App:
    """Anna's, which she does not have to use."""
    made = client.give_app("anna")
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    clock.advance(MINUTE)
    return made


def step_up(client: Client, target: str | None, username: str = "anna", **parameters: str) -> Any:
    wanted = {} if target is None else {"TARGET_ACR_VALUES": target}
    client.clock.advance(1)
    return client.anonymous.initiate_auth(
        AuthFlow="USER_AUTH",
        ClientId=client.client_id,
        AuthParameters={"USERNAME": username} | wanted | parameters,
    )


def with_password(client: Client, target: str | None, username: str = "anna", **parameters: str) -> Any:
    return step_up(client, target, username, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD, **parameters)


def said(answer: Any) -> list[tuple[str, list[str]]]:
    """`acr` and `amr` of both tokens."""
    tokens = answer["AuthenticationResult"]
    told = [
        jwt.decode(tokens[name], options={"verify_signature": False}) for name in ("AccessToken", "IdToken")
    ]
    return [(claims["acr"], claims["amr"]) for claims in told]


def password_token(client: Client) -> str:
    """Anna's, of a sign-in before she had an app."""
    return str(client.tokens("anna")["AccessToken"])


# -- from nothing -----------------------------------------------------------------------------------------------------


def test_a_password_reaches_the_lowest_level(client: Client) -> None:
    assert said(with_password(client, ONE)) == [(ONE, ["pwd"])] * 2


def test_a_code_is_the_level_above(client: Client, server: Server) -> None:
    asked = step_up(client, TWO, PREFERRED_CHALLENGE="EMAIL_OTP")
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]
    signed_in = client.answer("anna", asked, EMAIL_OTP_CODE=newest_code(server, client.pool_id))
    assert said(signed_in) == [(TWO, ["email_otp"])] * 2


def test_a_password_and_an_app_are_the_highest(client: Client, app: App) -> None:
    asked = with_password(client, f"{FOUR} {THREE}")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    signed_in = client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert said(signed_in) == [(FOUR, ["pwd", "otp", "mfa"])] * 2


@pytest.mark.parametrize("flags", [PRESENT, PRESENT | VERIFIED])
def test_a_passkey_reaches_the_third_level_however_it_is_used(
    cognito: Cognito, client: Client, flags: int
) -> None:
    passkeys: Any = {"RelyingPartyId": PARTY}
    cognito.set_user_pool_mfa_config(UserPoolId=client.pool_id, WebAuthnConfiguration=passkeys)
    token, authenticator = password_token(client), Authenticator()
    options: Any = client.anonymous.start_web_authn_registration(AccessToken=token)
    made = authenticator.create(options["CredentialCreationOptions"], ORIGIN)
    client.anonymous.complete_web_authn_registration(AccessToken=token, Credential=made)
    asked = step_up(client, THREE, PREFERRED_CHALLENGE="WEB_AUTHN")
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "WEB_AUTHN"]
    to_prove = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    proof = authenticator.get(to_prove, ORIGIN, flags=flags)
    assert said(client.answer("anna", asked, CREDENTIAL=proof)) == [(THREE, ["swk"])] * 2
    assert step_up(client, FOUR)["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]
    more = step_up(client, THREE, ACCESS_TOKEN=token, PREFERRED_CHALLENGE="WEB_AUTHN")
    to_prove = json.loads(more["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    proof = authenticator.get(to_prove, ORIGIN, flags=flags)
    assert said(client.answer("anna", more, CREDENTIAL=proof)) == [(THREE, ["pwd", "swk", "mfa"])] * 2


def test_a_code_after_the_password_reaches_the_third_level_without_mfa(
    client: Client, server: Server
) -> None:
    asked = with_password(client, THREE)
    assert (asked["ChallengeName"], asked["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"]) == (
        "EMAIL_OTP",
        "EMAIL",
    )
    signed_in = client.answer("anna", asked, EMAIL_OTP_CODE=newest_code(server, client.pool_id))
    assert said(signed_in) == [(THREE, ["pwd", "email_otp", "mfa"])] * 2


def test_who_cannot_reach_a_level_is_told_after_the_password(client: Client) -> None:
    nobody, known = step_up(client, FOUR, "nobody"), step_up(client, FOUR, "ben")
    assert nobody["ChallengeName"] == known["ChallengeName"] == "SELECT_CHALLENGE"
    assert nobody["AvailableChallenges"] == known["AvailableChallenges"]
    with refused(*OUT_OF_REACH):
        with_password(client, f"{FOUR} {THREE}", "ben")
    with refused("NotAuthorizedException", "Incorrect username or password."):
        with_password(client, FOUR, "nobody")
    assert said(with_password(client, f"{FOUR} {ONE}", "ben")) == [(ONE, ["pwd"])] * 2


def test_levels_that_the_pool_does_not_know_are_passed_over(client: Client) -> None:
    assert said(with_password(client, f"urn:of:another {ONE}")) == [(ONE, ["pwd"])] * 2
    with refused("InvalidParameterException", "TARGET_ACR_VALUES has no level of this user pool."):
        with_password(client, "urn:of:another")


def test_levels_have_the_names_that_the_pool_gives_them(cognito: Cognito, client: Client) -> None:
    renamed: Any = {"AcrConfiguration": {"Level1": {"AcrValue": "bronze"}}}
    cognito.update_user_pool(UserPoolId=client.pool_id, Policies=FACTORS, **renamed)
    assert said(with_password(client, "bronze")) == [("bronze", ["pwd"])] * 2


def test_a_server_asks_for_levels_too(cognito: Cognito, client: Client, app: App) -> None:
    asked = cognito.admin_initiate_auth(
        UserPoolId=client.pool_id,
        ClientId=client.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={
            "USERNAME": "anna",
            "PREFERRED_CHALLENGE": "PASSWORD",
            "PASSWORD": PASSWORD,
            "TARGET_ACR_VALUES": FOUR,
        },
    )
    signed_in = cognito.admin_respond_to_auth_challenge(
        UserPoolId=client.pool_id,
        ClientId=client.client_id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "anna", "SOFTWARE_TOKEN_MFA_CODE": app.code()},
    )
    assert said(signed_in) == [(FOUR, ["pwd", "otp", "mfa"])] * 2


def test_the_smallest_plan_has_no_levels(cognito: Cognito, make_pool: Make, make_client: Make) -> None:
    pool_id = make_pool(UserPoolTier="LITE")["Id"]
    client_id = make_client(pool_id, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])["ClientId"]
    with refused(
        "FeatureUnavailableInTierException",
        "The following feature is not available for the LITE pricing tier configured: Step-Up Authentication",
    ):
        cognito.admin_initiate_auth(
            UserPoolId=pool_id,
            ClientId=client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD, "TARGET_ACR_VALUES": FOUR},
        )


# -- from an access token ---------------------------------------------------------------------------------------------


def test_what_an_access_token_tells_is_not_asked_for_again(client: Client, app: App) -> None:
    client.prefer("anna")
    token = password_token(client)
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    asked = step_up(client, FOUR, ACCESS_TOKEN=token, MAX_AGE="60")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "AvailableChallenges" not in asked
    signed_in = client.answer("anna", asked, SOFTWARE_TOKEN_MFA_CODE=app.code())
    assert said(signed_in) == [(FOUR, ["pwd", "otp", "mfa"])] * 2
    with refused(*REACHED):
        step_up(client, FOUR, ACCESS_TOKEN=signed_in["AuthenticationResult"]["AccessToken"])


def test_a_token_that_says_enough_gets_no_tokens(client: Client) -> None:
    with refused(*REACHED):
        step_up(client, f"{FOUR} {ONE}", ACCESS_TOKEN=password_token(client))
    with refused(*OUT_OF_REACH):
        step_up(client, FOUR, ACCESS_TOKEN=password_token(client))


def test_after_a_code_the_password_is_asked_for(client: Client, server: Server) -> None:
    asked = step_up(client, TWO, PREFERRED_CHALLENGE="EMAIL_OTP")
    by_code = client.answer("anna", asked, EMAIL_OTP_CODE=newest_code(server, client.pool_id))
    token = by_code["AuthenticationResult"]["AccessToken"]
    signed_in = with_password(client, THREE, ACCESS_TOKEN=token)
    assert said(signed_in) == [(THREE, ["email_otp", "pwd", "mfa"])] * 2


@pytest.mark.parametrize(("max_age", "asked"), [("60", "SOFTWARE_TOKEN_MFA"), ("59", "SELECT_CHALLENGE")])
def test_a_sign_in_that_is_too_long_ago_does_not_count(
    client: Client, app: App, clock: HeldClock, max_age: str, asked: str
) -> None:
    assert app
    client.prefer("anna")
    clock.advance(1_000 - clock.now % 1_000)  # tokens know whole seconds
    token = password_token(client)
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    clock.advance(MINUTE - 2)
    answer = step_up(client, FOUR, ACCESS_TOKEN=token, MAX_AGE=max_age)
    assert answer["ChallengeName"] == asked


def test_a_sign_in_with_a_former_password_does_not_count(
    cognito: Cognito, client: Client, app: App, clock: HeldClock
) -> None:
    assert app
    client.prefer("anna")
    token = password_token(client)
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    clock.advance(MINUTE)
    cognito.admin_set_user_password(
        UserPoolId=client.pool_id, Username="anna", Password="An0ther-one!", Permanent=True
    )
    answer = step_up(client, FOUR, ACCESS_TOKEN=token)
    assert answer["ChallengeName"] == "SELECT_CHALLENGE"


@pytest.mark.parametrize("username", ["ben", "nobody"])
def test_a_token_of_somebody_else_tells_nothing(client: Client, username: str) -> None:
    with refused(*FOREIGN):
        step_up(client, FOUR, username, ACCESS_TOKEN=password_token(client))


def test_a_token_of_another_client_or_pool_is_refused(
    client: Client, make_pool: Make, make_client: Make, make_user: Make
) -> None:
    elsewhere = make_pool()["Id"]
    make_user(elsewhere, "anna")
    for pool_id in (client.pool_id, elsewhere):
        other = Client(
            client.cognito, client.anonymous, pool_id, make_client(pool_id)["ClientId"], client.clock
        )
        with refused(*FOREIGN):
            step_up(client, FOUR, ACCESS_TOKEN=password_token(other))


def test_a_token_that_counts_no_more_is_refused(cognito: Cognito, client: Client, clock: HeldClock) -> None:
    token = password_token(client)
    clock.advance(1)
    cognito.admin_user_global_sign_out(UserPoolId=client.pool_id, Username="anna")
    with refused("NotAuthorizedException", "Access Token has been revoked"):
        step_up(client, FOUR, ACCESS_TOKEN=token)
    with refused("NotAuthorizedException", "Invalid Access Token"):
        step_up(client, FOUR, ACCESS_TOKEN="no token")


def test_an_id_token_is_no_access_token(client: Client) -> None:
    with refused("NotAuthorizedException", "Invalid Access Token"):
        step_up(client, FOUR, ACCESS_TOKEN=client.tokens("anna")["IdToken"])


def test_parameters_that_make_no_sense_are_told(client: Client) -> None:
    with refused("InvalidParameterException", "ACCESS_TOKEN requires TARGET_ACR_VALUES."):
        step_up(client, None, ACCESS_TOKEN=password_token(client))
    for max_age in ("", "-1", "1.5", "soon", "1" * 11):
        with refused("InvalidParameterException", "MAX_AGE must be a number of seconds."):
            step_up(client, FOUR, MAX_AGE=max_age)


def test_nobody_sets_up_a_factor_by_preferring_it(client: Client, app: App) -> None:
    client.prefer("anna")
    token = password_token(client)
    client.prefer("anna", "SOFTWARE_TOKEN_MFA")
    assert app
    asked = step_up(client, FOUR, ACCESS_TOKEN=token, PREFERRED_CHALLENGE="MFA_SETUP")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
