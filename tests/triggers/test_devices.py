"""What functions are told of devices, and that they cannot take a token away from its device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.conftest import PASSWORD
from tests.functions import Functions, arn
from tests.srp_client import device_secret

Make = Callable[..., Any]

TRACKED: Any = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}


def test_a_function_changes_tokens_of_a_new_device_but_not_which_device_they_are_for(
    anonymous: Cognito, make_pool: Make, make_client: Make, make_user: Make, functions: Functions
) -> None:
    pool_id = make_pool(
        DeviceConfiguration=TRACKED,
        LambdaConfig={
            "PreTokenGenerationConfig": {
                "LambdaVersion": "V2_0",
                "LambdaArn": arn("api", "PreTokenGeneration"),
            }
        },
    )["Id"]
    client_id = make_client(pool_id)["ClientId"]
    make_user(pool_id, "anna")
    functions.answer_with(
        "PreTokenGeneration",
        claimsAndScopeOverrideDetails={
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"plan": "gold"},
                "claimsToSuppress": ["device_key"],
            }
        },
    )

    def tokens(flow: Any, **parameters: str) -> Any:
        return anonymous.initiate_auth(ClientId=client_id, AuthFlow=flow, AuthParameters=parameters)[
            "AuthenticationResult"
        ]

    signed_in = tokens("USER_PASSWORD_AUTH", USERNAME="anna", PASSWORD=PASSWORD)
    offered = signed_in["NewDeviceMetadata"]
    anonymous.confirm_device(
        AccessToken=signed_in["AccessToken"],
        DeviceKey=offered["DeviceKey"],
        DeviceSecretVerifierConfig=device_secret(offered["DeviceGroupKey"], offered["DeviceKey"], "secret"),
    )
    refreshed = tokens(
        "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=signed_in["RefreshToken"], DEVICE_KEY=offered["DeviceKey"]
    )
    for made in (signed_in, refreshed):
        claims = jwt.decode(made["AccessToken"], options={"verify_signature": False})
        assert (claims["plan"], claims["device_key"]) == ("gold", offered["DeviceKey"])
    assert functions.sources() == ["TokenGeneration_Authentication", "TokenGeneration_RefreshTokens"]
