"""What a carrier is handed."""

from __future__ import annotations

from dataclasses import dataclass

from cognomen.messages.compose import Composed
from cognomen.store.user_pools import UserPool


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message of a pool. `id` is the same in every attempt, so that what arrives twice can be told from two."""

    id: str
    pool: UserPool
    message: Composed
