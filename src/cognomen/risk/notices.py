"""Mails that tell a user of a risky sign-in (NotifyConfiguration), with links by which to say whether it was him.

    of      the notice of an event, by what came of it; None where the user has no address, or the owner no sender
    send    the event is written, and the notice queued with it and carried, unless there were too many of late

They go to an address that is not verified too. Where the texts of an owner lack one of the three kinds, ours stand in. Developer
guide, "Working with adaptive authentication" and "Message templates"; API reference, NotifyConfigurationType.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from cognomen.call import Call
from cognomen.messages import code_delivery, compose, courier
from cognomen.messages.compose import Composed, Sender
from cognomen.messages.courier import Queued
from cognomen.pools import threat_protection
from cognomen.pools.threat_protection import TAKEOVER
from cognomen.risk import events, history
from cognomen.store import failures
from cognomen.store.app_client_settings import ALL_CLIENTS
from cognomen.store.auth_events import AuthEvent
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import lockout
from cognomen.users.lockout import Quota

PATH = "/eventFeedback"

QUOTA = Quota("risk-notice", an_hour=10)
"""Notices of a user: whoever has stolen a password must not fill a mailbox by it.

The first of each level and of what was done is sent all the same, else a few harmless ones would keep a grave one from the user.
"""

UNKNOWN = "unknown"
"""What stands for a place or device that is not known."""

_KINDS = {"refuse": "BlockEmail", "factor": "MfaEmail", "allow": "NoActionEmail"}
"""By what came of the sign-in (sign_in/risks.py)."""

_WHAT = {
    "BlockEmail": "We refused a sign-in to your account that did not look like yours:",
    "MfaEmail": "We asked for more proof at a sign-in to your account that did not look like yours:",
    "NoActionEmail": "There was a sign-in to your account that did not look like yours:",
}
_SUBJECTS = {
    "BlockEmail": "Blocked sign-in attempt",
    "MfaEmail": "New sign-in attempt",
    "NoActionEmail": "New sign-in attempt",
}
_BODY = (
    "<p>{what}</p>\n<p>Time: {{login-time}}<br>\nDevice: {{device-name}}<br>\nAddress: {{ip-address}}</p>\n"
    '<p>If this was not you, change your password and <a href="{{one-click-link-invalid}}">tell us</a>.<br>\n'
    'If it was you, <a href="{{one-click-link-valid}}">tell us</a> too.</p>\n'
)
_PLACEHOLDER = re.compile(
    r"\{(username|ip-address|city|country|login-time|device-name|one-click-link-valid|one-click-link-invalid"
    r"|event-id|feedback-token)\}"
)


def of(
    call: Call,
    user: User,
    event: AuthEvent,
    response: str,
    *,
    client_metadata: Mapping[str, str] | None = None,
) -> Composed | None:
    """Only the placeholders of a template are replaced; what stands in their place is not looked at again."""
    address = user.attributes.get(compose.ADDRESS_ATTRIBUTES[compose.EMAIL])
    configured = call.configuration.risk_parts(call.client).get(TAKEOVER, {}).get("NotifyConfiguration")
    if not address or configured is None:
        return None
    kind = _KINDS[response]
    template: dict[str, str] = configured.get(kind) or _ours(kind)
    values = _values(call, user, event)
    text = template.get("TextBody")
    body = template.get("HtmlBody") or _as_html(text or "")
    message = Composed(
        medium=compose.EMAIL,
        destination=address,
        subject=template["Subject"],
        body=_filled(body, {name: html.escape(value) for name, value in values.items()}),
        text=None if text is None else _filled(text, values),
        sender=_sender(call, configured),
        sub=user.sub,
        username=user.username,
        purpose=compose.TAKE_OVER,
    )
    return compose.for_sender(
        call.pool, user, message, client_id=call.client_id, client_metadata=client_metadata
    )


async def send(call: Call, event: AuthEvent, response: str, notice: Composed) -> None:
    """Nobody waits for the mail, or learns that it failed: it is tried again as others are."""
    queued = await call.store.write(_record, call, event, response, notice)
    if queued is not None:
        await code_delivery.carry(call, queued, tells=False)


def _record(db: Db, call: Call, event: AuthEvent, response: str, notice: Composed) -> Queued | None:
    """None where the user is not told. What was counted here is seen by all that come after, in whatever process."""
    history.record(db, event)
    whose = lockout.key_of_user(call, event.sub)
    hour, ends_at = lockout.id_of_hour(whose, call.now), lockout.end_of_hour(call.now)
    kinds = (QUOTA.kind, f"{QUOTA.kind}/{event.level}/{_KINDS[response]}")
    told, alike = (failures.add(db, call.pool.id, kind, hour, call.now, ends_at) for kind in kinds)
    if told > QUOTA.an_hour and alike > 1:
        return None
    return courier.queue(db, call.vault, call.pool.id, notice, call.now)


def _ours(kind: str) -> dict[str, str]:
    return {"Subject": _SUBJECTS[kind], "HtmlBody": _BODY.format(what=_WHAT[kind])}


def _values(call: Call, user: User, event: AuthEvent) -> dict[str, str]:
    token = history.feedback_token(call, event)
    moment = datetime.fromtimestamp(event.created_at / 1000, UTC)
    where = event.context
    return {
        "username": user.username,
        "ip-address": where.ip_address or UNKNOWN,
        "city": where.city or UNKNOWN,
        "country": where.country or UNKNOWN,
        "login-time": f"{moment:%Y-%m-%d %H:%M:%S} UTC",
        "device-name": where.device_name or UNKNOWN,
        "one-click-link-valid": _link(call, user, event, token, events.VALID),
        "one-click-link-invalid": _link(call, user, event, token, events.INVALID),
        "event-id": event.id,
        "feedback-token": token,
    }


def _link(call: Call, user: User, event: AuthEvent, token: str, value: str) -> str:
    """Where a person says so, and confirms it there: a mail program that follows links says nothing."""
    values = {
        "client_id": call.client.id,
        "user_name": user.username,
        "event_id": event.id,
        "value": value.lower(),
        "token": token,
    }
    return f"{call.settings.own_url}{PATH}?{urlencode(values)}"


def _sender(call: Call, configured: Mapping[str, Any]) -> Sender:
    """That of this region, which a replica may have changed."""
    risks, replica = call.configuration.risks, call.configuration.replica
    of = call.client.id if call.client.id in risks else ALL_CLIENTS
    own = replica.settings.notification_senders.get(of) if replica else None
    sender = own or threat_protection.sender_of({TAKEOVER: {"NotifyConfiguration": configured}})
    return Sender(sender["SourceArn"], sender.get("From"), sender.get("ReplyTo"))


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _as_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>\n")
