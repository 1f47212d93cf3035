"""Time as tests have it: it stands still until one moves it."""

from __future__ import annotations

from cognomen import clock


class HeldClock:
    """Time that stands still until a test moves it, forward only, since tests share a server."""

    def __init__(self) -> None:
        self.now = clock.now()

    def advance(self, milliseconds: int) -> None:
        assert milliseconds >= 0
        self.now += milliseconds
