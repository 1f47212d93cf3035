"""On which device a sign-in is, if on one that its user has remembered: its requests name it (DEVICE_KEY).

    named_in        the turn with the device that its request names, or an earlier one has named
    is_new          whether it is on none that is remembered
    id_of_row       under what an attempt waits for its device, which brings no Session

The device counts once it has proven itself (challenges/device_srp_auth.py, device_password_verifier.py). A key that the user has no
device of is told at once, before anything is spent: clients then forget the key and send the same answer again. One that is
confirmed but not remembered is as good as none (developer guide, "Working with user devices").
"""

from __future__ import annotations

from dataclasses import replace

from cognomen import errors
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in.attempt import Attempt
from cognomen.sign_in.turn import Turn
from cognomen.store import devices as stored
from cognomen.users import devices

SRP_AUTH = "DEVICE_SRP_AUTH"
VERIFIER = "DEVICE_PASSWORD_VERIFIER"
_OF_DEVICES = frozenset({SRP_AUTH, VERIFIER})


async def named_in(turn: Turn) -> Turn:
    """Reads nothing unless the pool tracks devices. Raises DEVICE_NOT_FOUND."""
    call, attempt = turn.call, turn.attempt
    if not devices.are_tracked(call.pool):
        return turn
    # What a device has begun to prove it proves of itself alone.
    named = None if attempt.challenge in _OF_DEVICES else turn.given.get("DEVICE_KEY")
    key = named or attempt.device_key
    if not key:
        return turn
    device = await call.store.read(stored.by_key, call.pool.id, turn.user.sub, key)
    if device is None and (named or attempt.challenge in _OF_DEVICES):
        raise errors.DEVICE_NOT_FOUND()
    remembered = device if device is not None and device.remembered else None
    return replace(turn, device=remembered, attempt=_on(attempt, remembered.key if remembered else ""))


def is_new(turn: Turn) -> bool:
    """Whether the user has remembered no such device, where devices are tracked."""
    return turn.device is None and devices.are_tracked(turn.call.pool)


def _on(attempt: Attempt, key: str) -> Attempt:
    """The attempt on this device; another one has not proven what was proven of the one before."""
    if key == attempt.device_key:
        return attempt
    proven = tuple(challenge for challenge in attempt.proven if challenge not in _OF_DEVICES)
    return attempts.on_device(attempt, key, proven)


def id_of_row(client_id: str, sub: str, key: str) -> str:
    return f"device/{client_id}/{sub}/{key}"
