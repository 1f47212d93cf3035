"""Users who do not exist, for pools that do not tell: a name that nobody has takes the same road as a user's.

What a decoy shows is derived from the pool's decoy key and the name, so it is the same each time, on every node, for
ever; and it is shaped like the pool's users (a typed name where users have names, a UUID where they have that).

It is made where a user's row would be read, of one derivation, in about the time that this takes, and goes with the request
from there. What a request needs of it besides is at hand: a verifier lies sealed as a user's does (pools/decoys.py).

What it cannot be like is a user who is found by an alias: it is shown by its user name, which may be anything, and SRP needs it.
There a decoy has a UUID (developer guide, "Managing user existence error responses").
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence

from cognomen import clock
from cognomen.call import Call
from cognomen.crypto import base64url, sealing, srp
from cognomen.crypto.passkeys import NOBODYS_KEY
from cognomen.pools.decoys import Kind
from cognomen.store.passkeys import Passkey
from cognomen.store.users import User
from cognomen.users import names, passwords, status

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

# How the 64 bytes are used that a name is derived to. What stands last is never shown, and other bytes follow from it.
_SUB, _SALT, _ADDRESS = slice(0, 16), slice(16, 32), slice(32, 42)
_HAS_ADDRESSES = slice(42, 44)
_HAS_PASSKEY, _PASSWORDS_ALONE = 44, 45
_SECRET = slice(48, 64)


_ALL = "decoys"


class Decoy(User, frozen=True):
    """`drawn` are the bytes that all of it follows from."""

    drawn: bytes = b""

    def __repr__(self) -> str:
        return f"Decoy({self.sub})"

    @property
    def sealed_for(self) -> str:
        """All decoys of a pool have one sealed verifier, which is bound to none of them."""
        return _ALL

    @property
    def has_passkey(self) -> bool:
        """So it is with one in about four."""
        return self.drawn[_HAS_PASSKEY] % 4 == 0

    @property
    def begins_with_passwords_alone(self) -> bool:
        """So it is with one in about four, whatever it has: as with users who were invited, or who have a second factor.

        The share is the same in all pools and whatever they set, or a name would change with a setting that changes no user.
        """
        return self.drawn[_PASSWORDS_ALONE] % 4 == 0


def decoy(call: Call, name: str) -> Decoy:
    """The user whom `name` would find in call.pool if there were one; `name` as rows hold it (`key` in names.py). No password is right for it.

    Its addresses are a typed one, what every user must have, and some others.
    """
    kind = call.configuration.decoys
    drawn = sealing.wide_mac(call.configuration.decoy_key, "decoy", name.encode("utf-8", "surrogatepass"))
    shape = _shape(name)
    sub = clock.uuid4_of(drawn[_SUB])
    shows_sub = not names.is_sub(name) if kind.by_address else shape in kind.aliases
    return Decoy(
        pool_id=call.pool.id,
        sub=sub,
        username=sub if shows_sub else name,
        status=status.CONFIRMED,
        enabled=True,
        attributes=_addresses(kind, name, shape, drawn),
        salt=srp.new_salt(drawn[_SALT]),
        sealed_verifier=_sealed_verifier(call, kind),
        password_set_at=0,
        credential_version=0,
        signed_out_at=0,
        created_at=0,
        modified_at=0,
        version=0,
        drawn=drawn,
    )


def verifier(decoy: Decoy, opened: bytes) -> bytes:
    """A decoy's SRP verifier, whose password nobody knows; `opened` is what was sealed, and the end of it is of the name."""
    secret = decoy.drawn[_SECRET]
    return opened[: -len(secret)] + secret


def address(decoy: Decoy, attributes: Sequence[str]) -> tuple[str, str]:
    """The attribute and address that a code for a decoy would go to: of one without any, one of the kind that stands first in `attributes`."""
    own = shown(decoy.attributes, attributes)
    return own or (attributes[0], _made_up(attributes[0], decoy.drawn[_ADDRESS]))


def shown(known: Mapping[str, str], attributes: Sequence[str]) -> tuple[str, str] | None:
    """The attribute and address of a user that are told: the first of these kinds, or one of another kind; None without any.

    A user's is told also where nothing may be sent to it: were another told instead, whoever asks twice would know.
    """
    others = (attribute for attribute in names.VERIFIED if attribute not in attributes)
    return next(
        ((attribute, known[attribute]) for attribute in (*attributes, *others) if known.get(attribute)), None
    )


def _shape(name: str) -> str:
    """What a name looks like. Whoever is found by an address that is an alias is called otherwise: no user name looks like it there."""
    if names.is_email(name):
        return names.EMAIL
    return names.PHONE_NUMBER if names.is_phone_number(name) else names.USERNAME


def _addresses(kind: Kind, name: str, shape: str, drawn: bytes) -> dict[str, str]:
    """Verified ones, as most users' are."""
    found = {}
    for (attribute, chance), byte in zip(kind.addresses, drawn[_HAS_ADDRESSES], strict=True):
        if attribute == shape or byte < chance:
            found[attribute] = name if attribute == shape else _made_up(attribute, drawn[_ADDRESS])
            found[names.VERIFIED[attribute]] = "true"
    return found


def _made_up(attribute: str, drawn: bytes) -> str:
    """An address of a kind; of a phone number the first eight bytes are heard, of a mail address two."""
    if attribute == names.PHONE_NUMBER:
        return f"+1{int.from_bytes(drawn[:8]) % 10**10:010}"
    return f"{_LETTERS[drawn[0] % len(_LETTERS)]}@{_LETTERS[drawn[1] % len(_LETTERS)]}"


def passkeys(decoy: Decoy, relying_party: str) -> list[Passkey]:
    """The passkeys that such a user would have, mostly one; nobody has their private halves."""
    drawn = io.BytesIO(hashlib.shake_256(decoy.drawn[_SECRET]).digest(1 + 3 * (1 + _LONGEST_ID)))
    byte = drawn.read(1)[0]
    count = 1 + (byte % 4 == 0) + (byte % 16 == 0)
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


def _sealed_verifier(call: Call, kind: Kind) -> bytes:
    """What a user's row would have, sealed with the present master key at its first use."""
    current = call.vault.keyring.current.id
    sealed = kind.sealed.get(current)
    if sealed is None:
        sealed = kind.sealed[current] = call.vault.seal(
            passwords.PURPOSE, kind.verifier, f"{call.pool.id}/{_ALL}".encode()
        )
    return sealed
