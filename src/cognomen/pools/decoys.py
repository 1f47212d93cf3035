"""What the decoys of a pool have in common: what there is of them before anybody's name is typed (users/decoys.py).

It is a part of the pool's configuration, so that a request about a name that nobody has finds it ready, as it finds a user's row.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct, field

from cognomen.challenge_names import SMS_OTP
from cognomen.crypto import powers, sealing
from cognomen.pools import turned_on
from cognomen.store.user_pools import UserPool

_ALWAYS, _HALF, _NEVER = 256, 128, 0


class Kind(Struct, frozen=True):
    """`addresses` are the attributes that a decoy may have, each with how many of 256 have it.

    `by_address`: users are called by an address, and shown by their sub. `aliases` are what they may be called by besides a user
    name. `verifier` is what their passwords are checked with, which nobody knows; `sealed` is the same as a user's would lie in
    the store, by the id of the master key that it is sealed with.
    """

    addresses: tuple[tuple[str, int], ...]
    by_address: bool
    aliases: tuple[str, ...]
    verifier: bytes
    sealed: dict[str, bytes] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Kind()"  # the default would tell the verifier


def kind_of(pool: UserPool, decoy_key: bytes) -> Kind:
    """Nobody has a phone number by chance where the pool has no use for one."""
    required = {attribute.name for attribute in pool.schema if attribute.required}
    frequent = {"email": _HALF, "phone_number": _HALF if _sends_sms(pool) else _NEVER}
    return Kind(
        addresses=tuple((name, _ALWAYS if name in required else chance) for name, chance in frequent.items()),
        by_address=bool(pool.settings.username_attributes),
        aliases=pool.settings.alias_attributes or (),
        verifier=_verifier(decoy_key),
    )


def _verifier(decoy_key: bytes) -> bytes:
    """A number of SRP's group, whose modulus begins with a set bit.

    That it is no square, as half of such numbers are not and a power of 2 is, tells nothing: what a client gets has it multiplied and
    added to a random power, and only who knows the one finds the other.
    """
    drawn = hashlib.shake_256(sealing.mac(decoy_key, "decoy verifier")).digest(powers.WIDTH)
    return bytes([drawn[0] & 0x7F]) + drawn[1:]


def _sends_sms(pool: UserPool) -> bool:
    return SMS_OTP in turned_on.first_factors(pool.settings) or turned_on.sends_sms(pool.settings)
