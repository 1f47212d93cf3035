"""What tokens tell of how surely it is the user (`acr`, `amr`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.conftest import PASSWORD

Make = Callable[..., Any]

PASSWORD_ALONE = {"acr": "urn:cognito:loa:1", "amr": ["pwd"]}


@pytest.fixture
def sign_in(anonymous: Cognito, make_client: Make, make_user: Make) -> Callable[..., Any]:
    """The id of a new client of a pool, and the tokens that anna gets by it."""

    def sign_in(pool_id: str, **more: str) -> tuple[str, Any]:
        client_id = make_client(pool_id)["ClientId"]
        make_user(pool_id, "anna")
        answer = anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD, **more},
        )
        return client_id, answer["AuthenticationResult"]

    return sign_in


def proven(tokens: Any) -> list[dict[str, Any]]:
    """What the access and the id token say of it."""
    said = [
        jwt.decode(tokens[name], options={"verify_signature": False}) for name in ("AccessToken", "IdToken")
    ]
    return [{name: claims[name] for name in ("acr", "amr") if name in claims} for claims in said]


def test_both_tokens_tell_what_was_proven(make_pool: Make, sign_in: Make) -> None:
    _, tokens = sign_in(make_pool()["Id"])
    assert proven(tokens) == [PASSWORD_ALONE, PASSWORD_ALONE]


def test_what_was_proven_stays_so_as_long_as_tokens_are_refreshed(
    cognito: Cognito, anonymous: Cognito, make_pool: Make, sign_in: Make
) -> None:
    pool_id = make_pool()["Id"]
    client_id, tokens = sign_in(pool_id)
    renamed: Any = {"AcrConfiguration": {"Level1": {"AcrValue": "bronze"}}}
    cognito.update_user_pool(UserPoolId=pool_id, **renamed)
    refreshed = anonymous.get_tokens_from_refresh_token(
        RefreshToken=tokens["RefreshToken"], ClientId=client_id
    )["AuthenticationResult"]
    assert proven(refreshed) == [PASSWORD_ALONE, PASSWORD_ALONE]


def test_the_smallest_plan_tells_nothing_of_it(make_pool: Make, sign_in: Make) -> None:
    _, tokens = sign_in(make_pool(UserPoolTier="LITE")["Id"])
    assert proven(tokens) == [{}, {}]
