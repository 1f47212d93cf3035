"""Everything a person can do on the pages, by keyboard and mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from tests.codes import newest_code
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.in_browser.conftest import Sitting
from tests.oauth_app import App
from tests.server import Server

Sit = Callable[..., Sitting]
POOL = {
    "UsernameAttributes": ["email"],
    "AutoVerifiedAttributes": ["email"],
    "Schema": [{"Name": "name", "Required": True}, {"Name": "birthdate", "Required": True}],
}


@pytest.fixture
def app(make_app: Callable[..., App], callback: str) -> App:
    return make_app(pool=POOL, user="ada@example.com", CallbackURLs=[callback])


def test_signing_in(sit: Sit, app: App) -> None:
    person = sit(app)
    person.ask("/oauth2/authorize", app)
    person.see("Sign in", "sign-in")
    person.type(username="ada@example.com", password="wrong")
    person.press("Sign in")
    assert person.notice == "Incorrect username or password."
    person.see("Sign in", "sign-in-refused")
    person.type(password=PASSWORD)
    person.press("Sign in")
    assert person.is_back_at_the_app


def test_signing_in_by_keyboard_alone(sit: Sit, app: App) -> None:
    person = sit(app)
    person.ask("/login", app)
    person.page.wait_for_function("document.activeElement.id === 'username'")
    keyboard = person.page.keyboard
    keyboard.type("ada@example.com")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    person.page.wait_for_url("**/callback?**")
    assert person.is_back_at_the_app


@pytest.mark.parametrize("scripts", [True, False])
def test_making_an_account(sit: Sit, app: App, server: Server, clock: HeldClock, scripts: bool) -> None:
    person = sit(app, scripts=scripts)
    person.ask("/login", app)
    person.follow("Create an account")
    if scripts:
        person.see("Create an account", "sign-up")
    person.type(
        username="new@example.com",
        password="lowercase",
        repeated="lowercase",
        **{"attribute.name": "Ada Lovelace", "attribute.birthdate": "1815-12-10"},
    )
    if scripts:  # what is said while one types
        assert person.page.locator(".rule-met").count() == 2
        assert person.page.locator(".rule-unmet").count() == 3
    person.press("Create an account")
    assert person.notice == "The password does not meet the requirements."
    assert person.page.locator(".rule-unmet").count() == 3
    if scripts:
        person.see("Create an account", "sign-up-refused")
    person.type(password=PASSWORD, repeated=PASSWORD)
    person.press("Create an account")
    if scripts:
        person.see("Confirm your account", "confirm")
    clock.advance(SECOND)
    person.press("Send it again")
    assert person.notice == "We sent a new message to n***@e***."
    if scripts:
        person.see("Confirm your account", "confirm-again")
    person.type(code=newest_code(server, app.pool_id))
    person.press("Confirm")
    assert person.notice == "Your account is confirmed. You can sign in now."
    person.type(password=PASSWORD)
    person.press("Sign in")
    assert person.is_back_at_the_app


def test_recovering(sit: Sit, app: App, server: Server) -> None:
    person = sit(app)
    person.ask("/login", app)
    person.follow("Forgot your password?")
    person.see("Forgot your password?", "forgot-password")
    person.type(username="ada@example.com")
    person.press("Send code")
    person.see("Reset your password", "reset-password")
    assert person.kept_name == "ada@example.com"
    person.type(code=newest_code(server, app.pool_id), password="An0ther-0ne!", repeated="An0ther-0ne!")
    person.press("Confirm")
    assert person.notice == "Your password was changed. Sign in with the new one."
    person.see("Sign in", "reset-done")


def test_replacing_a_temporary_password(
    sit: Sit, app: App, cognito: Cognito, make_user: Callable[..., str]
) -> None:
    make_user(app.pool_id, "new@example.com", "Temp0rary!", permanent=False)
    person = sit(app)
    person.ask("/login", app)
    person.type(username="new@example.com", password="Temp0rary!")
    person.press("Sign in")
    person.see("Choose a new password", "new-password")
    assert person.kept_name == "new@example.com"
    typed = {"attribute.name": "New", "attribute.birthdate": "2000-01-01"}
    person.type(password="Mine-0wn!", repeated="Mine-0wn!", **typed)
    person.press("Continue")
    assert person.is_back_at_the_app


def test_what_cannot_be_answered(sit: Sit, app: App) -> None:
    person = sit(app)
    person.ask("/login", app, redirect_uri="https://elsewhere.example/")
    person.see("Something went wrong", "error")
    person.open("/confirmUser", client_id=app.client_id, user_name="x", confirmation_code="1")
    person.see("This link does not work", "link-invalid")
