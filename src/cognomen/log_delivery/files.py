"""A file that records are appended to, a JSON object a line, for a program that ships logs.

It is opened each time, so that it may be moved away by whoever rotates logs. All lines of a batch are one write at its end, which
no other process's comes between; it is made for its owner alone, since it tells of people.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from cognomen.log_delivery.failures import NotTaken

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
_OWNER_ALONE = 0o600


class File:
    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def take(self, id: str, destination: str, lines: Sequence[str]) -> None:  # noqa: ARG002  as every sink is asked
        text = "".join(f"{line}\n" for line in lines).encode()
        try:
            await asyncio.to_thread(self._append, text)
        except OSError as error:
            raise NotTaken(f"{self._path}: {error.strerror}") from None

    async def close(self) -> None:
        pass

    def _append(self, text: bytes) -> None:
        file = os.open(self._path, _FLAGS, _OWNER_ALONE)
        try:
            written = os.write(file, text)
            while written < len(text):  # a file system that is full, or nearly so
                written += os.write(file, text[written:])
            os.fsync(file)
        finally:
            os.close(file)
