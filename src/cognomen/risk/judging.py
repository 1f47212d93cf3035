"""How suspicious a sign-in is: a pure function of where it comes from and what is known of its user's last ones.

    judge           the level, and the reasons for it

Cognito's own score is not public (developer guide, "Working with adaptive authentication", names what goes into it). This one
is a sum of points, and its table is below: whoever is asked why a sign-in was refused can tell. No more suspicion ever makes
the level lower. What is new counts only where something is known: a first sign-in has nothing to differ from.

A place or device is known by a sign-in that went well, that nobody has reported, and that was not of high risk itself, unless two
factors stand behind it; and by any that the user has owned up to. So who got in once is not trusted for that.

Failures and networks of others say nothing of whoever comes from a network and on a device that were trusted together: else any
stranger could lock a user out at home.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from cognomen.clock import HOUR
from cognomen.risk import events
from cognomen.risk.exceptions import plain_address
from cognomen.store.auth_events import AuthEvent, Context

NEW_NETWORK = "new network"
NEW_DEVICE = "new device"
NEW_BOTH = "new network and device at once"
NEW_TIMEZONE = "new time zone"
FAILURES = "failed attempts in the last hour"
MANY_FAILURES = "many failed attempts in the last hour"
NETWORKS = "several networks in the last hour"
MANY_NETWORKS = "many networks in the last hour"
REPORTED_NETWORK = "network of a sign-in that was reported"
REPORTED_DEVICE = "device of a sign-in that was reported"

POINTS = {
    NEW_NETWORK: 1,
    NEW_DEVICE: 1,
    NEW_BOTH: 1,
    NEW_TIMEZONE: 1,
    FAILURES: 1,
    MANY_FAILURES: 1,
    NETWORKS: 1,
    MANY_NETWORKS: 1,
    REPORTED_NETWORK: 3,
    REPORTED_DEVICE: 3,
}
"""What each reason counts; those that say `many` are added to those that say less."""

LEVELS = ((5, events.HIGH), (3, events.MEDIUM), (1, events.LOW))
"""From how many points on it is which level."""

LOOKED_AT = 50
"""The newest events of a user that are looked at, of those that went well and of those with feedback (risk/history.py)."""

RECENT = HOUR
MOST_RECENT = 100
"""Events of that time that are looked at; where there are so many it is busy, whatever they are."""

SOME_FAILURES, MOST_FAILURES = 3, 10
SOME_NETWORKS, MOST_NETWORKS = 3, 6

_BITS = {4: 24, 6: 48}
"""What counts as one network: what a provider hands to one place."""


@dataclass(frozen=True, slots=True)
class Judgement:
    level: str
    reasons: tuple[str, ...] = ()


def judge(context: Context, client_id: str, history: Sequence[AuthEvent], now: int) -> Judgement:
    """`history` are the user's last events without the one that is judged; their feedback is in them. `now` in milliseconds."""
    before = [event for event in history if _has_weight(event)]
    is_on_device = _device(context, client_id, before)
    recent = [event for event in history if event.created_at > now - RECENT]
    network = network_of(context.ip_address)

    def is_here(event: AuthEvent) -> bool:
        return network is not None and network_of(event.context.ip_address) == network and is_on_device(event)

    is_at_home = any(is_here(event) for event in before if _is_trusted(event))
    reasons = (
        *_new(context, before, is_on_device),
        *_busy(context, [event for event in recent if is_here(event)] if is_at_home else recent),
        *_reported(context, [event.context for event in history if _is_reported(event)]),
    )
    points = sum(POINTS[reason] for reason in reasons)
    level = next((level for least, level in LEVELS if points >= least), events.NONE)
    return Judgement(level, reasons)


def network_of(address: str | None) -> str | None:
    """None where the address is not known, or none."""
    plain = plain_address(address)
    return None if plain is None else str(ip_network((int(plain), _BITS[plain.version]), strict=False))


