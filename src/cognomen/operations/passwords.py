"""Passwords: set by an administrator, changed by the user, and replaced with a code when they are forgotten."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.messages import code_delivery, compose
from cognomen.messages.code_delivery import Delivery
from cognomen.messages.courier import Queued
from cognomen.operations import secret_hashes
from cognomen.operations.registry import operation
from cognomen.pools import app_clients
from cognomen.risk import compromised, events, history
from cognomen.sign_in import migration
from cognomen.store import users
from cognomen.store.codes import Code
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.triggers import sign_up
from cognomen.users import codes, foreign_passwords, lockout, names, passwords, recovery, rows, status
from cognomen.users.codes import Holder
from cognomen.users.lockout import Quota
from cognomen.users.passwords import Password

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminResetUserPasswordRequestTypeDef,
        AdminSetUserPasswordRequestTypeDef,
        ChangePasswordRequestTypeDef,
        ConfirmForgotPasswordRequestTypeDef,
        ForgotPasswordRequestTypeDef,
    )

# Quota of ChangePassword (developer guide, "Quotas").
QUOTA = Quota("change-password", an_hour=5)

# Whoever has only a temporary password, or one elsewhere, has forgotten none of this pool.
_NEVER_FORGOTTEN = frozenset({status.FORCE_CHANGE_PASSWORD, status.EXTERNAL_PROVIDER})
_RESET_BY_ADMIN = frozenset({status.CONFIRMED, status.RESET_REQUIRED})


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
    previous = request.get("PreviousPassword")
    is_first = not passwords.is_set(user) and user.status != status.EXTERNAL_PROVIDER
    if previous is not None or not is_first:
        user = await _prove(call, previous or "")
    if not await _set(call, user, request["ProposedPassword"], user.status, is_users=True):
        # The previous password was another's since it was proven.
        raise errors.INCORRECT_USERNAME_OR_PASSWORD()


@operation("ForgotPassword")
async def forgot_password(call: Call, request: ForgotPasswordRequestTypeDef) -> dict[str, Any]:
    """A code to the address that the pool prefers of those that the user has verified."""
    secret_hashes.check_member(call, request)
    if recovery.is_by_admin_only(call.pool):
        raise errors.CONTACT_ADMINISTRATOR()
    await migration.at_forgot_password(
        call, request["Username"], client_metadata=request.get("ClientMetadata")
    )
    holder = await codes.holder(call, request["Username"])
    await codes.refuse_beyond(call, holder, codes.FORGOT_QUOTA)
    delivery = await _forgotten(call, holder, request.get("ClientMetadata"))
    if delivery is None:
        delivery = code_delivery.to_nobody(
            call, holder, codes.FORGOT_PASSWORD, compose.FORGOT_PASSWORD, recovery.attributes(call.pool)
        )
    queued = await call.store.write(_queue, call, delivery, holder)
    await code_delivery.carry(call, queued, tells=not app_clients.hides_unknown_users(call.client))
    return {"CodeDeliveryDetails": code_delivery.details(delivery)}


@operation("ConfirmForgotPassword")
async def confirm_forgot_password(call: Call, request: ConfirmForgotPasswordRequestTypeDef) -> None:
    """The password is compared with former ones, and looked for among those that have leaked, only once the code has turned out to be right."""
    secret_hashes.check_member(call, request)
    passwords.refuse_unlike_policy(call.pool, request["Password"])
    holder = await codes.holder(call, request["Username"])
    code = await lockout.counted(
        call,
        functools.partial(
            codes.attempt,
            call=call,
            holder=holder,
            purpose=codes.FORGOT_PASSWORD,
            given=request["ConfirmationCode"],
        ),
        functools.partial(_record_tried, call=call, holder=holder),
    )
    if isinstance(code, Refusal):
        raise code
    if holder.user is None:
        raise errors.CODE_MISMATCH()
    has_leaked = await compromised.refuse_changed(call, holder.sub, request["Password"])
    await passwords.refuse_former(call.store, call.vault, call.pool, holder.user, request["Password"])
    kept = passwords.make(call.vault, holder.user, request["Password"])
    await rows.write(
        call.store, _replace_forgotten, call, holder, holder.user, code, kept, has_leaked=has_leaked
    )
    # The new password counts, whatever comes of this.
    await sign_up.tell(
        call,
        "PostConfirmation_ConfirmForgotPassword",
        holder.sub,
        client_metadata=request.get("ClientMetadata"),
    )


@operation("AdminResetUserPassword")
async def admin_reset_user_password(call: Call, request: AdminResetUserPasswordRequestTypeDef) -> None:
    """The password is gone, and the user sets another one with the code that this sends."""
    _refuse_reset(call.user)
    attribute = recovery.attribute_of(call.pool, call.user)
    if attribute is None:
        raise errors.NOTHING_VERIFIED()
    await codes.refuse_beyond(call, codes.of_user(call, call.user), codes.RESET_QUOTA)
    delivery = await code_delivery.to_user(
        call,
        call.user,
        codes.FORGOT_PASSWORD,
        compose.FORGOT_PASSWORD,
        attribute,
        client_metadata=request.get("ClientMetadata"),
    )
    queued = await rows.write(call.store, _reset, call, delivery)
    await code_delivery.carry(call, queued, tells=False)


async def _prove(call: Call, previous: str) -> User:
    """Refuse a wrong password. It counts towards the lock-out, and only so many may be tried in an hour.

    The user, with a verifier where the password was known in another way until now.
    """
    user = call.user

    async def proof() -> bool:
        if passwords.is_right(call.vault, user, previous):
            return True
        return await foreign_passwords.is_right(call, user, previous)

    right = await lockout.prove(
        call,
        lockout.key_of_user(call, user.sub),
        proof,
        locked=errors.ATTEMPT_LIMIT_EXCEEDED,
        quota=QUOTA,
        beside=functools.partial(_record_wrong, call=call),
    )
    if not right:
        raise errors.INCORRECT_USERNAME_OR_PASSWORD()
    if user.sealed_foreign_password is None:
        return user
    kept = passwords.make(call.vault, user, previous)
    return await rows.write(call.store, foreign_passwords.learn, call, user, kept)


def _record_wrong(db: Db, call: Call) -> None:
    reason = errors.INCORRECT_USERNAME_OR_PASSWORD().message
    history.of_call(db, call, call.user.sub, events.PASSWORD_CHANGE, events.FAIL, reason=reason)


async def _set(call: Call, user: User, password: str, new_status: str, *, is_users: bool = False) -> bool:
    """Whether `password` is in the place of the one that `user` has; False when the credentials have changed since.

    `is_users`: the user sets it, and an administrator does not.
    """
    passwords.refuse_unlike_policy(call.pool, password)
    has_leaked = is_users and await compromised.refuse_changed(call, user.sub, password)
    await passwords.refuse_former(call.store, call.vault, call.pool, user, password)
    kept = passwords.make(call.vault, user, password)
    try:
        await rows.write(
            call.store, _replace, call, user, kept, new_status, is_users=is_users, has_leaked=has_leaked
        )
    except _CredentialsChanged:
        return False
    return True


class _CredentialsChanged(Exception):  # noqa: N818  a fact about the user, found in a transaction that is then undone
    """Another change came first."""


def _replace(
    db: Db, call: Call, seen: User, kept: Password, new_status: str, *, is_users: bool, has_leaked: bool
) -> None:
    """Raises _CredentialsChanged where `seen` is no more: a code that was asked for since is then as good as before."""

    def edit(user: User) -> User:
        if user.credential_version != seen.credential_version:
            raise _CredentialsChanged
        passwords.remember(db, call.pool, user, call.now)
        return status.moved(passwords.put(user, kept, call.now), new_status, call.now)

    codes.void_recovery(db, call, seen.sub)
    rows.change(db, call.pool, seen.sub, edit, taken=_alias_exists_elsewhere)
    if is_users:
        history.of_call(db, call, seen.sub, events.PASSWORD_CHANGE, events.PASS, compromised=has_leaked)


def _alias_exists_elsewhere(kind: str) -> Refusal:
    """A federated user's addresses become names of its own with its first password, unless another has them."""
    return errors.ALIAS_EXISTS_ELSEWHERE(attribute=kind)


