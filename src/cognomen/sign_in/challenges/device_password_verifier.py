"""DEVICE_PASSWORD_VERIFIER: the device proves that it has the secret of the device that was confirmed (SRP, handshake.py).

As with PASSWORD_VERIFIER, but the device group key stands for the pool's name and the device key for the user's.
"""

from __future__ import annotations

from functools import partial

from cognomen import errors
from cognomen.sign_in import handshake
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong
from cognomen.store import devices as stored
from cognomen.store.database import Db
from cognomen.store.devices import Device
from cognomen.users import devices


async def ask(turn: Turn) -> Question:
    """SRP_B and the salt; raises INVALID_SRP_A."""
    device = _device(turn)
    verifier = devices.verifier_of(turn.call.vault, turn.call.pool.id, device)
    parameters, kept = handshake.begin(turn, device.salt, verifier)
    return Question(parameters | {"USERNAME": turn.user.username, "DEVICE_KEY": device.key}, kept=kept)


async def check(turn: Turn) -> Proven | Wrong:
    device = _device(turn)
    named = turn.required("DEVICE_KEY")
    verifier = devices.verifier_of(turn.call.vault, turn.call.pool.id, device)
    group_key = devices.group_key_of(device, turn.call.configuration.decoy_key)
    if handshake.is_signed(turn, verifier, group_key, device.key) and named == device.key:
        return Proven(partial(_note, turn=turn, device=device))
    return Wrong(errors.INCORRECT_USERNAME_OR_PASSWORD())


CHALLENGE = Challenge(
    ask=ask, check=check, failures=devices.FAILURES, one_answer=True, carrier=handshake.CARRIER
)


def _note(db: Db, turn: Turn, device: Device) -> None:
    """When and from where somebody signed in with the device, if it is still remembered."""
    call = turn.call
    if not stored.sign_in(db, call.pool.id, device.sub, device.key, call.now, call.client_ip):
        raise errors.DEVICE_NOT_FOUND()


def _device(turn: Turn) -> Device:
    if turn.device is None:
        raise AssertionError("next_step asks nobody for a device who has none")
    return turn.device
