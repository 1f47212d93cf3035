"""Users who do not exist, for pools that do not tell: a name that nobody has takes the same road as a user's.

What a decoy shows is derived from the pool's decoy key and the name, so it is the same each time, on every node, for
ever; and it is shaped like the pool's users (a typed name where users have names, a UUID where they have that).

What it cannot be like is a user who is found by an alias: it is shown by its user name, which may be anything, and SRP needs it.
There a decoy has a UUID (developer guide, "Managing user existence error responses").
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Mapping, Sequence

from cognomen.call import Call
from cognomen.crypto import base64url, powers, sealing, srp
from cognomen.crypto.passkeys import NOBODYS_KEY
from cognomen.pools import turned_on
from cognomen.store.passkeys import Passkey
from cognomen.store.users import User
from cognomen.users import names, status

# The first letters of addresses, the commonest oftener.
_LETTERS = "aaabbccddeefgghhiijjjjkklllmmmmnnoppqrrssssttuvwyz"

# What passkeys are kept in, the commonest oftener: how many bytes their ids have, and how they are reached.
_SYNCED, _SHORT = (20, ("hybrid", "internal")), (16, ("hybrid", "internal"))
_AUTHENTICATORS = (
    _SYNCED,
    _SYNCED,
    _SYNCED,
    _SHORT,
    _SHORT,
    (32, ("internal",)),
    (32, ("internal",)),
    (64, ("nfc", "usb")),
)
_LONGEST_ID = 64


def decoy(call: Call, typed: str, attributes: Mapping[str, str] | None = None) -> User:
    """The user whom `typed` would find in call.pool if there were one. No password is right for it."""
    folded = names.fold(call.pool, typed)
    of_sub, of_salt = _sub_and_salt(call, folded)
    sub = str(uuid.UUID(bytes=of_sub, version=4))
    return User(
        pool_id=call.pool.id,
        sub=sub,
        username=sub if _shows_sub(call, folded) else folded,
        status=status.CONFIRMED,
        enabled=True,
        attributes=dict(attributes or {}),
        salt=srp.new_salt(of_salt),
        sealed_verifier=None,
        password_set_at=0,
        credential_version=0,
        signed_out_at=0,
        created_at=0,
        modified_at=0,
        version=0,
    )


def salt(call: Call, typed: str) -> bytes:
    """A decoy's salt."""
    _, of_salt = _sub_and_salt(call, names.fold(call.pool, typed))
    return srp.new_salt(of_salt)


def verifier(call: Call, typed: str) -> bytes:
    """A decoy's SRP verifier: a number of the group (a square, as real ones are) whose password nobody knows."""
    seed = _derived(call, "verifier", names.fold(call.pool, typed))
    number = int.from_bytes(hashlib.shake_256(seed).digest(powers.WIDTH))
    return powers.product(number, number).to_bytes(powers.WIDTH)


def address(call: Call, typed: str, attributes: Sequence[str]) -> tuple[str, str]:
    """The attribute and address that a code for `typed` would go to: what is shown of such a user as `with_addresses` makes it.

    Of one without any it is an address of the kind that stands first in `attributes`.
    """
    folded = names.fold(call.pool, typed)
    derived = _derived(call, "address", folded)
    made_up = attributes[0], _made_up(attributes[0], derived)
    return shown(_addresses(call, folded, derived), attributes) or made_up


def shown(known: Mapping[str, str], attributes: Sequence[str]) -> tuple[str, str] | None:
    """The attribute and address of a user that are told: the first of these kinds, or one of another kind; None without any.

    A user's is told also where nothing may be sent to it: were another told instead, whoever asks twice would know.
    """
    others = (attribute for attribute in names.VERIFIED if attribute not in attributes)
    return next(
        ((attribute, known[attribute]) for attribute in (*attributes, *others) if known.get(attribute)), None
    )


