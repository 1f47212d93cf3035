"""The history of a user: events are recorded where threat protection is on, and told newest first.

    is_kept     whether a pool keeps the history of its users; nothing else here is asked where it does not
    begun       the id of an event that begins with this request; empty where none is kept
    record      an event is written, in the transaction of what it tells of
    of_call, of_holder, sign_up_confirmed   the same of what is no sign-in, where a history is kept
    of_user     the newest events of a user: one statement, by an index
    looked_at   what a sign-in of a user is compared with
    describe    an event as the API tells it
    feedback_token, opened_feedback_token   what lets a user say whether it was him

A sign-in is one event, over all its requests: the second record of an id says what has become of it, and what is not said
again stays (store/auth_events.py, `put`). So `record` closes an event too. Developer guide, "Viewing user event history".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import DAY
from cognomen.crypto.sealing import CannotUnseal
from cognomen.pools import log_records, plans
from cognomen.risk import events, judging, log_message
from cognomen.store import auth_events
from cognomen.store.auth_events import AuthEvent
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.users.codes import Holder
from cognomen.wire.answers import seconds

PURPOSE = "event-feedback"

TOKEN_LIFE = 7 * DAY
"""How long a user may say whether it was him; long enough for who reads mail once a week."""

_LOOKED_THROUGH = 50

NOWHERE = "null"
"""What stands for a place that is not known."""


def is_kept(pool: UserPool) -> bool:
    return plans.THREAT_PROTECTION.in_pool(pool.settings)


def begun(call: Call) -> str:
    return events.new_id(call) if is_kept(call.pool) else ""


def record(db: Db, event: AuthEvent) -> None:
    """Write the event, or what has become of it; and queue a record of it, where the pool's owner wants one."""
    kept = auth_events.put(db, event)
    if event.log is not None:
        log_records.queue(
            db,
            event.pool_id,
            log_records.SIGN_INS,
            event.log.destination,
            log_message.of(kept),
            moment=event.log.moment,
        )


def of_call(
    db: Db,
    call: Call,
    sub: str,
    kind: str,
    response: str,
    *,
    reason: str | None = None,
    compromised: bool = False,
) -> None:
    """Write an event of this request, where the pool keeps them."""
    if is_kept(call.pool):
        record(db, events.of_call(call, sub, kind, response, reason=reason, compromised=compromised))


def of_holder(
    db: Db,
    call: Call,
    holder: Holder,
    kind: str,
    response: str,
    *,
    reason: str | None = None,
    compromised: bool = False,
) -> None:
    """The same of whoever a code belongs to, a stranger too."""
    if is_kept(call.pool):
        event = events.of_call(
            call,
            holder.sub,
            kind,
            response,
            is_stranger=holder.user is None,
            reason=reason,
            compromised=compromised,
        )
        record(db, event)


def sign_up_confirmed(db: Db, call: Call, sub: str) -> None:
    """The user's sign-up, if it is among the newest events, has gone well."""
    if not is_kept(call.pool):
        return
    for event in of_user(db, call.pool.id, sub, _LOOKED_THROUGH):
        if event.type == events.SIGN_UP and event.response == events.IN_PROGRESS:
            record(db, replace(event, response=events.PASS, log=events.log_of(call)))


def of_user(db: Db, pool_id: str, sub: str, limit: int) -> list[AuthEvent]:
    """The newest first."""
    return auth_events.all_of_user(db, pool_id, sub, limit)


def looked_at(db: Db, pool_id: str, sub: str, now: int) -> list[AuthEvent]:
    """What went well, what somebody has said whose it was, and the last hour: each apart, so that none takes another's place.

    Three statements, each by an index, however long the history is.
    """
    found = [
        *auth_events.all_of_weight(db, pool_id, sub, auth_events.WENT_WELL, judging.LOOKED_AT),
        *auth_events.all_of_weight(db, pool_id, sub, auth_events.WITH_FEEDBACK, judging.LOOKED_AT),
        *auth_events.all_since(db, pool_id, sub, now - judging.RECENT, judging.MOST_RECENT),
    ]
    return list({event.id: event for event in found}.values())


def describe(event: AuthEvent) -> dict[str, Any]:
    """The AuthEventType of the API."""
    context, feedback = event.context, event.feedback
    has_level = event.decision == events.TAKEOVER
    return {
        "EventId": event.id,
        "EventType": event.type,
        "CreationDate": seconds(event.created_at),
        "EventResponse": event.response,
        "EventRisk": {
            "RiskDecision": event.decision or events.NO_RISK,
            "RiskLevel": event.level if has_level else None,
            "CompromisedCredentialsDetected": event.compromised,
        },
        "ChallengeResponses": [
            {"ChallengeName": name, "ChallengeResponse": response} for name, response in event.challenges
        ],
        "EventContextData": {
            "IpAddress": context.ip_address,
            "DeviceName": context.device_name,
            "Timezone": context.timezone,
            "City": context.city or NOWHERE,
            "Country": context.country or NOWHERE,
        },
        "EventFeedback": {
            "FeedbackValue": feedback.value,
            "Provider": feedback.provider,
            "FeedbackDate": seconds(feedback.given_at),
        }
        if feedback
        else None,
    }


def feedback_token(call: Call, event: AuthEvent) -> str:
    """What a user is sent to say whether it was him: good for this event alone, and for some days."""
    document = msgspec.json.encode((call.now + TOKEN_LIFE, event.sub))
    return call.vault.seal_text(PURPOSE, document, _binding(event.pool_id, event.id))


def opened_feedback_token(call: Call, event_id: str, token: str) -> str:
    """The sub of the user whose event it is. Raises FEEDBACK_TOKEN_INVALID for any text that we did not seal for it, or long ago."""
    try:
        document = call.vault.unseal_text(PURPOSE, token, _binding(call.pool.id, event_id))
    except CannotUnseal:
        raise errors.FEEDBACK_TOKEN_INVALID() from None
    expires_at, sub = msgspec.json.decode(document, type=tuple[int, str])
    if expires_at <= call.now:
        raise errors.FEEDBACK_TOKEN_INVALID()
    return sub


def _binding(pool_id: str, event_id: str) -> bytes:
    return f"{pool_id}/{event_id}".encode()
