"""One trigger fired: the event made, the function asked, its answer read, its failures told and logged.

    arn_of      the function that a pool has for a trigger
    fire        the answer's `response`, as the trigger's module wants it
    attributes_of       a user's attributes as events carry them

An answer must be the whole event again; what it changes outside of `response` is not looked at (docs/unsure.md has the rest).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.outgoing import TooLarge, TooSlow
from cognomen.pools import ids
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.triggers.failures import FunctionError, NotInvoked
from cognomen.users import attributes

A = TypeVar("A", bound=Struct)

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
SDK_VERSION = "aws-sdk-unknown-unknown"  # what Cognito tells of nearly every caller
STATUS = "cognito:user_status"

_WANTED = frozenset({"version", "triggerSource", "region", "userPoolId", "userName", "request", "response"})

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
    client = getattr(call, "client", None)  # administrators' requests name none
    return {
        "version": version,
        "triggerSource": source,
        "region": ids.region_of(call.pool.id),
        "userPoolId": call.pool.id,
        "userName": user_name,
        "callerContext": {"awsSdkVersion": SDK_VERSION, "clientId": client.id if client else NO_CLIENT},
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
    began, outcome = clock.elapsed(), "interrupted"
    try:
        read = read_answer(await _invoke(call, trigger, arn, msgspec.json.encode(asked)), answer)
        outcome = "ok"
    except Refusal as refusal:
        outcome = refusal.type
        raise
    finally:
        _note(call, trigger, source, outcome, clock.elapsed() - began)
    return read


def read_answer(returned: bytes, answer: type[A]) -> A:
    """The `response` of an event that came back. Raises TRIGGER_ANSWER_NOT_JSON, TRIGGER_ANSWER_UNRECOGNIZABLE."""
    try:
        found = msgspec.json.decode(returned)
    except (ValueError, RecursionError):
        raise errors.TRIGGER_ANSWER_NOT_JSON() from None
    if not isinstance(found, dict) or not found.keys() >= _WANTED:
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE()
    response = found["response"]
    try:
        return msgspec.convert({} if response is None else response, answer, strict=False)
    except msgspec.ValidationError:
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE() from None


async def _invoke(call: Call, trigger: str, arn: str, event: bytes) -> bytes:
    try:
        return await call.functions.invoke(arn, event)
    except FunctionError as error:
        raise errors.TRIGGER_FAILED(trigger=trigger, message=error.message) from None
    except NotInvoked as error:
        raise errors.TRIGGER_NOT_INVOKED(trigger=trigger, code=error.code) from None
    except TooSlow:
        raise errors.TRIGGER_TIMED_OUT(arn=arn) from None
    except TooLarge:
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE() from None


def _note(call: Call, trigger: str, source: str, outcome: str, seconds: float) -> None:
    call.functions.counts[trigger, outcome] += 1
    client = getattr(call, "client", None)
    log.log(
        logging.INFO if outcome == "ok" else logging.WARNING,
        "trigger %s",
        source,
        extra={
            "request_id": call.request_id,
            "operation": call.operation,
            "outcome": outcome,
            "duration_ms": round(seconds * 1_000, 1),
            "pool_id": call.pool.id,
            "client_id": client.id if client else None,
        },
    )
