"""What stories of sessions have in common: a pool that may track them, and sign-ins that begin them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from cognomen.tokens import user_sessions as token_sessions
from tests.conftest import PASSWORD

Make = Callable[..., Any]
Cognito = Any  # the types of boto3 do not have these operations yet
TRACKING_OFF = ("OperationNotEnabledException", "User session tracking is not enabled for this user pool.")


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    return str(make_pool()["Id"])


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


def track(cognito: Cognito, pool_id: str, state: Any = "ENABLED", per_user: int = 3) -> Any:
    return cognito.set_user_pool_session_configuration(
        UserPoolId=pool_id, UserSessionTracking=state, TokenSession={"MaxPerUser": per_user}
    )


ACCESS_REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
REFRESH_REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
NOT_FOUND = ("ResourceNotFoundException", "Session not found.")


@pytest.fixture
def tracked(cognito: Cognito, pool_id: str, make_user: Make) -> str:
    """A pool that tracks up to three sessions of a user, and in which anna is."""
    track(cognito, pool_id, per_user=3)
    make_user(pool_id, "anna")
    return pool_id


@pytest.fixture
def sign_in(anonymous: Cognito) -> Callable[..., Any]:
    """Sign somebody in."""

    def sign_in(client_id: str, name: str = "anna", **more: Any) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
            **more,
        )["AuthenticationResult"]

    return sign_in


@pytest.fixture
def refresh(anonymous: Cognito) -> Callable[..., Any]:
    def refresh(tokens: Any, client_id: str) -> Any:
        return anonymous.get_tokens_from_refresh_token(
            RefreshToken=tokens["RefreshToken"], ClientId=client_id
        )["AuthenticationResult"]

    return refresh


def listed(anonymous: Cognito, tokens: Any) -> Any:
    answer = anonymous.list_user_sessions(AccessToken=tokens["AccessToken"])
    assert "NextToken" not in answer
    return answer["Sessions"]


def session_of(tokens: Any) -> str:
    claims = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})
    return token_sessions.id_of(claims["origin_jti"])
