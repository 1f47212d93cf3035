"""Every challenge that the engine puts to a person: codes, apps, the choice among them, passkeys."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, select
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE, SECOND
from cognomen.store.authorization_codes import authorization_codes
from cognomen.store.database import Db
from tests.authenticator import Authenticator
from tests.browser import Browser
from tests.codes import newest_code, wrong
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, App
from tests.person import Person
from tests.second_factors import App as Codes
from tests.second_factors import Client
from tests.server import Server

At = Callable[..., Person]
OWN_SENDER = {
    "EmailSendingAccount": "DEVELOPER",
    "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com",
}
CHOICE = {"ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"]}


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


def test_a_page_waits_three_minutes_however_long_an_app_would(
    at: At, make_app: Callable[..., App], server: Server, clock: HeldClock
) -> None:
    factors: Any = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    app = make_app(pool={"Policies": factors}, AuthSessionValidity=15, **CHOICE)
    person = at(app).open("/login", **app.asks()).send(username="ada").send(way="EMAIL_OTP")
    code = newest_code(server, app.pool_id)
    clock.advance(3 * MINUTE - SECOND)
    person.send(code=wrong(code))
    assert person.notice == "The code is not right. Try again."
    clock.advance(SECOND)
    person.send(code=code)
    assert person.notice == "Something went wrong. The sign-in took too long or was interrupted; start again."


def test_who_need_show_no_code_any_more_is_led_on(
    at: At, app: App, client: Client, cognito: Cognito, clock: HeldClock
) -> None:
    client.offer("SOFTWARE_TOKEN_MFA")
    person = at(app)
    for take_away, heading in (
        (cognito.admin_delete_software_token, "Sign in"),
        (cognito.admin_reset_user_password, "Forgot your password?"),
    ):
        codes = client.give_app("ada")
        client.prefer("ada", "SOFTWARE_TOKEN_MFA")
        clock.advance(2 * MINUTE)
        signing_in(person, app)
        take_away(UserPoolId=app.pool_id, Username="ada")
        assert person.send(code=codes.code()).heading == heading


def test_another_code_is_sent_on_demand_and_within_limits(
    at: At, app: App, client: Client, server: Server, clock: HeldClock
) -> None:
    client.offer("EMAIL_OTP")
    client.prefer("ada", "EMAIL_OTP")
    person = signing_in(at(app), app)
    first = newest_code(server, app.pool_id)
    clock.advance(SECOND)
    person.send(1, again="1")
    assert (person.heading, person.notice) == (
        "Check your email",
        "We sent a new message to a***@e***.",
    )
    second, asked = newest_code(server, app.pool_id), person.answer
    assert person.send(code=first).notice == "The code is not right. Try again."
    assert "code" in person.send(code=second).answer.told
    person.answer = asked
    assert person.send(1, again="1").heading == "Sign in", "it was answered"
    person.browser.cookies.clear()
    signing_in(person, app)
    for _ in range(30):
        person.send(1, again="1")
        if person.notice.startswith("Too many"):
            break
    assert person.notice == "Too many attempts. Wait a while, then try again."


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
    client.clock.advance(SECOND)
    assert person.send(1, again="1").notice == "We sent a new message to n***@e***."
    assert "code" in person.send(code=newest_code(server, app.pool_id)).answer.told
    attributes = cognito.admin_get_user(UserPoolId=app.pool_id, Username="new")["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in attributes


# -- first factors ----------------------------------------------------------------------------------------------------


def with_choice(make_app: Callable[..., App], *factors: str, user: str = "ada", **settings: Any) -> App:
    pool: dict[str, Any] = {
        "EmailConfiguration": OWN_SENDER,
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", *factors]}},
    }
    return make_app(pool=pool | settings, user=user, **CHOICE)


def test_where_there_is_a_choice_the_name_comes_first(
    at: At, make_app: Callable[..., App], server: Server
) -> None:
    app = with_choice(make_app, "EMAIL_OTP")
    person = at(app).open("/login", **app.asks())
    assert person.forms[0].typed == ["username"]
    person.send(username="ada")
    assert person.heading == "Choose how to sign in"
    assert re.findall(r'name="way" value="(\w+)"', person.page) == ["PASSWORD", "EMAIL_OTP"]
    chosen = person.answer
    person.send(way="EMAIL_OTP")
    assert person.heading == "Check your email"
    server.clock.advance(SECOND)
    assert person.send(1, again="1").notice == "We sent a new message to a***@e***."
    assert "code" in person.send(code=newest_code(server, app.pool_id)).answer.told
    person.browser.cookies.clear()
    person.answer = chosen
    assert person.send(way="PASSWORD").notice == "This form is no longer valid. Try again."


def test_a_password_is_one_of_the_ways(at: At, make_app: Callable[..., App]) -> None:
    app = with_choice(make_app, "EMAIL_OTP")
    person = at(app).open("/login", **app.asks()).send(username="ada").send(way="PASSWORD")
    assert person.heading == "Enter your password"
    assert person.send(password="wrong").notice == "Incorrect username or password."
    assert "code" in person.send(password=PASSWORD).answer.told


def test_nobody_chooses_where_there_is_one_way(
    at: At, make_app: Callable[..., App], make_user: Callable[..., str]
) -> None:
    app = with_choice(make_app, "EMAIL_OTP")
    make_user(app.pool_id, "plain")
    person = at(app).open("/login", **app.asks()).send(username="plain")
    assert person.heading == "Enter your password"


def test_a_script_that_sends_a_password_at_once_is_not_asked_to_choose(
    at: At, make_app: Callable[..., App]
) -> None:
    app = with_choice(make_app, "EMAIL_OTP")
    person = at(app).open("/login", **app.asks())
    assert "code" in person.send(username="ada", password=PASSWORD).answer.told


def test_the_classic_pages_ask_for_name_and_password(at: At, make_app: Callable[..., App]) -> None:
    app = with_choice(make_app, "EMAIL_OTP")
    person = at(app, managed=False).open("/login", **app.asks())
    assert person.forms[0].typed == ["username", "password"]


def test_a_name_that_nobody_has_is_asked_as_others_are(at: At, make_app: Callable[..., App]) -> None:
    app = with_choice(make_app, "EMAIL_OTP")
    person = at(app).open("/login", **app.asks()).send(username="nobody")
    assert person.notice == "Incorrect username or password."


def test_whoever_is_confirmed_by_a_code_is_signed_in(
    at: At, make_app: Callable[..., App], server: Server
) -> None:
    by_email = {"UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}
    app = with_choice(make_app, "EMAIL_OTP", user="ada@example.com", **by_email)
    person = at(app).open("/signup", **app.asks())
    person.send(username="new@example.com", password=PASSWORD, repeated=PASSWORD)
    assert "code" in person.send(code=newest_code(server, app.pool_id)).answer.told


# -- passkeys ---------------------------------------------------------------------------------------------------------


def options_in(person: Person) -> Any:
    found = re.search(r'id="passkey-options" [^>]*value="([^"]*)"', person.page)
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.fixture
def passkeys(make_app: Callable[..., App], cognito: Cognito, at: At, server: Server) -> tuple[App, Person]:
    """An app whose users may have passkeys, and a person at the common address."""
    by_email = {"UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}
    app = with_choice(make_app, "EMAIL_OTP", "WEB_AUTHN", user="ada@example.com", **by_email)
    cognito.set_user_pool_mfa_config(
        UserPoolId=app.pool_id, WebAuthnConfiguration={"RelyingPartyId": "localhost"}
    )
    at(app)
    return app, Person(Browser(server, f"localhost:{Browser(server).port}"))


def test_a_passkey_is_made_on_a_page_and_signs_in(passkeys: tuple[App, Person]) -> None:
    app, person = passkeys
    origin = f"http://{person.browser.host}"
    authenticator = Authenticator()
    person.open("/login", **app.asks()).send(username="ada@example.com", password=PASSWORD)
    person.open("/passkeys/add", client_id=app.client_id, redirect_uri=CALLBACK)
    assert person.heading == "Sign in faster next time"
    assert f'href="{CALLBACK}"' in person.page
    person.send(credential="{}")
    assert person.heading == "Sign in faster next time"
    assert person.notice
    made = authenticator.create(options_in(person), origin)
    person.send(credential=json.dumps(made))
    assert (person.answer.status, person.answer.location) == (302, CALLBACK)

    person.browser.cookies.clear()
    person.open("/login", **app.asks()).send(username="ada@example.com").send(way="WEB_AUTHN")
    assert person.heading == "Sign in with your passkey"
    assert person.send(credential="{}").notice
    proof = authenticator.get(options_in(person), origin)
    assert "code" in person.send(credential=proof).answer.told


def codes_of(db: Db, pool_id: str) -> int:
    rows = select(authorization_codes.c.pool_id).where(authorization_codes.c.pool_id == bindparam("pool_id"))
    return len(db.all(rows, pool_id=pool_id))


def test_a_passkey_is_offered_once_an_account_is_confirmed(
    passkeys: tuple[App, Person], server: Server, clock: HeldClock
) -> None:
    app, person = passkeys
    clock.advance(SECOND)
    person.open("/signup", **app.asks(prompt="login", max_age="0"))
    person.send(username="new@example.com", password=PASSWORD, repeated=PASSWORD)
    person.send(code=newest_code(server, app.pool_id))
    assert person.answer.location.partition("?")[0] == "/passkeys/add"
    assert server.run(server.store.read(codes_of, app.pool_id)) == 0, "it is made when the person goes on"
    clock.advance(SECOND)
    person.open(person.answer.location)
    later = re.findall(r'href="(/oauth2/authorize[^"]*)"', person.page)
    person.open(html.unescape(later[0]))
    assert "code" in person.answer.told


def test_nobody_makes_a_passkey_without_having_signed_in(passkeys: tuple[App, Person]) -> None:
    app, person = passkeys
    person.open("/passkeys/add", client_id=app.client_id, redirect_uri=CALLBACK)
    assert person.answer.told["error"] == "login_required"


def test_a_passkey_is_made_by_the_browser_that_was_asked(passkeys: tuple[App, Person]) -> None:
    app, person = passkeys
    person.open("/login", **app.asks()).send(username="ada@example.com", password=PASSWORD)
    person.open("/passkeys/add", client_id=app.client_id, redirect_uri=CALLBACK)
    form = person.forms[0]
    answer = person.browser.post(form.action, None, **form.fields | {"_csrf": "A" * 43})
    assert answer.status == 403


def test_a_passkey_of_any_other_form_is_told_on_the_page(passkeys: tuple[App, Person]) -> None:
    app, person = passkeys
    person.open("/login", **app.asks()).send(username="ada@example.com", password=PASSWORD)
    for sent in ("[]", "null", '"text"', "{", "{}"):
        person.open("/passkeys/add", client_id=app.client_id, redirect_uri=CALLBACK)
        assert person.send(credential=sent).notice
        assert person.heading == "Sign in faster next time"