# -- forgotten ones ---------------------------------------------------------------------------------------------------


async def _forgotten(
    call: Call, holder: Holder, client_metadata: Mapping[str, str] | None
) -> Delivery | None:
    """The code for a user; None for nobody, and where saying why there is none would tell that the user exists."""
    user = holder.user
    if user is None:
        return None
    may_forget = user.status not in _NEVER_FORGOTTEN
    attribute = recovery.attribute_of(call.pool, user)
    if may_forget and attribute is not None:
        return await code_delivery.to_user(
            call,
            user,
            codes.FORGOT_PASSWORD,
            compose.FORGOT_PASSWORD,
            attribute,
            client_metadata=client_metadata,
        )
    if app_clients.hides_unknown_users(call.client):
        return None
    raise errors.NOTHING_VERIFIED() if may_forget else errors.CANNOT_RESET()


def _queue(db: Db, call: Call, delivery: Delivery, holder: Holder) -> Queued:
    queued = code_delivery.queue_counted(db, call, delivery, holder, codes.FORGOT_QUOTA)
    history.of_holder(db, call, holder, events.FORGOT_PASSWORD, events.IN_PROGRESS)
    return queued


def _record_tried(db: Db, code: Code | Refusal, *, call: Call, holder: Holder) -> None:
    if isinstance(code, Refusal):
        history.of_holder(db, call, holder, events.PASSWORD_CHANGE, events.FAIL, reason=code.message)


def _replace_forgotten(
    db: Db, call: Call, holder: Holder, seen: User, code: Code, kept: Password, *, has_leaked: bool
) -> None:
    """Spend the code for the new password, which was compared with those that `seen` had. It ends the lock-out."""
    codes.spend(db, call, code)

    def edit(user: User) -> User:
        may_forget = user.status not in _NEVER_FORGOTTEN
        still_verified = user.attributes.get(names.VERIFIED[code.attribute]) == "true"
        unchanged = user.credential_version == seen.credential_version
        if not (may_forget and unchanged and still_verified and codes.is_current(code, user)):
            raise errors.CODE_EXPIRED()
        passwords.remember(db, call.pool, user, call.now)
        return status.moved(passwords.put(user, kept, call.now), status.CONFIRMED, call.now)

    rows.change(db, call.pool, seen.sub, edit)
    lockout.end(db, call.pool.id, holder.key, (lockout.PASSWORD,))
    history.of_holder(db, call, holder, events.PASSWORD_CHANGE, events.PASS, compromised=has_leaked)


def _reset(db: Db, call: Call, delivery: Delivery) -> Queued:
    def edit(user: User) -> User:
        _refuse_reset(user)
        return passwords.reset_required(db, call.pool, user, call.now)

    holder = codes.of_user(call, call.user)
    queued = code_delivery.queue_counted(db, call, delivery, holder, codes.RESET_QUOTA)
    rows.change(db, call.pool, delivery.code.sub, edit)
    return queued


def _refuse_reset(user: User) -> None:
    if user.status not in _RESET_BY_ADMIN:
        raise errors.CANNOT_RESET()
