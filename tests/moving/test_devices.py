"""Devices that were remembered at one server prove themselves at the one that their users move to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pyotp
import pytest

from cognomen import clock
from cognomen.call import Node
from cognomen.errors import Refusal
from cognomen.moving import importing, sealed_file
from cognomen.moving.importing import Outcome
from cognomen.moving.sealed_file import END
from cognomen.operations import dispatch
from tests.conftest import PASSWORD
from tests.device_client import SECRET, Device
from tests.moving.conftest import (
    PASSPHRASE,
    SETTINGS,
    ask,
    export,
    load,
    make_pool,
    make_user,
    sign_in,
)
from tests.second_factors import BY_FACTOR
from tests.srp_client import SRP_A, device_answer_to, device_secret

TRACKED: dict[str, Any] = {
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
}
APP = "SOFTWARE_TOKEN_MFA"

NO_DEVICE = "Device does not exist"


async def register(node: Node, tokens: Any, name: str = "a device") -> Device:
    """Confirm the device that a sign-in was offered."""
    offered = tokens["NewDeviceMetadata"]
    device = Device(offered["DeviceKey"], offered["DeviceGroupKey"])
    asked = {
        "AccessToken": tokens["AccessToken"],
        "DeviceKey": device.key,
        "DeviceName": name,
        "DeviceSecretVerifierConfig": device_secret(device.group_key, device.key, SECRET),
    }
    await dispatch.perform(node, "ConfirmDevice", asked)
    return device


async def new_device(node: Node, client_id: str, username: str) -> Device:
    return await register(node, (await sign_in(node, client_id, username))["AuthenticationResult"])


async def sign_in_on(
    node: Node, client_id: str, username: str, device: Device, secret: str = SECRET, password: str = PASSWORD
) -> dict[str, Any]:
    """The tokens of a sign-in that asks for the password, then for the device, and for nothing else."""
    asked = await sign_in(node, client_id, username, password, DEVICE_KEY=device.key)
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    named = {"USERNAME": username, "DEVICE_KEY": device.key}
    asked = await respond(node, client_id, "DEVICE_SRP_AUTH", named | {"SRP_A": SRP_A})
    assert asked["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    proof = device_answer_to(asked["ChallengeParameters"], device.group_key, secret, clock.now())
    answer = await respond(node, client_id, "DEVICE_PASSWORD_VERIFIER", proof)
    tokens: dict[str, Any] = answer["AuthenticationResult"]
    assert jwt.decode(tokens["AccessToken"], options={"verify_signature": False})["device_key"] == device.key
    return tokens


async def respond(node: Node, client_id: str, challenge: str, given: dict[str, str]) -> Any:
    asked = {"ClientId": client_id, "ChallengeName": challenge, "ChallengeResponses": given}
    return await dispatch.perform(node, "RespondToAuthChallenge", asked)


async def devices_of(node: Node, username: str) -> list[Any]:
    return list((await ask(node, "AdminListDevices", Username=username))["Devices"])


async def show_codes(node: Node, access_token: str, username: str) -> None:
    """Give the user a second factor."""
    told = await dispatch.perform(node, "AssociateSoftwareToken", {"AccessToken": access_token})
    code = pyotp.TOTP(told["SecretCode"]).at(clock.now() // 1_000)
    await dispatch.perform(node, "VerifySoftwareToken", {"AccessToken": access_token, "UserCode": code})
    wanted = {"Enabled": True, "PreferredMfa": True}
    await ask(node, "AdminSetUserMFAPreference", Username=username, SoftwareTokenMfaSettings=wanted)


def as_a_former_release_wrote(path: Path) -> Path:
    """The file without devices."""
    former = path.with_suffix(".former")
    sealed = sealed_file.opened(path, PASSPHRASE)
    with sealed.file:
        written = sealed_file.created(former, PASSPHRASE, sealed.about)
        with written.file:
            for frame in sealed.read():
                written.write({name: rows for name, rows in frame.items() if name != "devices"})
            written.write({}, END)
    return former


@dataclass(frozen=True)
class Left:
    """Ada has confirmed a phone at `former`, and left it in `file`; `client_id` is of a pool of the same id at `new`."""

    former: Node
    new: Node
    phone: Device
    file: Path
    client_id: str


@pytest.fixture
async def left(nodes: tuple[Node, Node], tmp_path: Path) -> Left:
    former, new = nodes
    client_id = await make_pool(former, **TRACKED)
    await make_user(former, "ada")
    phone = await new_device(former, client_id, "ada")
    file = tmp_path / "users"
    await export(former, file)
    return Left(former, new, phone, file, await make_pool(new, **TRACKED))


async def test_a_device_moves_with_its_user_and_stands_in_for_a_second_factor_as_before(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    former, new = nodes
    client_id = await make_pool(former, **TRACKED)
    await ask(former, "SetUserPoolMfaConfig", MfaConfiguration="OPTIONAL", **BY_FACTOR[APP])
    await make_user(former, "ada")
    phone = await new_device(former, client_id, "ada")
    tokens = (await sign_in(former, client_id, "ada"))["AuthenticationResult"]
    tablet = await register(former, tokens, "a tablet")
    given_up = {"DeviceKey": tablet.key, "DeviceRememberedStatus": "not_remembered"}
    await ask(former, "AdminUpdateDeviceStatus", Username="ada", **given_up)
    await show_codes(former, tokens["AccessToken"], "ada")
    await sign_in_on(former, client_id, "ada", phone)

    client_id = await make_pool(new, **TRACKED)
    await ask(new, "SetUserPoolMfaConfig", MfaConfiguration="OPTIONAL", **BY_FACTOR[APP])
    await make_user(new, "bob")
    of_bob = await new_device(new, client_id, "bob")
    await export(former, tmp_path / "users")
    assert await load(new, tmp_path / "users") == Outcome(added=1)

    assert await devices_of(new, "ada") == await devices_of(former, "ada")
    assert len(await devices_of(new, "ada")) == 2
    assert (await sign_in(new, client_id, "ada"))["ChallengeName"] == APP
    assert (await sign_in(new, client_id, "ada", DEVICE_KEY=tablet.key))["ChallengeName"] == APP
    tokens = await sign_in_on(new, client_id, "ada", phone)
    assert "NewDeviceMetadata" not in tokens
    assert "AuthenticationResult" in await refresh(new, client_id, tokens, DEVICE_KEY=phone.key)
    for others in ({}, {"DEVICE_KEY": tablet.key}):
        with pytest.raises(Refusal, match="Invalid Refresh Token"):
            await refresh(new, client_id, tokens, **others)
    await sign_in_on(new, client_id, "bob", of_bob)
    with pytest.raises(Refusal, match="Incorrect username or password"):
        await sign_in_on(new, client_id, "ada", phone, "what another device knows")


async def refresh(node: Node, client_id: str, tokens: Any, **more: str) -> Any:
    given = {"REFRESH_TOKEN": tokens["RefreshToken"]} | more
    asked = {"ClientId": client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": given}
    return await dispatch.perform(node, "InitiateAuth", asked)


async def test_a_device_that_moves_on_again_and_one_that_was_new_where_it_left_are_themselves_also_in_another_pool(
    left: Left, tmp_path: Path
) -> None:
    former, new, phone, client_id = left.former, left.new, left.phone, left.client_id
    await load(new, left.file)
    laptop = await new_device(new, client_id, "ada")
    assert laptop.group_key != phone.group_key
    await sign_in_on(new, client_id, "ada", laptop)

    await export(new, tmp_path / "users on their way")
    made = await dispatch.perform(former, "CreateUserPool", {"PoolName": "another"} | SETTINGS | TRACKED)
    other = made["UserPool"]["Id"]
    await load(former, tmp_path / "users on their way", other, without_passwords=True)
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    told = await ask(
        former, "CreateUserPoolClient", UserPoolId=other, ClientName="a client", ExplicitAuthFlows=flows
    )
    password = "Another-Passw0rd!"
    await ask(
        former, "AdminSetUserPassword", UserPoolId=other, Username="ada", Password=password, Permanent=True
    )
    client_id = told["UserPoolClient"]["ClientId"]
    for device in (phone, laptop):
        await sign_in_on(former, client_id, "ada", device, password=password)


async def test_an_import_that_is_run_again_leaves_devices_as_they_are_by_now(
    left: Left,
) -> None:
    new, phone, client_id = left.new, left.phone, left.client_id
    await load(new, left.file)
    await ask(new, "AdminForgetDevice", Username="ada", DeviceKey=phone.key)
    laptop = await new_device(new, client_id, "ada")
    assert await load(new, left.file) == Outcome(there=1)
    assert [device["DeviceKey"] for device in await devices_of(new, "ada")] == [laptop.key]
    with pytest.raises(Refusal, match=NO_DEVICE):
        await sign_in(new, client_id, "ada", DEVICE_KEY=phone.key)


async def test_a_device_that_the_file_of_a_former_release_left_behind_is_forgotten_by_its_client_and_registers_again(
    left: Left,
) -> None:
    new, phone, client_id = left.new, left.phone, left.client_id
    assert await load(new, as_a_former_release_wrote(left.file)) == Outcome(added=1)
    with pytest.raises(Refusal, match=NO_DEVICE):
        await sign_in(new, client_id, "ada", DEVICE_KEY=phone.key)
    again = await new_device(new, client_id, "ada")
    assert await load(new, left.file) == Outcome(there=1)
    assert [device["DeviceKey"] for device in await devices_of(new, "ada")] == [again.key]
    await sign_in_on(new, client_id, "ada", again)


def test_a_device_without_the_group_key_that_it_was_confirmed_under_stays_out() -> None:
    row = {"sub": "ada's"}
    known = row | {"group_key": "-abcdefgh"}
    of_ada = importing._by_user({"users": [row], "devices": [row, row | {"group_key": None}, known]})
    assert of_ada == [{"users": [row], "devices": [known]}]
