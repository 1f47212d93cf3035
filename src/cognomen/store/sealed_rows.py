"""What waits in the rows of attempts, sealed, each bound to its pool and its id: a sign-in's, and that of a browser that is elsewhere.

put(call, ...)  keep something until a moment
get(call, ...)  it; None where there is none
"""

from __future__ import annotations

from cognomen.call import Call
from cognomen.store import attempts

PURPOSE = "attempt"


async def put(call: Call, id: str, packed: bytes, expires_at: int) -> None:
    await call.store.write(attempts.put, call.pool.id, id, _sealed(call, id, packed), expires_at)


async def add(call: Call, id: str, packed: bytes, expires_at: int) -> None:
    await call.store.write(attempts.add, call.pool.id, id, _sealed(call, id, packed), expires_at)


async def get(call: Call, pool_id: str, id: str) -> bytes | None:
    """Raises CannotUnseal for a row of a master key that is gone."""
    sealed = await call.store.read(attempts.by_id, pool_id, id)
    return None if sealed is None else call.vault.unseal(PURPOSE, sealed, _binding(pool_id, id))


def _sealed(call: Call, id: str, packed: bytes) -> bytes:
    return call.vault.seal(PURPOSE, packed, _binding(call.pool.id, id))


def _binding(pool_id: str, id: str) -> bytes:
    return f"{pool_id}/{id}".encode()