def with_addresses(call: Call, typed: str) -> User:
    """`decoy` with the addresses that such a user would have: a typed one, what every user must have, and some others."""
    folded = names.fold(call.pool, typed)
    return decoy(call, typed, _addresses(call, folded, _derived(call, "address", folded)))


def _addresses(call: Call, folded: str, derived: bytes) -> dict[str, str]:
    """`derived` is of all of them, once, as in `decoy`. Nobody has a phone number by chance where the pool has no use for one."""
    required = {attribute.name for attribute in call.pool.schema if attribute.required}
    shaped = {names.EMAIL: names.is_email(folded), names.PHONE_NUMBER: names.is_phone_number(folded)}
    by_chance = {names.EMAIL: True, names.PHONE_NUMBER: _sends_sms(call)}
    return {
        attribute: folded if typed_here else _made_up(attribute, derived)
        for (attribute, typed_here), byte in zip(shaped.items(), derived[-2:], strict=True)
        if typed_here or attribute in required or (by_chance[attribute] and byte % 2 == 0)
    }


def _sends_sms(call: Call) -> bool:
    settings = call.pool.settings
    return "SMS_OTP" in turned_on.first_factors(settings) or turned_on.sends_sms(settings)


def _made_up(attribute: str, derived: bytes) -> str:
    """An address of a kind; of a phone number the first eight bytes are heard, of a mail address two."""
    if attribute == names.PHONE_NUMBER:
        return f"+1{int.from_bytes(derived[:8]) % 10**10:010}"
    local, domain = (_LETTERS[byte % len(_LETTERS)] for byte in derived[:2])
    return f"{local}@{domain}"


def has_passkey(call: Call, typed: str) -> bool:
    """Whether this name is the one of about four that has a passkey."""
    return _derived(call, "has passkey", names.fold(call.pool, typed))[0] % 4 == 0


def passkeys(call: Call, typed: str, relying_party: str) -> list[Passkey]:
    """The passkeys that such a user would have, mostly one; nobody has their private halves."""
    seed = _derived(call, "passkey", names.fold(call.pool, typed))
    byte = seed[-1]
    count = 1 + (byte % 4 == 0) + (byte % 16 == 0)
    drawn = io.BytesIO(hashlib.shake_256(seed).digest(count * (1 + _LONGEST_ID)))
    return [_passkey(drawn, relying_party) for _ in range(count)]


def _passkey(drawn: io.BytesIO, relying_party: str) -> Passkey:
    length, transports = _AUTHENTICATORS[drawn.read(1)[0] % len(_AUTHENTICATORS)]
    return Passkey(
        id=base64url.encode(drawn.read(length)),
        public_key=NOBODYS_KEY,
        counter=0,
        relying_party=relying_party,
        aaguid="",
        attachment="platform" if "internal" in transports else "cross-platform",
        transports=transports,
        created_at=0,
    )


def _shows_sub(call: Call, folded: str) -> bool:
    """Whether a user who is found by such a name would be shown by another one than was typed.

    That is so where user names are UUIDs, unless that was typed, and where an address is an alias: no user name looks like it there.
    """
    settings = call.pool.settings
    if settings.username_attributes:
        return not names.is_sub(folded)
    aliases = settings.alias_attributes or ()
    return (names.EMAIL in aliases and names.is_email(folded)) or (
        names.PHONE_NUMBER in aliases and names.is_phone_number(folded)
    )


def _sub_and_salt(call: Call, folded: str) -> tuple[bytes, bytes]:
    """16 bytes for each of the two, of one derivation: a decoy must not take longer than to read a user."""
    seed = _derived(call, "sub and salt", folded)
    return seed[: -srp.SALT_BYTES], seed[-srp.SALT_BYTES :]


def _derived(call: Call, what: str, folded: str) -> bytes:
    return sealing.mac(call.configuration.decoy_key, f"decoy {what}", folded.encode("utf-8", "surrogatepass"))
