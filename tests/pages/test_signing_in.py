"""A person signs in on a page, and the app gets its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.clock import MINUTE, SECOND
from tests.conftest import PASSWORD
from tests.held_clock import HeldClock
from tests.oauth_app import CALLBACK, App, claims, exchange, refresh
from tests.person import Person

At = Callable[..., Person]


@pytest.mark.parametrize("managed", [True, False])
def test_whoever_types_name_and_password_is_led_back_to_the_app_with_a_code(
    at: At, app: App, managed: bool
) -> None:
    person = at(app, managed=managed).open("/login", **app.asks())
    assert person.heading == "Sign in"
    person.send(username="ada", password=PASSWORD)
    assert person.answer.status == 302
    assert person.answer.location.startswith(f"{CALLBACK}?code=")
    assert person.answer.told["state"] == "the state"


def test_tokens_are_of_the_event_of_their_sign_in_where_a_history_is_kept(
    at: At, make_app: Callable[..., App], cognito: Cognito, clock: HeldClock
) -> None:
    app = make_app(pool={"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}})
    person = at(app).open("/login", **app.asks()).send(username="ada", password="wrong")
    clock.advance(SECOND)
    person.open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    tokens = exchange(person.browser, app, person.answer.told["code"]).document
    clock.advance(SECOND)
    refreshed = refresh(person.browser, app, tokens["refresh_token"]).document
    told = cognito.admin_list_user_auth_events(UserPoolId=app.pool_id, Username="ada")["AuthEvents"]
    assert [event["EventResponse"] for event in told] == ["Pass", "Fail"]
    ids = {
        claims(token)["event_id"]
        for token in (tokens["id_token"], tokens["access_token"], refreshed["access_token"])
    }
    assert ids == {told[0]["EventId"]}


def test_whoever_has_signed_in_is_not_asked_again(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    first = person.answer.told["code"]
    person.open("/login", **app.asks())
    assert person.answer.status == 302
    assert person.answer.told["code"] != first


def test_a_wrong_password_and_a_name_that_nobody_has_look_the_same(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks())
    wrong = person.send(username="ada", password="wrong").page
    unknown = at_again(person, app).send(username="bob", password="wrong").page
    assert person.answer.status == 400
    assert person.notice == "Incorrect username or password."
    assert scrubbed(wrong) == scrubbed(unknown).replace("bob", "ada")


def at_again(person: Person, app: App) -> Person:
    return person.open("/login", **app.asks())


def scrubbed(page: str) -> str:
    """A page without what is sealed anew each time."""
    return re.sub(r'name="authorization" value="[^"]*"', "", page)


def test_the_name_stays_and_the_password_does_not(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks()).send(username="ada", password="not it")
    assert person.forms[0].fields["username"] == "ada"
    assert person.forms[0].fields["password"] == ""
    assert "not it" not in person.page


def test_five_wrong_passwords_lock_the_user_out(at: At, app: App, clock: HeldClock) -> None:
    person = at(app).open("/login", **app.asks())
    for _ in range(5):
        person.send(username="ada", password="wrong")
    person.send(username="ada", password=PASSWORD)
    assert person.notice == "Too many attempts. Wait a while, then try again."
    clock.advance(2 * SECOND)
    assert person.send(username="ada", password=PASSWORD).answer.status == 302


def test_a_disabled_user_is_told(at: At, app: App, cognito: Cognito) -> None:
    cognito.admin_disable_user(UserPoolId=app.pool_id, Username="ada")
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    assert person.notice == "User is disabled."


def test_the_name_an_app_hints_at_is_there_already(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks(login_hint="ada"))
    assert person.forms[0].fields["username"] == "ada"


def test_an_app_that_lets_nobody_sign_in_by_password_itself_has_it_done_here(
    at: At, make_app: Callable[..., App]
) -> None:
    app = make_app(ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"])
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    assert "code" in person.answer.told


def test_a_client_with_a_secret_needs_none_here(at: At, make_app: Callable[..., App]) -> None:
    app = make_app(GenerateSecret=True)
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    assert "code" in person.answer.told


# -- challenges -------------------------------------------------------------------------------------------------------


def test_a_temporary_password_is_replaced_on_the_way(at: At, app: App, make_user: Callable[..., str]) -> None:
    make_user(app.pool_id, "new", "Temp0rary!", permanent=False)
    person = at(app).open("/login", **app.asks()).send(username="new", password="Temp0rary!")
    assert person.heading == "Choose a new password"
    person.send(password="Mine-0wn!", repeated="Mine-0wn?")
    assert person.notice == "The two passwords are not the same."
    person.send(password="short", repeated="short")
    assert person.notice.partition("\n")[0] == "The password does not meet the requirements."
    assert person.page.count("rule-unmet") == 4
    assert person.page.count("rule-met") == 1
    person.send(password="Mine-0wn!", repeated="Mine-0wn!")
    assert "code" in person.answer.told
    person.browser.cookies.clear()
    assert "code" in at_again(person, app).send(username="new", password="Mine-0wn!").answer.told


def test_what_an_account_still_owes_is_asked_for(
    at: At, make_app: Callable[..., App], cognito: Cognito
) -> None:
    schema = [{"Name": "email", "Required": True}, {"Name": "family_name", "Required": True}]
    app = make_app(pool={"Schema": schema})
    cognito.admin_create_user(
        UserPoolId=app.pool_id, Username="new", TemporaryPassword="Temp0rary!", MessageAction="SUPPRESS"
    )
    person = at(app).open("/login", **app.asks()).send(username="new", password="Temp0rary!")
    assert person.forms[0].typed == ["password", "repeated", "attribute.family_name", "attribute.email"]
    typed = {"password": "Mine-0wn!", "repeated": "Mine-0wn!", "attribute.family_name": "Lovelace"}
    person.send(**typed | {"attribute.email": "no address"})
    assert person.notice == "Enter a valid email address."
    assert person.forms[0].fields["attribute.family_name"] == "Lovelace"
    person.send(**typed | {"attribute.email": "new@example.com"})
    assert "code" in person.answer.told
    user = cognito.admin_get_user(UserPoolId=app.pool_id, Username="new")
    assert {"Name": "family_name", "Value": "Lovelace"} in user["UserAttributes"]


def test_an_answer_counts_once(at: At, app: App, make_user: Callable[..., str]) -> None:
    make_user(app.pool_id, "new", "Temp0rary!", permanent=False)
    person = at(app).open("/login", **app.asks()).send(username="new", password="Temp0rary!")
    asked = person.answer
    person.send(password="Mine-0wn!", repeated="Mine-0wn!")
    person.answer = asked
    person.send(password="An0ther-0ne!", repeated="An0ther-0ne!")
    assert person.heading == "Sign in"
    assert person.notice.startswith("Something went wrong.")


@pytest.mark.parametrize("field", ["session", "authorization"])
def test_what_is_sealed_cannot_be_changed(
    at: At, app: App, make_user: Callable[..., str], field: str
) -> None:
    make_user(app.pool_id, "new", "Temp0rary!", permanent=False)
    person = at(app).open("/login", **app.asks()).send(username="new", password="Temp0rary!")
    person.send(password="Mine-0wn!", repeated="Mine-0wn!", **{field: "x" + person.forms[0].fields[field]})
    assert person.heading == "Sign in"
    assert person.notice.startswith("Something went wrong.")


def test_a_question_is_good_for_the_client_it_was_asked_by(
    at: At, app: App, make_client: Callable[..., Any], make_user: Callable[..., str]
) -> None:
    make_user(app.pool_id, "new", "Temp0rary!", permanent=False)
    person = at(app).open("/login", **app.asks()).send(username="new", password="Temp0rary!")
    session = person.forms[0].fields["session"]
    settings = {
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "SupportedIdentityProviders": ["COGNITO"],
        "CallbackURLs": [CALLBACK],
    }
    other = App(app.pool_id, app.prefix, make_client(app.pool_id, **settings)["ClientId"], None, app.sub)
    elsewhere = at(other).open("/login", **other.asks())
    elsewhere.send(session=session, password="Mine-0wn!", repeated="Mine-0wn!")
    assert elsewhere.notice.startswith("Something went wrong.")


def test_whoever_takes_more_than_five_minutes_begins_again(at: At, app: App, clock: HeldClock) -> None:
    person = at(app).open("/login", **app.asks())
    clock.advance(5 * MINUTE + SECOND)
    person.send(username="ada", password=PASSWORD)
    assert person.notice.startswith("Something went wrong.")
    assert "code" in person.send(username="ada", password=PASSWORD).answer.told


# -- with the endpoints of OAuth --------------------------------------------------------------------------------------


def test_from_the_app_to_its_tokens(at: At, app: App) -> None:
    person = at(app).open("/oauth2/authorize", **app.asks(scope="openid email"))
    person.open(person.answer.location.partition(person.browser.host)[2])
    person.send(username="ada", password="wrong")
    person.send(username="ada", password=PASSWORD)
    given = person.browser.post(
        "/oauth2/token",
        None,
        grant_type="authorization_code",
        client_id=app.client_id,
        redirect_uri=CALLBACK,
        code=person.answer.told["code"],
    ).document
    bearer = {"authorization": f"Bearer {given['access_token']}"}
    told = person.browser.send("GET", "/oauth2/userInfo", bearer).document
    assert told["sub"] == app.sub
    assert told["email"] == "ada@example.com"


def test_whoever_signs_out_is_asked_again(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    person.open("/logout", client_id=app.client_id, response_type="code", redirect_uri=CALLBACK)
    person.open(person.answer.location.partition(person.browser.host)[2])
    assert person.heading == "Sign in"


def test_an_app_may_have_whoever_has_signed_in_asked_again(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks()).send(username="ada", password=PASSWORD)
    assert person.open("/login", **app.asks(prompt="login")).heading == "Sign in"
