"""CustomEmailSender and CustomSMSSender: the pool owner's functions that carry messages in the place of our carriers.

The code, or temporary password, is encrypted with the pool's key (LambdaConfig.KMSKeyID) in the message format of the AWS
Encryption SDK (code_keys.py). Developer guide, "Custom email sender Lambda trigger".
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from typing import Any, Literal

from cognomen.call import Call
from cognomen.store.users import User
from cognomen.triggers.firing import Nothing, arn_of, attributes_of, fire, with_metadata

EMAIL_SENDER = "CustomEmailSender"
SMS_SENDER = "CustomSMSSender"

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

_REQUEST_TYPES: dict[Trigger, str] = {
    "CustomEmailSender": "customEmailSenderRequestV1",
    "CustomSMSSender": "customSMSSenderRequestV1",
}


def carries(call: Call, trigger: Trigger) -> bool:
    """Whether the pool's owner carries such messages: then nobody else does."""
    return arn_of(call.pool, trigger) is not None


async def send(
    call: Call,
    trigger: Trigger,
    occasion: Occasion,
    user: User,
    secret: str | None,
    *,
    is_password: bool = False,
    client_metadata: Mapping[str, str] | None = None,
) -> None:
    """Hand a message to the function. Cognito does not wait for it: its failure must not reach a caller.

    Raises the Refusal of a function that fails, and NotEncrypted.
    A temporary password is escaped for HTML before it is encrypted, as Cognito does.
    """
    request: dict[str, Any] = {"type": _REQUEST_TYPES[trigger], "code": None}
    if secret is not None:
        plain = html.escape(secret, quote=False) if is_password else secret
        request["code"] = await _encrypted(call, plain)
    whole = with_metadata(request, client_metadata) | {"userAttributes": attributes_of(user)}
    await fire(
        call,
        trigger,
        f"{trigger}_{occasion}",
        user_name=user.username,
        request=whole,
        answer=Nothing,
    )


async def _encrypted(call: Call, plain: str) -> str:
    key_arn: str = call.pool.settings.lambda_config["KMSKeyID"]
    context = {"userpool-id": call.pool.id}
    return base64.b64encode(await call.code_keys.encrypt(key_arn, plain.encode(), context)).decode()
