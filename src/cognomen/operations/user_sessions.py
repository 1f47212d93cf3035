"""The sessions of users, where a pool tracks them (ListUserSessions, RevokeUserSession, their admin twins), and how.

The latter are Get- and SetUserPoolSessionConfiguration, and their twins for an app client. While tracking is off, what clients
are configured with stays as it is.
"""

from __future__ import annotations

from typing import Any

from cognomen import errors
from cognomen.call import Call
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import lookup, plans
from cognomen.store import user_sessions
from cognomen.store.database import Db
from cognomen.store.user_sessions import SessionTracking, UserSession
from cognomen.tokens import user_sessions as token_sessions
from cognomen.wire.answers import seconds

Request = dict[str, Any]
"""The types of boto3 do not have these operations yet."""

PAGE_SIZE = 125

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

    await call.configurations.write(call.pool.id, put)
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

    await call.configurations.write(call.pool.id, put)
    return _of_client(call, minutes)


@operation("ListUserSessions", "AdminListUserSessions")
async def list_user_sessions(call: Call, request: Request) -> dict[str, Any]:
    """All there are, on one page: no token is ever given out, so none is good."""
    _require_tracking(call)
    paging.refuse_token(request)
    sessions = await call.store.read(token_sessions.living, call, call.user)
    current = _current(call)
    return {"Sessions": [_described(session, current) for session in sessions[:PAGE_SIZE]]}


@operation("RevokeUserSession", "AdminRevokeUserSession")
async def revoke_user_session(call: Call, request: Request) -> None:
    _require_tracking(call)
    await call.store.write(
        token_sessions.revoke,
        call,
        call.user.sub,
        request["SessionId"],
        linked=request.get("RevokeAssociatedSessions") == "LINKED",
        current=_current(call),
    )


def _require_tracking(call: Call) -> None:
    if not token_sessions.is_tracked(call):
        raise errors.SESSION_TRACKING_OFF()


def _current(call: Call) -> str | None:
    """The session of the access token that came with the request; administrators have none."""
    return None if call.found_token is None else token_sessions.id_of(call.found_token.origin)


def _described(session: UserSession, current: str | None) -> dict[str, Any]:
    """Nobody here knows where an address is; the country is `unknown` then (API reference, SessionLocationType)."""
    return {
        "SessionId": session.id,
        "SessionType": "SSO" if session.origin is None else "TOKEN",
        "ClientId": session.client_id,
        "CreateDate": seconds(session.created_at),
        "LastActiveDate": seconds(session.last_active_at),
        "DeviceType": session.device,
        "LastIPAddress": session.ip_address,
        "LastLocation": {"Country": "unknown"},
        "OriginSessionId": session.parent,
        "IsCurrentSession": session.id == current,
    }


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
