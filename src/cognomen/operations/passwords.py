"""Passwords, set by an administrator or changed by the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.operations.registry import operation
from cognomen.store import users
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import lockout, passwords, rows, status
from cognomen.users.lockout import Quota
from cognomen.users.passwords import Password

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminSetUserPasswordRequestTypeDef,
        ChangePasswordRequestTypeDef,
    )

# Quota of ChangePassword (developer guide, "Quotas").
QUOTA = Quota("change-password", an_hour=5)


@operation("AdminSetUserPassword")
async def admin_set_user_password(call: Call, request: AdminSetUserPasswordRequestTypeDef) -> None:
    """Works for a user in any state; a federated user can then sign in here as well (API reference)."""
    new_status = status.CONFIRMED if request.get("Permanent") else status.FORCE_CHANGE_PASSWORD
    user: User | None = call.user
    while user is not None:
        if await _set(call, user, request["Password"], new_status):
            return
        # Another change came first, so the password was compared with what no longer is: look again.
        user = await call.store.read(users.by_sub, call.pool.id, user.sub)
    raise errors.USER_NOT_FOUND()


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
    if not await _set(call, user, request["ProposedPassword"], user.status):
        # The previous password was another's since it was proven.
        raise errors.INCORRECT_USERNAME_OR_PASSWORD()


async def _prove(call: Call, previous: str) -> None:
    """Refuse a wrong password. It counts towards the lock-out, and only so many may be tried in an hour."""
    right = await lockout.prove(
        call,
        lockout.key_of_user(call, call.user.sub),
        lambda: passwords.is_right(call.vault, call.user, previous),
        locked=errors.ATTEMPT_LIMIT_EXCEEDED,
        quota=QUOTA,
    )
    if not right:
        raise errors.INCORRECT_USERNAME_OR_PASSWORD()


async def _set(call: Call, user: User, password: str, new_status: str) -> bool:
    """Whether `password` is in the place of the one that `user` has; False when the credentials have changed since."""
    violation = passwords.violation(call.pool.settings.policies.password_policy, password)
    if violation is not None:
        raise errors.PASSWORD_UNLIKE_POLICY(violation=violation)
    await passwords.refuse_former(call.store, call.vault, call.pool, user, password)
    kept = passwords.make(call.vault, user, password)
    return await rows.write(call.store, _replace, call, user, kept, new_status)


def _replace(db: Db, call: Call, seen: User, kept: Password, new_status: str) -> bool:
    replaced = False

    def edit(user: User) -> User:
        nonlocal replaced
        if user.credential_version != seen.credential_version:
            return user
        replaced = True
        passwords.remember(db, call.pool, user, call.now)
        return status.moved(passwords.put(user, kept, call.now), new_status, call.now)

    rows.change(db, call.pool, seen.sub, edit, taken=_alias_exists_elsewhere)
    return replaced


def _alias_exists_elsewhere(kind: str) -> Refusal:
    """A federated user's addresses become names of its own with its first password, unless another has them."""
    return errors.ALIAS_EXISTS_ELSEWHERE(attribute=kind)
