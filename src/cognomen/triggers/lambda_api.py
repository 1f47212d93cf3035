"""A function behind the Invoke API of AWS Lambda, or of whatever speaks it.

`POST /2015-03-31/functions/{arn}/invocations`, signed; API reference of AWS Lambda, "Invoke". An answer of 200 is the function's, and
an error of the function when X-Amz-Function-Error is there; any other status is Lambda's own error.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from cognomen import clock
from cognomen.outgoing import Answer, Outgoing
from cognomen.triggers.failures import FunctionError, NotInvoked
from cognomen.triggers.targets import LambdaApi, region_of
from cognomen.wire import signing
from cognomen.wire.signing import Credentials

_OK = 200


async def invoke(
    outgoing: Outgoing, target: LambdaApi, credentials: Credentials, arn: str, event: bytes, *, limit: int
) -> bytes:
    """What the function returned. Raises FunctionError, NotInvoked, Unreachable."""
    endpoint = target.endpoint_of(arn)
    if endpoint is None:
        raise NotInvoked("ResourceNotFoundException", "its ARN names no region of AWS")
    path = f"/2015-03-31/functions/{quote(arn, safe='')}/invocations"
    headers = signing.sign(
        credentials,
        service="lambda",
        region=region_of(arn),
        method="POST",
        raw_path=path,
        headers={
            "host": urlsplit(endpoint).netloc,
            "content-type": "application/json",
            "x-amz-invocation-type": "RequestResponse",
        },
        body=event,
        now=clock.unmoved(),
    )
    answer = await outgoing.post(endpoint + path, event, headers, limit=limit)
    if answer.status != _OK:
        code = _code(answer)
        raise NotInvoked(code, f"the Lambda API answered {answer.status} {code}")
    if "x-amz-function-error" in answer.headers:
        raise FunctionError(error_message(answer.body))
    return answer.body


def error_message(body: bytes) -> str:
    """The text of an error as the runtimes of Lambda write it: `{"errorMessage": …, "errorType": …}`."""
    message = members(body).get("errorMessage")
    return message if isinstance(message, str) else "null"


def members(body: bytes) -> dict[str, Any]:
    """The members of a JSON object; of anything else there are none."""
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(answer: Answer) -> str:
    """AWS's name of an error: in a header, which may go on after a colon, or in the body."""
    code = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    if not code:
        found = members(answer.body)
        code = str(found.get("__type") or found.get("Code") or "").rpartition("#")[2]
    return code if code.isalnum() and code.isascii() else "ServiceException"
