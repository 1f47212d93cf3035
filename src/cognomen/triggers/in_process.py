"""A function in this process: `function(event, context)`, as Lambda calls a handler, so that one runs here as it is.

A function that is not async runs in a thread, so that a slow one keeps nobody else waiting. A thread cannot be stopped: when its time is
over its answer is not waited for, and it counts among the threads of its target until it ends.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from cognomen import clock
from cognomen.settings import SettingsError
from cognomen.triggers.failures import FunctionError, NotInvoked
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


class Threads:
    """The threads of one function, so many at most; none of them keeps the process from ending."""

    def __init__(self, most: int) -> None:
        self._free = threading.Semaphore(most)

    async def run(self, handler: Handler, event: Any, context: Context) -> Any:
        """What `handler` returns or raises. Raises NotInvoked where all threads are busy."""
        if not self._free.acquire(blocking=False):
            raise NotInvoked("TooManyRequestsException", "all of its threads are busy")
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[tuple[bool, Any]] = loop.create_future()

        def work() -> None:
            try:
                outcome = True, handler(event, context)
            except Exception as error:  # noqa: BLE001  it is raised where it is awaited
                outcome = False, error
            except BaseException as error:  # noqa: BLE001  it must end no more than this thread
                outcome = False, RuntimeError(f"the function ended with {type(error).__name__}")
            self._free.release()
            with suppress(RuntimeError):  # the loop is closed, and nobody waits
                loop.call_soon_threadsafe(_tell, ended, outcome)

        threading.Thread(target=work, name=context.function_name, daemon=True).start()
        is_result, value = await ended
        if not is_result:
            raise value
        return value


def _tell(ended: asyncio.Future[tuple[bool, Any]], outcome: tuple[bool, Any]) -> None:
    if not ended.done():  # it may have been given up
        ended.set_result(outcome)


def load(target: PythonFunction, folder: Path | None) -> Handler:
    """The function; SettingsError where there is none. Beside what is installed it may lie in `folder`."""
    if folder is not None and str(folder) not in sys.path:
        sys.path.append(str(folder))  # behind all else: a file there takes no installed module's place
    try:
        handler: Handler = getattr(import_module(target.module), target.name)
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"functions: {target} cannot be loaded: {error}. Modules are looked for in the folder of the settings file "
            f"({folder or 'there is none'}), in PYTHONPATH, and among what is installed."
        ) from None
    if not callable(handler):
        raise SettingsError(f"functions: {target} cannot be called.")
    return handler


async def invoke(handler: Handler, threads: Threads, arn: str, event: bytes, seconds: float) -> bytes:
    """What the function returned. Raises FunctionError, NotInvoked, and TimeoutError after so many seconds."""
    context = Context(arn, arn.rpartition(":")[2], clock.uuid4(), clock.elapsed() + seconds)
    document = msgspec.json.decode(event)
    async with asyncio.timeout(seconds):
        try:
            if inspect.iscoroutinefunction(handler):
                returned = await handler(document, context)
            else:
                returned = await threads.run(handler, document, context)
        except NotInvoked:
            raise
        except Exception as error:
            log.warning(
                "a function of this process failed", exc_info=error
            )  # types and places only, see logs.py
            raise FunctionError(str(error)) from None
    try:
        return msgspec.json.encode(returned)
    except (TypeError, ValueError, RecursionError):
        raise FunctionError("What the function returned is not JSON") from None
