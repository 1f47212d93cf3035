"""What stories of signing up have in common: a door, which is a pool with a client and what is sent through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import SECOND
from tests.codes import messages_of, newest_code
from tests.server import Server

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient
PASSWORD = "Passw0rd!"
EMAIL = "ada@example.com"
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
CONFIRMED_ALREADY = ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")


def attributes(**values: str) -> list[Any]:
    return [{"Name": name.replace("__", ":"), "Value": value} for name, value in values.items()]


class Door:
    """Where people sign up: a pool, and a client of it."""

    def __init__(
        self, server: Server, cognito: Cognito, anonymous: Cognito, pool_id: str, client: Any
    ) -> None:
        self.server, self.cognito, self.anonymous = server, cognito, anonymous
        self.pool_id, self.client_id, self.client = pool_id, client["ClientId"], client

    def sign_up(self, username: str, password: str | None = PASSWORD, **values: str) -> Any:
        given: dict[str, Any] = {} if password is None else {"Password": password}
        return self.anonymous.sign_up(
            ClientId=self.client_id, Username=username, UserAttributes=attributes(**values), **given
        )

    def confirm(self, username: str, code: str, **more: Any) -> Any:
        return self.anonymous.confirm_sign_up(
            ClientId=self.client_id, Username=username, ConfirmationCode=code, **more
        )

    def resend(self, username: str) -> Any:
        """Later than what was sent before, so that it is the newest in the inbox."""
        self.server.clock.advance(SECOND)
        answer = self.anonymous.resend_confirmation_code(ClientId=self.client_id, Username=username)
        return answer["CodeDeliveryDetails"]

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        return self.anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def user(self, username: str) -> dict[str, str]:
        """Its attributes, and its status."""
        found = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=username)
        values = {each["Name"]: each["Value"] for each in found["UserAttributes"] if each["Name"] != "sub"}
        return values | {"status": found["UserStatus"]}

    @property
    def messages(self) -> list[dict[str, Any]]:
        return messages_of(self.server, self.pool_id)

    @property
    def code(self) -> str:
        return newest_code(self.server, self.pool_id)


@pytest.fixture
def door_of(
    server: Server, cognito: Cognito, anonymous: Cognito, make_pool: Make, make_client: Make
) -> Callable[..., Door]:
    def make(client: dict[str, Any] | None = None, **settings: Any) -> Door:
        pool_id = make_pool(**settings)["Id"]
        return Door(server, cognito, anonymous, pool_id, make_client(pool_id, **client or {}))

    return make


@pytest.fixture
def door(door_of: Callable[..., Door]) -> Door:
    """A pool that verifies e-mail addresses."""
    return door_of(AutoVerifiedAttributes=["email"])


@pytest.fixture
def discreet(door_of: Callable[..., Door]) -> Door:
    """The same, with a client that does not tell who exists."""
    return door_of({"PreventUserExistenceErrors": "ENABLED"}, AutoVerifiedAttributes=["email"])
