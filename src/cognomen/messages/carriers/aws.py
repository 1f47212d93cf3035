"""The clients of AWS that carriers ask: made when first needed, with our own credentials or those of a role.

The library (the extra `aws`) blocks, so it is asked in threads of its own. It is large, so a server loads it at its start
(`load`), where a carrier asks it, and nobody else does before the first message. Without the setting
`aws_access_key_id` it finds credentials by itself, as on a machine or in a container that has a role.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from cognomen import clock
from cognomen.clock import MINUTE
from cognomen.messages.carriers.failures import Undelivered
from cognomen.settings import Settings, SettingsError

THREADS = 16

SEND_SECONDS = (4, 6)
ROLE_SECONDS = (3, 4)
"""To connect, and to read: of a call that sends, and of one that assumes a role before it."""

BEGUN_WITHIN_SECONDS = 9
"""Nobody can stop a thread. So that none sends when courier.py has given its attempt up, a call that sends begins within so many
seconds or not at all, however long its thread waited for others or for a role; and a role is asked for while its call still ends
by then.
"""

CLIENTS_MAX = 1_000
FOR_EVER = 2**62

log = logging.getLogger(__name__)

_STS = "sts"
_RENEWED_BEFORE = 5 * MINUTE
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
    }
)
_TOO_MANY = frozenset(
    {
        "LimitExceededException",
        "ServiceQuotaExceededException",
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role to be assumed; Amazon Cognito names the external id too, where the pool has one."""

    arn: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A service: its name in the library, its region, its endpoint (None: the one of AWS) and who asks (None: we do)."""

    service: str
    region: str
    endpoint: str | None
    role: Role | None = None


class NotAssumed(Exception):  # noqa: N818  it says what happened
    """AWS does not let us have the role."""


class Answered(Exception):  # noqa: N818  it says what happened
    """An error that AWS answered: its `code` is fit for a log, its `message` for an operator's eyes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    @property
    def is_denial(self) -> bool:
        return self.code in _DENIED

    @property
    def is_too_many(self) -> bool:
        """Whether the account has sent all that it may for now."""
        return self.code in _TOO_MANY


class AwsClients:
    """Made anywhere. Raises SettingsError where the library is not there."""

    def __init__(self, settings: Settings) -> None:
        if find_spec("boto3") is None:
            raise SettingsError(
                "email_carriers and sms_carriers name Amazon SES or SNS: install cognomen[aws]."
            )
        self._credentials = {
            "aws_access_key_id": settings.aws_access_key_id or None,
            "aws_secret_access_key": settings.aws_secret_access_key or None,
            "aws_session_token": settings.aws_session_token or None,
        }
        self._threads = ThreadPoolExecutor(THREADS, "aws")
        self._making = threading.Lock()
        self._session: Any = None
        self._clients: dict[Place, tuple[Any, int]] = {}

    def load(self, services: Iterable[str]) -> None:
        """Load the library and what it says of these services, which takes a second, and several on a busy machine.

        The clients are not kept, and made with credentials of nobody, so that none are looked for in the network.
        """
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  see the head of the module

        nobody = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "nobody")
        try:
            with self._making:
                for service in services:
                    self._own_session().client(service, region_name="us-east-1", **nobody)
        except BotoCoreError as error:
            log.warning(
                "AWS cannot be asked as it is set up, and messages will wait: %s", type(error).__name__
            )

    async def ask(self, place: Place, operation: str, **members: Any) -> None:
        """Call an operation by its name in the library. Raises NotAssumed, Answered, Undelivered (no answer)."""
        loop = asyncio.get_running_loop()
        begins_by = clock.elapsed() + BEGUN_WITHIN_SECONDS
        await loop.run_in_executor(self._threads, self._ask, place, operation, members, begins_by)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, place: Place, operation: str, members: dict[str, Any], begins_by: float) -> None:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  see the head of the module

        try:
            client = self._client(place, begins_by)
            _refuse_after(begins_by)
            getattr(client, operation)(**members)
        except ClientError as error:
            told = error.response.get("Error", {})
            raise Answered(_name(told.get("Code")), str(told.get("Message", ""))) from None
        except BotoCoreError as error:
            reason = f"{place.service} gave no answer: {type(error).__name__}"
            raise Undelivered(reason, detail=str(error)) from None

    def _client(self, place: Place, begins_by: float) -> Any:
        """The client of a place; that of a role is made anew before its credentials expire."""
        with self._making:
            known = self._clients.get(place)
        if known is not None and clock.unmoved() < known[1]:
            return known[0]
        given, until = ({}, FOR_EVER) if place.role is None else self._assumed(place, place.role, begins_by)
        with self._making:  # sessions are not made for several threads, as clients are
            if len(self._clients) >= CLIENTS_MAX:
                self._clients.clear()
            client = self._made(place, given)
            self._clients[place] = client, until
        return client

    def _made(self, place: Place, credentials: dict[str, str]) -> Any:
        from botocore.config import Config  # noqa: PLC0415  see the head of the module

        connect, read = ROLE_SECONDS if place.service == _STS else SEND_SECONDS
        config = Config(
            connect_timeout=connect,
            read_timeout=read,
            retries={"total_max_attempts": 1},  # courier.py tries again
            max_pool_connections=THREADS,
        )
        return self._own_session().client(
            place.service, region_name=place.region, endpoint_url=place.endpoint, config=config, **credentials
        )

    def _own_session(self) -> Any:
        import boto3  # noqa: PLC0415  see the head of the module

        if self._session is None:
            self._session = boto3.Session(**self._credentials)
        return self._session

    def _assumed(self, place: Place, role: Role, begins_by: float) -> tuple[dict[str, str], int]:
        """The credentials of a role, and until when they are used."""
        from botocore.exceptions import ClientError  # noqa: PLC0415  see the head of the module

        asked = {"RoleArn": role.arn, "RoleSessionName": "cognomen"}
        if role.external_id:
            asked["ExternalId"] = role.external_id
        sts = self._client(Place(_STS, place.region, place.endpoint), begins_by)
        _refuse_after(begins_by - sum(ROLE_SECONDS))
        try:
            found = sts.assume_role(**asked)["Credentials"]
        except ClientError as error:
            raise NotAssumed(_name(error.response.get("Error", {}).get("Code"))) from None
        until = int(found["Expiration"].timestamp() * 1000) - _RENEWED_BEFORE
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }, until


def _refuse_after(moment: float) -> None:
    """Raises Undelivered: what would begin now might end when the message is tried again."""
    if clock.elapsed() > moment:
        raise Undelivered("AWS was not asked, for there was no time left")


def _name(code: object) -> str:
    """AWS's name of an error, and nothing else that may stand in its place."""
    text = str(code or "")
    return text if text.isascii() and text.isalnum() else "an error"
