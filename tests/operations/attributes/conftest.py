"""What stories of attributes have in common: people of a pool, who can be asked and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient
PASSWORD = "Passw0rd!"
EMAIL = "ada@example.com"
NEW_EMAIL = "new@example.com"
TAKEN = ("AliasExistsException", "An account with the given email already exists.")
SCHEMA = [
    {"Name": "team", "AttributeDataType": "String"},
    {"Name": "badge", "AttributeDataType": "String", "Mutable": False},
    {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
    {"Name": "name", "Required": True},
]


def attributes(**values: str) -> list[Any]:
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in values.items()]


class People:
    """The users of one pool, as an administrator and as they see themselves."""

    def __init__(self, cognito: Cognito, anonymous: Cognito, pool_id: str, client: Any) -> None:
        self.cognito, self.anonymous, self.pool_id, self.client = cognito, anonymous, pool_id, client

    def of(self, username: str) -> dict[str, str]:
        """The attributes of a user, as an administrator sees them, without the sub."""
        user = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=username)
        found = {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}
        del found["sub"]
        return found

    def set(self, username: str, **values: str) -> None:
        self.cognito.admin_update_user_attributes(
            UserPoolId=self.pool_id, Username=username, UserAttributes=attributes(**values)
        )

    def delete(self, username: str, *names: str) -> None:
        self.cognito.admin_delete_user_attributes(
            UserPoolId=self.pool_id, Username=username, UserAttributeNames=list(names)
        )

    def found_by(self, typed: str) -> str | None:
        try:
            return self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=typed)["Username"]
        except self.cognito.exceptions.UserNotFoundException:
            return None

    def token(self, username: str, client: Any = None) -> str:
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=(client or self.client)["ClientId"],
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]["AccessToken"]

    def set_own(self, token: str, **values: str) -> Any:
        return self.anonymous.update_user_attributes(AccessToken=token, UserAttributes=attributes(**values))


@pytest.fixture
def people_of(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make
) -> Callable[..., People]:
    def make(**settings: Any) -> People:
        pool_id = make_pool(**settings)["Id"]
        return People(cognito, anonymous, pool_id, make_client(pool_id))

    return make


@pytest.fixture
def people(people_of: Callable[..., People], make_user: Make) -> People:
    """A pool with a schema of its own, and a user `ada`."""
    found = people_of(Schema=SCHEMA)
    make_user(found.pool_id, "ada", name="Ada", email=EMAIL, email_verified="true")
    return found
