"""Users: made by an administrator, read, listed, enabled and disabled, deleted.

Users who make themselves are in sign_up.py; the rules are in users/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.messages import code_delivery, compose, courier
from cognomen.messages.compose import Medium
from cognomen.messages.courier import Queued
from cognomen.operations import paging, user_answers
from cognomen.operations.registry import operation
from cognomen.pools import schema, turned_on
from cognomen.store.database import Db
from cognomen.store.user_pool_settings import PasswordPolicy
from cognomen.store.users import User
from cognomen.triggers import custom_message, sign_up
from cognomen.triggers.custom_message import Texts
from cognomen.users import attributes, codes, creation, filters, lookup, passwords, rows, search, status
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminCreateUserRequestTypeDef,
        AdminDeleteUserRequestTypeDef,
        AdminDisableUserRequestTypeDef,
        AdminEnableUserRequestTypeDef,
        AdminGetUserRequestTypeDef,
        DeleteUserRequestTypeDef,
        GetUserRequestTypeDef,
        ListUsersRequestTypeDef,
    )

PAGE_SIZE = 60

_MEDIUM_NAMES: dict[Medium, str] = {compose.EMAIL: "Email", compose.SMS: "SMS"}


@operation("AdminCreateUser", finds_user=False)
async def admin_create_user(call: Call, request: AdminCreateUserRequestTypeDef) -> dict[str, Any]:
    """A new user who is invited with a temporary password, or (RESEND) invited once more with a new one."""
    if request.get("MessageAction") == "RESEND":
        return await _resend(call, request)
    given = attributes.given(request.get("UserAttributes", []))
    blank = creation.blank(call.pool, request["Username"], given, status.CONFIRMED, call.now, complete=False)
    password = _temporary_password(call, request)
    user = passwords.with_password(call.vault, blank, password, call.now) if password else blank
    user = replace(user, status=status.FORCE_CHANGE_PASSWORD if password else status.CONFIRMED)
    mediums = [] if request.get("MessageAction") == "SUPPRESS" else _mediums(request, user)

    metadata = request.get("ClientMetadata")
    await sign_up.before(
        call,
        "PreSignUp_AdminCreateUser",
        user.username,
        user.attributes,
        validation_data=attributes.plain(request.get("ValidationData", [])),
        client_metadata=metadata,
    )
    texts, fault = None, None
    try:
        texts = await _texts(call, user, password, mediums, metadata)
    except Refusal as refusal:  # the user is made all the same, without an invitation (docs/unsure.md)
        fault, mediums = refusal, []

    def add(db: Db) -> User:
        rows.add(db, call.pool, user, move_aliases=request.get("ForceAliasCreation", False))
        return user

    answer = await _write_and_invite(call, add, user, password, mediums, texts, metadata)
    if fault is not None:
        raise fault
    return answer


async def _resend(call: Call, request: AdminCreateUserRequestTypeDef) -> dict[str, Any]:
    """A new temporary password, whose days begin anew, since the former one is known to nobody here."""
    found = await call.store.read(lookup.for_admin, call.pool, request["Username"])
    if found is None:
        raise errors.USER_NOT_FOUND()
    _refuse_resend(found)
    password = _chosen_password(call, request) or passwords.generate(_policy(call))
    kept = passwords.make(call.vault, found, password)
    mediums = _mediums(request, found)
    texts = await _texts(call, found, password, mediums, request.get("ClientMetadata"))

    def edit(user: User) -> User:
        _refuse_resend(user)
        return passwords.put(user, kept, call.now)

    def change(db: Db) -> User:
        return rows.change(db, call.pool, found.sub, edit)

    return await _write_and_invite(
        call, change, found, password, mediums, texts, request.get("ClientMetadata")
    )


async def _texts(
    call: Call,
    user: User,
    password: str | None,
    mediums: list[Medium],
    client_metadata: Mapping[str, str] | None,
) -> Texts | None:
    """The texts of the pool owner's function, which is asked about messages with a secret only."""
    worded_here = [medium for medium in mediums if not compose.is_for_sender(call.pool, medium)]
    if not worded_here or password is None:
        return None
    return await custom_message.compose(call, custom_message.INVITES, user, client_metadata=client_metadata)


