"""Threat protection: how it is configured (SetRiskConfiguration), and what it remembers of users (AdminListUserAuthEvents)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.operations import paging
from cognomen.operations.registry import operation
from cognomen.pools import ids, lookup, replicas
from cognomen.pools import threat_protection as rules
from cognomen.risk import history
from cognomen.store import auth_events, threat_protection
from cognomen.store.app_client_settings import ALL_CLIENTS
from cognomen.store.auth_events import Feedback
from cognomen.store.database import Db
from cognomen.store.replicas import Replica
from cognomen.store.threat_protection import RiskConfiguration
from cognomen.users import lookup as users
from cognomen.wire.answers import seconds

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminListUserAuthEventsRequestTypeDef,
        AdminUpdateAuthEventFeedbackRequestTypeDef,
        DescribeRiskConfigurationRequestTypeDef,
        SetRiskConfigurationRequestTypeDef,
        UpdateAuthEventFeedbackRequestTypeDef,
    )

PAGE_SIZE = 60
BY_ADMIN = "Admin"


@operation("DescribeRiskConfiguration")
async def describe_risk_configuration(
    call: Call, request: DescribeRiskConfigurationRequestTypeDef
) -> dict[str, Any]:
    """The client's own, otherwise the pool's; where none was set, one that says nothing."""
    rules.check_enabled(call.pool.settings)
    client_id = call.client.id if "ClientId" in request else ALL_CLIENTS
    found = await call.store.read(_present, call, client_id)
    return {"RiskConfiguration": {"UserPoolId": call.pool.id} if found is None else _described(found)}


@operation("SetRiskConfiguration")
async def set_risk_configuration(call: Call, request: SetRiskConfigurationRequestTypeDef) -> dict[str, Any]:
    """Full replacement. Without any part, the pool goes to its defaults, and a client to what the pool has."""
    configuration = RiskConfiguration(
        pool_id=call.pool.id,
        client_id=call.client.id if "ClientId" in request else ALL_CLIENTS,
        parts=rules.parts_of(request, call.settings.region),
        modified_at=call.now,
    )

    def put(db: Db) -> None:
        if configuration.client_id == ALL_CLIENTS:
            pool = lookup.locked(db, configuration.pool_id)
        else:
            pool, _ = lookup.locked_client(db, configuration.pool_id, configuration.client_id)
        rules.check_enabled(pool.settings)
        replica = replicas.served(db, call)
        if replica is not None:
            _change_sender(db, call, replica, configuration)
            return
        present = threat_protection.of_client(db, pool.id, configuration.client_id)
        is_own = present is not None and present.client_id == configuration.client_id
        parts = rules.with_later(configuration.parts, present.parts if present and is_own else {})
        if parts:
            threat_protection.put(db, replace(configuration, parts=parts))
        else:
            threat_protection.remove(db, pool.id, configuration.client_id)

    await call.configurations.write(call.pool.id, put)
    return {"RiskConfiguration": _described(configuration)}


@operation("AdminListUserAuthEvents")
async def admin_list_user_auth_events(
    call: Call, request: AdminListUserAuthEventsRequestTypeDef
) -> dict[str, Any]:
    """The newest first."""
    rules.check_enabled(call.pool.settings)
    limit = request.get("MaxResults") or PAGE_SIZE
    position = paging.position_in(call, request, 1)
    found = await call.store.read(
        auth_events.all_of_user,
        call.pool.id,
        call.user.sub,
        limit + 1,
        before=position[0] if position else auth_events.NEWER_THAN_ALL,
    )
    page, following = paging.page(call, request, found, limit, "id")
    return {"AuthEvents": [history.describe(event) for event in page], "NextToken": following}


@operation("AdminUpdateAuthEventFeedback")
async def admin_update_auth_event_feedback(
    call: Call, request: AdminUpdateAuthEventFeedbackRequestTypeDef
) -> None:
    rules.check_enabled(call.pool.settings)
    feedback = Feedback(request["FeedbackValue"], BY_ADMIN, call.now)
    await _give(call, call.user.sub, request["EventId"], feedback)


@operation("UpdateAuthEventFeedback")
async def update_auth_event_feedback(call: Call, request: UpdateAuthEventFeedbackRequestTypeDef) -> None:
    """With the token of a notification; whoever has none is told nothing of users and events."""
    rules.check_enabled(call.pool.settings)
    sub = history.opened_feedback_token(call, request["EventId"], request["FeedbackToken"])
    user = await call.store.read(users.for_admin, call.pool, request["Username"])
    if user is None:
        raise errors.USER_NOT_FOUND()
    if user.sub != sub:
        raise errors.FEEDBACK_TOKEN_INVALID()
    await _give(call, sub, request["EventId"], Feedback(request["FeedbackValue"], user.username, call.now))


async def _give(call: Call, sub: str, event_id: str, feedback: Feedback) -> None:
    if not await call.store.write(auth_events.put_feedback, call.pool.id, sub, event_id, feedback):
        raise errors.EVENT_NOT_FOUND(id=event_id)


def _present(db: Db, call: Call, client_id: str) -> RiskConfiguration | None:
    """The configuration as it is in the region of this node."""
    found = threat_protection.of_client(db, call.pool.id, client_id)
    replica = replicas.served(db, call)
    if found is None or replica is None:
        return found
    sender = replica.settings.notification_senders.get(client_id)
    return found if sender is None else replace(found, parts=rules.sent_from(found.parts, sender))


def _change_sender(db: Db, call: Call, replica: Replica, wanted: RiskConfiguration) -> None:
    """At a replica only who notifications are from can be changed; raises ONLY_AT_HOME for all else."""
    present = threat_protection.of_client(db, wanted.pool_id, wanted.client_id)
    parts = {} if present is None else present.parts
    sender = rules.sender_of(wanted.parts)
    if rules.sent_from(parts, sender) != wanted.parts:
        raise errors.ONLY_AT_HOME(region=ids.region_of(call.pool.id))
    senders = {**replica.settings.notification_senders, wanted.client_id: sender}
    replicas.change(db, replica, notification_senders=senders)


def _described(configuration: RiskConfiguration) -> dict[str, Any]:
    is_of_pool = configuration.client_id == ALL_CLIENTS
    return {
        "UserPoolId": configuration.pool_id,
        "ClientId": None if is_of_pool else configuration.client_id,
        **{name: part for name, part in configuration.parts.items() if name in rules.PARTS},
        "LastModifiedDate": seconds(configuration.modified_at),
    }
