"""Every challenge that the engine puts to a person: codes, apps, the choice among them, passkeys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from tests.codes import newest_code, wrong
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.oauth_app import App
from tests.person import Person
from tests.second_factors import App as Codes
from tests.second_factors import Client
from tests.server import Server

At = Callable[..., Person]
OWN_SENDER = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com",
}


@pytest.fixture
def client(cognito: Cognito, anonymous: Cognito, app: App, clock: HeldClock) -> Client:
    return Client(cognito, anonymous, app.pool_id, app.client_id, clock)


@pytest.fixture
def app(make_app: Callable[..., App], cognito: Cognito) -> App:
    """An app whose user ada has an address and a phone, in a pool that may ask for any factor."""
    recovery = {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]}
    app = make_app(pool={"EmailConfiguration": OWN_SENDER, "AccountRecoverySetting": recovery})
    cognito.admin_update_user_attributes(
        UserPoolId=app.pool_id,
        Username="ada",
        UserAttributes=[
            {"Name": "phone_number", "Value": "+15551230839"},
            {"Name": "phone_number_verified", "Value": "true"},
        ],
    )
    return app


def signing_in(person: Person, app: App) -> Person:
    return person.open("/login", **app.asks()).send(username="ada", password=PASSWORD)


def secret_in(page: str) -> str:
    found = re.search(r'<code class="key">([^<]+)</code>', page)
    assert found
    return found[1].replace(" ", "")


# -- second factors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "heading", "destination"),
    [
        ("SMS_MFA", "Check your phone", "+*******0839"),
        ("EMAIL_OTP", "Check your email", "a***@e***"),
    ],
)
def test_a_code_that_was_sent_is_asked_for(
    at: At, app: App, client: Client, server: Server, factor: str, heading: str, destination: str
) -> None:
    client.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP")
    client.prefer("ada", factor)
    person = signing_in(at(app), app)
    assert person.heading == heading
    assert destination in person.page
    code = newest_code(server, app.pool_id)
    person.send(code=wrong(code))
    assert (person.heading, person.notice) == (heading, "The code is not right. Try again.")
    assert destination in person.page
    assert "code" in person.send(code=code).answer.told


def test_the_code_of_an_app_counts_once(at: At, app: App, client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA")
    codes = client.give_app("ada")
    client.prefer("ada", "SOFTWARE_TOKEN_MFA")
    clock.advance(2 * MINUTE)
    person = signing_in(at(app), app)
    assert person.heading == "Confirm it is you"
    code = codes.code()
    assert "code" in person.send(code=code).answer.told
    person.browser.cookies.clear()
    assert signing_in(person, app).send(code=code).notice == (
        "This code was used already. Wait for the next one."
    )


def test_guesses_at_a_code_end_as_those_at_a_password_do(
    at: At, app: App, client: Client, server: Server
) -> None:
    client.offer("SMS_MFA")
    client.prefer("ada", "SMS_MFA")
    person = signing_in(at(app), app)
    code = newest_code(server, app.pool_id)
    for _ in range(5):
        person.send(code=wrong(code))
    assert person.send(code=code).notice == "Too many attempts. Wait a while, then try again."


def test_whoever_has_several_factors_chooses(at: At, app: App, client: Client, server: Server) -> None:
    client.offer("SMS_MFA", "SOFTWARE_TOKEN_MFA")
    client.give_app("ada")
    client.prefer("ada", "SMS_MFA", "SOFTWARE_TOKEN_MFA")
    person = signing_in(at(app), app)
    assert person.heading == "Choose how to confirm it is you"
    assert re.findall(r'name="way" value="(\w+)"', person.page) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]
    person.send(way="WEB_AUTHN")
    assert person.heading == "Choose how to confirm it is you"
    assert person.notice
    person.send(way="SMS_MFA")
    assert "code" in person.send(code=newest_code(server, app.pool_id)).answer.told


def test_an_app_is_set_up_on_the_way(at: At, app: App, client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    person = signing_in(at(app), app)
    assert person.heading == "Set up an authenticator app"
    assert "<svg" in person.page
    codes = Codes(secret_in(person.page), clock)
    person.send(code=wrong(codes.code()))
    assert person.notice == "The code is not right. Try again."
    assert secret_in(person.page) == codes.secret
    assert "code" in person.send(code=codes.code()).answer.told
    person.browser.cookies.clear()
    clock.advance(MINUTE)
    assert "code" in signing_in(person, app).send(code=codes.code()).answer.told


def test_which_factor_is_set_up_may_be_chosen(
    at: At, app: App, client: Client, cognito: Cognito, server: Server, make_user: Callable[..., str]
) -> None:
    make_user(app.pool_id, "new")
    client.offer("SOFTWARE_TOKEN_MFA", "EMAIL_OTP", mode="ON")
    person = at(app).open("/login", **app.asks()).send(username="new", password=PASSWORD)
    assert person.heading == "Protect your account"
    assert re.findall(r'name="way" value="(\w+)"', person.page) == ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]
    assert person.send(way="SMS_MFA").heading == "Protect your account"
    person.send(way="EMAIL_OTP")
    assert person.heading == "Add an email address"
    assert person.send(email="nonsense").notice == "Enter a valid email address."
    person.send(email="new@example.com")
    assert (person.heading, "n***@e***" in person.page) == ("Check your email", True)
    assert "code" in person.send(code=newest_code(server, app.pool_id)).answer.told
    attributes = cognito.admin_get_user(UserPoolId=app.pool_id, Username="new")["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in attributes
