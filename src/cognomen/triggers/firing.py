"""One trigger fired: the event made, the function asked, its answer read, its failures told and logged.

    arn_of      the function that a pool has for a trigger
    fire        the answer's `response`, as the trigger's module wants it
    attributes_of       a user's attributes as events carry them

An answer must be the whole event again; what it changes outside of `response` is not looked at (docs/unsure.md has the rest).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.outgoing import TooLarge, TooSlow, Unreachable
from cognomen.pools import ids
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.triggers.failures import FunctionError, NotInvoked, Unreadable
from cognomen.users import attributes

A = TypeVar("A", bound=Struct)

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
SDK_VERSION = "aws-sdk-unknown-unknown"  # what Cognito tells of nearly every caller
STATUS = "cognito:user_status"

_WANTED = frozenset({"version", "triggerSource", "region", "userPoolId", "userName", "request", "response"})

_PLACE = re.compile(r" - at `\$((?:\.[A-Za-z0-9_]+|\[(?:\d+|\.\.\.)?\])*)`$")
_TYPES = re.compile(r"Expected `([a-z |]+)`, got `([a-z]+)`")

log = logging.getLogger(__name__)


class Nothing(Struct, frozen=True):
    """The response of triggers that only watch, or say no by failing."""


def arn_of(pool: UserPool, trigger: str) -> str | None:
    """The function of a pool for a trigger; None where it has none."""
    found: str | Mapping[str, str] | None = pool.settings.lambda_config.get(trigger)
    return found if isinstance(found, str) or found is None else found["LambdaArn"]


def attributes_of(user: User) -> dict[str, str]:
    """All attributes as texts, with the two that are none."""
    values = attributes.everything(user)
    sub = values.pop(attributes.SUB)
    return {attributes.SUB: sub, STATUS: user.status, **values}


def with_metadata(request: dict[str, Any], metadata: Mapping[str, str] | None) -> dict[str, Any]:
    """The request with the caller's ClientMetadata; the member is not there when there is none."""
    return request | {"clientMetadata": dict(metadata)} if metadata else request


def event(
    call: Call,
    source: str,
    *,
    user_name: str,
    request: Mapping[str, Any],
    response: Mapping[str, Any],
    version: str = "1",
) -> dict[str, Any]:
    """The event that a function gets (developer guide, "Lambda trigger event")."""
    return {
        "version": version,
        "triggerSource": source,
        "region": ids.region_of(call.pool.id),
        "userPoolId": call.pool.id,
        "userName": user_name,
        "callerContext": {"awsSdkVersion": SDK_VERSION, "clientId": call.client_id or NO_CLIENT},
        "request": request,
        "response": response,
    }


async def fire(
    call: Call,
    trigger: str,
    source: str,
    *,
    user_name: str,
    request: Mapping[str, Any],
    answer: type[A],
    response: Mapping[str, Any] | None = None,
    version: str = "1",
) -> A | None:
    """The response of the pool's function for `trigger`, read as `answer`; None where the pool has none.

    `response` is what the event carries there; by default the members of `answer`, as they are when nobody fills them in.
    Raises TRIGGER_FAILED, TRIGGER_NOT_INVOKED, TRIGGER_TIMED_OUT, TRIGGER_ANSWER_NOT_JSON, TRIGGER_ANSWER_UNRECOGNIZABLE.
    """
    arn = arn_of(call.pool, trigger)
    if arn is None:
        return None
    empty = msgspec.to_builtins(answer()) if response is None else response
    asked = event(call, source, user_name=user_name, request=request, response=empty, version=version)
    began, outcome, fault = clock.elapsed(), "interrupted", None
    try:
        read = read_answer(await _invoke(call, trigger, arn, msgspec.json.encode(asked)), answer)
        outcome = "ok"
    except Refusal as refusal:
        outcome, fault = refusal.type, refusal.__cause__
        raise
    finally:
        _note(call, trigger, source, outcome, clock.elapsed() - began, _why(call, arn, fault))
    return read


def read_answer(returned: bytes, answer: type[A]) -> A:
    """The `response` of an event that came back. Raises TRIGGER_ANSWER_NOT_JSON, TRIGGER_ANSWER_UNRECOGNIZABLE."""
    try:
        found = msgspec.json.decode(returned)
    except (ValueError, RecursionError):
        raise errors.TRIGGER_ANSWER_NOT_JSON() from Unreadable("its answer is not JSON")
    if not isinstance(found, dict):
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE() from Unreadable("its answer is not an object")
    if missing := sorted(_WANTED - found.keys()):
        told = f"its answer is not the whole event: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE() from Unreadable(told)
    response = found["response"]
    try:
        return msgspec.convert({} if response is None else response, answer, strict=False)
    except msgspec.ValidationError as error:
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE() from Unreadable(_misfit(str(error)))


def _misfit(said: str) -> str:
    """Which member of a response is wrong, and how; the library's own text may quote a value."""
    place = _PLACE.search(said)
    where = f"response{place[1]}" if place else "response"
    types = _TYPES.match(said)
    return (
        f"{where} in its answer should be {types[1]} and is {types[2]}"
        if types
        else f"{where} in its answer is not valid"
    )


async def _invoke(call: Call, trigger: str, arn: str, event: bytes) -> bytes:
    try:
        return await call.functions.invoke(arn, event)
    except FunctionError as error:
        raise errors.TRIGGER_FAILED(trigger=trigger, message=error.message) from error
    except NotInvoked as error:
        raise errors.TRIGGER_NOT_INVOKED(trigger=trigger, code=error.code) from error
    except TooSlow as error:
        raise errors.TRIGGER_TIMED_OUT(arn=arn) from error
    except TooLarge as error:
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE() from error


def _why(call: Call, arn: str, fault: BaseException | None) -> str:
    """For whoever reads the log: what was wrong with which function; empty where nothing was."""
    if not isinstance(fault, FunctionError | NotInvoked | Unreachable | Unreadable):
        return ""
    return f" failed: {fault.reason} (function {arn}, at {call.functions.place_of(arn)})"


def _note(call: Call, trigger: str, source: str, outcome: str, seconds: float, why: str) -> None:
    call.functions.counts[trigger, outcome] += 1
    log.log(
        logging.INFO if outcome == "ok" else logging.WARNING,
        "trigger %s%s",
        source,
        why,
        extra={
            "request_id": call.request_id,
            "operation": call.operation,
            "outcome": outcome,
            "duration_ms": round(seconds * 1_000, 1),
            "pool_id": call.pool.id,
            "client_id": call.client_id,
        },
    )
