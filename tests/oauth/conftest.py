"""A pool with a domain, a client that may use OAuth, and a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.browser import Browser
from tests.oauth_app import USUAL, App, new_domain
from tests.server import Server


@pytest.fixture
def make_app(
    cognito: Cognito,
    make_pool: Callable[..., Any],
    make_client: Callable[..., Any],
    make_user: Callable[..., str],
) -> Callable[..., App]:
    """Members of CreateUserPoolClient are keywords; `pool` are those of CreateUserPool."""

    def make(*, pool: dict[str, Any] | None = None, user: str = "ada", **settings: Any) -> App:
        pool_id = make_pool(**(pool or {}))["Id"]
        prefix = new_domain(cognito, pool_id)
        client = make_client(pool_id, **USUAL | settings)
        sub = make_user(pool_id, user, email="ada@example.com", email_verified="true")
        return App(pool_id, prefix, client["ClientId"], client.get("ClientSecret"), sub)

    return make


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    return make_app()


@pytest.fixture
def confidential(make_app: Callable[..., App]) -> App:
    """With a client that has a secret."""
    return make_app(GenerateSecret=True)


@pytest.fixture
def browser(server: Server) -> Browser:
    """A browser at the server's own address."""
    return Browser(server)


@pytest.fixture
def at_domain(server: Server) -> Callable[[App], Browser]:
    """A browser at the domain of an app's pool."""
    return lambda app: Browser(server, f"{app.prefix}.auth.us-east-1.localhost:{Browser(server).port}")
