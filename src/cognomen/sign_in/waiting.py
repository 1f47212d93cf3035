"""Where an attempt waits for its answer: in the Session, or in a row that the Session names where it is too large for one."""

from __future__ import annotations

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.crypto.sealing import CannotUnseal
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in.attempt import Attempt
from cognomen.store import sealed_rows

LONGEST_SESSION = 2_500
"""Characters of a Session that carries the attempt itself; there may be 4,096."""

LARGEST = 64 * 1024
"""Bytes of an attempt in a row; only the pool's functions make one as large as that."""


async def session_of(call: Call, attempt: Attempt) -> str:
    """The Session that goes with the question; raises TRIGGER_ANSWER_UNRECOGNIZABLE for an attempt too large to be kept."""
    session = attempts.seal(call, attempt)
    if len(session) <= LONGEST_SESSION:
        return session
    id = clock.uuid4()
    await put(call, id, attempt)
    return attempts.seal(call, attempts.lying_in(attempt, id))


async def opened(call: Call, session: str) -> Attempt:
    """The attempt of a Session string of call.client; SESSION_INVALID for any other text, SESSION_EXPIRED."""
    attempt = attempts.unseal(call, session)
    return await get(call, attempt.row) if attempt.row else attempt


async def put(call: Call, id: str, attempt: Attempt) -> None:
    packed = attempts.packed(attempt)
    if len(packed) > LARGEST:
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE()
    await sealed_rows.put(call, id, packed, attempt.expires_at)


async def get(call: Call, id: str) -> Attempt:
    """The attempt in a row. Raises SESSION_INVALID, SESSION_EXPIRED."""
    try:
        packed = await sealed_rows.get(call, call.pool.id, id)
    except CannotUnseal:  # of a master key that is gone
        packed = None
    if packed is None:
        raise errors.SESSION_INVALID()
    return attempts.unpacked(call, packed)
