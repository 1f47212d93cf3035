"""What an event of a user's history says; the record and its table are store/auth_events.py's.

    of_call         an event that happens in a request
    blocked_for_leak    the same, refused for its password
    log_of          where it is told of besides
    judged          the same when its risk is known
    challenges      how a sign-in's challenges are called in its event

The words are the API's (AuthEventType). An event's id is a version 7 UUID, made when what it tells of begins: it carries the
moment, and is the `event_id` of the tokens. Nothing here reads or writes; history.py does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cognomen import clock
from cognomen.call import Call
from cognomen.challenge_names import (
    EMAIL_OTP,
    PASSWORD,
    PASSWORD_VERIFIER,
    SMS_MFA,
    SMS_OTP,
    SOFTWARE_TOKEN_MFA,
    WEB_AUTHN,
)
from cognomen.clock import DAY
from cognomen.pools import log_records
from cognomen.risk import context
from cognomen.store.auth_events import AuthEvent, LogTo
from cognomen.store.log_records import NOWHERE

SIGN_IN, SIGN_UP, FORGOT_PASSWORD, PASSWORD_CHANGE, RESEND_CODE = (
    "SignIn",
    "SignUp",
    "ForgotPassword",
    "PasswordChange",
    "ResendCode",
)
"""The types."""

PASS, FAIL, IN_PROGRESS = "Pass", "Fail", "InProgress"
"""The responses."""

NO_RISK, TAKEOVER, BLOCK = "NoRisk", "AccountTakeover", "Block"
"""The decisions. An event that nobody has judged has none, and is told as one without a risk."""

LOW, MEDIUM, HIGH, NONE = "Low", "Medium", "High", "None"
"""The levels; NONE is that of an event that was judged to be without a risk."""

VALID, INVALID = "Valid", "Invalid"
"""What may be said of one."""

BY_PASSWORD, BY_FACTOR = "Password", "Mfa"
SUCCESS, FAILURE = "Success", "Failure"

KEPT_FOR = 730 * DAY
"""Two years (developer guide, "Viewing user event history")."""

STRANGERS_KEPT_FOR = DAY
"""What nobody has done is written as what users do, so that nobody can tell them apart, and read by nobody."""

_CALLED = {
    PASSWORD: BY_PASSWORD,
    PASSWORD_VERIFIER: BY_PASSWORD,
    SMS_MFA: BY_FACTOR,
    SOFTWARE_TOKEN_MFA: BY_FACTOR,
    EMAIL_OTP: BY_FACTOR,
    SMS_OTP: BY_FACTOR,
    WEB_AUTHN: BY_FACTOR,
}

_LONGEST_REASON = 500


def new_id(call: Call) -> str:
    return clock.uuid7(call.now)


def of_call(
    call: Call,
    sub: str,
    kind: str,
    response: str,
    *,
    id: str | None = None,
    is_stranger: bool = False,
    challenges: tuple[tuple[str, str], ...] = (),
    reason: str | None = None,
    compromised: bool = False,
) -> AuthEvent:
    """An event of this request, in call.pool and by call.client; `id` where it began in an earlier one.

    `sub` is a decoy's for a stranger. `reason` is what the caller of a failed one is told, `compromised` that its password is known
    to have leaked.
    """
    id = id or new_id(call)
    kept_for = STRANGERS_KEPT_FOR if is_stranger else KEPT_FOR
    return AuthEvent(
        pool_id=call.pool.id,
        sub=sub,
        id=id,
        type=kind,
        response=response,
        client_id=call.client_id or "",
        request_id=call.request_id,
        expires_at=clock.moment_of(id) + kept_for,
        challenges=challenges,
        failures=int(response == FAIL),
        reason=None if reason is None else reason[:_LONGEST_REASON],
        compromised=compromised,
        context=context.of_call(call),
        log=log_of(call, is_stranger=is_stranger),
    )


def blocked_for_leak(event: AuthEvent) -> AuthEvent:
    """The event when it was refused since its password is known to have leaked."""
    return replace(event, compromised=True, decision=BLOCK, level=event.level or NONE)


def log_of(call: Call, *, is_stranger: bool = False) -> LogTo | None:
    """Where the pool's owner wants to read of events. What strangers do is queued as well, and told nobody."""
    destination = log_records.destination(call.node, call.configuration, log_records.SIGN_INS)
    if destination is None:
        return None
    return LogTo(NOWHERE if is_stranger else destination, call.now)


def judged(event: AuthEvent, level: str, *, is_blocked: bool = False) -> AuthEvent:
    """The event with what it was judged to be, empty where nobody did, and what threat protection has decided."""
    if not level:
        return event
    decision = BLOCK if is_blocked else NO_RISK if level == NONE else TAKEOVER
    return replace(event, level=level, decision=decision)


def challenges(proven: Iterable[str], failed: str = "") -> tuple[tuple[str, str], ...]:
    """The challenges of a sign-in that its event tells of: those that were proven, in order, and one whose answer was wrong.

    The API has two names: a password, and anything else that proves a user. What proves nothing (a choice, a new password) and
    what is another's to judge (a custom challenge, a device) is not told.
    """
    told = [(_CALLED[name], SUCCESS) for name in proven if name in _CALLED]
    if failed in _CALLED:
        told.append((_CALLED[failed], FAILURE))
    return tuple(told)
