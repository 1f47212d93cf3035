"""Attributes of a user, changed by an administrator or by the user's own client.

What a value may be is users/attributes.py's; here is who may change what, and what happens to the names they give.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.store.users import User
from cognomen.users import attributes, names, rows

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminDeleteUserAttributesRequestTypeDef,
        AdminUpdateUserAttributesRequestTypeDef,
        DeleteUserAttributesRequestTypeDef,
        UpdateUserAttributesRequestTypeDef,
    )


@operation("AdminUpdateUserAttributes")
async def admin_update_user_attributes(call: Call, request: AdminUpdateUserAttributesRequestTypeDef) -> None:
    """In a pool with aliases an address given as verified is taken from whoever has it, without a word (measured)."""
    changes = attributes.changes(call.pool, attributes.given(request["UserAttributes"]))
    _refuse_unverified(call, changes)
    await _change(call, changes, move_aliases=True)


@operation("UpdateUserAttributes")
async def update_user_attributes(call: Call, request: UpdateUserAttributesRequestTypeDef) -> dict[str, Any]:
    changes = attributes.changes(call.pool, attributes.given(request["UserAttributes"]))
    attributes.check_writable(call.pool, call.client, changes)
    _refuse_unverified(call, changes)
    await _change(call, changes)
    return {"CodeDeliveryDetailsList": []}


@operation("AdminDeleteUserAttributes")
async def admin_delete_user_attributes(call: Call, request: AdminDeleteUserAttributesRequestTypeDef) -> None:
    await _change(call, attributes.deletions(call.pool, request["UserAttributeNames"]))


@operation("DeleteUserAttributes")
async def delete_user_attributes(call: Call, request: DeleteUserAttributesRequestTypeDef) -> None:
    changes = attributes.deletions(call.pool, request["UserAttributeNames"])
    attributes.check_writable(call.pool, call.client, changes)
    await _change(call, changes)


async def _change(call: Call, changes: Mapping[str, str], *, move_aliases: bool = False) -> None:
    def edit(user: User) -> User:
        return attributes.changed(user, changes, call.now)

    await rows.write(call.store, rows.change, call.pool, call.user.sub, edit, move_aliases=move_aliases)


def _refuse_unverified(call: Call, changes: Mapping[str, str]) -> None:
    """Some pools let a new address count only once a code proved it; until codes are sent, it cannot change there.

    An administrator who says that it is verified needs no code (UserAttributeUpdateSettings in the API reference).
    """
    settings = call.pool.settings.user_attribute_update_settings
    for address in settings.attributes_require_verification_before_update if settings else ():
        is_new = changes.get(address) and changes[address] != call.user.attributes.get(address)
        if is_new and changes.get(names.VERIFIED[address]) != "true":
            raise errors.VERIFICATION_NOT_YET_AVAILABLE(attribute=address)
