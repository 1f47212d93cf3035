"""The log of a process: an event a line on the standard error stream, as text to be read or as JSON to be collected.

    write_request(…)        a line of the access log
    set_up(level, form)     every logger of this process writes here: ours, the HTTP server's, the libraries'
    place(fault)            where an exception arose, without its text
    FIELDS                  what a line may carry beside its sentence

No secret gets here: a line carries only the fields named below, and of an exception only types and places, since its text
may quote what a caller sent. What somebody else wrote into a sentence cannot pass for a line of its own.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import asyncio  # every command loads this module, and only the server an event loop

STANDARD_ERROR = 2
FORMS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
FIELDS = ("request_id", "operation", "outcome", "duration_ms", "pool_id", "client_id")

_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_encode = msgspec.json.Encoder().encode

log = logging.getLogger(__name__)


def set_up(level: str, form: str) -> None:
    """Make every logger of this process write in this form, libraries only from warnings on; may be called again."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("cognomen", "uvicorn"):
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(True)


def place(fault: BaseException) -> str:
    """Types and lines of a fault and of what caused it, without their messages: those may quote the request."""
    places = []
    at: BaseException | None = fault
    while at is not None:
        places.append(f"{type(at).__name__}\n{''.join(traceback.format_tb(at.__traceback__))}")
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "caused by ".join(places)


def tell_of_lost(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The event loop's handler of exceptions that nobody waits for; its own would write their texts and arguments."""
    fault = context.get("exception")
    log.error(
        "%s", context["message"] if fault is None else "an exception that nobody waits for", exc_info=fault
    )


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the access log; what is not known is left out."""

    time: str
    level: str
    logger: str
    message: str
    operation: str
    outcome: str
    duration_ms: float
    request_id: str | None = None
    pool_id: str | None = None
    client_id: str | None = None


def write_request(form: str, now: int, **fields: Any) -> None:
    """Write a line of the access log, past the machinery of loggers, which costs more than the rest of it.

    `now`: milliseconds since the epoch; `fields`: those of Request from `operation` on, and none with text of a caller.
    """
    line = Request(_moment(now / 1000), "info", "cognomen.access", "request", **fields)
    if form == "json":
        written = _encode(line) + b"\n"
    else:
        told = "".join([f" {name}={value}" for name, value in fields.items() if value is not None])
        written = f"{line.time} INFO {line.logger} {line.message}{told}\n".encode()
    with suppress(OSError):  # nobody reads it, or its disk is full: requests go on
        os.write(STANDARD_ERROR, written)


class Text(logging.Formatter):
    """`time LEVEL logger sentence name=value …`; what has several lines goes on indented."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_moment(record.created)} {record.levelname} {record.name} {_sentence(record)}"
        for name, value in _fields(record).items():
            line += f" {name}={value}"
        return _CONTROLS.sub(" ", line).replace("\n", "\n    ")


class Json(logging.Formatter):
    """One object a line: time, level, logger, message, and the fields there are."""

    def format(self, record: logging.LogRecord) -> str:
        members = {
            "time": _moment(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _sentence(record),
        }
        return _encode(members | _fields(record)).decode()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    given = record.__dict__
    return {name: given[name] for name in FIELDS if given.get(name) is not None}


def _sentence(record: logging.LogRecord) -> str:
    sentence = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        sentence = f"{sentence}: {place(record.exc_info[1])}"
    return sentence.encode("utf-8", "replace").decode().rstrip()


def _moment(created: float) -> str:
    return f"{_second(int(created))}.{int(created % 1 * 1000):03}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
