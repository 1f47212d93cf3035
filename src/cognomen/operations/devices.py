"""The devices of a user: confirmed by its client, and shown, remembered or forgotten by it or by an administrator.

The rules are in users/devices.py. A device is offered where a sign-in is answered (sign_in.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.operations import paging, user_answers
from cognomen.operations.registry import operation
from cognomen.store import devices as stored
from cognomen.store.database import AlreadyThere
from cognomen.store.devices import Device
from cognomen.triggers.firing import SDK_VERSION
from cognomen.users import devices
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminForgetDeviceRequestTypeDef,
        AdminGetDeviceRequestTypeDef,
        AdminListDevicesRequestTypeDef,
        AdminUpdateDeviceStatusRequestTypeDef,
        ConfirmDeviceRequestTypeDef,
        ForgetDeviceRequestTypeDef,
        GetDeviceRequestTypeDef,
        ListDevicesRequestTypeDef,
        UpdateDeviceStatusRequestTypeDef,
    )

PAGE_SIZE = 60

REMEMBERED, NOT_REMEMBERED = "remembered", "not_remembered"


@operation("ConfirmDevice")
async def confirm_device(call: Call, request: ConfirmDeviceRequestTypeDef) -> dict[str, Any]:
    """The device that the access token was issued to, and no other."""
    if request["DeviceKey"] != call.access_token.device_key:
        raise errors.INVALID_DEVICE_KEY()
    if not devices.are_tracked(call.pool):
        raise errors.DEVICES_NOT_TRACKED()
    secret = request.get("DeviceSecretVerifierConfig", {})
    device = devices.new(
        call,
        request["DeviceKey"],
        name=request.get("DeviceName"),
        password_verifier=secret.get("PasswordVerifier"),
        salt=secret.get("Salt"),
    )
    try:
        await call.store.write(devices.confirm, call.pool.id, device)
    except AlreadyThere:
        raise errors.DEVICE_KEY_EXISTS() from None
    return {"UserConfirmationNecessary": not device.remembered}


@operation("GetDevice", "AdminGetDevice")
async def get_device(
    call: Call, request: GetDeviceRequestTypeDef | AdminGetDeviceRequestTypeDef
) -> dict[str, Any]:
    device = await call.store.read(devices.existing, call.pool.id, call.user.sub, request["DeviceKey"])
    return {"Device": _described(call, device)}


@operation("ListDevices", "AdminListDevices")
async def list_devices(
    call: Call, request: ListDevicesRequestTypeDef | AdminListDevicesRequestTypeDef
) -> dict[str, Any]:
    limit = request.get("Limit") or PAGE_SIZE
    after = paging.key_in(call, request)
    found = await call.store.read(stored.all_of_user, call.pool.id, call.user.sub, after, limit + 1)
    page, following = paging.page(call, request, found, limit, "key")
    return {
        "Devices": [_described(call, device) for device in page],
        "PaginationToken": following,
    }


@operation("UpdateDeviceStatus", "AdminUpdateDeviceStatus")
async def update_device_status(
    call: Call, request: UpdateDeviceStatusRequestTypeDef | AdminUpdateDeviceStatusRequestTypeDef
) -> dict[str, Any]:
    """Without a status nothing changes, but the device must be there."""
    key = request["DeviceKey"]
    if "DeviceRememberedStatus" not in request:
        await call.store.read(devices.existing, call.pool.id, call.user.sub, key)
        return {}
    remembered = request["DeviceRememberedStatus"] == REMEMBERED
    if not await call.store.write(
        stored.remember, call.pool.id, call.user.sub, key, call.now, remembered=remembered
    ):
        raise errors.DEVICE_NOT_FOUND()
    return {}


@operation("ForgetDevice", "AdminForgetDevice")
async def forget_device(
    call: Call, request: ForgetDeviceRequestTypeDef | AdminForgetDeviceRequestTypeDef
) -> None:
    await call.store.write(devices.forget, call.pool.id, call.user.sub, request["DeviceKey"], call.now)


def _described(call: Call, device: Device) -> dict[str, Any]:
    """A DeviceType. A user is shown what an administrator is (AWS CLI examples, get-device and admin-get-device)."""
    owner = f"{call.user.username}.{call.pool.id}"
    account = f"arn:aws:cognito-idp:{call.settings.region}:{call.settings.account_id}"
    attributes = {
        "device_status": "valid",
        "device_name": device.name,
        "dev:device_arn": f"{account}:owner/{owner}/device/{device.key}",
        "dev:device_owner": owner,
        "last_ip_used": device.last_ip,
        "dev:device_remembered_status": REMEMBERED if device.remembered else NOT_REMEMBERED,
        "dev:device_sdk": SDK_VERSION,
    }
    return {
        "DeviceKey": device.key,
        "DeviceAttributes": user_answers.attribute_list(
            {name: value for name, value in attributes.items() if value is not None}
        ),
        "DeviceCreateDate": seconds(device.created_at),
        "DeviceLastModifiedDate": seconds(device.modified_at),
        "DeviceLastAuthenticatedDate": float(device.authenticated_at // SECOND),
    }
