"""How the sessions of users are configured: Get- and SetUserPoolSessionConfiguration, and their twins for an app client.

Kept and returned; sessions are not tracked yet. While tracking is off, what clients are configured with stays as it is.
"""

from __future__ import annotations

from typing import Any

from cognomen import errors
from cognomen.call import Call
from cognomen.operations.registry import operation
from cognomen.pools import lookup, plans
from cognomen.store import user_pools, user_sessions
from cognomen.store.database import Db
from cognomen.store.user_sessions import SessionTracking

Request = dict[str, Any]
"""The types of boto3 do not have these operations yet."""

ON, OFF = "ENABLED", "DISABLED"


@operation("GetUserPoolSessionConfiguration")
async def get_user_pool_session_configuration(call: Call, _request: Request) -> dict[str, Any]:
    return _of_pool(call, await call.store.read(user_sessions.tracking_of, call.pool.id))


@operation("SetUserPoolSessionConfiguration")
async def set_user_pool_session_configuration(call: Call, request: Request) -> dict[str, Any]:
    """Full replacement. Fewer sessions for each user end none until its next sign-in."""
    tracking = SessionTracking(request["UserSessionTracking"] == ON, request["TokenSession"]["MaxPerUser"])

    def put(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        plans.require(pool.settings, plans.SESSION_TRACKING)
        user_sessions.put_tracking(db, pool.id, tracking)
        user_pools.touch(db, pool.id)

    await call.store.write(put)
    call.configurations.forget(call.pool.id)
    return _of_pool(call, tracking)


@operation("GetUserPoolClientSessionConfiguration")
async def get_user_pool_client_session_configuration(call: Call, _request: Request) -> dict[str, Any]:
    return _of_client(call, await call.store.read(user_sessions.reuse_minutes, call.pool.id, call.client.id))


@operation("SetUserPoolClientSessionConfiguration")
async def set_user_pool_client_session_configuration(call: Call, request: Request) -> dict[str, Any]:
    """Only while the pool tracks sessions."""
    minutes = request["SSOSession"]["MaxValidityMinutes"]

    def put(db: Db) -> None:
        pool, client = lookup.locked_client(db, call.pool.id, call.client.id)
        plans.require(pool.settings, plans.SESSION_TRACKING)
        if not user_sessions.tracking_of(db, pool.id).is_on:
            raise errors.SESSION_TRACKING_OFF()
        user_sessions.put_reuse(db, pool.id, client.id, minutes)
        user_pools.touch(db, pool.id)

    await call.store.write(put)
    call.configurations.forget(call.pool.id)
    return _of_client(call, minutes)


def _of_pool(call: Call, tracking: SessionTracking) -> dict[str, Any]:
    return {
        "UserPoolId": call.pool.id,
        "UserSessionTracking": ON if tracking.is_on else OFF,
        "TokenSession": {"MaxPerUser": tracking.per_user},
    }


def _of_client(call: Call, minutes: int) -> dict[str, Any]:
    return {
        "UserPoolId": call.pool.id,
        "ClientId": call.client.id,
        "SSOSession": {"MaxValidityMinutes": minutes},
    }
