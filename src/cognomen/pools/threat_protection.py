"""Risk configurations: what threat protection is told to do.

    mode(settings)          how much it does: nothing (OFF), watch and tell (AUDIT), or act too (ENFORCED)
    check_enabled(settings) it must be on, in whichever mode
    parts_of(request)       the three parts as they are kept, checked
    with_later              with what only a later release knows
    sender_of, sent_from    who notifications are from, which each region has of its own

Sources: developer guide, "Threat protection"; API reference, SetRiskConfiguration.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from cognomen import errors
from cognomen.pools import plans, rules
from cognomen.store.user_pool_settings import UserPoolSettings

COMPROMISED = "CompromisedCredentialsRiskConfiguration"
TAKEOVER = "AccountTakeoverRiskConfiguration"
EXCEPTIONS = "RiskExceptionConfiguration"
PARTS = (COMPROMISED, TAKEOVER, EXCEPTIONS)

_SENDER = ("From", "ReplyTo", "SourceArn")

OFF, AUDIT, ENFORCED = "OFF", "AUDIT", "ENFORCED"

SIGN_IN, PASSWORD_CHANGE, SIGN_UP = "SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"
EVENTS = [SIGN_IN, PASSWORD_CHANGE, SIGN_UP]
_LONGEST_RANGE = 49  # characters: an IPv6 address with an IPv4 one inside, and three digits of prefix
_LONGEST_SHOWN = 60


def mode(settings: UserPoolSettings) -> str:
    """That of all sign-ins but custom ones, which have one of their own."""
    found: str = (settings.user_pool_add_ons or {}).get("AdvancedSecurityMode", OFF)
    return found


def check_enabled(settings: UserPoolSettings) -> None:
    """Raises THREAT_PROTECTION_OFF. Only a pool of plan PLUS can have it on (plans.py)."""
    if not plans.THREAT_PROTECTION.in_pool(settings):
        raise errors.THREAT_PROTECTION_OFF()


def parts_of(request: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The parts that a checked SetRiskConfiguration gives, for a pool in `region`; without any, all is to be the default.

    Raises INVALID_IP_RANGE, NOTIFY_NEEDS_CONFIGURATION and the faults of a sender.
    """
    parts = {name: request[name] for name in PARTS if name in request}
    if COMPROMISED in parts:
        parts[COMPROMISED] = {"EventFilter": EVENTS} | _with_events_once(parts[COMPROMISED])
    if TAKEOVER in parts:
        _check_takeover(parts[TAKEOVER], region)
    for ranges in parts.get(EXCEPTIONS, {}).values():
        for value in ranges:
            _check_range(value)
    return parts


def with_later(parts: Mapping[str, Any], former: Mapping[str, Any]) -> dict[str, Any]:
    """The parts, and those of the former ones that a later release knows: nobody has asked to replace them."""
    return {name: part for name, part in former.items() if name not in PARTS} | dict(parts)


def sender_of(parts: Mapping[str, Any]) -> dict[str, str]:
    """Who notifications are from; empty where nobody is notified."""
    notify = parts.get(TAKEOVER, {}).get("NotifyConfiguration", {})
    return {member: notify[member] for member in _SENDER if member in notify}


def sent_from(parts: Mapping[str, Any], sender: Mapping[str, str]) -> dict[str, Any]:
    """The parts with another sender of their notifications, if they have any."""
    notify = parts.get(TAKEOVER, {}).get("NotifyConfiguration")
    if notify is None:
        return dict(parts)
    others = {member: value for member, value in notify.items() if member not in _SENDER}
    return {**parts, TAKEOVER: {**parts[TAKEOVER], "NotifyConfiguration": {**others, **sender}}}


def _with_events_once(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without any event, the filter is for all of them."""
    events = list(dict.fromkeys(given.get("EventFilter", ())))
    return {**given, "EventFilter": events or EVENTS}


def _check_takeover(takeover: Mapping[str, Any], region: str) -> None:
    notify = takeover.get("NotifyConfiguration")
    if notify is None:
        if any(action["Notify"] for action in takeover["Actions"].values()):
            raise errors.NOTIFY_NEEDS_CONFIGURATION()
        return
    for member in ("From", "ReplyTo"):
        if member in notify and not rules.is_sender(notify[member]):
            raise errors.INVALID_FROM_ADDRESS()
    ses_region = rules.ses_region_of(notify["SourceArn"])
    if ses_region is None:
        raise errors.NOTIFY_IDENTITY_NOT_USABLE()
    if ses_region not in (*rules.SES_REGIONS, region):
        raise errors.SES_REGION(regions=", ".join(rules.SES_REGIONS))


def _check_range(value: str) -> None:
    try:
        if "/" not in value or len(value) > _LONGEST_RANGE:
            raise ValueError  # noqa: TRY301  as ip_network does
        ip_network(value, strict=False)
    except ValueError:
        raise errors.INVALID_IP_RANGE(value=value[:_LONGEST_SHOWN]) from None
