"""SRP's handshake, which is the same for a password and for a device: who knows the secret signs what only both sides can compute.

    begin       the first half of a question: SRP_B, the salt, and what must be known again
    is_signed   whether an answer was signed by whoever knows the secret

What is kept is the secret b, the scrambler u and the client's A: no verifier follows from those alone.
"""

from __future__ import annotations

import base64

from cognomen import clock, errors
from cognomen.clock import MINUTE
from cognomen.crypto import hashes, powers, srp
from cognomen.sign_in.turn import Carrier, Turn

_CLAIMED_BLOCK = "PASSWORD_CLAIM_SECRET_BLOCK"
CARRIER = Carrier("SECRET_BLOCK", _CLAIMED_BLOCK, errors.INCORRECT_USERNAME_OR_PASSWORD)
"""Every fault of a proof is told in the words for a wrong password."""

CLOCKS_APART = 5 * MINUTE
"""How far the TIMESTAMP of an answer may be from our time; the answer is good once and for minutes in any case."""

_U_BYTES = 32


def public_a(turn: Turn) -> int:
    """The client's A, from SRP_A; raises MISSING_PARAMETER, INVALID_SRP_A."""
    try:
        return srp.parse_public_a(turn.required("SRP_A"))
    except ValueError:
        raise errors.INVALID_SRP_A() from None


def begin(turn: Turn, salt: bytes, verifier: bytes) -> tuple[dict[str, str], bytes]:
    """Parameters of the question, and what is kept; raises what `public_a` does."""
    a = public_a(turn)
    secret_b = clock.random_bytes(srp.EPHEMERAL_BYTES)
    public_b = srp.server_public(verifier, int.from_bytes(secret_b))
    u = srp.scrambler(a, public_b)
    kept = secret_b + u.to_bytes(_U_BYTES) + a.to_bytes(powers.WIDTH)
    return {"SALT": salt.hex(), "SRP_B": srp.to_hex(public_b)}, kept


def is_signed(turn: Turn, verifier: bytes, pool_name: str, username: str) -> bool:
    """Raises MISSING_PARAMETER. A device has names of its own in the place of the pool's and the user's."""
    secret_block, timestamp = turn.required(_CLAIMED_BLOCK), turn.required("TIMESTAMP")
    signature = turn.required("PASSWORD_CLAIM_SIGNATURE")
    kept = turn.attempt.kept
    secret_b, u = kept[: srp.EPHEMERAL_BYTES], kept[srp.EPHEMERAL_BYTES : -powers.WIDTH]
    key = srp.server_session_key(
        int.from_bytes(kept[-powers.WIDTH :]), verifier, int.from_bytes(u), int.from_bytes(secret_b)
    )
    expected = srp.claim_signature(key, pool_name, username, base64.b64decode(secret_block), timestamp)
    moment = srp.parse_timestamp(timestamp)
    is_fresh = moment is not None and abs(moment - turn.call.now) <= CLOCKS_APART
    return hashes.matches(expected, signature) and is_fresh
