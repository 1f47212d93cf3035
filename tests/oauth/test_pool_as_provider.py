"""A pool as the provider of another one: our relying party against our own endpoints."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.federation import configuration, relying_party
from cognomen.store import identity_providers
from tests.browser import Browser
from tests.oauth_app import App, code_for
from tests.server import Server

BACK = "https://pool.example.com/oauth2/idpresponse"
STATE = "a state of some length, as the other pool makes it"


def test_whoever_signs_in_to_one_pool_is_known_to_another(
    server: Server, cognito: Cognito, browser: Browser, make_app: Callable[..., App]
) -> None:
    there = make_app(CallbackURLs=[BACK], GenerateSecret=True)
    here = make_app()
    made = cognito.create_identity_provider(
        UserPoolId=here.pool_id,
        ProviderName="sister",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": there.client_id,
            "client_secret": there.secret or "",
            "authorize_scopes": "openid email",
            "oidc_issuer": f"{server.settings.own_url}/{there.pool_id}",
            "attributes_request_method": "GET",
        },
    )["IdentityProvider"]
    assert made["ProviderDetails"]["token_url"].endswith("/oauth2/token")

    provider = server.run(server.store.read(identity_providers.by_name, here.pool_id, "sister"))
    assert provider is not None
    known = configuration.unsealed(server.node.vault, provider)
    url = relying_party.authorization_url(provider, known, redirect_uri=BACK, state=STATE)
    assert url.startswith(made["ProviderDetails"]["authorize_url"])
    code = code_for(browser, there, **dict(parse_qsl(urlsplit(url).query)))
    found = server.run(
        relying_party.asserted(
            server.node,
            provider,
            known,
            code=code,
            redirect_uri=BACK,
            state=STATE,
            now=server.clock.now,
        )
    )
    assert found.subject == there.sub
    assert (found.claims["email"], found.claims["email_verified"]) == ("ada@example.com", "true")
