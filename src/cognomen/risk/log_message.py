"""An event as the logs of its pool tell it (developer guide, "Exporting logs from user pools").

All values are texts, but for the challenges; what is not known is empty. The name of the user is added when the record leaves
(log_delivery/delivery.py).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cognomen.clock import SECOND
from cognomen.risk import events
from cognomen.store.auth_events import AuthEvent

VERSION = "1"

_DECISIONS = {
    "": "PASS",
    events.NO_RISK: "PASS",
    events.TAKEOVER: "ACCOUNT_TAKEOVER",
    events.BLOCK: "BLOCK",
}


def of(event: AuthEvent) -> dict[str, Any]:
    context, feedback = event.context, event.feedback
    has_level = event.decision == events.TAKEOVER
    return {
        "version": VERSION,
        "eventId": event.id,
        "eventType": event.type,
        "userSub": event.sub,
        "userName": "",
        "userPoolId": event.pool_id,
        "clientId": event.client_id,
        "creationDate": _date(event.created_at),
        "eventResponse": event.response,
        "riskLevel": event.level if has_level else "",
        "riskDecision": _DECISIONS[event.decision],
        "challenges": [f"{name}:{response}" for name, response in event.challenges],
        "deviceName": context.device_name,
        "ipAddress": context.ip_address or "",
        "requestId": event.request_id,
        "idpName": "",
        "compromisedCredentialDetected": _flag(event.compromised),
        "city": context.city or "",
        "country": context.country or "",
        "eventFeedbackValue": feedback.value if feedback else "",
        "eventFeedbackDate": _date(feedback.given_at) if feedback else "",
        "eventFeedbackProvider": feedback.provider if feedback else "",
        "hasContextData": _flag(context.ip_address is not None),
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _date(moment: int) -> str:
    """As Java writes it: `Wed Jul 17 17:25:55 UTC 2024`."""
    return datetime.fromtimestamp(moment // SECOND, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
