"""Passkeys of users: for whom they are made, how many there may be, and the challenge that one is registered with.

    relying_party       the domain that passkeys of the pool are for
    are_allowed         whether the pool takes them
    has_any             whether a user has one
    verify_users        whether the authenticator must verify the user
    shown_name          what the browser's list calls the user
    new_challenge       a challenge that says by itself whose it is and until when
    open_challenge      the same, come back
    name_of             what a passkey is called in a list

A challenge lies nowhere until it comes back: it is sealed, and bound to pool and user. What makes it count once is a row of
store/spent.py, written with the passkey.
"""

from __future__ import annotations

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.challenge_names import WEB_AUTHN
from cognomen.clock import MINUTE
from cognomen.crypto import sealing
from cognomen.crypto.sealing import CannotUnseal
from cognomen.pools import domains, turned_on
from cognomen.store import passkeys as stored
from cognomen.store.passkeys import Passkey
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import names

MAX = 20
"""Passkeys of a user (developer guide, "Passkey sign-in")."""

CHALLENGE = "passkey-challenge"
"""The purpose of a sealed challenge, and the kind of its row among what is spent once."""

CHALLENGE_LIFE = 5 * MINUTE

# github.com/passkeydeveloper/passkey-authenticator-aaguids, by the providers most people have. Cognito's own name for the
# first is the one of before 2024.
NAMES = {
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud Keychain",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain (Managed)",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "771b48fd-d3d4-4f74-9232-fc157ab0507a": "Edge on Mac",
    "b5397666-4885-aa6b-cebf-e52262a439a2": "Chromium Browser",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "d3452668-01fd-4c12-926c-83a4204853aa": "Microsoft Password Manager",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
    "b78a0a55-6ef8-d246-a042-ba0f6d55050c": "LastPass",
    "b84e4048-15dc-4dd0-8640-f4f60813c8af": "NordPass",
    "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
    "f3809540-7f14-49c1-a8b3-8f813b225541": "Enpass",
    "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
    "eaecdef2-1c31-5634-8639-f1cbd9c00a08": "KeePassDX",
}
NAME_OF_OTHERS = "Passkey"


class Challenge(msgspec.Struct, frozen=True, array_like=True):
    """What a challenge of a registration says: its id, the client it was asked by, the moment it expires."""

    id: str
    client_id: str
    expires_at: int


_decoder = msgspec.msgpack.Decoder(Challenge)


def are_allowed(pool: UserPool) -> bool:
    return WEB_AUTHN in turned_on.first_factors(pool.settings)


def verify_users(pool: UserPool) -> bool:
    """Where a passkey stands for two factors it must (API reference, WebAuthnConfigurationType)."""
    configured = pool.settings.web_authn_configuration or {}
    return configured.get("UserVerification") == "required" or turned_on.passkeys_stand_for_mfa(pool.settings)


def relying_party(call: Call) -> str | None:
    """The configured domain, else the host of the pool's pages; None where there is none, or passkeys are not taken."""
    if not are_allowed(call.pool):
        return None
    configured: str | None = (call.pool.settings.web_authn_configuration or {}).get("RelyingPartyId")
    return configured or domains.public_host(call.settings, call.configuration.domains)


async def has_any(call: Call, sub: str, relying_party: str | None) -> bool:
    """Whether the user has one that counts for the relying party."""
    return relying_party is not None and await call.store.read(
        stored.has_any, call.pool.id, sub, relying_party
    )


def shown_name(pool: UserPool, user: User) -> str:
    """What a person knows of itself: the user name, unless that was made up, and then what they sign in with."""
    kinds = pool.settings.username_attributes
    if not kinds and not names.is_sub(user.username):
        return user.username
    known = (*(kinds or ()), names.EMAIL, names.PHONE_NUMBER, names.PREFERRED_USERNAME)
    return next((value for kind in known if (value := user.attributes.get(kind))), user.username)


def new_challenge(call: Call) -> bytes:
    """A challenge for call.user, who registers a passkey by call.client."""
    told = Challenge(clock.uuid4(), call.client.id, call.now + CHALLENGE_LIFE)
    return call.vault.seal(CHALLENGE, msgspec.msgpack.encode(told), _binding(call))


def open_challenge(call: Call, challenge: bytes) -> Challenge:
    """Raises PASSKEY_CHALLENGE_NOT_FOUND for one that is expired or was not made for call.user, PASSKEY_CLIENT_MISMATCH."""
    try:
        told = _decoder.decode(call.vault.unseal(CHALLENGE, challenge, _binding(call)))
    except (CannotUnseal, msgspec.DecodeError):  # the latter: of another release, which sealed other members
        raise errors.PASSKEY_CHALLENGE_NOT_FOUND() from None
    if told.expires_at <= call.now:
        raise errors.PASSKEY_CHALLENGE_NOT_FOUND()
    if told.client_id != call.client.id:
        raise errors.PASSKEY_CLIENT_MISMATCH()
    return told


def name_of(passkey: Passkey) -> str:
    return NAMES.get(passkey.aaguid, NAME_OF_OTHERS)


def _binding(call: Call) -> bytes:
    return sealing.joined(call.pool.id.encode(), call.user.sub.encode())
