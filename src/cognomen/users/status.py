"""The states of a user, and the moves between them.

    SignUp                                      -> UNCONFIRMED
    AdminCreateUser                             -> FORCE_CHANGE_PASSWORD, or CONFIRMED where no password is set
    confirmed, or a password of one's own       -> CONFIRMED
    AdminSetUserPassword, not permanent         -> FORCE_CHANGE_PASSWORD
    AdminResetUserPassword, import              -> RESET_REQUIRED
    federated sign-in                           -> EXTERNAL_PROVIDER

Whether a user is enabled is apart from its state. Every move ends the sign-ins under way.
"""

from __future__ import annotations

from msgspec.structs import replace

from cognomen.clock import SECOND
from cognomen.store.users import User

UNCONFIRMED = "UNCONFIRMED"
CONFIRMED = "CONFIRMED"
FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"
RESET_REQUIRED = "RESET_REQUIRED"
EXTERNAL_PROVIDER = "EXTERNAL_PROVIDER"

ALL = (UNCONFIRMED, CONFIRMED, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, EXTERNAL_PROVIDER)

CLOCKS_APART = 5 * SECOND
"""By how much the clocks of two nodes may differ."""


def moved(user: User, status: str, now: int) -> User:
    """The user in another state; unchanged when it is in that state."""
    if user.status == status:
        return user
    return replace(user, status=status, credential_version=user.credential_version + 1, modified_at=now)


def enabled(user: User, now: int) -> User:
    """The user may sign in again; its former tokens stay revoked."""
    if user.enabled:
        return user
    return replace(user, enabled=True, credential_version=user.credential_version + 1, modified_at=now)


def disabled(user: User, now: int) -> User:
    """The user can no longer sign in, and all its tokens are revoked (AdminDisableUser in the API reference)."""
    if not user.enabled:
        return user
    return replace(
        user,
        enabled=False,
        signed_out_at=signed_out(user, now).signed_out_at,
        credential_version=user.credential_version + 1,
        modified_at=now,
    )


def signed_out(user: User, now: int) -> User:
    """All tokens of the user are revoked, also those of a sign-in on a node whose clock is a little ahead.

    A sign-in that comes after counts from the next millisecond on (tokens/minting.py), so nobody is kept waiting.
    """
    return replace(user, signed_out_at=max(now + CLOCKS_APART, user.signed_out_at + 1))
