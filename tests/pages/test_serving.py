"""What a browser fetches beside the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.pages import static
from tests.oauth_app import App
from tests.person import Person
from tests.pictures import PNG, SVG

At = Callable[..., Person]


def sheets(person: Person) -> str:
    """The style sheets of a page, one after the other."""
    urls = re.findall(r'<link rel="stylesheet" href="([^"]+)">', person.page)
    answers = [person.browser.get(url.replace("&amp;", "&")) for url in urls]
    assert {answer.status for answer in answers} == {200}
    return "".join(answer.body.decode() for answer in answers)


@pytest.mark.parametrize("name", static.files())
def test_a_file_is_kept_by_browsers_until_it_changes(at: At, app: App, name: str) -> None:
    answer = at(app).browser.get(static.url(name))
    assert answer.body == static.files()[name].content
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith(("text/css", "text/javascript"))


@pytest.mark.parametrize(
    "path",
    [
        "/_pages/nothing.css",
        "/_pages/..%2fstatic.py",
        "/_pages/style/nobody/managed.css",
        "/_pages/style/nobody/other.css",
        "/_pages/assets/nobody/FORM_LOGO/LIGHT",
    ],
)
def test_there_is_nothing_at_other_addresses(at: At, app: App, path: str) -> None:
    assert at(app).browser.get(path).status == 404


def style(cognito: Cognito, app: App, **members: Any) -> str:
    found = cognito.describe_managed_login_branding_by_client(UserPoolId=app.pool_id, ClientId=app.client_id)
    id = found["ManagedLoginBranding"]["ManagedLoginBrandingId"]
    cognito.update_managed_login_branding(UserPoolId=app.pool_id, ManagedLoginBrandingId=id, **members)
    return id


def test_a_clients_colours_are_those_of_its_pages(at: At, app: App, cognito: Cognito) -> None:
    person = at(app)
    person.open("/login", **app.asks())
    assert "--form-border-radius: 10px" in sheets(person)
    style(cognito, app, Settings={"components": {"form": {"borderRadius": 3}}})
    person.open("/login", **app.asks())
    assert "--form-border-radius: 3px" in sheets(person)


def test_an_image_is_served_as_what_it_is(at: At, app: App, cognito: Cognito) -> None:
    person = at(app)
    style(
        cognito,
        app,
        Settings={"components": {"form": {"logo": {"enabled": True}}}},
        Assets=[{"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": SVG}],
    )
    person.open("/login", **app.asks())
    url = re.findall(r'<img class="form-logo-image" src="([^"]+)"', person.page)[0]
    answer = person.browser.get(url)
    assert answer.body == SVG
    assert answer.headers["content-type"] == "image/svg+xml"
    assert (
        answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert person.browser.get(url.replace("LIGHT", "DARK")).status == 404


def test_classic_pages_have_the_css_and_the_logo_of_the_client(at: At, app: App, cognito: Cognito) -> None:
    css = ".submitButton-customizable { background-color: #123456; }"
    person = at(app, managed=False)
    answer = cognito.set_ui_customization(
        UserPoolId=app.pool_id, ClientId=app.client_id, CSS=css, ImageFile=PNG
    )
    person.open("/login", **app.asks())
    assert sheets(person).endswith(css)
    url = urlsplit(answer["UICustomization"]["ImageUrl"]).path
    assert f'src="{url}"' in person.page
    assert person.browser.get(url).body == PNG
    assert person.browser.get(url.replace("image.png", "image.jpg")).status == 404
    cognito.set_ui_customization(UserPoolId=app.pool_id, ClientId=app.client_id, CSS="", ImageFile=b"")
    assert person.browser.get(url).status == 404


def test_the_pools_customization_is_for_clients_without_one(at: At, app: App, cognito: Cognito) -> None:
    person = at(app, managed=False)
    css = ".label-customizable { font-weight: 700; }"
    cognito.set_ui_customization(UserPoolId=app.pool_id, CSS=css, ImageFile=PNG)
    person.open("/login", **app.asks())
    assert sheets(person).endswith(css)
    assert (
        person.browser.get(re.findall(r'<img class="logo-customizable" src="([^"]+)"', person.page)[0]).body
        == PNG
    )
