"""Pages that lead a person to the level that an app asks for (`acr_values`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, App, claims, exchange
from tests.person import Person
from tests.second_factors import App as Codes
from tests.second_factors import Client

At = Callable[..., Person]
ONE, THREE, FOUR = (f"urn:cognito:loa:{level}" for level in (1, 3, 4))
UNMET = f"{CALLBACK}?state=the+state&error=unmet_authentication_requirements"


@pytest.fixture
def client(cognito: Cognito, anonymous: Cognito, app: App, clock: HeldClock) -> Client:
    client = Client(cognito, anonymous, app.pool_id, app.client_id, clock)
    client.offer("SOFTWARE_TOKEN_MFA")
    return client


@pytest.fixture
def codes(client: Client, clock: HeldClock) -> Codes:
    """Ada's app, which no sign-in asks for yet."""
    made = client.give_app("ada")
    clock.advance(MINUTE)
    return made


def said(person: Person, app: App) -> tuple[str, list[str]]:
    """`acr` and `amr` of the tokens that the app gets."""
    code = person.answer.told["code"]
    found = claims(exchange(person.browser, app, code).document["id_token"])
    return found["acr"], found["amr"]


@pytest.mark.parametrize("managed", [True, False])
def test_the_factor_that_is_missing_is_asked_for(
    at: At, app: App, client: Client, codes: Codes, managed: bool
) -> None:
    client.prefer("ada", "SOFTWARE_TOKEN_MFA")
    person = at(app, managed=managed).open("/login", **app.asks(acr_values=FOUR))
    person.send(username="ada", password=PASSWORD)
    assert person.heading == "Confirm it is you"
    person.send(code=codes.code())
    assert said(person, app) == (FOUR, ["pwd", "otp", "mfa"])


def test_a_living_session_is_stepped_up(at: At, app: App, client: Client, codes: Codes) -> None:
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    assert said(person, app) == (ONE, ["pwd"])
    client.prefer("ada", "SOFTWARE_TOKEN_MFA")
    query = app.asks(acr_values=FOUR)
    location = person.open("/oauth2/authorize", **query).answer.location
    assert "/login?" in location
    person.open("/login", **query)
    assert person.forms[0].typed == ["username"]
    assert person.forms[0].fields["username"] == "ada"
    person.send()
    assert person.heading == "Confirm it is you"
    person.send(code=codes.code())
    assert said(person, app) == (FOUR, ["pwd", "otp", "mfa"])
    assert person.open("/oauth2/authorize", **query).answer.location.startswith(CALLBACK)


def test_another_person_at_the_browser_proves_everything(
    at: At, app: App, client: Client, codes: Codes, make_user: Callable[..., str]
) -> None:
    assert codes
    make_user(app.pool_id, "ben")
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    client.prefer("ada", "SOFTWARE_TOKEN_MFA")
    person.open("/login", **app.asks(acr_values=f"{FOUR} {ONE}")).send(username="ben")
    assert "password" in person.forms[0].typed
    person.send(username="ben", password=PASSWORD)
    assert said(person, app) == (ONE, ["pwd"])


def test_a_sign_in_too_long_ago_is_not_stepped_up(
    at: At, app: App, client: Client, codes: Codes, clock: HeldClock
) -> None:
    assert codes
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    client.prefer("ada", "SOFTWARE_TOKEN_MFA")
    clock.advance(MINUTE)
    person.open("/login", **app.asks(acr_values=FOUR, max_age="30"))
    assert "password" in person.forms[0].typed


def test_whoever_can_prove_no_more_is_told_to_the_app(at: At, app: App, client: Client) -> None:
    assert client
    person = at(app).open("/login", **app.asks(acr_values=FOUR)).send(username="ada", password=PASSWORD)
    assert person.answer.location == UNMET
    person.open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    assert person.open("/login", **app.asks(acr_values=FOUR)).send().answer.location == UNMET


def test_a_session_does_that_is_as_sure_as_the_person_can_be(at: At, app: App, client: Client) -> None:
    assert client
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    person.open("/login", **app.asks(acr_values=f"{FOUR} {ONE}")).send()
    assert said(person, app) == (ONE, ["pwd"])


def test_where_names_are_addresses_the_session_shows_one(at: At, make_app: Callable[..., App]) -> None:
    app = make_app(pool={"UsernameAttributes": ["email"]}, user="ada@example.com")
    person = at(app).open("/login", **app.asks()).send(username="ada@example.com", password=PASSWORD)
    person.open("/login", **app.asks(acr_values=f"{FOUR} {ONE}"))
    assert person.forms[0].fields["username"] == "ada@example.com"
    assert said(person.send(), app) == (ONE, ["pwd"])


def test_a_plan_without_levels_passes_them_over(at: At, make_app: Callable[..., App]) -> None:
    app = make_app(pool={"UserPoolTier": "LITE"})
    person = at(app, managed=False).open("/login", **app.asks(acr_values=FOUR))
    person.send(username="ada", password=PASSWORD)
    assert person.answer.told["code"]
