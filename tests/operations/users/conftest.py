"""What stories of users have in common: a pool, and how users are made and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient
PASSWORD = "Passw0rd!"
EMAIL = "ada@example.com"
PHONE_NUMBER = "+14155550100"


def attributes(**values: str) -> list[Any]:
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in values.items()]


def values_of(entries: list[Any]) -> dict[str, str]:
    return {entry["Name"]: entry["Value"] for entry in entries}


def tokens(anonymous: Cognito, client: Any, username: str, password: str = PASSWORD) -> Any:
    return anonymous.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client["ClientId"],
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )["AuthenticationResult"]


@pytest.fixture
def pool_id(make_pool: Make) -> str:
    id: str = make_pool()["Id"]
    return id


@pytest.fixture
def address_pool_id(make_pool: Make) -> str:
    """A pool whose users sign in with an e-mail address or a phone number."""
    id: str = make_pool(UsernameAttributes=["email", "phone_number"])["Id"]
    return id


@pytest.fixture
def alias_pool_id(make_pool: Make) -> str:
    id: str = make_pool(AliasAttributes=["email", "phone_number", "preferred_username"])["Id"]
    return id
