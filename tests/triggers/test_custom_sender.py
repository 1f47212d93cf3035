"""A function that carries messages itself gets their codes so that it, and nobody else, can read them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from cognomen.store import users
from cognomen.triggers import custom_sender
from tests.calls import call_of
from tests.functions import Functions, arn
from tests.sdk_receiver import opened, raw_key
from tests.server import Server

Make = Callable[..., Any]

KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/0b8e1f0a-0000-4000-8000-000000000001"


@pytest.mark.parametrize("trigger", ["CustomEmailSender", "CustomSMSSender"])
@pytest.mark.parametrize(
    ("is_password", "secret", "text"),
    [(False, "12<34", b"12<34"), (True, "pass<word>&", b"pass&lt;word&gt;&amp;")],
)
def test_the_function_opens_the_code_and_a_password_is_escaped(
    server: Server,
    make_pool: Make,
    make_user: Make,
    functions: Functions,
    set_triggers: Make,
    trigger: custom_sender.Trigger,
    is_password: bool,
    secret: str,
    text: bytes,
) -> None:
    pool_id = make_pool()["Id"]
    sub = make_user(pool_id, "anna")
    sender = {"LambdaVersion": "V1_0", "LambdaArn": arn("api", trigger)}
    set_triggers(pool_id, **{trigger: sender}, KMSKeyID=KEY_ARN)

    async def send() -> None:
        call = await call_of(server.node, pool_id)
        user = await call.store.read(users.by_sub, pool_id, sub)
        assert user is not None
        event = custom_sender.event_of("ForgotPassword", user, {}, client_id=None, client_metadata=None)
        await custom_sender.send(call, trigger, event, secret, is_password=is_password)

    server.run(send())
    request = functions.events[-1]["request"]
    key = server.node.code_keys.secret_of(KEY_ARN)
    assert key is not None
    assert secret not in str(request)
    message = base64.b64decode(request["code"])
    assert opened(message, raw_key(key, KEY_ARN)) == (text, {"userpool-id": pool_id})
