"""A sign-in judged by what the configuration of its client, else its pool's, says of risks, and what is to come of it.

    mode_of             how much threat protection does in a kind of sign-in: OFF, AUDIT, ENFORCED
    refuse_address      whoever comes from a blocked address, before anything is looked at; dispatch and the OAuth endpoints ask
    assess              a user's sign-in, once the first factor is proven: its level, and the action that is due

AUDIT judges and tells, and acts on nothing: neither on a level nor on an address. Custom sign-ins have a mode of their own
(AdvancedSecurityAdditionalFlows.CustomAuthMode), and are not judged where the pool's owner has set none. Developer guide, "Working
with adaptive authentication"; API reference, SetRiskConfiguration.
"""

from __future__ import annotations

import logging

import msgspec

from cognomen import errors
from cognomen.call import Call
from cognomen.pools import threat_protection
from cognomen.pools.threat_protection import AUDIT, ENFORCED, EXCEPTIONS, OFF, TAKEOVER
from cognomen.risk import context, events, history, judging
from cognomen.risk.exceptions import is_in
from cognomen.store.user_pools import UserPool

NO_ACTION, MFA_IF_CONFIGURED, MFA_REQUIRED, BLOCK = "NO_ACTION", "MFA_IF_CONFIGURED", "MFA_REQUIRED", "BLOCK"

_ACTIONS = {events.LOW: "LowAction", events.MEDIUM: "MediumAction", events.HIGH: "HighAction"}

log = logging.getLogger(__name__)


class Assessment(msgspec.Struct, frozen=True, array_like=True):
    """`level` is one of events.py's; `action` is what the configuration wants of it, `notifies` whether the user is to be told."""

    level: str
    action: str = NO_ACTION
    notifies: bool = False


NO_RISK = Assessment(events.NONE)
NOT_JUDGED = Assessment("")


def mode_of(pool: UserPool, *, custom: bool) -> str:
    if not custom:
        return threat_protection.mode(pool.settings)
    flows = (pool.settings.user_pool_add_ons or {}).get("AdvancedSecurityAdditionalFlows") or {}
    mode: str = flows.get("CustomAuthMode", OFF)
    return mode


def refuse_address(call: Call) -> None:
    """Raises ADDRESS_BLOCKED, to users and strangers alike, where either mode is ENFORCED: of a request nobody knows yet which counts."""
    if ENFORCED not in (mode_of(call.pool, custom=False), mode_of(call.pool, custom=True)):
        return
    exceptions = call.configuration.risk_parts(call.client).get(EXCEPTIONS, {})
    if is_in(call.client_ip, exceptions.get("BlockedIPRangeList", ())):
        call.node.risk_counts["none", "blocked address"] += 1
        raise errors.ADDRESS_BLOCKED()


async def assess(call: Call, sub: str, event_id: str, *, custom: bool = False) -> Assessment:
    """NOT_JUDGED where such sign-ins are not, or nobody from this address. One transaction reads the user's history."""
    mode = mode_of(call.pool, custom=custom)
    if mode == OFF:
        return NOT_JUDGED
    parts = call.configuration.risk_parts(call.client)
    if is_in(call.client_ip, parts.get(EXCEPTIONS, {}).get("SkippedIPRangeList", ())):
        return NOT_JUDGED
    known = await call.store.read(history.looked_at, call.pool.id, sub, call.now)
    before = [event for event in known if event.id != event_id]
    judged = judging.judge(context.of_call(call), call.client_id or "", before, call.now)
    if judged.level == events.NONE:
        return NO_RISK
    log.info(
        "the sign-in of request %s is of %s risk: %s",
        call.request_id,
        judged.level.lower(),
        ", ".join(judged.reasons),
        extra={"request_id": call.request_id, "pool_id": call.pool.id},
    )
    if mode == AUDIT:
        return Assessment(judged.level)
    action = parts.get(TAKEOVER, {}).get("Actions", {}).get(_ACTIONS[judged.level])
    if action is None:
        return Assessment(judged.level)
    return Assessment(judged.level, action["EventAction"], action["Notify"])
