"""An app whose people come from identity providers, and the way of a browser there and back."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.browser import Answer, Browser
from tests.oauth_app import CALLBACK, App
from tests.oidc_provider import Provider

GOOGLE = {"client_id": "x", "client_secret": "y", "authorize_scopes": "openid email"}
"""ProviderDetails of Google itself, which no test asks anything of."""

CORP = {
    "client_id": "x",
    "client_secret": "y",
    "authorize_scopes": "openid",
    "attributes_request_method": "GET",
    "oidc_issuer": "https://corp.example",
    "authorize_url": "https://corp.example/authorize",
    "token_url": "https://corp.example/token",
    "attributes_url": "https://corp.example/userinfo",
    "jwks_uri": "https://corp.example/jwks",
}
"""Those of a provider of OpenID Connect that is not there."""

LOCAL = {name: value.replace("https://corp.example", "http://localhost:1") for name, value in CORP.items()}
"""Those of one on loopback without TLS, that is not there either."""

EMAIL = {"email": "email"}
RETURN = "/oauth2/idpresponse"
"""Where providers send browsers back to at a pool's own domain; below the pool's id at the server's own address."""


def add_provider(
    cognito: Cognito,
    app: App,
    name: str,
    provider_type: str,
    details: dict[str, str],
    *,
    alone: bool = False,
    **settings: Any,
) -> None:
    """Give the pool a provider and the client too, besides what it has or `alone`. `settings` are of CreateIdentityProvider."""
    cognito.create_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName=name,
        ProviderType=cast("Any", provider_type),
        ProviderDetails=details,
        **{"AttributeMapping": EMAIL} | settings,
    )
    client = cognito.describe_user_pool_client(UserPoolId=app.pool_id, ClientId=app.client_id)[
        "UserPoolClient"
    ]
    kept = [] if alone else client["SupportedIdentityProviders"]
    change_client(cognito, app, SupportedIdentityProviders=[*kept, name])


def change_client(cognito: Cognito, app: App, **changed: Any) -> None:
    """Change members of the client, and leave the others as they are."""
    ids = {"UserPoolId": app.pool_id, "ClientId": app.client_id}
    client: dict[str, Any] = dict(cognito.describe_user_pool_client(**ids)["UserPoolClient"])
    for name in ("ClientSecret", "CreationDate", "LastModifiedDate", "ClientType"):
        client.pop(name, None)
    cognito.update_user_pool_client(**client | changed)


def path_of(url: str) -> str:
    """What a browser that is at the right host asks for."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def leave(browser: Browser, app: App, name: str, **more: str) -> str:
    """The address at the provider that an app's request leads to."""
    answer = browser.get("/oauth2/authorize", **app.asks(identity_provider=name) | more)
    assert answer.status == 302, answer.body
    return answer.location


def come_back(browser: Browser, provider: Provider, url: str, **changed: str) -> Answer:
    """What a browser is answered that comes back from the address `url` of a provider."""
    return browser.get(path_of(query_of(url)["redirect_uri"]), **provider.back(url) | changed)


def way_back(app: App) -> str:
    """Where providers send browsers back to that are at the server's own address."""
    return f"/{app.pool_id}{RETURN}"


def post_back(browser: Browser, path: str, **form: str) -> Answer:
    """The form of another site: the browser sends none of its cookies along. Then it goes on to where it is sent."""
    stranger = Browser(browser.server, browser.host, forwarded=browser.forwarded)
    answer = stranger.post(path, {"origin": "null", "sec-fetch-site": "cross-site"}, **form)
    return browser.send("GET", path_of(answer.location)) if answer.status == 303 else answer


def sign_in(browser: Browser, app: App, provider: Provider, name: str, **more: str) -> Answer:
    return come_back(browser, provider, leave(browser, app, name, **more))


def told(answer: Answer) -> tuple[str, str | None]:
    """The error that an app is told."""
    assert answer.status == 302
    assert answer.location.startswith(CALLBACK), answer.location
    assert answer.told["state"] == "the state"
    assert [name for name in answer.told if name != "state"][-1] == "error"
    return answer.told["error"], answer.told.get("error_description")


def lost(answer: Answer) -> str | None:
    """What the page of errors is told, where no app can be."""
    assert answer.status == 302
    assert urlsplit(answer.location).path == "/error", answer.location
    return answer.told.get("error_description")
