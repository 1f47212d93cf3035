"""Everything a person can do on the pages, by keyboard and mouse."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import SECOND
from cognomen.crypto import base64url
from tests.browser import Browser
from tests.codes import messages_of, newest_code
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
BY_LINK = POOL | {"VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK"}}
PKCE = {
    "code_challenge": base64url.encode(hashlib.sha256(b"v" * 43).digest()),
    "code_challenge_method": "S256",
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
    assert person.notice.splitlines() == [
        "The password does not meet the requirements. The password needs:",
        "an upper-case letter",
        "a number",
        "a special character or a space inside",
    ]
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


@pytest.mark.parametrize("setting", ["light", "dark-phone"], indirect=True)
def test_what_one_agrees_to_can_be_read_while_signing_up(
    sit: Sit, app: App, cognito: Cognito, callback: str
) -> None:
    """The classic pages show no terms."""
    for name in ("terms-of-use", "privacy-policy"):
        cognito.create_terms(
            UserPoolId=app.pool_id,
            ClientId=app.client_id,
            TermsName=name,
            TermsSource="LINK",
            Enforcement="NONE",
            Links={"cognito:default": f"{callback}?{name}"},
        )
    person = sit(app)
    person.ask("/signup", app)
    person.type(username="new@example.com")
    person.see("Create an account", "sign-up-terms")
    for label, name in (("Terms of use", "terms-of-use"), ("Privacy policy", "privacy-policy")):
        with person.page.expect_popup() as opened:
            person.follow(label)
        opened.value.wait_for_url(f"{callback}?{name}")
    assert person.page.locator("[name=username]").input_value() == "new@example.com"


def test_confirming_by_a_link(sit: Sit, make_app: Callable[..., App], server: Server, callback: str) -> None:
    """The link is opened in a page of its own, as mail programs do; the first one waits."""
    app = make_app(pool=BY_LINK, user="ada@example.com", CallbackURLs=[callback])
    person = sit(app)
    person.ask("/signup", app)
    typed = {"attribute.name": "New", "attribute.birthdate": "2000-01-01"}
    person.type(username="new@example.com", password=PASSWORD, repeated=PASSWORD, **typed)
    person.press("Create an account")
    person.see("Confirm your account", "confirm-link")
    link = html.unescape(re.findall(r'href="([^"]+)"', messages_of(server, app.pool_id)[0]["body"])[0])
    from_mail = Sitting(person.page.context.new_page(), person.host, callback, person.look)
    from_mail.page.goto(link)
    from_mail.see("Your account is confirmed", "confirmed")
    from_mail.page.reload()
    from_mail.see("This link does not work", "link-used")
    person.follow("Back to sign in")
    person.type(username="new@example.com", password=PASSWORD)
    person.press("Sign in")
    assert person.is_back_at_the_app


def test_an_app_that_registered_itself_asks_for_consent(
    sit: Sit, make_app: Callable[..., App], at_domain: Callable[[App], Browser], callback: str
) -> None:
    pool = make_app(pool={"DcrConfiguration": {"OpenDcrEnabled": True}})
    body = {
        "redirect_uris": [callback],
        "client_name": "Your bank",
        "token_endpoint_auth_method": "none",
    }
    registered = at_domain(pool).send(
        "POST", "/oauth2/register", {"content-type": "application/json"}, json.dumps(body).encode()
    )
    app = App(pool.pool_id, pool.prefix, registered.document["client_id"], None, pool.sub)
    person = sit(app)
    person.ask("/oauth2/authorize", app, **PKCE)
    person.type(username="ada", password=PASSWORD)
    person.press("Sign in")
    person.see("Allow this app?", "consent")
    buttons = [button.bounding_box() for button in person.page.get_by_role("button").all()]
    assert len({button and button["width"] for button in buttons}) == 1, "neither answer is the lesser one"
    person.press("Do not allow")
    assert person.page.url == f"{callback}?state=the+state&error=access_denied"
    person.ask("/oauth2/authorize", app, **PKCE)
    person.press("Allow")
    assert person.is_back_at_the_app


def test_signing_out(sit: Sit, make_app: Callable[..., App], callback: str) -> None:
    """To a page of the app, or to the page that somebody else may sign in on."""
    goodbye = callback.replace("/callback", "/bye")
    app = make_app(CallbackURLs=[callback], LogoutURLs=[goodbye])
    person = sit(app)

    def sign_in() -> None:
        person.type(username="ada", password=PASSWORD)
        person.press("Sign in")
        assert person.is_back_at_the_app

    person.ask("/login", app)
    sign_in()
    person.open("/logout", client_id=app.client_id, logout_uri=f"{goodbye}/elsewhere")
    assert person.page.inner_text("h1") == "Something went wrong"
    person.ask("/oauth2/authorize", app)
    assert person.is_back_at_the_app
    person.open("/logout", client_id=app.client_id, logout_uri=goodbye)
    assert (person.page.url, person.page.inner_text("p")) == (goodbye, "Goodbye")
    person.ask("/oauth2/authorize", app)
    sign_in()
    person.ask("/logout", app)
    person.see("Sign in", "signed-out")
    sign_in()


def test_what_cannot_be_answered(sit: Sit, app: App) -> None:
    person = sit(app)
    person.ask("/login", app, redirect_uri="https://elsewhere.example/")
    person.see("Something went wrong", "error")
    person.open("/confirmUser", client_id=app.client_id, user_name="x", confirmation_code="1")
    person.see("This link does not work", "link-invalid")
