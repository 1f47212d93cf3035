"""What functions are told of devices, and that they cannot take a token away from its device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from tests.conftest import PASSWORD
from tests.device_client import DeviceClient
from tests.functions import Event, Functions, arn
from tests.held_clock import HeldClock
from tests.refused import refused
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


def test_functions_are_told_whether_a_device_is_new_and_that_one_has_proven_itself(
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    functions: Functions,
    clock: HeldClock,
) -> None:
    pool_id = make_pool(
        DeviceConfiguration=TRACKED,
        LambdaConfig={name: arn("api", name) for name in ("PostAuthentication", "PreTokenGeneration")},
    )["Id"]
    make_user(pool_id, "anna")
    client = DeviceClient(anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    device = client.new_device()
    client.sign_in(device.key)
    client.prove(client.begin(device), device)
    assert functions.sources() == [
        "PostAuthentication_Authentication",
        "TokenGeneration_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_AuthenticateDevice",
    ]
    told = [event["request"].get("newDeviceUsed") for event in functions.events]
    assert told == [True, None, False, None]


def test_no_token_is_refreshed_for_a_device_that_is_forgotten_meanwhile(
    cognito: Cognito,
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    functions: Functions,
    clock: HeldClock,
) -> None:
    pool_id = make_pool(
        DeviceConfiguration=TRACKED,
        LambdaConfig={"PreTokenGeneration": arn("api", "PreTokenGeneration")},
    )["Id"]
    make_user(pool_id, "anna")
    client = DeviceClient(anonymous, pool_id, make_client(pool_id)["ClientId"], clock)
    device = client.new_device()
    client.sign_in(device.key)
    tokens = client.prove(client.begin(device), device)["AuthenticationResult"]

    def forget(event: Event) -> Event:
        cognito.admin_forget_device(UserPoolId=pool_id, Username="anna", DeviceKey=device.key)
        return event

    functions.does["PreTokenGeneration"] = forget
    with refused("NotAuthorizedException", "Invalid Refresh Token"):
        anonymous.initiate_auth(
            ClientId=client.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.key},
        )


def test_in_a_custom_sign_in_the_device_comes_last_and_functions_are_not_told_of_it(
    anonymous: Cognito,
    make_pool: Make,
    make_client: Make,
    make_user: Make,
    functions: Functions,
    clock: HeldClock,
) -> None:
    names = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
    pool_id = make_pool(DeviceConfiguration=TRACKED, LambdaConfig={name: arn("api", name) for name in names})[
        "Id"
    ]
    make_user(pool_id, "anna")
    flows = ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
    client = DeviceClient(
        anonymous, pool_id, make_client(pool_id, ExplicitAuthFlows=flows)["ClientId"], clock
    )
    device = client.new_device()
    functions.does["DefineAuthChallenge"] = lambda event: (
        event
        | {
            "response": {"issueTokens": True}
            if event["request"]["session"]
            else {"challengeName": "CUSTOM_CHALLENGE"}
        }
    )
    asked = anonymous.initiate_auth(
        ClientId=client.client_id,
        AuthFlow="CUSTOM_AUTH",
        AuthParameters={"USERNAME": "anna", "DEVICE_KEY": device.key},
    )
    given = {"USERNAME": "anna", "ANSWER": "42", "DEVICE_KEY": device.key}
    asked = client.respond("CUSTOM_CHALLENGE", given, Session=asked["Session"])
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    before = len(functions.events)
    assert client.prove(client.begin(device), device)["AuthenticationResult"]
    assert len(functions.events) == before
