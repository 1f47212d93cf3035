"""The operations of a real pool of Amazon Cognito, asked through boto3 in the form in which ours are asked in process.

boto3 comes with the extra `aws`. It waits and tries again where the service says that it is asked too fast; what it refuses
becomes a Refusal of the same type and words.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cognomen.call import Node
from cognomen.declarative.caller import Caller
from cognomen.errors import Refusal
from cognomen.settings import SettingsError

ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class AwsCaller(Caller):
    """As a Caller, of a pool elsewhere; `node` is where it shall come to."""

    client: Any = field(repr=False)

    async def ask(self, operation: str, *, wanted_id: str | None = None, **request: Any) -> dict[str, Any]:
        """The answer as a client of ours would read it; raises Refusal."""
        del wanted_id  # nothing is made there
        return await asyncio.to_thread(_asked, self.client, operation, request)


def connected(node: Node, region: str, endpoint: str | None, profile: str | None) -> AwsCaller:
    """A caller with the credentials that boto3 finds. Raises SettingsError where there is no boto3, or no profile."""
    try:
        import boto3  # noqa: PLC0415  an extra; few servers need it
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import ProfileNotFound  # noqa: PLC0415
    except ImportError:
        raise SettingsError("boto3 is not installed: pip install 'cognomen[aws]'.") from None
    patient = Config(retries={"mode": "adaptive", "max_attempts": ATTEMPTS})
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
    except ProfileNotFound as error:
        raise SettingsError(f"{error}.") from None
    return AwsCaller(node, session.client("cognito-idp", endpoint_url=endpoint, config=patient))


def _asked(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    from botocore import xform_name  # noqa: PLC0415  as above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        answer = getattr(client, xform_name(operation))(**request)
    except ClientError as error:
        told = error.response["Error"]
        raise Refusal(told["Code"], told.get("Message", "")) from None
    except BotoCoreError as error:
        raise SettingsError(f"Amazon Cognito was not reached ({operation}): {error}.") from None
    plain: dict[str, Any] = _plain(answer)
    plain.pop("ResponseMetadata", None)
    return plain


def _plain(value: Any) -> Any:
    """A value of boto3 as JSON has it: moments in seconds, bytes in base64."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.timestamp()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
