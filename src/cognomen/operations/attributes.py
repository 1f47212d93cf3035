"""Attributes of a user, changed by an administrator or by the user's own client, and verified with codes.

What a value may be is users/attributes.py's; here is who may change what, and what happens to the names they give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.messages import code_delivery, compose
from cognomen.messages.code_delivery import Delivery
from cognomen.messages.courier import Queued
from cognomen.operations.registry import operation
from cognomen.store import codes as stored
from cognomen.store import users
from cognomen.store.codes import Code
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.users import attributes, codes, names, rows
from cognomen.users.lockout import Quota

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminDeleteUserAttributesRequestTypeDef,
        AdminUpdateUserAttributesRequestTypeDef,
        DeleteUserAttributesRequestTypeDef,
        GetUserAttributeVerificationCodeRequestTypeDef,
        UpdateUserAttributesRequestTypeDef,
        VerifyUserAttributeRequestTypeDef,
    )


@operation("AdminUpdateUserAttributes")
async def admin_update_user_attributes(call: Call, request: AdminUpdateUserAttributesRequestTypeDef) -> None:
    """In a pool with aliases an address given as verified is taken from whoever has it, without a word (measured)."""
    changes = attributes.changes(call.pool, attributes.given(request["UserAttributes"]))
    _, queued = await _update(call, changes, request.get("ClientMetadata"), move_aliases=True)
    await code_delivery.carry(call, *queued, tells=False)


@operation("UpdateUserAttributes")
async def update_user_attributes(call: Call, request: UpdateUserAttributesRequestTypeDef) -> dict[str, Any]:
    changes = attributes.changes(call.pool, attributes.given(request["UserAttributes"]))
    attributes.check_writable(call.pool, call.client, changes)
    deliveries, queued = await _update(call, changes, request.get("ClientMetadata"), is_limited=True)
    await code_delivery.carry(call, *queued)
    return {"CodeDeliveryDetailsList": [code_delivery.details(each) for each in deliveries]}


@operation("AdminDeleteUserAttributes")
async def admin_delete_user_attributes(call: Call, request: AdminDeleteUserAttributesRequestTypeDef) -> None:
    await _change(call, attributes.deletions(call.pool, request["UserAttributeNames"]))


@operation("DeleteUserAttributes")
async def delete_user_attributes(call: Call, request: DeleteUserAttributesRequestTypeDef) -> None:
    changes = attributes.deletions(call.pool, request["UserAttributeNames"])
    attributes.check_writable(call.pool, call.client, changes)
    await _change(call, changes)


@operation("GetUserAttributeVerificationCode")
async def get_user_attribute_verification_code(
    call: Call, request: GetUserAttributeVerificationCodeRequestTypeDef
) -> dict[str, Any]:
    """A code to the address, or to the new one that waits for being verified."""
    attribute = _verifiable(request["AttributeName"])
    user: User | None = call.user
    while user is not None:
        last = await call.store.read(stored.by_purpose, call.pool.id, user.sub, codes.VERIFY[attribute])
        delivery = await _asked_for(call, user, attribute, last, request.get("ClientMetadata"))
        queued = await call.store.write(_queue_asked_for, call, delivery, last)
        if queued is not None:
            await code_delivery.carry(call, queued)
            return {"CodeDeliveryDetails": code_delivery.details(delivery)}
        # Another request sent a code meanwhile, perhaps to another address, which must not be forgotten: look again.
        user = await call.store.read(users.by_sub, call.pool.id, user.sub)
    raise errors.USER_NOT_FOUND()


@operation("VerifyUserAttribute")
async def verify_user_attribute(call: Call, request: VerifyUserAttributeRequestTypeDef) -> None:
    attribute = _verifiable(request["AttributeName"])
    refusal = await rows.write(call.store, _verify, call, attribute, request["Code"])
    if refusal is not None:
        raise refusal


async def _asked_for(
    call: Call, user: User, attribute: str, last: Code | None, client_metadata: Mapping[str, str] | None
) -> Delivery:
    pending = last is not None and last.pending and last.expires_at > call.now
    address = last.address if last and pending else user.attributes.get(attribute)
    if not address:
        raise errors.ATTRIBUTE_WITHOUT_VALUE(name=attribute)
    await codes.refuse_beyond(call, codes.of_user(call, user), codes.ASK_QUOTA)
    return await code_delivery.to_user(
        call,
        user,
        codes.VERIFY[attribute],
        compose.VERIFY_ATTRIBUTE,
        attribute,
        client_metadata=client_metadata,
        address=address,
        pending=pending,
    )


async def _change(call: Call, changes: Mapping[str, str]) -> None:
    await rows.write(call.store, _write, call, changes, [], move_aliases=False)


async def _update(
    call: Call,
    changes: Mapping[str, str],
    client_metadata: Mapping[str, str] | None,
    *,
    move_aliases: bool = False,
    is_limited: bool = False,
) -> tuple[list[Delivery], list[Queued]]:
    """Change what may change at once, and send codes to new addresses: what was sent, and what is to be carried.

    `is_limited`: a user may have codes sent to anyone so, and only so often. UpdateUserAttributes declares no
    LimitExceededException.
    """
    to_verify = _to_verify(call, changes)
    quota = codes.UPDATE_QUOTA if is_limited and to_verify else None
    if quota is not None:
        await codes.refuse_beyond(call, codes.of_user(call, call.user), quota, errors.TOO_MANY_REQUESTS)
    deliveries = [
        await code_delivery.to_user(
            call,
            call.user,
            codes.VERIFY[address],
            compose.UPDATE_ATTRIBUTE,
            address,
            client_metadata=client_metadata,
            address=changes[address],
            pending=address in _verified_before_update(call.pool),
        )
        for address in to_verify
    ]
    waiting = {each.code.attribute for each in deliveries if each.code.pending}
    held_back = waiting | {names.VERIFIED[address] for address in waiting}
    at_once = {name: value for name, value in changes.items() if name not in held_back}
    queued = await rows.write(
        call.store, _write, call, at_once, deliveries, move_aliases=move_aliases, quota=quota
    )
    return deliveries, queued


def _to_verify(call: Call, changes: Mapping[str, str]) -> list[str]:
    """The new addresses that a code is sent to. An administrator who says that one is verified needs none."""
    verified_by_pool = {
        *(call.pool.settings.auto_verified_attributes or ()),
        *_verified_before_update(call.pool),
    }
    return [
        address
        for address in names.VERIFIED
        if address in verified_by_pool
        and changes.get(address)
        and changes[address] != call.user.attributes.get(address)
        and changes.get(names.VERIFIED[address]) != "true"
    ]


def _verified_before_update(pool: UserPool) -> tuple[str, ...]:
    """The kinds of address that change only once a code proved the new one (UserAttributeUpdateSettings)."""
    settings = pool.settings.user_attribute_update_settings
    return settings.attributes_require_verification_before_update if settings else ()


def _verifiable(name: str) -> str:
    if name not in names.VERIFIED:
        raise errors.ATTRIBUTE_NOT_VERIFIABLE(name=name)
    return name


# -- transactions -----------------------------------------------------------------------------------------------------


def _queue_asked_for(db: Db, call: Call, delivery: Delivery, last: Code | None) -> Queued | None:
    queued = code_delivery.queue_after(db, call, delivery, last)
    if queued is not None:
        codes.count(db, call, codes.of_user(call, call.user), codes.ASK_QUOTA)
    return queued


def _write(
    db: Db,
    call: Call,
    changes: Mapping[str, str],
    deliveries: Sequence[Delivery],
    *,
    move_aliases: bool,
    quota: Quota | None = None,
) -> list[Queued]:
    """An address that changes makes the code to the former one worthless, and one that was on its way too."""

    def edit(user: User) -> User:
        return attributes.changed(user, changes, call.now) if changes else user

    if quota is not None:
        codes.count(db, call, codes.of_user(call, call.user), quota, errors.TOO_MANY_REQUESTS)
    for address in sorted(names.VERIFIED.keys() & changes.keys()):
        stored.remove(db, call.pool.id, call.user.sub, codes.VERIFY[address])
    queued = [code_delivery.queue(db, call, delivery) for delivery in deliveries]
    rows.change(db, call.pool, call.user.sub, edit, move_aliases=move_aliases)
    return queued


def _verify(db: Db, call: Call, attribute: str, given: str) -> Refusal | None:
    """The address that the code went to is verified, and is the user's if it was waiting for that; or why not."""
    code = codes.attempt(db, call, codes.of_user(call, call.user), codes.VERIFY[attribute], given)
    if isinstance(code, Refusal):
        return code
    codes.spend(db, call, code)

    def edit(user: User) -> User:
        if not codes.is_current(code, user):
            raise errors.CODE_EXPIRED()
        verified = {attribute: code.address, names.VERIFIED[attribute]: "true"}
        return attributes.changed(user, verified, call.now)

    rows.change(db, call.pool, call.user.sub, edit)
    return None
