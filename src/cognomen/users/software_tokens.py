"""Software tokens: apps that show codes. How the secret that a user shares with one is kept, and when it counts.

    associated      a new secret, which counts once the app has shown a code of it; the one before counts until then
    new_secret      that secret
    verified        from now on it is the user's
    secret          the one that counts
    without         none any more
    right, spend    whether a code is right, and that it is used once

Developer guide, "TOTP software token MFA". Which codes are right is crypto/totp.py's.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from cognomen import clock
from cognomen.clock import MINUTE
from cognomen.crypto import totp
from cognomen.master_key.vault import Vault
from cognomen.store import spent
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import passwords

PURPOSE = "totp-secret"
_USED = "totp"
"""The kind of a used code's row among what is spent once."""


@dataclass(frozen=True, slots=True)
class Code:
    """A right code: what tells it from others, and when it is wrong in any case."""

    mark: str
    expires_at: int


def associated(vault: Vault, user: User, now: int) -> User:
    """The user with a new secret, in place of any other that has not counted yet."""
    sealed = vault.seal(PURPOSE, clock.random_bytes(totp.SECRET_BYTES), passwords.binding(user))
    return replace(user, sealed_new_totp_secret=sealed, modified_at=now)


def verified(user: User, name: str | None, now: int) -> User:
    """The user whose new secret counts; `name` is what the client calls the device. Sign-ins under way end."""
    return replace(
        user,
        factors=replace(user.factors, totp_name=name),
        sealed_totp_secret=user.sealed_new_totp_secret,
        sealed_new_totp_secret=None,
        credential_version=user.credential_version + 1,
        modified_at=now,
    )


def without(user: User, now: int) -> User:
    """The user without any secret; unchanged when it has none. Sign-ins under way end."""
    if user.sealed_totp_secret is None and user.sealed_new_totp_secret is None:
        return user
    return replace(
        user,
        factors=replace(user.factors, totp_name=None),
        sealed_totp_secret=None,
        sealed_new_totp_secret=None,
        credential_version=user.credential_version + 1,
        modified_at=now,
    )


def secret(vault: Vault, user: User) -> bytes | None:
    """The secret whose codes are right."""
    return _opened(vault, user, user.sealed_totp_secret)


def new_secret(vault: Vault, user: User) -> bytes | None:
    """The secret that counts once a code of it was shown."""
    return _opened(vault, user, user.sealed_new_totp_secret)


def right(secret: bytes | None, given: str, now: int) -> Code | None:
    """The code that `given` is, for `spend`; None for a wrong one, and where there is no secret."""
    step = None if secret is None else totp.step_of(secret, given, now)
    if secret is None or step is None:
        return None
    accepted_until = (step + totp.STEPS_APART + 1) * totp.STEP
    return Code(totp.mark(secret, step), accepted_until + MINUTE)  # the clocks of nodes differ


def spend(db: Db, user: User, code: Code) -> bool:
    """True for the first who comes with a code of the user, False for everyone after."""
    return spent.spend(db, user.pool_id, _USED, f"{user.sub}/{code.mark}", code.expires_at)


def _opened(vault: Vault, user: User, sealed: bytes | None) -> bytes | None:
    return None if sealed is None else vault.unseal(PURPOSE, sealed, passwords.binding(user))
