"""On which device a sign-in is, if on one that its user has remembered: its requests name it (DEVICE_KEY).

    named_in        the turn with the device that its request names, or an earlier one has named
    is_new          whether it is on none that is remembered
    wait            an attempt waits in a row for its device, which brings no Session
    waiting_for     the attempt that waits for a device

The device counts once it has proven itself (challenges/device_srp_auth.py, device_password_verifier.py). A key that the user has no
device of is told at once, before anything is spent: clients then forget the key and send the same answer again. One that is
confirmed but not remembered is as good as none (developer guide, "Working with user devices").
"""

from __future__ import annotations

from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import OF_DEVICES
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in import waiting
from cognomen.sign_in.attempt import Attempt
from cognomen.sign_in.turn import Turn
from cognomen.store import devices as stored
from cognomen.users import decoys, devices, lookup, names


async def named_in(turn: Turn) -> Turn:
    """Reads nothing unless the pool tracks devices. Raises DEVICE_NOT_FOUND."""
    call, attempt = turn.call, turn.attempt
    if not devices.are_tracked(call.pool):
        return turn
    # What a device has begun to prove it proves of itself alone.
    named = None if attempt.challenge in OF_DEVICES else turn.given.get("DEVICE_KEY")
    key = named or attempt.device_key
    if not key:
        return turn
    device = await call.store.read(stored.by_key, call.pool.id, turn.user.sub, key)
    if device is None and (named or attempt.challenge in OF_DEVICES):
        raise errors.DEVICE_NOT_FOUND()
    remembered = device if device is not None and device.remembered else None
    on_device = attempts.on_device(attempt, remembered.key if remembered else "")
    return replace(turn, device=remembered, attempt=on_device)


def is_new(turn: Turn) -> bool:
    """Whether the user has remembered no such device, where devices are tracked."""
    return turn.device is None and devices.are_tracked(turn.call.pool)


async def wait(call: Call, attempt: Attempt) -> None:
    """Let the attempt wait for the device that it is on; one that waited for it is forgotten."""
    await waiting.put(call, _row(call, attempt.sub, attempt.device_key), attempt)


async def waiting_for(call: Call, typed: str, key: str) -> Attempt:
    """The attempt of the user called `typed` that waits for its device. Raises SESSION_INVALID, SESSION_EXPIRED.

    None waits for a decoy, but it is looked for all the same.
    """
    user = await lookup.at_sign_in(call, typed) or decoys.decoy(call, names.key(call.pool, typed))
    return await waiting.get(call, _row(call, user.sub, key))


def _row(call: Call, sub: str, key: str) -> str:
    return f"device/{call.client.id}/{sub}/{key}"
