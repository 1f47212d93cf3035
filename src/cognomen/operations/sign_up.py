"""Users who make themselves, and how they are confirmed; those that an administrator makes are in users.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.messages import code_delivery, compose
from cognomen.messages.code_delivery import Delivery
from cognomen.messages.courier import Queued
from cognomen.operations import secret_hashes
from cognomen.operations.registry import operation
from cognomen.pools import app_clients, turned_on
from cognomen.risk import compromised, events, history
from cognomen.sign_in import after_sign_up
from cognomen.store.codes import Code
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.triggers import sign_up as triggers
from cognomen.users import attributes, codes, creation, names, passwords, rows, status
from cognomen.users.codes import Holder

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminConfirmSignUpRequestTypeDef,
        ConfirmSignUpRequestTypeDef,
        ResendConfirmationCodeRequestTypeDef,
        SignUpRequestTypeDef,
    )


@operation("SignUp")
async def sign_up(call: Call, request: SignUpRequestTypeDef) -> dict[str, Any]:
    """A new user, unconfirmed; one with an address that the pool verifies is sent a code.

    The user stays when the message cannot be delivered (developer guide), and can ask for another.
    """
    secret_hashes.check_member(call, request)
    if call.pool.settings.admin_create_user_config.allow_admin_create_user_only:
        raise errors.SIGN_UP_NOT_PERMITTED()
    user = _new_user(call, request)
    has_leaked = await compromised.refuse_at_sign_up(call, request.get("Password"))
    metadata = request.get("ClientMetadata")
    answer = await triggers.before(
        call,
        "PreSignUp_SignUp",
        user.username,
        user.attributes,
        validation_data=attributes.plain(request.get("ValidationData", [])),
        client_metadata=metadata,
    )
    flags = triggers.verified(answer, user.attributes)
    is_confirmed = answer.auto_confirm_user is True
    user = replace(
        user,
        attributes=user.attributes | attributes.unverified(user.attributes) | flags,
        status=status.CONFIRMED if is_confirmed else status.UNCONFIRMED,
    )
    delivery = None if is_confirmed else await _confirmation(call, user, compose.SIGN_UP, metadata)

    def add(db: Db) -> list[Queued]:
        # An address that the function verifies is taken from whoever has it (developer guide, "Pre sign-up").
        rows.add(db, call.pool, user, taken=_user_exists, move_aliases=bool(flags))
        response = events.PASS if is_confirmed else events.IN_PROGRESS
        history.of_call(db, call, user.sub, events.SIGN_UP, response, compromised=has_leaked)
        return [code_delivery.queue(db, call, delivery)] if delivery else []

    await code_delivery.carry(call, *await rows.write(call.store, add))
    if is_confirmed:
        await triggers.after(call, triggers.CONFIRMED, user, client_metadata=metadata)
    return {
        "UserConfirmed": is_confirmed,
        "UserSub": user.sub,
        "CodeDeliveryDetails": code_delivery.details(delivery) if delivery else None,
        "Session": after_sign_up.begun(call, user, delivery.code.attribute) if delivery else None,
    }


@operation("ConfirmSignUp")
async def confirm_sign_up(call: Call, request: ConfirmSignUpRequestTypeDef) -> dict[str, Any]:
    """Where a code is a first factor, this one signs in too, with the session of the answer."""
    secret_hashes.check_member(call, request)
    holder = await codes.holder(call, request["Username"])
    _tell_confirmed(call, holder)
    if "Session" in request:
        after_sign_up.check(call, request["Session"], holder.sub)
    move_aliases = request.get("ForceAliasCreation", False)
    confirmed = await rows.write(
        call.store, _confirm, call, holder, request["ConfirmationCode"], move_aliases=move_aliases
    )
    if isinstance(confirmed, Refusal):
        raise confirmed
    # The user is confirmed, whatever comes of this.
    await triggers.tell(call, triggers.CONFIRMED, holder.sub, client_metadata=request.get("ClientMetadata"))
    return {"Session": after_sign_up.confirmed(call, request["Username"], *confirmed)}


@operation("AdminConfirmSignUp")
async def admin_confirm_sign_up(call: Call, request: AdminConfirmSignUpRequestTypeDef) -> None:
    """Confirms without a code, and so verifies no address."""

    def edit(user: User) -> User:
        _refuse_confirmed(user)
        return status.moved(user, status.CONFIRMED, call.now)

    def confirm(db: Db) -> None:
        rows.change(db, call.pool, call.user.sub, edit)
        history.sign_up_confirmed(db, call, call.user.sub)

    await rows.write(call.store, confirm)
    await triggers.tell(
        call, triggers.CONFIRMED, call.user.sub, client_metadata=request.get("ClientMetadata")
    )


@operation("ResendConfirmationCode")
async def resend_confirmation_code(
    call: Call, request: ResendConfirmationCodeRequestTypeDef
) -> dict[str, Any]:
    secret_hashes.check_member(call, request)
    verified = _verified_at_sign_up(call.pool)
    if not verified:
        raise errors.CANNOT_RESEND()
    holder = await codes.holder(call, request["Username"])
    await codes.refuse_beyond(call, holder, codes.RESEND_QUOTA)
    delivery = await _again(call, holder, request.get("ClientMetadata"))
    if delivery is None:
        delivery = code_delivery.to_nobody(call, holder, codes.SIGN_UP, compose.RESEND_CODE, verified)
    queued = await call.store.write(_queue_again, call, delivery, holder)
    await code_delivery.carry(call, queued, tells=not app_clients.hides_unknown_users(call.client))
    return {"CodeDeliveryDetails": code_delivery.details(delivery)}


def _new_user(call: Call, request: SignUpRequestTypeDef) -> User:
    given = attributes.given(request.get("UserAttributes", []))
    attributes.check_writable(call.pool, call.client, given)
    if names.PREFERRED_USERNAME in given and names.is_preferred_alias(call.pool):
        raise errors.PREFERRED_USERNAME_TOO_EARLY()
    password = request.get("Password")
    if not password and not turned_on.is_passwordless(call.pool.settings):
        raise errors.PASSWORD_MISSING()
    user = creation.blank(call.pool, request["Username"], given, status.UNCONFIRMED, call.now, complete=True)
    if not password:
        return user
    passwords.refuse_unlike_policy(call.pool, password, errors.SIGN_UP_PASSWORD_UNLIKE_POLICY)
    return passwords.with_password(call.vault, user, password, call.now)


def _user_exists(attribute: str) -> Refusal:
    return (
        errors.USER_EXISTS()
        if attribute == names.USERNAME
        else errors.USERNAME_ALIAS_EXISTS(attribute=attribute)
    )


def _verified_at_sign_up(pool: UserPool) -> tuple[str, ...]:
    """The kinds of address that a code is sent to, the preferred one first: of a user with both only the phone is told."""
    verified = pool.settings.auto_verified_attributes or ()
    return tuple(each for each in (names.PHONE_NUMBER, names.EMAIL) if each in verified)


async def _confirmation(
    call: Call, user: User, message: str, client_metadata: Mapping[str, str] | None
) -> Delivery | None:
    """A code to confirm with; None for a user without an address that the pool verifies."""
    for attribute in _verified_at_sign_up(call.pool):
        if user.attributes.get(attribute):
            return await code_delivery.to_user(
                call, user, codes.SIGN_UP, message, attribute, client_metadata=client_metadata
            )
    return None


async def _again(call: Call, holder: Holder, client_metadata: Mapping[str, str] | None) -> Delivery | None:
    """Another code; None for nobody, and where saying why there is none would tell that the user exists."""
    if holder.user is None:
        return None
    hides = app_clients.hides_unknown_users(call.client)
    if holder.user.status != status.UNCONFIRMED:
        if hides:
            return None
        raise errors.ALREADY_CONFIRMED()
    delivery = await _confirmation(call, holder.user, compose.RESEND_CODE, client_metadata)
    if delivery is None and not hides:
        raise errors.CANNOT_RESEND()
    return delivery


def _tell_confirmed(call: Call, holder: Holder) -> None:
    """Apps look for these words, whatever code they sent, and go on.

    A client that hides who exists is told of the code, the same as about a name that nobody has.
    """
    if holder.user is not None and not app_clients.hides_unknown_users(call.client):
        _refuse_confirmed(holder.user)


def _refuse_confirmed(user: User) -> None:
    if user.status != status.UNCONFIRMED:
        raise errors.CANNOT_CONFIRM(status=user.status)


# -- transactions -----------------------------------------------------------------------------------------------------


def _confirm(
    db: Db, call: Call, holder: Holder, given: str, *, move_aliases: bool
) -> tuple[User, str] | Refusal:
    """Confirm the user, and verify the address that the code went to: the user, and the attribute of the address.

    Or why not, when the attempt shall count.
    """
    code = codes.attempt(db, call, holder, codes.SIGN_UP, given)
    if isinstance(code, Refusal):
        return code
    if holder.user is None:
        return errors.CODE_MISMATCH()
    codes.spend(db, call, code)

    def edit(user: User) -> User:
        _refuse_confirmed(user)
        return status.moved(_verified(user, code), status.CONFIRMED, call.now)

    user = rows.change(
        db, call.pool, holder.sub, edit, taken=_confirmed_alias_exists, move_aliases=move_aliases
    )
    history.sign_up_confirmed(db, call, user.sub)
    return user, code.attribute


def _queue_again(db: Db, call: Call, delivery: Delivery, holder: Holder) -> Queued:
    queued = code_delivery.queue_counted(db, call, delivery, holder, codes.RESEND_QUOTA)
    history.of_holder(db, call, holder, events.RESEND_CODE, events.PASS)
    return queued


def _verified(user: User, code: Code) -> User:
    """Raises CODE_EXPIRED when the code went to an address that is the user's no more."""
    if not codes.is_current(code, user):
        raise errors.CODE_EXPIRED()
    return replace(user, attributes=user.attributes | {names.VERIFIED[code.attribute]: "true"})


def _confirmed_alias_exists(attribute: str) -> Refusal:
    return errors.CONFIRMED_ALIAS_EXISTS(attribute=attribute)
