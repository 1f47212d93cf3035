"""A function behind a URL: the event is the body of a POST, signed so that its receiver can tell that it is ours.

    X-Cognomen-Function     the ARN that stands for the URL
    X-Cognomen-Timestamp    seconds since the epoch
    X-Cognomen-Signature    `v1=` and HMAC-SHA256, in hex, of the timestamp, the ARN and the body, full stops between them

The answer's body is what the function returns, with status 200. `{"errorMessage": …}` with another status, or in the place of the
event, is an error of the function. docs/triggers.md tells all of it to whoever writes a receiver.
"""

from __future__ import annotations

import hmac

from cognomen import clock
from cognomen.clock import SECOND
from cognomen.outgoing import Outgoing
from cognomen.triggers.failures import FunctionError, NotInvoked
from cognomen.triggers.lambda_api import error_message, members
from cognomen.triggers.targets import Url

_OK = 200


async def invoke(
    outgoing: Outgoing, target: Url, secret: str, arn: str, event: bytes, *, limit: int
) -> bytes:
    """What the function returned. Raises FunctionError, NotInvoked, Unreachable."""
    timestamp = str(clock.unmoved() // SECOND)
    headers = {
        "Content-Type": "application/json",
        "X-Cognomen-Function": arn,
        "X-Cognomen-Timestamp": timestamp,
        "X-Cognomen-Signature": f"v1={signature(secret, timestamp, arn, event)}",
    }
    answer = await outgoing.post(target.url, event, headers, limit=limit)
    found = members(answer.body)
    if "errorMessage" in found and (answer.status != _OK or "response" not in found):
        raise FunctionError(error_message(answer.body))
    if answer.status != _OK:
        raise NotInvoked("ServiceException", f"it answered with status {answer.status}")
    return answer.body


def signature(secret: str, timestamp: str, arn: str, body: bytes) -> str:
    """One secret serves all URLs, so the ARN is signed too: what was meant for one function is good for no other."""
    return hmac.digest(secret.encode(), b".".join((timestamp.encode(), arn.encode(), body)), "sha256").hex()
