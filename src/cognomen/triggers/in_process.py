"""A function in this process: `function(event, context)`, as Lambda calls a handler, so that one runs here as it is.

A function that is not async runs in a thread of its target's own, so that a slow one keeps nobody else waiting. A thread cannot be
stopped: when its time is over its answer is not waited for, and it counts among the threads of its target until it ends.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import msgspec

from cognomen import clock
from cognomen.settings import SettingsError
from cognomen.triggers.failures import FunctionError
from cognomen.triggers.targets import PythonFunction

Handler = Callable[[Any, "Context"], Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler is told beside the event: the members of Lambda's own that mean something here."""

    invoked_function_arn: str
    function_name: str
    aws_request_id: str
    ends_at: float
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 128

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.ends_at - clock.elapsed()) * 1_000))


def load(target: PythonFunction) -> Handler:
    """The function; SettingsError where there is none."""
    try:
        handler: Handler = getattr(import_module(target.module), target.name)
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"functions: python:{target.module}:{target.name} cannot be loaded: {error}."
        ) from None
    if not callable(handler):
        raise SettingsError(f"functions: python:{target.module}:{target.name} cannot be called.")
    return handler


async def invoke(
    handler: Handler, threads: ThreadPoolExecutor, arn: str, event: bytes, seconds: float
) -> bytes:
    """What the function returned. Raises FunctionError, and TimeoutError after so many seconds."""
    context = Context(arn, arn.rpartition(":")[2], clock.uuid4(), clock.elapsed() + seconds)
    async with asyncio.timeout(seconds):
        try:
            returned = await _run(handler, threads, msgspec.json.decode(event), context)
        except Exception as error:
            log.warning(
                "a function of this process failed", exc_info=error
            )  # types and places only, see logs.py
            raise FunctionError(str(error)) from None
    try:
        return msgspec.json.encode(returned)
    except (TypeError, ValueError, RecursionError):
        raise FunctionError("What the function returned is not JSON") from None


async def _run(handler: Handler, threads: ThreadPoolExecutor, event: Any, context: Context) -> Any:
    if inspect.iscoroutinefunction(handler):
        return await handler(event, context)
    return await asyncio.get_running_loop().run_in_executor(threads, handler, event, context)
