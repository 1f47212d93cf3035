"""What stories of refreshed tokens have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

Make = Callable[..., Any]
REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    """A pool in which anna is."""
    made = str(make_pool()["Id"])
    make_user(made, "anna")
    return made


@pytest.fixture
def sign_in(anonymous: Cognito) -> Callable[[str], Any]:
    """Sign anna in."""

    def sign_in(client_id: str) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": "anna", "PASSWORD": "Passw0rd!"},
        )["AuthenticationResult"]

    return sign_in


@pytest.fixture
def refresh(anonymous: Cognito) -> Callable[..., Any]:
    def refresh(tokens: Any, client_id: str, **more: Any) -> Any:
        return anonymous.get_tokens_from_refresh_token(
            RefreshToken=tokens["RefreshToken"], ClientId=client_id, **more
        )["AuthenticationResult"]

    return refresh


def said(token: str) -> Any:
    return jwt.decode(token, options={"verify_signature": False})
