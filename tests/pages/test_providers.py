"""The buttons of identity providers, and the field that finds one by an address."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.routing import Route
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.pages import front
from cognomen.store.database import Store
from tests.federated_app import CORP, GOOGLE, LOCAL, add_provider, change_client, path_of
from tests.oauth.test_faults import a_request
from tests.oauth_app import App
from tests.person import Person
from tests.server import Server
from tests.watched_store import WatchedStore

At = Callable[..., Person]

NOBODY = "There is no way to sign in for this address."
ICON = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'


def buttons(person: Person) -> dict[str, str]:
    """Labels of the buttons, and the addresses they lead to, in order."""
    found = re.findall(r'<a class="button idp-button[^>]*href="([^"]*)">(.*?)</a>', person.page, re.DOTALL)
    return {re.sub("<[^>]*>", "", label).strip(): html.unescape(url) for url, label in found}


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def app(app: App, cognito: Cognito) -> App:
    add_provider(cognito, app, "Google", "Google", GOOGLE)
    add_provider(cognito, app, "Corp", "OIDC", CORP, IdpIdentifiers=["corp.example", "CORP-7"])
    add_provider(cognito, app, "OtherCorp", "OIDC", CORP)
    return app


def dress(cognito: Cognito, app: App, **given: Any) -> None:
    style = cognito.describe_managed_login_branding_by_client(UserPoolId=app.pool_id, ClientId=app.client_id)
    cognito.update_managed_login_branding(
        UserPoolId=app.pool_id,
        ManagedLoginBrandingId=style["ManagedLoginBranding"]["ManagedLoginBrandingId"],
        **given,
    )


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_each_provider_has_a_button_that_leads_to_it(at: At, app: App, path: str) -> None:
    person = at(app).open(path, **app.asks(lang="en", prompt="login"))
    assert list(buttons(person)) == ["Continue with Google", "Corp", "OtherCorp"]
    url = buttons(person)["OtherCorp"]
    assert urlsplit(url).path == "/oauth2/authorize"
    assert asked(url) == app.asks(lang="en", prompt="login", identity_provider="OtherCorp")
    person.open(url)
    assert person.answer.location.startswith("https://corp.example/authorize?")
    assert len(person.forms) == 0, "the page asks for no address where each has a button"


def test_a_page_reads_no_provider_and_shows_each_change(server: Server, app: App, cognito: Cognito) -> None:
    store = WatchedStore(server.store)
    node = replace(server.node, store=cast("Store", store))
    login = cast("Route", front.routes(node)[0])

    def page() -> str:
        response = server.run(login.endpoint(a_request("/login", urlencode(app.asks()))))
        return bytes(response.body).decode()

    for name in ("OtherCorp", "Google"):
        assert f"identity_provider={name}" in page()
        cognito.delete_identity_provider(UserPoolId=app.pool_id, ProviderName=name)
    assert "identity_provider=Google" not in page()
    assert "read" in store.ran
    assert not [each for each in store.ran if "identity_providers" in each]


def test_a_page_that_names_the_provider_leads_to_it(at: At, app: App) -> None:
    person = at(app).open("/login", **app.asks(identity_provider="Corp"))
    person.open(person.answer.location)
    assert person.answer.location.startswith("https://corp.example/authorize?")


def test_classic_pages_ask_for_an_address_where_a_provider_has_identifiers(at: At, app: App) -> None:
    person = at(app, managed=False).open("/login", **app.asks())
    assert list(buttons(person)) == ["Continue with Google", "OtherCorp"]
    assert "Sign in with your corporate ID" in person.page
    assert "post to any of your accounts without asking first" in person.page
    assert "socialButton-customizable" in person.page
    assert person.forms[0].typed == ["idp_identifier"]


def test_an_address_leads_to_its_provider(at: At, app: App) -> None:
    person = at(app, managed=False)
    for typed in ("jo@corp.example", " Jo@CORP.example ", "corp.example", "CORP-7", "jo@CORP-7"):
        person.open("/login", **app.asks()).send(0, idp_identifier=typed)
        assert asked(person.answer.location) == app.asks(identity_provider="Corp"), typed
    person.open(person.answer.location)
    assert person.answer.location.startswith("https://corp.example/authorize?")


def test_an_address_of_nobody_is_said_to_be_one(at: At, app: App) -> None:
    person = at(app, managed=False)
    for typed in ("jo@other.example", "@", " ", "x" * 9_000):
        person.open("/login", **app.asks()).send(0, idp_identifier=typed)
        assert person.answer.status == 400
        assert person.notice == NOBODY, typed


def test_an_address_of_a_provider_that_the_client_does_not_have_is_nobody_s(
    at: At, app: App, cognito: Cognito
) -> None:
    person = at(app, managed=False).open("/login", **app.asks())
    change_client(cognito, app, SupportedIdentityProviders=["COGNITO", "Google"])
    person.send(0, idp_identifier="jo@corp.example")
    assert person.notice == NOBODY


def test_a_form_that_another_site_sends_finds_nobody(at: At, app: App) -> None:
    person = (
        at(app, managed=False).open("/login", **app.asks()).send(0, idp_identifier="corp.example", _csrf="x")
    )
    assert person.answer.status == 403


def test_a_style_may_ask_for_an_address_and_say_who_comes_first(at: At, app: App, cognito: Cognito) -> None:
    person = at(app)
    federation = {"interfaceStyle": "DOMAIN_INPUT", "order": ["OtherCorp", "Nobody"]}
    dress(cognito, app, Settings={"categories": {"auth": {"federation": federation}}})
    person.open("/login", **app.asks())
    assert list(buttons(person)) == ["OtherCorp", "Continue with Google"]
    assert person.forms[0].typed == ["idp_identifier"]


@pytest.mark.parametrize(("is_on", "count"), [(True, 1), (False, 0)])
def test_a_style_may_have_icons_for_them(at: At, app: App, cognito: Cognito, is_on: bool, count: int) -> None:
    person = at(app)
    icon: Any = {"Category": "IDP_BUTTON_ICON", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": ICON}
    dress(
        cognito,
        app,
        Settings={"componentClasses": {"idpButtons": {"icons": {"enabled": is_on}}}},
        Assets=[icon | {"ResourceId": "Corp"}],
    )
    person.open("/login", **app.asks())
    urls = re.findall(r'class="idp-icon" src="([^"]*)"', person.page)
    assert len(urls) == count
    for url in urls:
        person.open(html.unescape(url))
        assert person.answer.body == ICON


@pytest.mark.parametrize("managed", [True, False])
def test_a_client_without_accounts_of_the_pool_shows_buttons_alone(
    at: At, app: App, cognito: Cognito, managed: bool
) -> None:
    change_client(cognito, app, SupportedIdentityProviders=["Google", "Corp"])
    person = at(app, managed=managed).open("/login", **app.asks())
    assert "Continue with Google" in buttons(person)
    assert "password" not in person.page
    assert "Create an account" not in person.page
    for path in ("/signup", "/forgotPassword"):
        assert "/login?" in person.open(path, **app.asks()).answer.location


def test_forms_about_accounts_of_the_pool_do_nothing_once_the_client_has_none(
    at: At, app: App, cognito: Cognito
) -> None:
    person = at(app).open("/signup", **app.asks())
    change_client(cognito, app, SupportedIdentityProviders=["Google", "Corp"])
    person.send(username="bob", password="Passw0rd!", repeated="Passw0rd!")
    assert "/login?" in person.answer.location
    assert len(cognito.list_users(UserPoolId=app.pool_id)["Users"]) == 1


def test_a_provider_without_tls_is_found_by_an_address_where_the_page_has_none_either(
    at: At, app: App, cognito: Cognito
) -> None:
    add_provider(cognito, app, "Local", "OIDC", LOCAL, IdpIdentifiers=["localhost"])
    person = at(app, managed=False).open("/login", **app.asks())
    policy = person.answer.headers["content-security-policy"]
    assert "form-action 'self' https: http:" in policy, "browsers apply it to the redirects that follow"
    person.send(0, idp_identifier="jo@localhost")
    assert "identity_provider=Local" in person.answer.location
    assert person.open(path_of(person.answer.location)).answer.location.startswith("http://localhost:1/")
