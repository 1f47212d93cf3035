"""A pool with a domain, a client, a user; and people at browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.browser import Browser
from tests.oauth.conftest import app, at_domain, make_app  # noqa: F401  the same fixtures as of the endpoints
from tests.oauth_app import App
from tests.person import Person


@pytest.fixture
def at(cognito: Cognito, at_domain: Callable[[App], Browser]) -> Callable[..., Person]:  # noqa: F811  a fixture asks by name
    """A person at the pages of an app's pool: managed login with the provided style, or the classic ones."""

    def person(app: App, *, managed: bool = True) -> Person:  # noqa: F811
        version = 2 if managed else 1
        cognito.update_user_pool_domain(
            UserPoolId=app.pool_id, Domain=app.prefix, ManagedLoginVersion=version
        )
        if managed:
            cognito.create_managed_login_branding(
                UserPoolId=app.pool_id, ClientId=app.client_id, UseCognitoProvidedValues=True
            )
        return Person(at_domain(app))

    return person
