"""Groups, and who is in them. The rules are in pools/groups.py; what tokens say of groups is in tokens/claims.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cognomen import clock
from cognomen.call import Call
from cognomen.operations import paging, user_answers
from cognomen.operations.registry import operation
from cognomen.pools import groups
from cognomen.store import groups as stored_groups
from cognomen.store.database import Db
from cognomen.store.groups import Group
from cognomen.store.users import User
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminAddUserToGroupRequestTypeDef,
        AdminListGroupsForUserRequestTypeDef,
        AdminRemoveUserFromGroupRequestTypeDef,
        CreateGroupRequestTypeDef,
        DeleteGroupRequestTypeDef,
        GetGroupRequestTypeDef,
        ListGroupsRequestTypeDef,
        ListUsersInGroupRequestTypeDef,
        UpdateGroupRequestTypeDef,
    )

PAGE_SIZE = 60


@operation("CreateGroup")
async def create_group(call: Call, request: CreateGroupRequestTypeDef) -> dict[str, Any]:
    group = Group(
        pool_id=call.pool.id,
        id=clock.uuid4(),
        name=request["GroupName"],
        description=request.get("Description") or None,
        role_arn=request.get("RoleArn"),
        precedence=request.get("Precedence"),
        created_at=call.now,
        modified_at=call.now,
    )
    await call.store.write(groups.add, group)
    return {"Group": described(group)}


@operation("GetGroup")
async def get_group(call: Call, request: GetGroupRequestTypeDef) -> dict[str, Any]:
    group = await call.store.read(groups.existing, call.pool.id, request["GroupName"])
    return {"Group": described(group)}


@operation("UpdateGroup")
async def update_group(call: Call, request: UpdateGroupRequestTypeDef) -> dict[str, Any]:
    """What is not sent stays; nothing can be cleared. A change that changes nothing leaves LastModifiedDate."""

    def edit(group: Group) -> Group:
        edited = replace(
            group,
            description=request.get("Description") or group.description,
            role_arn=request.get("RoleArn", group.role_arn),
            precedence=request.get("Precedence", group.precedence),
        )
        return group if edited == group else replace(edited, modified_at=call.now)

    changed = await call.store.write(groups.change, call.pool.id, request["GroupName"], edit)
    return {"Group": described(changed)}


@operation("DeleteGroup")
async def delete_group(call: Call, request: DeleteGroupRequestTypeDef) -> None:
    await call.store.write(groups.remove, call.pool.id, request["GroupName"], call.now)


@operation("ListGroups")
async def list_groups(call: Call, request: ListGroupsRequestTypeDef) -> dict[str, Any]:
    """The pool's groups by name."""
    limit = request.get("Limit") or PAGE_SIZE
    after = paging.key_in(call, request)
    found = await call.store.read(stored_groups.all_of_pool, call.pool.id, after, limit + 1)
    return _page(call, request, found, limit)


@operation("AdminAddUserToGroup")
async def admin_add_user_to_group(call: Call, request: AdminAddUserToGroupRequestTypeDef) -> None:
    await call.store.write(groups.add_user, call.pool.id, request["GroupName"], call.user.sub)


@operation("AdminRemoveUserFromGroup")
async def admin_remove_user_from_group(call: Call, request: AdminRemoveUserFromGroupRequestTypeDef) -> None:
    await call.store.write(groups.remove_user, call.pool.id, request["GroupName"], call.user.sub)


@operation("AdminListGroupsForUser")
async def admin_list_groups_for_user(
    call: Call, request: AdminListGroupsForUserRequestTypeDef
) -> dict[str, Any]:
    """The user's groups by name; they are few, so that every page reads all of them."""
    limit = request.get("Limit") or PAGE_SIZE
    after = paging.key_in(call, request)
    found = await call.store.read(stored_groups.all_of_user, call.pool.id, call.user.sub)
    return _page(call, request, [group for group in found if group.name > after], limit)


@operation("ListUsersInGroup")
async def list_users_in_group(call: Call, request: ListUsersInGroupRequestTypeDef) -> dict[str, Any]:
    limit = request.get("Limit") or PAGE_SIZE
    after = paging.key_in(call, request)

    def read(db: Db) -> list[User]:
        group = groups.existing(db, call.pool.id, request["GroupName"])
        return stored_groups.all_users(db, group, after, limit + 1)

    found = await call.store.read(read)
    page, following = paging.page(call, request, found, limit, "sub")
    return {
        "Users": [user_answers.listed(user) for user in page],
        "NextToken": following,
    }


def described(group: Group) -> dict[str, Any]:
    """A GroupType; what was never set is absent."""
    return {
        "GroupName": group.name,
        "UserPoolId": group.pool_id,
        "Description": group.description,
        "RoleArn": group.role_arn,
        "Precedence": group.precedence,
        "LastModifiedDate": seconds(group.modified_at),
        "CreationDate": seconds(group.created_at),
    }


def _page(call: Call, request: Mapping[str, Any], found: list[Group], limit: int) -> dict[str, Any]:
    page, following = paging.page(call, request, found, limit, "name")
    return {
        "Groups": [described(group) for group in page],
        "NextToken": following,
    }
