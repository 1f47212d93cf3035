"""A gateway: the message is the JSON body of a POST, signed so that its receiver can tell that it is ours.

    X-Cognomen-Message      the message's id, the same in each attempt
    X-Cognomen-Timestamp    seconds since the epoch
    X-Cognomen-Signature    as over_http.py signs events, under `message_secret`, the id in the place of the ARN

Any status from 200 to 299 acknowledges the message. 422 says that it will never be taken; after any other it is tried again.
docs/messages.md tells all of it to whoever writes a receiver.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cognomen import clock
from cognomen.clock import SECOND
from cognomen.messages import compose
from cognomen.messages.carriers import mail
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.carriers.targets import Gateway
from cognomen.outgoing import Outgoing, Unreachable
from cognomen.triggers import over_http

SECONDS = 10.0
LARGEST = 64 * 1024

_REFUSED = 422


class HttpGateway:
    """Made anywhere, used in one event loop, closed there."""

    name = "gateway"

    def __init__(self, target: Gateway, secret: str, sender: str) -> None:
        self._url = target.url
        self._secret = secret
        self._sender = sender
        self._outgoing = Outgoing(seconds=SECONDS)

    async def carry(self, parcel: Parcel) -> None:
        body = msgspec.json.encode(self._document(parcel))
        timestamp = str(clock.unmoved() // SECOND)
        headers = {
            "Content-Type": "application/json",
            "X-Cognomen-Message": parcel.id,
            "X-Cognomen-Timestamp": timestamp,
            "X-Cognomen-Signature": f"v1={over_http.signature(self._secret, timestamp, parcel.id, body)}",
        }
        try:
            answer = await self._outgoing.post(self._url, body, headers, limit=LARGEST)
        except Unreachable as error:
            raise Undelivered(f"the gateway gave no answer: {error.reason}") from None
        if not 200 <= answer.status < 300:  # noqa: PLR2004  the statuses of success
            raise Undelivered(
                f"the gateway answered {answer.status}",
                detail=answer.body.decode(errors="replace"),
                is_final=answer.status == _REFUSED,
            )

    async def close(self) -> None:
        await self._outgoing.close()

    def _document(self, parcel: Parcel) -> dict[str, Any]:
        message = parcel.message
        document: dict[str, Any] = {
            "id": parcel.id,
            "pool": parcel.pool.id,
            "medium": message.medium,
            "to": message.destination,
            "purpose": message.purpose,
            "sub": message.sub,
            "username": message.username,
            "code": message.code,
            "password": message.password,
        }
        if message.medium == compose.SMS:
            return document | {"text": message.body}
        configuration = parcel.email_configuration
        return document | {
            "from": mail.sender_of(configuration, self._sender),
            "reply_to": configuration.reply_to_email_address,
            "subject": mail.subject_of(parcel),
            "html": message.body,
            "text": parcel.text,
        }
