"""TagResource, UntagResource, ListTagsForResource: the tags of a pool, which CreateUserPool and UpdateUserPool set too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import replicas, rules
from cognomen.store.database import Db

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )

Tags = dict[str, str]


@operation("TagResource")
async def tag_resource(call: Call, request: TagResourceRequestTypeDef) -> None:
    """Add tags to those there are; a key that is there gets the new value."""
    await _change(call, lambda tags: tags | dict(request["Tags"]))


@operation("UntagResource")
async def untag_resource(call: Call, request: UntagResourceRequestTypeDef) -> None:
    """Keys that are not there are passed over."""
    gone = frozenset(request["TagKeys"])
    await _change(call, lambda tags: {name: value for name, value in tags.items() if name not in gone})


@operation("ListTagsForResource")
async def list_tags_for_resource(call: Call, _request: ListTagsForResourceRequestTypeDef) -> dict[str, Any]:
    return {"Tags": call.pool.settings.user_pool_tags}


async def _change(call: Call, edit: Callable[[Tags], Tags]) -> None:
    def change(db: Db) -> None:
        pool = replicas.locked(db, call)
        tags = edit(pool.settings.user_pool_tags)
        rules.check_tags(tags, errors.RESERVED_TAG_KEY, errors.TAG_LIMIT)
        settings = msgspec.structs.replace(pool.settings, user_pool_tags=tags)
        replicas.write(db, call, replace(pool, settings=settings))

    await call.configurations.write(call.pool.id, change)
