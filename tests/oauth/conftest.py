"""A pool with a domain, a client that may use OAuth, and a browser."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.browser import Browser
from tests.server import Server

CALLBACK = "https://app.example.com/callback"


@dataclass(frozen=True)
class App:
    """A user pool with a prefix domain, one of its clients, and one of its users."""

    pool_id: str
    prefix: str
    client_id: str
    secret: str | None
    sub: str

    def asks(self, **more: str) -> dict[str, str]:
        """The parameters of a plain authorization request."""
        return {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "state": "the state",
        } | more


@pytest.fixture
def make_app(
    cognito: Cognito,
    make_pool: Callable[..., Any],
    make_client: Callable[..., Any],
    make_user: Callable[..., str],
) -> Callable[..., App]:
    """Members of CreateUserPoolClient are keywords; `pool` are those of CreateUserPool."""

    def make(*, pool: dict[str, Any] | None = None, **settings: Any) -> App:
        pool_id = make_pool(**(pool or {}))["Id"]
        prefix = f"p{uuid.uuid4().hex[:12]}"
        cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=prefix)
        usual = {
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "SupportedIdentityProviders": ["COGNITO"],
            "CallbackURLs": [CALLBACK],
        }
        client = make_client(pool_id, **usual | settings)
        sub = make_user(pool_id, "ada", email="ada@example.com", email_verified="true")
        return App(pool_id, prefix, client["ClientId"], client.get("ClientSecret"), sub)

    return make


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app()


@pytest.fixture
def browser(server: Server) -> Browser:
    """A browser at the server's own address."""
    return Browser(server)


@pytest.fixture
def at_domain(server: Server) -> Callable[[App], Browser]:
    """A browser at the domain of an app's pool."""
    return lambda app: Browser(server, f"{app.prefix}.auth.us-east-1.localhost:{Browser(server).port}")
