"""Software tokens: apps that show codes. How the secret that a user shares with one is kept, and when it counts.

    associated      a new secret, which counts once the app has shown a code of it; the one before counts until then
    new_secret      that secret
    verified        from now on it is the user's
    secret          the one that counts
    without         none any more

Developer guide, "TOTP software token MFA". Which codes are right is crypto/totp.py's.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from cognomen import clock
from cognomen.crypto import totp
from cognomen.master_key.vault import Vault
from cognomen.store.users import User

PURPOSE = "totp-secret"


def associated(vault: Vault, user: User, now: int) -> User:
    """The user with a new secret, in place of any other that has not counted yet."""
    sealed = vault.seal(PURPOSE, clock.random_bytes(totp.SECRET_BYTES), _binding(user))
    return replace(user, sealed_new_totp_secret=sealed, modified_at=now)


def verified(user: User, name: str | None, now: int) -> User:
    """The user whose new secret counts; `name` is what the client calls the device. Sign-ins under way end."""
    return replace(
        user,
        factors=msgspec.structs.replace(user.factors, totp_name=name),
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
        factors=msgspec.structs.replace(user.factors, totp_name=None),
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


def _opened(vault: Vault, user: User, sealed: bytes | None) -> bytes | None:
    return None if sealed is None else vault.unseal(PURPOSE, sealed, _binding(user))


def _binding(user: User) -> bytes:
    return f"{user.pool_id}/{user.sub}".encode()
