"""Devices: offered at a sign-in, confirmed by the user's client, remembered or not, forgotten.

    are_tracked, is_remembered_at_once, stand_in    what the pool's DeviceConfiguration says
    new_key, group_key              what a client is offered (NewDeviceMetadata)
    new, verifier_of, group_key_of  what a device proves itself with (crypto/srp.py)
    existing, confirm, forget       its rows

A device that is offered has a key in the tokens of its sign-in and no row, so one that nobody confirms costs nothing. The key is
confirmed once: what tokens with it are still about cannot bring back a device that was forgotten.
"""

from __future__ import annotations

import base64
import binascii

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import DAY, HOUR
from cognomen.crypto import base64url, sealing, srp
from cognomen.master_key.vault import Vault
from cognomen.pools import ids
from cognomen.store import devices, spent, users
from cognomen.store.database import Db
from cognomen.store.devices import Device
from cognomen.store.user_pools import UserPool

PURPOSE = "device"
SALT_MAX = 64
"""Bytes; clients send 16 or 17."""

FAILURES = "device"
"""The kind of failures at the secret of a device."""

FORGOTTEN = "forgotten device"
"""The kind of a forgotten device's row among what is spent once."""

LONGEST_ACCESS = DAY + HOUR
"""How long an access token may name a device that was forgotten, with time for clocks that differ."""


def are_tracked(pool: UserPool) -> bool:
    """Any value of either property turns it on (DeviceConfigurationType in the API reference)."""
    return bool(pool.settings.device_configuration)


def is_remembered_at_once(pool: UserPool) -> bool:
    """Whether a device is remembered when it is confirmed; else its user is asked."""
    return not (pool.settings.device_configuration or {}).get("DeviceOnlyRememberedOnUserPrompt", False)


def stand_in(pool: UserPool) -> bool:
    """Whether a remembered device is as good as a second factor."""
    return bool((pool.settings.device_configuration or {}).get("ChallengeRequiredOnNewDevice", False))


def new_key(pool: UserPool) -> str:
    return f"{ids.region_of(pool.id)}_{clock.uuid4()}"


def group_key(decoy_key: bytes, sub: str) -> str:
    """What a user's devices have in common, 9 characters: it stands where SRP has the pool's name.

    It is derived from the pool's decoy key, so that it is the same for each of them and nothing has to be kept of a device that is
    not confirmed.
    """
    digest = sealing.mac(decoy_key, "device group", sub.encode())
    return f"-{base64url.encode(digest)[:8]}"


def group_key_of(device: Device, decoy_key: bytes) -> str:
    """The group key that the device was confirmed under: that of its user, or where it came from another server the one of there."""
    return device.group_key or group_key(decoy_key, device.sub)


def new(call: Call, key: str, *, name: str | None, password_verifier: str | None, salt: str | None) -> Device:
    """The device of call.user as its client describes it; verifier and salt are base64. Raises INVALID_DEVICE_VERIFIER."""
    try:
        raw_salt = _decoded(salt)
        verifier = srp.parse_verifier(_decoded(password_verifier))
    except ValueError:
        raise errors.INVALID_DEVICE_VERIFIER() from None
    if not 1 <= len(raw_salt) <= SALT_MAX:
        raise errors.INVALID_DEVICE_VERIFIER()
    return Device(
        sub=call.user.sub,
        key=key,
        name=name,
        salt=raw_salt,
        sealed_verifier=call.vault.seal(PURPOSE, verifier, _binding(call.pool.id, call.user.sub, key)),
        remembered=is_remembered_at_once(call.pool),
        last_ip=call.client_ip,
        created_at=call.now,
        modified_at=call.now,
        authenticated_at=call.access_token.auth_time,
    )


def verifier_of(vault: Vault, pool_id: str, device: Device) -> bytes:
    """The SRP verifier, 384 bytes."""
    return vault.unseal(PURPOSE, device.sealed_verifier, _binding(pool_id, device.sub, device.key))


def existing(db: Db, pool_id: str, sub: str, key: str) -> Device:
    """Raises DEVICE_NOT_FOUND."""
    device = devices.by_key(db, pool_id, sub, key)
    if device is None:
        raise errors.DEVICE_NOT_FOUND()
    return device


def confirm(db: Db, pool_id: str, device: Device) -> None:
    """Keep a device; AlreadyThere when it is kept. Raises USER_NOT_FOUND, and DEVICE_NOT_FOUND when it was forgotten."""
    if users.by_sub_locked(db, pool_id, device.sub) is None:
        raise errors.USER_NOT_FOUND()
    devices.add(db, pool_id, device)
    # Behind the row: whoever forgets a device of this key at the same moment has written both, or neither.
    if spent.was_spent(db, pool_id, FORGOTTEN, _spent_id(device.sub, device.key)):
        raise errors.DEVICE_NOT_FOUND()


def forget(db: Db, pool_id: str, sub: str, key: str, now: int) -> None:
    """The device is no more: its refresh tokens end, and its key cannot be confirmed again. Raises DEVICE_NOT_FOUND."""
    if not devices.remove(db, pool_id, sub, key):
        raise errors.DEVICE_NOT_FOUND()
    spent.spend(db, pool_id, FORGOTTEN, _spent_id(sub, key), now + LONGEST_ACCESS)


def _decoded(text: str | None) -> bytes:
    """The bytes of a base64 text, with or without its padding; ValueError."""
    if text is None:
        raise ValueError("nothing is given")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _spent_id(sub: str, key: str) -> str:
    return f"{sub}/{key}"


def _binding(pool_id: str, sub: str, key: str) -> bytes:
    return f"{pool_id}/{sub}/{key}".encode()
