"""Passwords, set by an administrator or changed by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import HOUR
from cognomen.operations.registry import operation
from cognomen.store import failures
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import lockout, passwords, rows, status
from cognomen.users.passwords import Password

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminSetUserPasswordRequestTypeDef,
        ChangePasswordRequestTypeDef,
    )

KIND = "change-password"
WRONG_IN_AN_HOUR = 5  # quota of ChangePassword (developer guide, "Quotas")


@operation("AdminSetUserPassword")
async def admin_set_user_password(call: Call, request: AdminSetUserPasswordRequestTypeDef) -> None:
    """Works for a user in any state; a federated user can then sign in here as well (API reference)."""
    new_status = status.CONFIRMED if request.get("Permanent") else status.FORCE_CHANGE_PASSWORD
    await _set(call, request["Password"], new_status)


@operation("ChangePassword")
async def change_password(call: Call, request: ChangePasswordRequestTypeDef) -> None:
    """A user without a password sets the first one without the previous (PreviousPassword is optional)."""
    user = call.user
    if user.status == status.RESET_REQUIRED:
        raise errors.PASSWORD_RESET_REQUIRED()
    previous = request.get("PreviousPassword")
    is_first = user.sealed_verifier is None and user.status != status.EXTERNAL_PROVIDER
    if previous is not None or not is_first:
        await _prove(call, previous or "")
    await _set(call, request["ProposedPassword"], user.status, known_version=user.credential_version)


async def _prove(call: Call, previous: str) -> None:
    """Refuse a wrong password. It counts towards the lock-out, and only so many may be tried in an hour."""
    key = lockout.key_of_user(call, call.user.sub)
    hour = call.now // HOUR
    id = f"{key}/{hour}"
    tried = await call.store.read(failures.by_id, call.pool.id, KIND, id)
    if tried is not None and tried.count >= WRONG_IN_AN_HOUR:
        raise errors.ATTEMPT_LIMIT_EXCEEDED()
    right = await lockout.prove(
        call,
        key,
        lambda: passwords.is_right(call.vault, call.user, previous),
        locked=errors.ATTEMPT_LIMIT_EXCEEDED,
    )
    if not right:
        await call.store.write(failures.add, call.pool.id, KIND, id, call.now, (hour + 1) * HOUR)
        raise errors.INCORRECT_USERNAME_OR_PASSWORD()


async def _set(call: Call, password: str, new_status: str, known_version: int | None = None) -> None:
    violation = passwords.violation(call.pool.settings.policies.password_policy, password)
    if violation is not None:
        raise errors.PASSWORD_UNLIKE_POLICY(violation=violation)
    kept = passwords.make(call.vault, call.user, password)
    await rows.write(call.store, _replace, call, password, kept, new_status, known_version)


def _replace(
    db: Db, call: Call, password: str, kept: Password, new_status: str, known_version: int | None
) -> None:
    """The new password in the place of the present one; `known_version` is that of the credentials just proven."""

    def edit(user: User) -> User:
        if known_version not in (None, user.credential_version):
            raise errors.INCORRECT_USERNAME_OR_PASSWORD()
        passwords.refuse_former(db, call.vault, call.pool, user, password)
        passwords.remember(db, call.pool, user, call.now)
        return status.moved(passwords.put(user, kept, call.now), new_status, call.now)

    rows.change(db, call.pool, call.user.sub, edit)
