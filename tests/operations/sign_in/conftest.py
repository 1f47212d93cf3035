"""What stories of signing in have in common: a pool with a client, passwords, and how they are sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

PASSWORD = "Passw0rd!"
NEW_PASSWORD = "N3w-Passw0rd!"
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def secret_hash(username: str, client: dict[str, Any], secret: str | None = None) -> str:
    key = (secret or client["ClientSecret"]).encode()
    message = (username + client["ClientId"]).encode()
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


def sign_in(anonymous: Cognito, client_id: str, username: str, password: str = PASSWORD, **more: str) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client_id,
        AuthParameters={"USERNAME": username, "PASSWORD": password, **more},
    )


def refresh(anonymous: Cognito, client_id: str, refresh_token: str, **more: str) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client_id,
        AuthParameters={"REFRESH_TOKEN": refresh_token, **more},
    )


def set_new_password(
    anonymous: Cognito, client_id: str, username: str, session: str, password: str = NEW_PASSWORD, **more: str
) -> Any:
    return anonymous.respond_to_auth_challenge(
        ChallengeName="NEW_PASSWORD_REQUIRED",
        ClientId=client_id,
        Session=session,
        ChallengeResponses={"USERNAME": username, "NEW_PASSWORD": password}
        | {f"userAttributes.{name}": value for name, value in more.items()},
    )


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def session(anonymous: Cognito, pool_id: str, client_id: str, make_user: Make) -> str:
    """The session of anna, who has a temporary password."""
    make_user(pool_id, "anna", permanent=False)
    return str(sign_in(anonymous, client_id, "anna")["Session"])


@pytest.fixture
def tokens(anonymous: Cognito, pool_id: str, client_id: str, make_user: Make) -> Any:
    """The tokens of anna, who has just signed in."""
    make_user(pool_id, "anna", given_name="Anna")
    return sign_in(anonymous, client_id, "anna")["AuthenticationResult"]
