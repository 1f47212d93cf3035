"""Signing in through other identity providers in a browser, which keeps to the rules of cookies that tests without one only say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests import oidc_provider, saml_provider
from tests.federated_app import add_provider, change_client
from tests.in_browser.conftest import Sitting
from tests.oauth_app import App
from tests.oidc_provider import Provider
from tests.saml_provider import SamlProvider

Sit = Callable[..., Sitting]
ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><rect width="20" height="20" rx="4" fill="#0f766e"/>'
    b'<circle cx="10" cy="10" r="5" fill="#fff"/></svg>'
)
WORK_ADDRESS = "Your work email address"


@pytest.fixture(scope="module")
def web() -> Iterator[Provider]:
    with oidc_provider.serving() as provider:
        yield provider


@pytest.fixture(scope="module")
def saml() -> Iterator[SamlProvider]:
    with saml_provider.saml_provider() as provider:
        yield provider


@pytest.fixture
def app(
    make_app: Callable[..., App], cognito: Cognito, callback: str, web: Provider, saml: SamlProvider
) -> App:
    """An app with people of its pool's own, and of four kinds of providers."""
    web.person = {"sub": "1234", "email": "ann@example.com"}
    app = make_app(CallbackURLs=[callback], LogoutURLs=[callback.replace("/callback", "/bye")])
    add_provider(cognito, app, "Google", "Google", web.details("Google"))
    add_provider(cognito, app, "SignInWithApple", "SignInWithApple", web.details("SignInWithApple"))
    add_provider(cognito, app, "Contoso", "OIDC", web.details())
    details = {"MetadataFile": saml.metadata(), "IDPSignout": "true", "RequestSigningAlgorithm": "rsa-sha256"}
    add_provider(cognito, app, "Fabrikam", "SAML", details, IdpIdentifiers=["fabrikam.example"])
    return app


@pytest.mark.parametrize(
    ("button", "name"),
    [
        ("Continue with Google", "Google_1234"),
        ("Continue with Apple", "SignInWithApple_1234"),
        ("Contoso", "Contoso_1234"),
    ],
)
def test_a_button_leads_to_a_provider_and_back_to_the_app(
    sit: Sit, app: App, cognito: Cognito, button: str, name: str
) -> None:
    person = sit(app)
    person.ask("/signup", app)
    person.see("Create an account", "providers-sign-up")
    person.ask("/oauth2/authorize", app)
    person.see("Sign in", "providers")
    person.follow(button)
    person.page.wait_for_url("**/callback?**")
    assert person.is_back_at_the_app
    assert cognito.admin_get_user(UserPoolId=app.pool_id, Username=name)["UserStatus"] == "EXTERNAL_PROVIDER"
    person.ask("/oauth2/authorize", app, prompt="none")
    assert person.is_back_at_the_app, "and is not asked again"


def test_signing_up_leads_there_too_and_without_scripts(sit: Sit, app: App) -> None:
    person = sit(app, scripts=False)
    person.ask("/signup", app)
    assert person.page.locator("h1").inner_text() == "Create an account"
    person.follow("Contoso")
    person.page.wait_for_url("**/callback?**")
    assert person.is_back_at_the_app


def test_signing_in_and_out_at_a_saml_provider(
    sit: Sit, app: App, cognito: Cognito, saml: SamlProvider, callback: str
) -> None:
    person = sit(app)
    saml.checks = cognito.get_signing_certificate(UserPoolId=app.pool_id)["Certificate"]
    saml.ends_at = f"{person.host}/saml2/logout"
    saml.ended.clear()
    person.ask("/oauth2/authorize", app, identity_provider="Fabrikam")
    person.page.wait_for_url("**/callback?**")
    assert person.is_back_at_the_app
    bye = callback.replace("/callback", "/bye")
    person.open("/logout", client_id=app.client_id, logout_uri=bye)
    person.page.wait_for_url("**/bye")
    assert saml.ended == [("jane@example.com", "_session-1")]
    person.ask("/oauth2/authorize", app, prompt="none")
    assert "error=login_required" in person.page.url


@pytest.mark.parametrize("setting", ["classic"], indirect=True)
def test_an_address_finds_the_provider(sit: Sit, app: App, saml: SamlProvider) -> None:
    saml.checks = None
    person = sit(app)
    person.ask("/login", app)
    person.type(idp_identifier="jo@nowhere.example")
    person.press("Continue")
    assert person.notice == "There is no way to sign in for this address."
    person.see("Sign in", "providers-nobody")
    person.type(idp_identifier="jo@fabrikam.example")
    person.press("Continue")
    person.page.wait_for_url("**/callback?**")
    assert person.is_back_at_the_app


@pytest.mark.parametrize("setting", ["light", "dark-phone"], indirect=True)
def test_a_style_has_icons_an_order_and_colours_of_its_own_for_them(
    sit: Sit, app: App, cognito: Cognito
) -> None:
    person = sit(app)
    icon: Any = {"Category": "IDP_BUTTON_ICON", "ColorMode": "DYNAMIC", "Extension": "SVG", "Bytes": ICON}
    colours = {
        "defaults": {"backgroundColor": "0f766eff", "borderColor": "0f766eff", "textColor": "ffffffff"}
    }
    style = cognito.describe_managed_login_branding_by_client(UserPoolId=app.pool_id, ClientId=app.client_id)
    cognito.update_managed_login_branding(
        UserPoolId=app.pool_id,
        ManagedLoginBrandingId=style["ManagedLoginBranding"]["ManagedLoginBrandingId"],
        Settings={
            "categories": {"auth": {"federation": {"interfaceStyle": "DOMAIN_INPUT", "order": ["Contoso"]}}},
            "components": {"idpButton": {"custom": {"Contoso": {"lightMode": colours, "darkMode": colours}}}},
        },
        Assets=[icon | {"ResourceId": name} for name in ("Contoso", "Google")],
    )
    person.ask("/login", app)
    person.see("Sign in", "providers-own-style")
    first = person.page.locator(".idp-button").first
    assert first.inner_text() == "Contoso"
    assert first.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(15, 118, 110)"
    assert first.locator("img").evaluate("each => each.complete && each.naturalWidth > 0")
    assert person.page.get_by_label(WORK_ADDRESS).is_visible()


@pytest.mark.parametrize("setting", ["light", "classic"], indirect=True)
def test_an_app_without_accounts_of_the_pool(sit: Sit, app: App, cognito: Cognito) -> None:
    change_client(cognito, app, SupportedIdentityProviders=["Contoso", "Google"])
    person = sit(app)
    person.ask("/oauth2/authorize", app)
    person.see("Sign in", "providers-alone")
    person.follow("Contoso")
    person.page.wait_for_url("**/callback?**")
    assert person.is_back_at_the_app


@pytest.mark.parametrize("setting", ["light"], indirect=True)
@pytest.mark.parametrize("lang", ["de", "fr", "ja"])
def test_long_words_and_other_scripts_fit(sit: Sit, app: App, lang: str) -> None:
    person = sit(
        app,
        categories={
            "auth": {"federation": {"interfaceStyle": "DOMAIN_INPUT"}},
            "global": {"colorSchemeMode": "LIGHT"},
        },
    )
    person.ask("/login", app, lang=lang)
    person.see(person.page.locator("h1").inner_text(), f"providers-{lang}")