async def _write_and_invite(
    call: Call,
    write: Callable[[Db], User],
    user: User,
    password: str | None,
    mediums: list[Medium],
    texts: Texts | None,
    client_metadata: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Run `write` and queue the invitations in one transaction, then carry them. The user stays if that fails."""
    invitations = [
        compose.for_sender(
            call.pool,
            user,
            compose.invitation(call.pool, user, password, medium, texts),
            client_id=None,
            client_metadata=client_metadata,
        )
        for medium in mediums
    ]

    def run(db: Db) -> tuple[User, list[Queued]]:
        written = write(db)
        return written, [
            courier.queue(db, call.vault, call.pool.id, invitation, call.now) for invitation in invitations
        ]

    written, queued = await rows.write(call.store, run)
    await code_delivery.carry(call, *queued)
    return {"User": user_answers.listed(written)}


def _temporary_password(call: Call, request: AdminCreateUserRequestTypeDef) -> str | None:
    """The one given, else a generated one; none in a pool where a user can sign in without (API reference)."""
    chosen = _chosen_password(call, request)
    return (
        chosen
        if chosen or turned_on.is_passwordless(call.pool.settings)
        else passwords.generate(_policy(call))
    )


def _chosen_password(call: Call, request: AdminCreateUserRequestTypeDef) -> str | None:
    """A blank one counts as none, which is what the API reference says to send where users need no password."""
    chosen = request.get("TemporaryPassword") or None
    if chosen is not None:
        passwords.refuse_unlike_policy(call.pool, chosen, errors.TEMPORARY_PASSWORD_UNLIKE_POLICY)
    return chosen


def _policy(call: Call) -> PasswordPolicy:
    return call.pool.settings.policies.password_policy


def _mediums(request: AdminCreateUserRequestTypeDef, user: User) -> list[Medium]:
    """How the invitation goes out. What is asked for needs an address; by default it goes where there is one, SMS first."""
    asked = list(dict.fromkeys(request.get("DesiredDeliveryMediums", [])))
    for medium in asked:
        if compose.ADDRESS_ATTRIBUTES[medium] not in user.attributes:
            raise errors.NO_ADDRESS_FOR_MEDIUM(
                attribute=compose.ADDRESS_ATTRIBUTES[medium], medium=_MEDIUM_NAMES[medium]
            )
    usual: tuple[Medium, ...] = (compose.SMS, compose.EMAIL)
    reachable = [medium for medium in usual if compose.ADDRESS_ATTRIBUTES[medium] in user.attributes]
    return asked or reachable[:1]


def _refuse_resend(user: User) -> None:
    if user.status != status.FORCE_CHANGE_PASSWORD:
        raise errors.RESEND_NOT_POSSIBLE(username=user.username)


@operation("AdminGetUser")
async def admin_get_user(call: Call, _request: AdminGetUserRequestTypeDef) -> dict[str, Any]:
    user = call.user
    return {
        "Username": user.username,
        "UserAttributes": user_answers.attribute_list(attributes.everything(user)),
        "UserCreateDate": seconds(user.created_at),
        "UserLastModifiedDate": seconds(user.modified_at),
        "Enabled": user.enabled,
        "UserStatus": user.status,
        **user_answers.factors(user),
    }


@operation("GetUser")
async def get_user(call: Call, _request: GetUserRequestTypeDef) -> dict[str, Any]:
    """What the client that the token was issued to may read."""
    readable = attributes.readable(call.client, call.user)
    return {
        "Username": call.user.username,
        "UserAttributes": user_answers.attribute_list(readable),
        **user_answers.factors(call.user),
    }


@operation("AdminEnableUser")
async def admin_enable_user(call: Call, _request: AdminEnableUserRequestTypeDef) -> None:
    def edit(user: User) -> User:
        return status.enabled(user, call.now)

    await rows.write(call.store, rows.change, call.pool, call.user.sub, edit)


@operation("AdminDisableUser")
async def admin_disable_user(call: Call, _request: AdminDisableUserRequestTypeDef) -> None:
    def edit(user: User) -> User:
        return status.disabled(user, call.now)

    def disable(db: Db) -> None:
        codes.void_recovery(db, call, call.user.sub)
        rows.change(db, call.pool, call.user.sub, edit)

    await rows.write(call.store, disable)


@operation("AdminDeleteUser", "DeleteUser")
async def delete_user(call: Call, _request: AdminDeleteUserRequestTypeDef | DeleteUserRequestTypeDef) -> None:
    await call.store.write(rows.remove, call.pool, call.user.sub)


@operation("ListUsers")
async def list_users(call: Call, request: ListUsersRequestTypeDef) -> dict[str, Any]:
    asked = request.get("AttributesToGet", [])
    if any(schema.attribute(call.pool, name) is None for name in asked):
        raise errors.UNKNOWN_REQUESTED_ATTRIBUTE()
    wanted = filters.parse(request.get("Filter", ""))
    position = paging.position_in(call, request, 2)
    after = (position[0], position[1]) if position else None
    page = await call.store.read(search.page, call.pool, wanted, after, request.get("Limit") or PAGE_SIZE)
    return {
        "Users": [user_answers.listed(user, asked) for user in page.users],
        "PaginationToken": paging.token_for(call, request, *page.next) if page.next else None,
    }