def _has_weight(event: AuthEvent) -> bool:
    """Whether an event is one that others differ from: a sign-in that went well, or of which somebody has said whose it was."""
    return event.type == events.SIGN_IN and (event.response == events.PASS or event.feedback is not None)


def _is_reported(event: AuthEvent) -> bool:
    return event.feedback is not None and event.feedback.value == events.INVALID


def _is_trusted(event: AuthEvent) -> bool:
    if event.feedback is not None:
        return event.feedback.value == events.VALID
    return event.level != events.HIGH or _has_two_factors(event)


def _has_two_factors(event: AuthEvent) -> bool:
    """A code or a passkey is called alike where it comes first and where it comes second."""
    proven = [name for name, response in event.challenges if response == events.SUCCESS]
    return len(proven) > 1 and events.BY_FACTOR in proven


def _device(context: Context, client_id: str, before: list[AuthEvent]) -> Callable[[AuthEvent], bool]:
    """Whether an event was on the device of `context`: by its fingerprint where both sides have one, else by its name.

    Whoever comes without one by a client whose library sends it is on another device than those that were told by theirs.
    """
    if context.fingerprint and any(event.context.fingerprint for event in before):
        return lambda event: event.context.fingerprint == context.fingerprint
    here = [event for event in before if event.client_id == client_id]
    if not context.fingerprint and any(event.context.fingerprint for event in here):
        return lambda event: (
            not event.context.fingerprint
            and event.client_id == client_id
            and event.context.device_name == context.device_name
        )
    return lambda event: event.context.device_name == context.device_name


def _new(context: Context, before: list[AuthEvent], is_on_device: Callable[[AuthEvent], bool]) -> list[str]:
    """What is not known of one part of a context says nothing of it, on either side."""
    trusted = [event for event in before if _is_trusted(event)]
    known = [event.context for event in trusted]
    network, networks = network_of(context.ip_address), {network_of(each.ip_address) for each in known}
    was_somewhere = any(network_of(event.context.ip_address) for event in before)
    is_elsewhere = was_somewhere and network is not None and network not in networks
    is_other = bool(before) and not any(is_on_device(event) for event in trusted)
    zones = {each.timezone for each in known}
    had_zone = any(event.context.timezone for event in before)
    told = {
        NEW_NETWORK: is_elsewhere,
        NEW_DEVICE: is_other,
        NEW_BOTH: is_elsewhere and is_other,
        NEW_TIMEZONE: had_zone and context.timezone is not None and context.timezone not in zones,
    }
    return [reason for reason, applies in told.items() if applies]


def _busy(context: Context, recent: list[AuthEvent]) -> list[str]:
    failures = sum(event.failures for event in recent)
    networks = {network_of(each.ip_address) for each in (context, *(event.context for event in recent))}
    count = len(networks - {None})
    is_flooded = len(recent) >= MOST_RECENT
    told = {
        FAILURES: is_flooded or failures >= SOME_FAILURES,
        MANY_FAILURES: is_flooded or failures >= MOST_FAILURES,
        NETWORKS: is_flooded or count >= SOME_NETWORKS,
        MANY_NETWORKS: is_flooded or count >= MOST_NETWORKS,
    }
    return [reason for reason, applies in told.items() if applies]


def _reported(context: Context, reported: list[Context]) -> list[str]:
    """A device by its fingerprint alone, since many are of one name; in the network that was reported its name will do."""
    network = network_of(context.ip_address)
    there = [each for each in reported if network is not None and network_of(each.ip_address) == network]
    is_device = any(context.fingerprint and context.fingerprint == each.fingerprint for each in reported)
    told = {
        REPORTED_NETWORK: bool(there),
        REPORTED_DEVICE: is_device or any(_is_same_device(context, each) for each in there),
    }
    return [reason for reason, applies in told.items() if applies]


def _is_same_device(one: Context, other: Context) -> bool:
    if one.fingerprint and other.fingerprint:
        return one.fingerprint == other.fingerprint
    return one.device_name == other.device_name
