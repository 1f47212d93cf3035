"""What stories of groups have in common: a pool, and short names for what is asked of its groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient
ADMIN, STAFF = "arn:aws:iam::000000000000:role/admin", "arn:aws:iam::000000000000:role/staff"
GROUP_NOT_FOUND = ("ResourceNotFoundException", "Group not found.")


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    """A pool in which anna is."""
    made = str(make_pool()["Id"])
    make_user(made, "anna", email="anna@example.com", email_verified="true")
    return made


@pytest.fixture
def create(cognito: Cognito, pool_id: str) -> Make:
    def make(name: str, **members: Any) -> Any:
        return cognito.create_group(UserPoolId=pool_id, GroupName=name, **members)["Group"]

    return make


@pytest.fixture
def update(cognito: Cognito, pool_id: str) -> Make:
    def change(name: str, **members: Any) -> Any:
        return cognito.update_group(UserPoolId=pool_id, GroupName=name, **members)["Group"]

    return change


@pytest.fixture
def join(cognito: Cognito, pool_id: str) -> Callable[..., None]:
    """Put users into a group."""

    def add(name: str, *usernames: str) -> None:
        for username in usernames or ("anna",):
            cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=username, GroupName=name)

    return add


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def sign_in(anonymous: Cognito, client_id: str) -> Make:
    """Sign anna in."""

    def sign_in() -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": "anna", "PASSWORD": "Passw0rd!"},
        )["AuthenticationResult"]

    return sign_in


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def of_groups(token: str) -> dict[str, Any]:
    """The claims of a token that tell of groups."""
    names = {"cognito:groups", "cognito:roles", "cognito:preferred_role"}
    return {name: value for name, value in claims_of(token).items() if name in names}
