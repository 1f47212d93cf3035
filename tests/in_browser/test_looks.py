"""What the owner of a pool may change of the outside of its pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.in_browser.conftest import Sitting
from tests.oauth_app import App

Sit = Callable[..., Sitting]
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 40" width="160" height="40"><rect width="40" height="40" '
    b'rx="10" fill="#0f766e"/><circle cx="20" cy="20" r="9" fill="#ffffff"/><text x="52" y="27" font-size="22" '
    b'font-family="sans-serif" font-weight="700" fill="#0f766e">Acme</text></svg>'
)
BACKGROUND = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="xMidYMid slice"><defs>'
    b'<linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#ccfbf1"/>'
    b'<stop offset="1" stop-color="#0f766e"/></linearGradient></defs><rect width="100" height="100" fill="url(#g)"/></svg>'
)
LIGHT = {
    "primaryButton": {
        "lightMode": {
            "defaults": {"backgroundColor": "0f766eff", "textColor": "ffffffff"},
            "hover": {"backgroundColor": "115e59ff", "textColor": "ffffffff"},
        }
    },
    "form": {"borderRadius": 20, "logo": {"enabled": True, "location": "START"}},
    "pageBackground": {"image": {"enabled": True}},
    "pageHeader": {"logo": {"enabled": True, "location": "CENTER"}},
}
CSS = (
    ".banner-customizable { padding: 20px 0px; background-color: #134e4a; } "
    ".submitButton-customizable { background-color: #0f766e; } "
    ".submitButton-customizable:hover { background-color: #115e59; } "
    ".label-customizable { font-weight: 700; }"
)


@pytest.mark.parametrize("setting", ["light"], indirect=True)
def test_a_style_of_ones_own(sit: Sit, make_app: Callable[..., App], cognito: Cognito, callback: str) -> None:
    app = make_app(CallbackURLs=[callback])
    person = sit(app)
    style = cognito.describe_managed_login_branding_by_client(UserPoolId=app.pool_id, ClientId=app.client_id)
    cognito.update_managed_login_branding(
        UserPoolId=app.pool_id,
        ManagedLoginBrandingId=style["ManagedLoginBranding"]["ManagedLoginBrandingId"],
        Settings={
            "categories": {
                "global": {"pageHeader": {"enabled": True}},
                "form": {"location": {"horizontal": "END"}},
            },
            "components": LIGHT,
        },
        Assets=[
            {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": LOGO},
            {"Category": "PAGE_HEADER_LOGO", "ColorMode": "DYNAMIC", "Extension": "SVG", "Bytes": LOGO},
            {"Category": "PAGE_BACKGROUND", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": BACKGROUND},
        ],
    )
    person.ask("/login", app)
    person.see("Sign in", "own-style")
    button = person.page.get_by_role("button")
    assert button.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(15, 118, 110)"
    assert person.page.locator(".card").evaluate("each => getComputedStyle(each).borderRadius") == "20px"
    shown = "each => each.complete && each.naturalWidth"
    assert person.page.locator(".form-logo-image").evaluate(shown) == 160
    assert person.page.locator(".bar-logo").evaluate(shown) == 160


@pytest.mark.parametrize("setting", ["classic"], indirect=True)
def test_a_classic_customization(
    sit: Sit, make_app: Callable[..., App], cognito: Cognito, callback: str
) -> None:
    app = make_app(CallbackURLs=[callback])
    person = sit(app)
    cognito.set_ui_customization(UserPoolId=app.pool_id, CSS=CSS)
    person.ask("/login", app)
    person.see("Sign in", "own-style")
    button = person.page.get_by_role("button")
    assert button.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(15, 118, 110)"


@pytest.mark.parametrize("setting", ["light"], indirect=True)
@pytest.mark.parametrize("lang", ["de", "fr", "ja", "pt-BR"])
def test_long_words_and_other_scripts_fit(
    sit: Sit, make_app: Callable[..., App], callback: str, lang: str
) -> None:
    app = make_app(
        pool={"AliasAttributes": ["email", "phone_number", "preferred_username"]}, CallbackURLs=[callback]
    )
    person = sit(app)
    for path in ("/login", "/signup", "/forgotPassword"):
        person.ask(path, app, lang=lang)
        person.see(person.page.locator("h1").inner_text(), f"{lang}-{path.strip('/')}")
