"""A person has forgotten the password, and sets another one with a code."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE, SECOND
from tests.codes import newest_code, wrong
from tests.held_clock import HeldClock
from tests.leaked import PASSWORDS
from tests.oauth_app import App
from tests.person import Person
from tests.server import Server

At = Callable[..., Person]
NEW = {"password": "An0ther-0ne!", "repeated": "An0ther-0ne!"}


@pytest.mark.parametrize("managed", [True, False])
def test_a_forgotten_password_is_replaced_with_a_code(
    at: At, app: App, server: Server, managed: bool
) -> None:
    person = at(app, managed=managed).open("/forgotPassword", **app.asks()).send(username="ada")
    assert person.heading == "Reset your password"
    assert "a***@e***" in person.page
    code = newest_code(server, app.pool_id)
    person.send(code=wrong(code), **NEW)
    assert person.notice == "The code is not right. Try again."
    person.send(code=code, password="short", repeated="short")
    assert person.notice.startswith("The password does not meet the requirements.")
    assert "<li>at least 8 characters</li>" in person.notice
    person.send(code=code, password="short", repeated="other")
    assert person.notice == "The two passwords are not the same."
    person.send(code=code, **NEW)
    assert person.notice == "Your password was changed. Sign in with the new one."
    assert "code" in person.send(password=NEW["password"]).answer.told


def test_who_comes_with_a_password_that_has_leaked_resets_it_to_one_that_has_not(
    at: At, make_app: Callable[..., App], cognito: Cognito, server: Server
) -> None:
    leaked, other, _ = PASSWORDS
    app = make_app(pool={"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}})
    cognito.admin_set_user_password(UserPoolId=app.pool_id, Username="ada", Password=leaked, Permanent=True)
    cognito.set_risk_configuration(
        UserPoolId=app.pool_id,
        CompromisedCredentialsRiskConfiguration={"Actions": {"EventAction": "BLOCK"}},
    )
    person = at(app).open("/login", **app.asks()).send(username="ada", password=leaked)
    assert person.notice == "You need to reset your password before you can sign in."
    person.open("/forgotPassword", **app.asks()).send(username="ada")
    code = newest_code(server, app.pool_id)
    person.send(code=code, password=other, repeated=other)
    assert person.notice == "This password is known from a data leak. Choose another one."
    person.send(code=code, **NEW)
    assert person.notice == "Your password was changed. Sign in with the new one."


@pytest.mark.parametrize("hides", ["ENABLED", "LEGACY"])
def test_the_page_tells_nobody_who_exists_nor_who_can_be_sent_a_code(
    at: At, make_app: Callable[..., App], make_user: Callable[..., str], cognito: Cognito, hides: str
) -> None:
    app = make_app(PreventUserExistenceErrors=hides)
    pages: dict[str, list[str]] = {"ada": [], "bob": [], "off": [], "mute": []}
    make_user(app.pool_id, "off", email="off@example.com", email_verified="true")
    cognito.admin_disable_user(UserPoolId=app.pool_id, Username="off")
    make_user(app.pool_id, "mute")
    person = at(app)
    for name, shown in pages.items():
        person.open("/forgotPassword", **app.asks()).send(username=name)
        shown.append(person.page)
        shown.append(person.send(1).page)
        assert person.notice.startswith("We sent a new message to ")
        shown.append(person.send(code="123456", **NEW).page)
        assert person.notice == "The code is not right. Try again."
        assert "Send it again" in person.page
    masked = re.compile(r'\w\*\*\*@\w\*\*\*|name="(?:authorization|csrf|_csrf)" value="[^"]*"')
    shown_to = {
        name: [masked.sub("", page).replace(name, "NAME") for page in shown] for name, shown in pages.items()
    }
    for name in ("bob", "off", "mute"):
        assert shown_to[name] == shown_to["ada"], name


def test_where_administrators_alone_set_passwords_everybody_is_told_whom_to_ask(
    at: At, make_app: Callable[..., App]
) -> None:
    by_admin = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    app = make_app(pool={"AccountRecoverySetting": by_admin})
    person = at(app)
    for name in ("ada", "nobody"):
        person.open("/forgotPassword", **app.asks()).send(username=name)
        assert person.notice == "We cannot send you a code. Contact an administrator."


def test_a_password_that_an_administrator_has_reset_is_asked_for_at_sign_in(
    at: At, app: App, cognito: Cognito, server: Server, clock: HeldClock
) -> None:
    cognito.admin_reset_user_password(UserPoolId=app.pool_id, Username="ada")
    person = at(app).open("/login", **app.asks()).send(username="ada", password="Passw0rd!")
    assert person.heading == "Forgot your password?"
    assert person.notice == "You need to reset your password before you can sign in."
    clock.advance(SECOND)
    person.send().send(code=newest_code(server, app.pool_id), **NEW)
    assert "code" in person.send(password=NEW["password"]).answer.told


def test_a_code_is_good_for_eight_minutes(at: At, app: App, server: Server, clock: HeldClock) -> None:
    person = at(app).open("/forgotPassword", **app.asks()).send(username="ada")
    code, asked = newest_code(server, app.pool_id), person.answer
    clock.advance(8 * MINUTE)
    assert person.send(code=code, **NEW).notice == "The code is not valid any more. Ask for a new one."
    clock.now -= SECOND
    person.answer = asked
    assert person.send(code=code, **NEW).notice == "Your password was changed. Sign in with the new one."


def test_the_other_spelling_of_the_address_works(at: At, app: App, server: Server) -> None:
    person = at(app).open("/forgotPassword", **app.asks()).send(username="ada")
    form = person.forms[0]
    path = form.action.replace("/confirmforgotPassword", "/confirmForgotPassword")
    answer = person.browser.post(path, None, **form.fields | NEW | {"code": newest_code(server, app.pool_id)})
    assert answer.status == 200


def test_too_many_tries_end_for_an_hour(at: At, app: App) -> None:
    person = at(app).open("/forgotPassword", **app.asks()).send(username="ada")
    for _ in range(10):
        person.send(code="000000", **NEW)
    assert person.notice == "Too many attempts. Wait a while, then try again."
