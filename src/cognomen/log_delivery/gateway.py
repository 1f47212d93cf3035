"""A URL that takes records: the lines are the body of a POST, signed so that its receiver can tell that they are ours.

    X-Cognomen-Delivery     the id of the batch
    X-Cognomen-Destination  the ARN that the pool's owner has named
    X-Cognomen-Timestamp    seconds since the epoch
    X-Cognomen-Signature    as over_http.py signs events, under `log_secret`: timestamp, ARN and body

Any status from 200 to 299 acknowledges all of them, 422 says that they will never be taken; after any other they come again.
"""

from __future__ import annotations

from collections.abc import Sequence

from cognomen import clock
from cognomen.clock import SECOND
from cognomen.log_delivery.failures import NotTaken
from cognomen.outgoing import Outgoing, Unreachable
from cognomen.triggers import over_http

SECONDS = 10.0
LARGEST = 64 * 1024

_REFUSED = 422


class Gateway:
    name = "gateway"

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret
        self._outgoing = Outgoing(seconds=SECONDS)

    async def take(self, id: str, destination: str, lines: Sequence[str]) -> None:
        body = "".join(f"{line}\n" for line in lines).encode()
        timestamp = str(clock.unmoved() // SECOND)
        headers = {
            "Content-Type": "application/x-ndjson",
            "X-Cognomen-Delivery": id,
            "X-Cognomen-Destination": destination,
            "X-Cognomen-Timestamp": timestamp,
            "X-Cognomen-Signature": f"v1={over_http.signature(self._secret, timestamp, destination, body)}",
        }
        try:
            answer = await self._outgoing.post(self._url, body, headers, limit=LARGEST)
        except Unreachable as error:
            raise NotTaken(f"the gateway gave no answer: {error.reason}") from None
        if not 200 <= answer.status < 300:  # noqa: PLR2004  the statuses of success
            raise NotTaken(f"the gateway answered {answer.status}", is_final=answer.status == _REFUSED)

    async def close(self) -> None:
        await self._outgoing.close()
