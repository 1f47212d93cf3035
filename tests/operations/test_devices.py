"""Devices: offered at a sign-in, confirmed, shown, remembered and forgotten; what refresh tokens have to do with them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError
from types_boto3_cognito_idp import CognitoIdentityProviderClient

from cognomen.clock import DAY, HOUR, SECOND
from cognomen.crypto.powers import MODULUS
from cognomen.store import devices
from tests.held_clock import HeldClock
from tests.refused import refused
from tests.server import Server
from tests.srp_client import device_secret

Make = Callable[..., Any]
Cognito = CognitoIdentityProviderClient

NO_DEVICE = ("ResourceNotFoundException", "Device does not exist.")
INVALID_KEY = ("InvalidParameterException", "Invalid device key given.")
INVALID_VERIFIER = ("InvalidParameterException", "Invalid device secret verifier configuration given.")
INVALID_REFRESH = ("NotAuthorizedException", "Invalid Refresh Token")
ALWAYS: Any = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
OPT_IN: Any = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": True}
UNKNOWN = "us-east-1_00000000-0000-4000-8000-000000000000"


@pytest.fixture
def pool_id(make_pool: Make, make_user: Make) -> str:
    """A pool that remembers every device, in which anna is."""
    made = str(make_pool(DeviceConfiguration=ALWAYS)["Id"])
    make_user(made, "anna")
    return made


@pytest.fixture
def client_id(pool_id: str, make_client: Make) -> str:
    return str(make_client(pool_id)["ClientId"])


@pytest.fixture
def sign_in(anonymous: Cognito, client_id: str) -> Make:
    """Sign in, on a new device."""

    def sign_in(username: str = "anna", client_id: str = client_id) -> Any:
        return anonymous.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": username, "PASSWORD": "Passw0rd!"},
        )["AuthenticationResult"]

    return sign_in


@pytest.fixture
def confirm(anonymous: Cognito) -> Make:
    def confirm(tokens: Any, **changed: Any) -> Any:
        offered = tokens["NewDeviceMetadata"]
        secret = device_secret(offered["DeviceGroupKey"], offered["DeviceKey"], "the device's password")
        usual = {
            "AccessToken": tokens["AccessToken"],
            "DeviceKey": offered["DeviceKey"],
            "DeviceSecretVerifierConfig": secret,
        }
        return anonymous.confirm_device(**usual | changed)

    return confirm


@pytest.fixture
def refresh(anonymous: Cognito, client_id: str) -> Make:
    def refresh(tokens: Any, device_key: str | None = None) -> Any:
        parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
        return anonymous.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=client_id,
            AuthParameters=parameters | ({"DEVICE_KEY": device_key} if device_key else {}),
        )["AuthenticationResult"]

    return refresh


def key_of(tokens: Any) -> str:
    return str(tokens["NewDeviceMetadata"]["DeviceKey"])


def claims_of(token: str) -> Any:
    return jwt.decode(token, options={"verify_signature": False})


def attributes_of(device: Any) -> dict[str, str]:
    return {found["Name"]: found["Value"] for found in device["DeviceAttributes"]}


# -- offered ----------------------------------------------------------------------------------------------------------


def test_each_sign_in_is_offered_a_device_of_its_own_and_its_tokens_name_it(
    sign_in: Make, pool_id: str, make_user: Make
) -> None:
    make_user(pool_id, "bob")
    first, second, of_bob = sign_in(), sign_in(), sign_in("bob")
    for tokens in (first, second, of_bob):
        assert re.fullmatch(r"us-east-1_[0-9a-f-]{36}", key_of(tokens))
        assert re.fullmatch(r"-[A-Za-z0-9_-]{8}", tokens["NewDeviceMetadata"]["DeviceGroupKey"])
        assert claims_of(tokens["AccessToken"])["device_key"] == key_of(tokens)
        assert "device_key" not in claims_of(tokens["IdToken"])
    assert len({key_of(tokens) for tokens in (first, second, of_bob)}) == 3
    groups = [tokens["NewDeviceMetadata"]["DeviceGroupKey"] for tokens in (first, second, of_bob)]
    assert groups[0] == groups[1] != groups[2]


@pytest.mark.parametrize("configuration", [{}, {"DeviceConfiguration": {}}], ids=["none", "empty"])
def test_a_pool_that_tracks_no_devices_offers_none(
    make_pool: Make, make_client: Make, make_user: Make, sign_in: Make, configuration: Any
) -> None:
    pool_id = make_pool(**configuration)["Id"]
    make_user(pool_id, "anna")
    tokens = sign_in(client_id=make_client(pool_id)["ClientId"])
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims_of(tokens["AccessToken"])


def test_a_device_that_nobody_confirms_costs_no_row(
    anonymous: Cognito, sign_in: Make, server: Server
) -> None:
    writes = server.store.counts.writes
    tokens = sign_in()
    assert server.store.counts.writes == writes
    assert anonymous.list_devices(AccessToken=tokens["AccessToken"])["Devices"] == []
    with refused(*NO_DEVICE):
        anonymous.get_device(AccessToken=tokens["AccessToken"], DeviceKey=key_of(tokens))


# -- confirmed --------------------------------------------------------------------------------------------------------


def test_a_confirmed_device_is_shown_to_its_user_and_to_administrators_alike(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make, confirm: Make, clock: HeldClock
) -> None:
    signed_in_at = clock.now
    tokens = sign_in()
    clock.advance(2_345)
    assert confirm(tokens, DeviceName="anna's phone")["UserConfirmationNecessary"] is False
    key = key_of(tokens)
    device = anonymous.get_device(AccessToken=tokens["AccessToken"], DeviceKey=key)["Device"]
    assert device["DeviceKey"] == key
    assert attributes_of(device) == {
        "device_status": "valid",
        "device_name": "anna's phone",
        "dev:device_arn": f"arn:aws:cognito-idp:us-east-1:000000000000:owner/anna.{pool_id}/device/{key}",
        "dev:device_owner": f"anna.{pool_id}",
        "last_ip_used": "127.0.0.1",
        "dev:device_remembered_status": "remembered",
        "dev:device_sdk": "aws-sdk-unknown-unknown",
    }
    assert device["DeviceCreateDate"].timestamp() == clock.now / SECOND
    assert device["DeviceLastModifiedDate"].timestamp() == clock.now / SECOND
    assert device["DeviceLastAuthenticatedDate"].timestamp() == signed_in_at // SECOND
    of_admin = cognito.admin_get_device(UserPoolId=pool_id, Username="anna", DeviceKey=key)["Device"]
    assert of_admin == device
    assert anonymous.list_devices(AccessToken=tokens["AccessToken"])["Devices"] == [device]
    assert cognito.admin_list_devices(UserPoolId=pool_id, Username="anna")["Devices"] == [device]


def test_where_users_are_asked_a_device_is_remembered_only_when_they_say_so(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make, confirm: Make, clock: HeldClock
) -> None:
    cognito.update_user_pool(UserPoolId=pool_id, DeviceConfiguration=OPT_IN)
    tokens = sign_in()
    assert confirm(tokens)["UserConfirmationNecessary"] is True
    of_device = {"AccessToken": tokens["AccessToken"], "DeviceKey": key_of(tokens)}

    def status() -> str:
        return attributes_of(anonymous.get_device(**of_device)["Device"])["dev:device_remembered_status"]

    assert status() == "not_remembered"
    clock.advance(HOUR // 2)
    anonymous.update_device_status(**of_device)
    assert status() == "not_remembered"
    anonymous.update_device_status(**of_device, DeviceRememberedStatus="remembered")
    device = anonymous.get_device(**of_device)["Device"]
    assert attributes_of(device)["dev:device_remembered_status"] == "remembered"
    assert device["DeviceLastModifiedDate"].timestamp() == clock.now / SECOND
    assert device["DeviceCreateDate"] < device["DeviceLastModifiedDate"]
    cognito.admin_update_device_status(
        UserPoolId=pool_id,
        Username="anna",
        DeviceKey=key_of(tokens),
        DeviceRememberedStatus="not_remembered",
    )
    assert status() == "not_remembered"


def test_only_the_device_of_the_access_token_can_be_confirmed(
    sign_in: Make, confirm: Make, pool_id: str, make_user: Make
) -> None:
    make_user(pool_id, "bob")
    tokens, others, of_bob = sign_in(), sign_in(), sign_in("bob")
    for key in (key_of(others), key_of(of_bob), UNKNOWN):
        with refused(*INVALID_KEY):
            confirm(tokens, DeviceKey=key)


def test_a_device_is_confirmed_once(anonymous: Cognito, sign_in: Make, confirm: Make) -> None:
    tokens = sign_in()

    def try_it(name: str) -> str:
        try:
            confirm(tokens, DeviceName=name)
        except ClientError as error:
            return "{Code}: {Message}".format(**error.response["Error"])
        return "confirmed"

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(try_it, "abcd"))
    assert outcomes == ["DeviceKeyExistsException: Device key already exists."] * 3 + ["confirmed"]
    assert len(anonymous.list_devices(AccessToken=tokens["AccessToken"])["Devices"]) == 1


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Salt": "AAAA"}, id="no verifier"),
        pytest.param({"PasswordVerifier": "AQIDBA=="}, id="no salt"),
        pytest.param({"PasswordVerifier": "AQIDBA==", "Salt": ""}, id="an empty salt"),
        pytest.param({"PasswordVerifier": "AQIDBA==", "Salt": "A" * 128}, id="a long salt"),
        pytest.param({"PasswordVerifier": "?", "Salt": "AAAA"}, id="no base64"),
        pytest.param({"PasswordVerifier": "AQ==", "Salt": "AAAA"}, id="the verifier 1"),
        pytest.param(
            {"PasswordVerifier": base64.b64encode((MODULUS - 1).to_bytes(384)).decode(), "Salt": "AAAA"},
            id="the verifier N - 1",
        ),
        pytest.param(
            {"PasswordVerifier": base64.b64encode(MODULUS.to_bytes(384)).decode(), "Salt": "AAAA"},
            id="a verifier outside the group",
        ),
    ],
)
def test_a_device_needs_a_verifier_that_has_a_secret_behind_it(
    sign_in: Make, confirm: Make, secret: Any
) -> None:
    tokens = sign_in()
    with refused(*INVALID_VERIFIER):
        confirm(tokens, DeviceSecretVerifierConfig=secret)
    confirm(tokens)


def test_base64_without_padding_is_taken_too(sign_in: Make, confirm: Make) -> None:
    confirm(sign_in(), DeviceSecretVerifierConfig={"PasswordVerifier": "AQIDBA", "Salt": "AQIDBA"})


def test_no_device_is_confirmed_while_devices_are_not_tracked(
    cognito: Cognito, pool_id: str, sign_in: Make, confirm: Make
) -> None:
    tokens = sign_in()
    cognito.update_user_pool(UserPoolId=pool_id)
    with refused(
        "InvalidUserPoolConfigurationException", "Device tracking is not enabled for the user pool."
    ):
        confirm(tokens)


# -- listed -----------------------------------------------------------------------------------------------------------


def test_many_devices_come_in_pages(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make, confirm: Make, make_user: Make
) -> None:
    make_user(pool_id, "bob")
    confirm(sign_in("bob"))
    signed_in = [sign_in() for _ in range(5)]
    for tokens in signed_in:
        confirm(tokens)
    token = signed_in[0]["AccessToken"]

    def pages(list_devices: Callable[..., Any], **whose: str) -> list[list[str]]:
        answer = list_devices(**whose, Limit=2)
        found = [answer]
        while "PaginationToken" in answer:
            answer = list_devices(**whose, Limit=2, PaginationToken=answer["PaginationToken"])
            found.append(answer)
        return [[device["DeviceKey"] for device in page["Devices"]] for page in found]

    own = pages(anonymous.list_devices, AccessToken=token)
    assert [len(page) for page in own] == [2, 2, 1]
    assert [key for page in own for key in page] == sorted(map(key_of, signed_in))
    assert pages(cognito.admin_list_devices, UserPoolId=pool_id, Username="anna") == own
    first = anonymous.list_devices(AccessToken=token, Limit=2)
    with refused("InvalidParameterException", "Invalid pagination token given."):
        cognito.admin_list_devices(
            UserPoolId=pool_id, Username="bob", Limit=2, PaginationToken=first["PaginationToken"]
        )


# -- not there --------------------------------------------------------------------------------------------------------


def test_a_device_of_nobody_or_of_another_user_does_not_exist(
    anonymous: Cognito, cognito: Cognito, pool_id: str, sign_in: Make, confirm: Make, make_user: Make
) -> None:
    make_user(pool_id, "bob")
    tokens, of_bob = sign_in(), sign_in("bob")
    confirm(of_bob)
    for key in (UNKNOWN, key_of(of_bob)):
        own: Any = {"AccessToken": tokens["AccessToken"], "DeviceKey": key}
        named: Any = {"UserPoolId": pool_id, "Username": "anna", "DeviceKey": key}
        for own_call in (
            anonymous.get_device,
            anonymous.forget_device,
            anonymous.update_device_status,
            partial(anonymous.update_device_status, DeviceRememberedStatus="remembered"),
        ):
            with refused(*NO_DEVICE):
                own_call(**own)
        for admin_call in (
            cognito.admin_get_device,
            cognito.admin_forget_device,
            cognito.admin_update_device_status,
        ):
            with refused(*NO_DEVICE):
                admin_call(**named)
    assert anonymous.get_device(AccessToken=of_bob["AccessToken"], DeviceKey=key_of(of_bob))["Device"]


def test_whoever_has_no_access_token_is_shown_no_device(anonymous: Cognito) -> None:
    for call in (anonymous.get_device, anonymous.forget_device):
        with refused("NotAuthorizedException", "Invalid Access Token"):
            call(DeviceKey=UNKNOWN)


def test_administrators_are_told_of_users_who_are_not_there(cognito: Cognito, pool_id: str) -> None:
    nobody: Any = {"UserPoolId": pool_id, "Username": "nobody"}
    for call in (
        lambda: cognito.admin_list_devices(**nobody),
        lambda: cognito.admin_get_device(**nobody, DeviceKey=UNKNOWN),
        lambda: cognito.admin_forget_device(**nobody, DeviceKey=UNKNOWN),
        lambda: cognito.admin_update_device_status(**nobody, DeviceKey=UNKNOWN),
    ):
        with refused("UserNotFoundException", "User does not exist."):
            call()


# -- forgotten --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["the user", "an administrator"])
def test_a_forgotten_device_is_gone_with_its_refresh_tokens_and_does_not_come_back(
    anonymous: Cognito,
    cognito: Cognito,
    pool_id: str,
    sign_in: Make,
    confirm: Make,
    refresh: Make,
    who: str,
) -> None:
    tokens, kept = sign_in(), sign_in()
    for each in (tokens, kept):
        confirm(each)
        refresh(each, key_of(each))
    if who == "the user":
        anonymous.forget_device(AccessToken=kept["AccessToken"], DeviceKey=key_of(tokens))
    else:
        cognito.admin_forget_device(UserPoolId=pool_id, Username="anna", DeviceKey=key_of(tokens))
    listed = anonymous.list_devices(AccessToken=kept["AccessToken"])["Devices"]
    assert [device["DeviceKey"] for device in listed] == [key_of(kept)]
    with refused(*INVALID_REFRESH):
        refresh(tokens, key_of(tokens))
    refresh(kept, key_of(kept))
    # Its access token lives for a while, and must not give the thief of a device what was taken from it.
    anonymous.get_user(AccessToken=tokens["AccessToken"])
    with refused(*NO_DEVICE):
        confirm(tokens)
    with refused(*NO_DEVICE):
        anonymous.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=key_of(tokens))


def test_no_access_token_outlives_the_memory_of_a_forgotten_device(
    anonymous: Cognito, pool_id: str, make_client: Make, sign_in: Make, confirm: Make, clock: HeldClock
) -> None:
    day = make_client(
        pool_id, AccessTokenValidity=24, RefreshTokenValidity=30, TokenValidityUnits={"AccessToken": "hours"}
    )["ClientId"]
    tokens = sign_in(client_id=day)
    confirm(tokens)
    anonymous.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=key_of(tokens))
    clock.advance(DAY - SECOND)
    with refused(*NO_DEVICE):
        confirm(tokens)


def test_devices_go_with_their_user(
    cognito: Cognito, pool_id: str, sign_in: Make, confirm: Make, make_user: Make, server: Server
) -> None:
    tokens = sign_in()
    confirm(tokens)
    sub = claims_of(tokens["AccessToken"])["sub"]

    async def kept() -> list[devices.Device]:
        return await server.store.read(devices.all_of_user, pool_id, sub, "", 9)

    assert len(server.run(kept())) == 1
    cognito.admin_delete_user(UserPoolId=pool_id, Username="anna")
    assert server.run(kept()) == []
    make_user(pool_id, "anna")
    assert cognito.admin_list_devices(UserPoolId=pool_id, Username="anna")["Devices"] == []


# -- refreshing -------------------------------------------------------------------------------------------------------


def test_a_refresh_token_counts_on_its_device_alone_once_that_is_confirmed(
    sign_in: Make, confirm: Make, refresh: Make
) -> None:
    tokens, other = sign_in(), sign_in()
    with refused(*INVALID_REFRESH):
        refresh(tokens, key_of(tokens))
    confirm(tokens)
    confirm(other)
    for key in (None, key_of(other), UNKNOWN):
        with refused(*INVALID_REFRESH):
            refresh(tokens, key)
    refreshed = refresh(tokens, key_of(tokens))
    assert claims_of(refreshed["AccessToken"])["device_key"] == key_of(tokens)
    assert "NewDeviceMetadata" not in refreshed


def test_tokens_are_exchanged_for_others_on_their_device_alone(
    anonymous: Cognito, client_id: str, sign_in: Make, confirm: Make
) -> None:
    tokens = sign_in()

    def exchange(key: str) -> Any:
        given: Any = {"ClientId": client_id, "RefreshToken": tokens["RefreshToken"], "DeviceKey": key}
        return anonymous.get_tokens_from_refresh_token(**given)["AuthenticationResult"]

    invalid = ("NotAuthorizedException", "Invalid Refresh Token.")
    with refused(*invalid):
        exchange(key_of(tokens))
    confirm(tokens)
    assert claims_of(exchange(key_of(tokens))["AccessToken"])["device_key"] == key_of(tokens)
    anonymous.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=key_of(tokens))
    with refused(*invalid):
        exchange(key_of(tokens))


def test_tokens_from_before_devices_were_tracked_go_on_and_nobody_asks_for_confirmed_ones_afterwards(
    cognito: Cognito, pool_id: str, sign_in: Make, refresh: Make
) -> None:
    cognito.update_user_pool(UserPoolId=pool_id)
    before = sign_in()
    cognito.update_user_pool(UserPoolId=pool_id, DeviceConfiguration=ALWAYS)
    while_tracked = sign_in()
    refresh(before)
    with refused(*INVALID_REFRESH):
        refresh(while_tracked)
    cognito.update_user_pool(UserPoolId=pool_id)
    refresh(before)
    refresh(while_tracked, key_of(while_tracked))
