"""CustomEmailSender and CustomSMSSender: the pool owner's functions that carry messages in the place of our carriers.

The code, or temporary password, is encrypted with the pool's key (LambdaConfig.KMSKeyID) in the message format of the AWS
Encryption SDK (code_keys.py). Developer guide, "Custom email sender Lambda trigger".
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from typing import Any, Literal, get_args

from msgspec import Struct

from cognomen.call import Call
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.triggers.firing import Nothing, arn_of, attributes_of, fire, with_metadata

Trigger = Literal["CustomEmailSender", "CustomSMSSender"]
Occasion = Literal[
    "SignUp",
    "AdminCreateUser",
    "ResendCode",
    "ForgotPassword",
    "UpdateUserAttribute",
    "VerifyUserAttribute",
    "Authentication",
    "AccountTakeOverNotification",
]
"""What follows the trigger's name in an event's source."""

EMAIL_SENDER: Trigger = "CustomEmailSender"
SMS_SENDER: Trigger = "CustomSMSSender"

TAKE_OVER: Occasion = "AccountTakeOverNotification"
"""A notice of a risk, by mail alone and without a code."""

_REQUEST_TYPES: dict[Trigger, str] = {
    "CustomEmailSender": "customEmailSenderRequestV1",
    "CustomSMSSender": "customSMSSenderRequestV1",
}


class Event(Struct, frozen=True, kw_only=True):
    """What a function is told of a message, as it was when the message was queued; all but the code."""

    occasion: Occasion
    username: str
    attributes: dict[str, str]
    client_id: str | None = None
    client_metadata: dict[str, str] | None = None


def occasions_of(trigger: Trigger) -> list[Occasion]:
    return [each for each in get_args(Occasion) if trigger == EMAIL_SENDER or each != TAKE_OVER]


def carries(pool: UserPool, trigger: Trigger) -> bool:
    """Whether the pool's owner carries such messages: then nobody else does."""
    return arn_of(pool, trigger) is not None


def event_of(
    occasion: Occasion,
    user: User,
    addresses: Mapping[str, str],
    *,
    client_id: str | None,
    client_metadata: Mapping[str, str] | None,
) -> Event:
    """`addresses`: attributes that count in the place of the user's own."""
    return Event(
        occasion=occasion,
        username=user.username,
        attributes={**attributes_of(user), **addresses},
        client_id=client_id,
        client_metadata=dict(client_metadata) if client_metadata else None,
    )


async def send(
    call: Call, trigger: Trigger, event: Event, secret: str | None, *, is_password: bool = False
) -> None:
    """Hand a message to the function. Cognito does not wait for it: its failure must not reach a caller.

    Raises the Refusal of a function that fails, and NotEncrypted.
    A temporary password is escaped for HTML before it is encrypted, as Cognito does.
    """
    request: dict[str, Any] = {"type": _REQUEST_TYPES[trigger], "code": None}
    if secret is not None:
        plain = html.escape(secret, quote=False) if is_password else secret
        request["code"] = await _encrypted(call, plain)
    whole = with_metadata(request, event.client_metadata) | {"userAttributes": event.attributes}
    await fire(
        call,
        trigger,
        f"{trigger}_{event.occasion}",
        user_name=event.username,
        request=whole,
        answer=Nothing,
    )


async def _encrypted(call: Call, plain: str) -> str:
    key_arn: str = call.pool.settings.lambda_config["KMSKeyID"]
    context = {"userpool-id": call.pool.id}
    return base64.b64encode(await call.code_keys.encrypt(key_arn, plain.encode(), context)).decode()
