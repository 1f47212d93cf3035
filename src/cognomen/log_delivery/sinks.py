"""What stands for the destinations of logs: what the setting `log_sinks` says of an ARN.

    file:/var/log/pools.jsonl   a file that lines are appended to; its folder is there already
    https://host/path           a gateway

A key of the table is an ARN or a pattern of one (`*`, `?`, `[…]`); the ARN itself counts first, then patterns in their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cognomen.log_delivery.files import File
from cognomen.log_delivery.gateway import Gateway
from cognomen.settings import Settings, SettingsError
from cognomen.triggers.targets import find, is_url

_FILE = "file:"


class Sink(Protocol):
    """`take` returns once lines (JSON, without their ends) are safe on the other side. Raises NotTaken."""

    name: str

    async def take(self, id: str, destination: str, lines: Sequence[str]) -> None: ...

    async def close(self) -> None: ...


class LogSinks:
    """Made anywhere, used in one event loop, closed there.

    `counts`: how many records a kind of sink (first) came to an outcome with (second). `paused_until`: destinations that took
    nothing of late, and when they are tried again, in milliseconds.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError for a table that cannot be used."""
        self.counts: Counter[tuple[str, str]] = Counter()
        self.paused_until: dict[str, int] = {}
        made = {text: _sink(text, settings) for text in settings.log_sinks.values()}
        self._table = {pattern: made[text] for pattern, text in settings.log_sinks.items()}

    def __bool__(self) -> bool:
        return bool(self._table)

    def of(self, arn: str) -> Sink | None:
        return find(self._table, arn)

    async def close(self) -> None:
        for sink in self._table.values():
            await sink.close()


def _sink(text: str, settings: Settings) -> Sink:
    path = Path(text.removeprefix(_FILE))
    if text.startswith(_FILE) and path.is_absolute():
        return File(path)
    if is_url(text):
        if not settings.log_secret:
            raise SettingsError(
                "log_sinks names a gateway: give log_secret, which its requests are signed with."
            )
        return Gateway(text, settings.log_secret)
    raise SettingsError("log_sinks: a sink must be 'file:' and an absolute path, or the URL of a gateway.")
