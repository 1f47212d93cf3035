"""PreAuthentication and PostAuthentication: before a secret of a user is looked at, and when all was proven.

Developer guide, "Pre authentication Lambda trigger" and "Post authentication Lambda trigger".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cognomen.call import Call
from cognomen.pools import app_clients
from cognomen.store.users import User
from cognomen.triggers.firing import Nothing, arn_of, attributes_of, fire, with_metadata

PRE_AUTHENTICATION = "PreAuthentication"
POST_AUTHENTICATION = "PostAuthentication"


def asks_before(call: Call) -> bool:
    """Whether the pool has a function that may refuse a sign-in."""
    return arn_of(call.pool, PRE_AUTHENTICATION) is not None


def tells_after(call: Call) -> bool:
    return arn_of(call.pool, POST_AUTHENTICATION) is not None


async def before(
    call: Call, user_name: str, user: User | None, *, validation_data: Mapping[str, str] | None
) -> None:
    """Ask whether a sign-in may go on; a Refusal where it may not.

    `user` is None where nobody has the name; it is asked then only for clients that do not tell who exists, and for those
    alone the event says whether it found somebody.
    """
    request: dict[str, Any] = {
        "userAttributes": attributes_of(user) if user else {},
        "validationData": dict(validation_data) if validation_data else None,
    }
    if app_clients.hides_unknown_users(call.client):
        request["userNotFound"] = user is None
    await fire(
        call,
        PRE_AUTHENTICATION,
        "PreAuthentication_Authentication",
        user_name=user.username if user else user_name,
        request=request,
        answer=Nothing,
    )


async def after(
    call: Call, user: User, *, new_device_used: bool, client_metadata: Mapping[str, str] | None
) -> None:
    """Tell of a sign-in that has proven all it must; where this fails nobody is signed in."""
    await fire(
        call,
        POST_AUTHENTICATION,
        "PostAuthentication_Authentication",
        user_name=user.username,
        request=with_metadata(
            {"userAttributes": attributes_of(user), "newDeviceUsed": new_device_used}, client_metadata
        ),
        answer=Nothing,
    )
