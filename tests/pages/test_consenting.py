"""An app that registered itself gets nothing before the person has seen where it lives, and agreed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.crypto import base64url
from tests.browser import Answer, Browser
from tests.conftest import PASSWORD
from tests.oauth_app import App, claims, exchange
from tests.person import Person

At = Callable[..., Person]

URL = "https://new.example.com/callback"
VERIFIER = "v" * 43
PKCE = {
    "code_challenge": base64url.encode(hashlib.sha256(VERIFIER.encode()).digest()),
    "code_challenge_method": "S256",
}


@pytest.fixture
def pool(make_app: Callable[..., App]) -> App:
    """With a client of the owner's own, at which people sign in, and registration open to anybody."""
    return make_app(pool={"DcrConfiguration": {"OpenDcrEnabled": True}})


@pytest.fixture
def strange(at_domain: Callable[[App], Browser], pool: App) -> App:
    """What a stranger has just registered."""
    body = {"redirect_uris": [URL], "client_name": "Your bank", "token_endpoint_auth_method": "none"}
    answer = at_domain(pool).send(
        "POST", "/oauth2/register", {"content-type": "application/json"}, json.dumps(body).encode()
    )
    return App(pool.pool_id, pool.prefix, answer.document["client_id"], None, pool.sub)


def asks(app: App, **more: str) -> dict[str, str]:
    return app.asks(redirect_uri=URL, **PKCE) | more


def follow(person: Person) -> Answer:
    """Go where the browser is led."""
    parts = urlsplit(person.answer.location)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return person.open(parts.path, **query).answer


@pytest.fixture
def signed_in(cognito: Cognito, at: At, pool: App) -> Callable[..., Person]:
    """A person with a session, from the owner's own app."""

    def signed_in(*, managed: bool = True) -> Person:
        cognito.admin_set_user_password(
            UserPoolId=pool.pool_id, Username="ada", Password=PASSWORD, Permanent=True
        )
        person = at(pool, managed=managed).open("/login", **pool.asks())
        assert person.send(username="ada", password=PASSWORD).answer.told["code"]
        return person

    return signed_in


def styled(cognito: Cognito, app: App) -> None:
    cognito.create_managed_login_branding(
        UserPoolId=app.pool_id, ClientId=app.client_id, UseCognitoProvidedValues=True
    )


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/login"])
@pytest.mark.parametrize("managed", [True, False])
def test_a_session_is_not_enough_for_an_app_that_registered_itself(
    cognito: Cognito, signed_in: Callable[..., Person], strange: App, path: str, managed: bool
) -> None:
    if managed:
        styled(cognito, strange)
    person = signed_in(managed=managed).open(path, **asks(strange))
    assert urlsplit(person.answer.location).path == "/consent"
    follow(person)
    assert (person.answer.status, person.heading) == (200, "Allow this app?")
    assert "Your bank" in person.page
    assert "<code>new.example.com</code>" in person.page
    person.send(answer="allow")
    assert person.answer.location.startswith(f"{URL}?code=")
    assert person.answer.told["state"] == "the state"
    tokens = exchange(
        person.browser, strange, person.answer.told["code"], redirect_uri=URL, code_verifier=VERIFIER
    ).document
    assert claims(tokens["id_token"])["aud"] == strange.client_id
    person.open(path, **asks(strange, prompt="consent"))
    assert urlsplit(person.answer.location).path == "/consent", "each time"


@pytest.mark.parametrize("more", [{}, {"prompt": "login"}, {"max_age": "0"}])
def test_a_fresh_sign_in_is_not_enough_either(
    cognito: Cognito, signed_in: Callable[..., Person], strange: App, more: dict[str, str]
) -> None:
    styled(cognito, strange)
    person = signed_in()
    person.browser.cookies.clear()
    person.browser.server.clock.advance(1_000)
    person.open("/login", **asks(strange, nonce="n", **more)).send(username="ada", password=PASSWORD)
    assert urlsplit(person.answer.location).path == "/consent"
    follow(person)
    person.send(answer="allow")
    found = exchange(
        person.browser, strange, person.answer.told["code"], redirect_uri=URL, code_verifier=VERIFIER
    ).document
    assert claims(found["id_token"])["nonce"] == "n"


def test_who_does_not_agree_says_so_to_the_app(
    cognito: Cognito, signed_in: Callable[..., Person], strange: App
) -> None:
    styled(cognito, strange)
    person = signed_in().open("/consent", **asks(strange)).send(answer="deny")
    assert person.answer.told == {"error": "access_denied", "state": "the state"}


def test_nobody_agrees_for_another(
    cognito: Cognito, signed_in: Callable[..., Person], strange: App, pool: App
) -> None:
    styled(cognito, strange)
    person = signed_in()
    person.open("/consent", **asks(strange)).send(answer="allow", _csrf="A" * 43)
    assert person.answer.status == 403
    person.open("/oauth2/authorize", **asks(strange, prompt="none"))
    assert person.answer.told["error"] == "consent_required"
    person.open("/consent", **asks(strange))
    person.browser.server.clock.advance(5 * 60_000 + 1)
    assert person.send(answer="allow").answer.status == 400, "a page that waited too long asks again"
    person.open("/consent", **pool.asks())
    assert urlsplit(person.answer.location).path == "/login", "the owner's own apps ask for nothing"
    person.open("/consent", **asks(strange))
    del person.browser.cookies["cognito"]
    person.send(answer="allow")
    assert urlsplit(person.answer.location).path == "/login", "without a session there is nobody to agree"
    person.open("/consent", **asks(strange))
    assert urlsplit(person.answer.location).path == "/login"


@pytest.mark.parametrize(
    ("url", "place"),
    [("http://localhost:3000/cb", "localhost:3000"), ("com.example.app:/cb", "com.example.app:")],
)
def test_an_app_on_ones_own_machine_is_named_by_what_the_browser_will_open(
    signed_in: Callable[..., Person], pool: App, url: str, place: str
) -> None:
    person = signed_in()
    body: Any = {"redirect_uris": [url], "token_endpoint_auth_method": "none"}
    answer = person.browser.send(
        "POST", "/oauth2/register", {"content-type": "application/json"}, json.dumps(body).encode()
    )
    app = App(pool.pool_id, pool.prefix, answer.document["client_id"], None, pool.sub)
    assert f"<code>{place}</code>" in person.open("/consent", **app.asks(redirect_uri=url, **PKCE)).page


def test_such_an_app_sends_a_challenge(signed_in: Callable[..., Person], strange: App) -> None:
    person = signed_in().open("/oauth2/authorize", **strange.asks(redirect_uri=URL))
    assert person.answer.told["error"] == "invalid_request"
    assert (
        person.answer.told["error_description"]
        == "A client that registered itself must send code_challenge with S256."
    )
