"""Which look the pages have where, in which language, and what is said where there is none."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.browser import Browser
from tests.federated_app import GOOGLE, add_provider
from tests.oauth_app import App
from tests.person import Person
from tests.server import Server

At = Callable[..., Person]


def test_the_domain_says_which_look_its_pages_have(at: At, app: App) -> None:
    assert 'class="classic"' in at(app, managed=False).open("/login", **app.asks()).page
    assert 'class="managed' in at(app, managed=True).open("/login", **app.asks()).page


def test_at_the_common_address_the_pools_domain_says_it(at: At, app: App, server: Server) -> None:
    at(app, managed=True)
    assert 'class="managed' in Person(Browser(server)).open("/login", **app.asks()).page


def test_a_pool_without_a_domain_has_pages_at_the_common_address(
    app: App, cognito: Cognito, server: Server
) -> None:
    cognito.delete_user_pool_domain(UserPoolId=app.pool_id, Domain=app.prefix)
    assert 'class="managed' in Person(Browser(server)).open("/login", **app.asks()).page


def test_a_client_without_a_style_has_no_managed_pages(at: At, app: App, cognito: Cognito) -> None:
    person = at(app)
    style = cognito.describe_managed_login_branding_by_client(UserPoolId=app.pool_id, ClientId=app.client_id)
    cognito.delete_managed_login_branding(
        UserPoolId=app.pool_id,
        ManagedLoginBrandingId=style["ManagedLoginBranding"]["ManagedLoginBrandingId"],
    )
    person.open("/login", **app.asks())
    assert person.answer.told["error"] == "login_pages_unavailable"
    assert "CreateManagedLoginBranding" in person.answer.told["error_description"]
    person.open(person.answer.location.partition(person.browser.host)[2])
    assert person.answer.status == 400
    assert "Login pages unavailable. Please contact an administrator." in person.page


def test_a_language_is_remembered(at: At, app: App) -> None:
    person = at(app)
    assert person.open("/login", **app.asks(lang="de")).heading == "Anmelden"
    assert person.open("/signup", **app.asks()).heading == "Konto erstellen"
    assert person.open("/login", **app.asks(lang="ja")).heading == "サインイン"
    assert person.open("/login", **app.asks(lang="tlh")).heading == "サインイン"


def test_the_browsers_language_counts_where_nothing_was_chosen(at: At, app: App) -> None:
    browser = at(app).browser
    answer = browser.send("GET", f"/login?{query(app)}", {"accept-language": "fr-CH, en;q=0.5"})
    assert '<html lang="fr">' in answer.body.decode()


def query(app: App) -> str:
    from urllib.parse import urlencode  # noqa: PLC0415

    return urlencode(app.asks())


def test_the_classic_pages_have_one_language(at: At, app: App) -> None:
    assert at(app, managed=False).open("/login", **app.asks(lang="de")).heading == "Sign in"


@pytest.mark.parametrize("path", ["/confirm", "/resendcode", "/confirmforgotPassword"])
def test_a_page_that_follows_another_begins_at_the_first(at: At, app: App, path: str) -> None:
    person = at(app).open(path, **app.asks())
    assert person.answer.location.startswith(f"http://{person.browser.host}/login?client_id={app.client_id}")


def test_capitals_in_a_path_make_no_difference(at: At, app: App) -> None:
    person = at(app)
    for path in ("/confirmForgotPassword", "/CONFIRMFORGOTPASSWORD", "/Confirm"):
        answer = person.open(path, **app.asks()).answer
        assert answer.location.startswith(f"http://{person.browser.host}/login?"), path
        answer = person.browser.post(f"{path}?{urlencode(app.asks())}")
        assert answer.status == 403, "a form that is not ours"
    assert person.open("/LOGIN", **app.asks()).heading == "Sign in"
    assert person.open("/confirmuser", client_id=app.client_id).heading == "This link does not work"
    assert person.open("/login/x").answer.status == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "client_id"),
        ({"client_id": "{id}"}, "redirect_uri"),
        ({"client_id": "{id}", "redirect_uri": "https://app.example.com/callback"}, "response_type"),
    ],
)
def test_whoever_signs_out_without_saying_where_to_is_told_what_to_send(
    at: At, app: App, query: dict[str, str], said: str
) -> None:
    """The page is the one of errors: there is none that says "signed out"."""
    sent = {name: value.format(id=app.client_id) for name, value in query.items()}
    person = at(app).open("/logout", **sent)
    person.open(person.answer.location.partition(person.browser.host)[2])

    assert (person.answer.status, person.heading) == (400, "Something went wrong")
    assert f"Required String parameter '{said}' is not present" in html.unescape(person.page)
    assert "/logout takes client_id and logout_uri" in person.page


def test_the_page_of_errors_says_a_word_and_not_what_the_address_says(at: At, app: App) -> None:
    person = at(app).open(
        "/error", error="redirect_mismatch", error_description="Call 555 now", client_id=app.client_id
    )
    assert person.answer.status == 400
    assert "redirect_mismatch" in person.page
    assert "Call 555" not in person.page
    person.open("/error", error="<b>Call 555</b>")
    assert "Call 555" not in person.page
    assert "invalid_request" in person.page


def test_the_page_of_errors_looks_like_its_pool_where_no_client_is_known(at: At, app: App) -> None:
    person = at(app).open("/error", error="invalid_request")
    assert 'class="managed' in person.page
    for sheet in re.findall('<link rel="stylesheet" href="([^"]*)"', person.page):
        answer = person.browser.get(html.unescape(sheet))
        assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert 'class="managed' not in at(app, managed=False).open("/error", error="invalid_request").page


def test_a_client_for_which_only_others_vouch_takes_no_password_here(
    at: At, app: App, cognito: Cognito
) -> None:
    person = at(app).open("/login", **app.asks())
    add_provider(cognito, app, "Google", "Google", GOOGLE, alone=True)
    person.send(username="ada", password="Passw0rd!")
    assert (person.answer.status, person.forms) == (400, [])
    assert not [name for name in person.browser.cookies if name.startswith("cognito")]
