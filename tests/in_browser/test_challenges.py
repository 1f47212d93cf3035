"""Codes, authenticator apps, the choice among them, and passkeys, with an authenticator that the browser has for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE
from tests.codes import newest_code
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.in_browser.conftest import Sitting
from tests.oauth_app import App
from tests.second_factors import OWN_SENDER, Client
from tests.second_factors import App as Codes
from tests.server import Server

Sit = Callable[..., Sitting]
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
