"""Codes, authenticator apps, the choice among them, and passkeys, with an authenticator that the browser has for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE, SECOND
from tests.codes import newest_code
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.in_browser.conftest import Sitting
from tests.oauth_app import App
from tests.second_factors import OWN_SENDER, SMS, Client
from tests.second_factors import App as Codes
from tests.server import Server

Sit = Callable[..., Sitting]
LEVEL_FOUR = "urn:cognito:loa:4"
RECOVERY = {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]}


@pytest.fixture
def app(make_app: Callable[..., App], callback: str) -> App:
    pool = {"EmailConfiguration": OWN_SENDER, "AccountRecoverySetting": RECOVERY}
    return make_app(pool=pool, CallbackURLs=[callback])


@pytest.fixture
def client(cognito: Cognito, anonymous: Cognito, app: App, clock: HeldClock) -> Client:
    return Client(cognito, anonymous, app.pool_id, app.client_id, clock)


def sign_in(person: Sitting, app: App, username: str = "ada") -> None:
    person.ask("/login", app)
    person.type(username=username, password=PASSWORD)
    person.press("Sign in")


def test_an_app_is_set_up_and_asked_for(sit: Sit, app: App, client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA", mode="ON")
    person = sit(app)
    sign_in(person, app)
    person.see("Set up an authenticator app", "set-up-app")
    codes = Codes(person.page.locator(".key").inner_text().replace(" ", ""), clock)
    person.type(code="000000")
    person.press("Confirm")
    person.page.wait_for_function("document.activeElement.id === 'code'")
    person.see("Set up an authenticator app", "set-up-app-refused")
    person.type(code=codes.code())
    person.press("Confirm")
    assert person.is_back_at_the_app
    person.page.context.clear_cookies()
    clock.advance(MINUTE)
    sign_in(person, app)
    person.see("Confirm it is you", "code-app")
    person.type(code="000000")
    person.press("Confirm")
    person.see("Confirm it is you", "code-refused")
    person.type(code=codes.code())
    person.press("Confirm")
    assert person.is_back_at_the_app


def test_a_factor_is_chosen_and_its_code_typed(
    sit: Sit, app: App, client: Client, cognito: Cognito, server: Server
) -> None:
    phone: Any = [{"Name": "phone_number", "Value": "+15551230839"}]
    cognito.admin_update_user_attributes(UserPoolId=app.pool_id, Username="ada", UserAttributes=phone)
    client.offer("SMS_MFA", "EMAIL_OTP")
    client.prefer("ada", "SMS_MFA", "EMAIL_OTP")
    person = sit(app)
    sign_in(person, app)
    person.see("Choose how to confirm it is you", "choose-factor")
    person.press("Code by text message")
    person.see("Check your phone", "code-sms")
    person.type(code=newest_code(server, app.pool_id))
    person.press("Confirm")
    assert person.is_back_at_the_app


def test_an_address_is_set_up(
    sit: Sit, app: App, client: Client, server: Server, make_user: Callable[..., str]
) -> None:
    make_user(app.pool_id, "new")
    client.offer("SOFTWARE_TOKEN_MFA", "EMAIL_OTP", mode="ON")
    person = sit(app)
    sign_in(person, app, "new")
    person.see("Protect your account", "set-up-factor")
    person.press("Code by email")
    person.see("Add an email address", "set-up-email")
    person.type(email="new@example.com")
    person.press("Continue")
    person.see("Check your email", "code-email")
    person.type(code=newest_code(server, app.pool_id))
    person.press("Confirm")
    assert person.is_back_at_the_app


def test_a_session_is_stepped_up(sit: Sit, app: App, client: Client, clock: HeldClock) -> None:
    client.offer("SOFTWARE_TOKEN_MFA")
    codes = client.give_app("ada")
    clock.advance(MINUTE)
    person = sit(app)
    sign_in(person, app)
    assert person.is_back_at_the_app
    client.prefer("ada", "SOFTWARE_TOKEN_MFA")
    person.ask("/oauth2/authorize", app, acr_values=LEVEL_FOUR)
    person.see("Sign in", "step-up")
    assert "You are signed in. To go on, confirm once more that it is you." in person.page.inner_text("main")
    assert person.page.locator("[name=username]").input_value() == "ada"
    person.press("Continue")
    person.see("Confirm it is you", "step-up-code")
    person.type(code=codes.code())
    person.press("Confirm")
    assert person.is_back_at_the_app
    person.ask("/oauth2/authorize", app, acr_values=LEVEL_FOUR)
    assert person.is_back_at_the_app


@pytest.mark.parametrize("setting", ["light", "dark-phone"], indirect=True)
def test_the_first_factor_is_chosen(
    sit: Sit,
    make_app: Callable[..., App],
    cognito: Cognito,
    server: Server,
    clock: HeldClock,
    callback: str,
) -> None:
    """The classic pages ask for a name and a password."""
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}}
    pool = {"Policies": policy, "EmailConfiguration": OWN_SENDER, "SmsConfiguration": SMS}
    app = make_app(pool=pool, CallbackURLs=[callback], ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    phone: Any = [
        {"Name": "phone_number", "Value": "+15551230839"},
        {"Name": "phone_number_verified", "Value": "true"},
    ]
    cognito.admin_update_user_attributes(UserPoolId=app.pool_id, Username="ada", UserAttributes=phone)
    person = sit(app)

    def choose(way: str) -> None:
        clock.advance(SECOND)  # which tells the messages apart
        person.page.context.clear_cookies()
        person.ask("/login", app)
        person.type(username="ada")
        person.press("Continue")
        person.press(way)

    choose("Password")
    person.see("Enter your password", "password")
    assert person.kept_name == "ada"
    person.type(password="wrong")
    person.press("Sign in")
    assert person.notice == "Incorrect username or password."
    person.see("Enter your password", "password-refused")
    person.type(password=PASSWORD)
    person.press("Sign in")
    assert person.is_back_at_the_app
    for way, heading, name in (
        ("Code by email", "Check your email", "first-code-email"),
        ("Code by text message", "Check your phone", "first-code-sms"),
    ):
        choose(way)
        person.see(heading, name)
        person.type(code=newest_code(server, app.pool_id))
        person.press("Confirm")
        assert person.is_back_at_the_app


@pytest.mark.parametrize("setting", ["light", "dark-phone"], indirect=True)
def test_a_passkey_is_made_and_used(
    sit: Sit, make_app: Callable[..., App], cognito: Cognito, server: Server, callback: str
) -> None:
    """At the common address, whose name a relying party may have on a developer's machine."""
    policy: dict[str, Any] = {
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}
    }
    pool = {
        "Policies": policy,
        "EmailConfiguration": OWN_SENDER,
        "UsernameAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
    }
    app = make_app(
        pool=pool,
        user="ada@example.com",
        CallbackURLs=[callback],
        ExplicitAuthFlows=["ALLOW_USER_AUTH"],
    )
    cognito.set_user_pool_mfa_config(
        UserPoolId=app.pool_id, WebAuthnConfiguration={"RelyingPartyId": "localhost"}
    )
    person = sit(app)
    person.host = f"http://localhost:{server.endpoint.rpartition(':')[2]}"
    devtools = person.page.context.new_cdp_session(person.page)
    devtools.send("WebAuthn.enable")
    authenticator = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    id = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})["authenticatorId"]

    person.ask("/signup", app)
    person.type(username="new@example.com", password=PASSWORD, repeated=PASSWORD)
    person.press("Create an account")
    person.type(code=newest_code(server, app.pool_id))
    person.press("Confirm")
    person.see("Sign in faster next time", "passkey-add")
    person.press("Create a passkey")
    person.page.wait_for_url(f"{callback}**")
    assert person.is_back_at_the_app

    person.page.context.clear_cookies()
    person.ask("/login", app)
    person.see("Sign in", "sign-in-name-first")
    person.type(username="new@example.com")
    person.press("Continue")
    person.see("Choose how to sign in", "choose")
    person.press("Passkey")
    person.see("Sign in with your passkey", "passkey")
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": id, "isUserVerified": False})
    person.press("Use your passkey")
    person.page.locator("#passkey-failed").wait_for(state="visible")
    person.see("Sign in with your passkey", "passkey-failed")
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": id, "isUserVerified": True})
    person.press("Use your passkey")
    person.page.wait_for_url(f"{callback}**")
    assert person.is_back_at_the_app
