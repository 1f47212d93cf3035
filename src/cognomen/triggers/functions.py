"""The functions that a process may call: found by ARN, each with so many slots, so much time and so many attempts.

Rules of Cognito (developer guide, "Lambda triggers", 2023): an answer in five seconds, three attempts where there is none in time.
An error that was answered is not asked for again. A function has slots of its own, so a slow one keeps nobody waiting but those
who call it; who gets no slot in time is told what AWS Lambda says of a function that is too busy.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from cognomen.outgoing import Outgoing, TooLarge, TooSlow, Unreachable
from cognomen.settings import Settings, SettingsError
from cognomen.triggers import in_process, lambda_api, over_http, targets
from cognomen.triggers.failures import NotInvoked
from cognomen.triggers.in_process import Handler, Threads
from cognomen.triggers.targets import LambdaApi, PythonFunction, Target, Url
from cognomen.wire.signing import Credentials

NOWHERE = "nowhere"
"""The place of a function that the table does not name."""

LARGEST = 1024 * 1024
"""Bytes of an answer. Lambda lets a function return six times as much, and no trigger has a use for a tenth of it."""


class Functions:
    """Made anywhere, used in one event loop, closed there. `counts`: how often a trigger (first) ended so (second)."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError for a table that cannot be used; functions in this process are loaded by `load`."""
        self.counts: Counter[tuple[str, str]] = Counter()
        self._seconds = settings.function_timeout_ms / 1_000
        self._attempts = settings.function_attempts
        self._slots = settings.function_slots
        self._secret = settings.function_secret
        self._credentials = Credentials(
            settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token
        )
        self._outgoing = Outgoing(seconds=self._seconds, connections=0)
        self._table = _table(settings)
        self._folder = Path(settings.config).absolute().parent if settings.config else None
        self._free: dict[str, asyncio.Semaphore] = {}
        self._loaded: dict[PythonFunction, tuple[Handler, Threads]] = {}

    def load(self) -> None:
        """Load the functions of this process, else each is at its first use. Raises SettingsError."""
        for target in self._table.values():
            if isinstance(target, PythonFunction):
                self._handler(target)

    async def invoke(self, arn: str, event: bytes) -> bytes:
        """What the function returned, at most LARGEST bytes. Raises FunctionError, NotInvoked, TooSlow, TooLarge."""
        target = targets.find(self._table, arn)
        if target is None:
            raise NotInvoked("ResourceNotFoundException", "the setting functions does not name it")
        for _ in range(self._attempts - 1):
            try:
                return await self._attempt(target, arn, event)
            except TooLarge:
                raise
            except Unreachable:
                continue
        try:
            return await self._attempt(target, arn, event)
        except (TooLarge, TooSlow):
            raise
        except Unreachable as error:
            raise NotInvoked("ServiceException", error.detail or error.reason) from None

    def place_of(self, arn: str) -> str:
        """Where the function is, for the log."""
        target = targets.find(self._table, arn)
        return NOWHERE if target is None else str(target)

    async def close(self) -> None:
        await self._outgoing.close()

    async def _attempt(self, target: Target, arn: str, event: bytes) -> bytes:
        async with self._slot(arn):
            match target:
                case LambdaApi():
                    return await lambda_api.invoke(
                        self._outgoing, target, self._credentials, arn, event, limit=LARGEST
                    )
                case Url():
                    return await over_http.invoke(
                        self._outgoing, target, self._secret, arn, event, limit=LARGEST
                    )
                case PythonFunction():
                    return await self._run(target, arn, event)

    async def _run(self, target: PythonFunction, arn: str, event: bytes) -> bytes:
        try:
            handler, threads = self._handler(target)
        except SettingsError as error:
            raise NotInvoked("ResourceNotFoundException", str(error)) from None
        try:
            returned = await in_process.invoke(handler, threads, arn, event, self._seconds)
        except TimeoutError:
            raise TooSlow("it took too long to answer") from None
        if len(returned) > LARGEST:
            raise TooLarge(f"its answer is larger than {LARGEST} bytes")
        return returned

    def _handler(self, target: PythonFunction) -> tuple[Handler, Threads]:
        if target not in self._loaded:
            self._loaded[target] = in_process.load(target, self._folder), Threads(self._slots)
        return self._loaded[target]

    @asynccontextmanager
    async def _slot(self, arn: str) -> AsyncIterator[None]:
        free = self._free.setdefault(arn, asyncio.Semaphore(self._slots))
        try:
            async with asyncio.timeout(self._seconds):
                await free.acquire()
        except TimeoutError:
            raise NotInvoked(
                "TooManyRequestsException", f"all of its {self._slots} slots (function_slots) are taken"
            ) from None
        try:
            yield
        finally:
            free.release()


def any_runs_here(settings: Settings) -> bool:
    """Whether a function is a program of the operator's that is loaded into the server's processes."""
    return any(isinstance(target, PythonFunction) for target in _table(settings).values())


def _table(settings: Settings) -> Mapping[str, Target]:
    try:
        table = {arn: targets.parse(text) for arn, text in settings.functions.items()}
    except ValueError as error:
        raise SettingsError(f"functions: {error}.") from None
    kinds = {type(target) for target in table.values()}
    if LambdaApi in kinds and not (settings.aws_access_key_id and settings.aws_secret_access_key):
        raise SettingsError("functions names AWS Lambda: give aws_access_key_id and aws_secret_access_key.")
    if Url in kinds and not settings.function_secret:
        raise SettingsError(
            "functions names a URL: give function_secret, which its requests are signed with."
        )
    return table
