"""Carriers as tests want them, in the place of those of the settings."""

from __future__ import annotations

from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.carriers.parcel import Parcel
from cognomen.messages.compose import Composed


class Double:
    """A carrier whose other side can fail; it remembers what reached it."""

    name = "double"

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.reached: list[Composed] = []
        self.ids: list[str] = []

    async def carry(self, parcel: Parcel) -> None:
        if self.failure is not None:
            raise self.failure
        self.reached.append(parcel.message)
        self.ids.append(parcel.id)

    async def close(self) -> None:
        pass


def down() -> Double:
    """A carrier that takes nothing."""
    return Double(Undelivered("the other side is down", detail="and says so"))
