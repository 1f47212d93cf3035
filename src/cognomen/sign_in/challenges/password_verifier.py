"""PASSWORD_VERIFIER: the client proves that it knows the password, which never leaves it (SRP, crypto/srp.py).

The question needs SRP_A, which comes along with the request that leads to it. What the answer is checked with is the
present verifier of the user and what was kept: the secret b, the scrambler u, the client's A. From those alone no
verifier follows. Every fault of the proof is told in the words for a wrong password.
"""

from __future__ import annotations

import base64

from cognomen import clock, errors
from cognomen.clock import MINUTE
from cognomen.crypto import hashes, powers, srp
from cognomen.sign_in.turn import Carrier, Proven, Question, Turn, Wrong
from cognomen.users import decoys, lockout, passwords

FAILURES: str | None = lockout.PASSWORD
UNASKED: frozenset[str] = frozenset()
ONE_ANSWER = True
CARRIER: Carrier | None = Carrier(
    "SECRET_BLOCK", "PASSWORD_CLAIM_SECRET_BLOCK", errors.INCORRECT_USERNAME_OR_PASSWORD
)

CLOCKS_APART = 5 * MINUTE
"""How far the TIMESTAMP of an answer may be from our time; the answer is good once and for minutes in any case."""

_U_BYTES = 32


async def ask(turn: Turn) -> Question:
    """SRP_B and the salt; raises INVALID_SRP_A."""
    try:
        public_a = srp.parse_public_a(turn.required("SRP_A"))
    except ValueError:
        raise errors.INVALID_SRP_A() from None
    salt, verifier = _salt_and_verifier(turn)
    secret_b = clock.random_bytes(srp.EPHEMERAL_BYTES)
    public_b = srp.server_public(verifier, int.from_bytes(secret_b))
    u = srp.scrambler(public_a, public_b)
    return Question(
        {
            "SALT": salt.hex(),
            "SRP_B": srp.to_hex(public_b),
            "USERNAME": turn.user.username,
            "USER_ID_FOR_SRP": turn.user.username,
        },
        kept=secret_b + u.to_bytes(_U_BYTES) + public_a.to_bytes(powers.WIDTH),
    )


async def check(turn: Turn) -> Proven | Wrong:
    """A stranger's proof costs the same arithmetic and is never right."""
    secret_block, timestamp = turn.required("PASSWORD_CLAIM_SECRET_BLOCK"), turn.required("TIMESTAMP")
    signature = turn.required("PASSWORD_CLAIM_SIGNATURE")
    right = hashes.matches(_signature(turn, secret_block, timestamp), signature)
    moment = srp.parse_timestamp(timestamp)
    is_fresh = moment is not None and abs(moment - turn.call.now) <= CLOCKS_APART
    if right and is_fresh and turn.user.sealed_verifier is not None and not turn.attempt.stranger:
        return Proven()
    return Wrong(errors.INCORRECT_USERNAME_OR_PASSWORD())


def _signature(turn: Turn, secret_block: str, timestamp: str) -> str:
    """The signature of whoever knows the password."""
    kept = turn.attempt.kept
    secret_b, u = kept[: srp.EPHEMERAL_BYTES], kept[srp.EPHEMERAL_BYTES : -powers.WIDTH]
    public_a = kept[-powers.WIDTH :]
    _, verifier = _salt_and_verifier(turn)
    key = srp.server_session_key(
        int.from_bytes(public_a), verifier, int.from_bytes(u), int.from_bytes(secret_b)
    )
    return srp.claim_signature(
        key,
        passwords.pool_name(turn.call.pool.id),
        turn.user.username,
        base64.b64decode(secret_block),
        timestamp,
    )


def _salt_and_verifier(turn: Turn) -> tuple[bytes, bytes]:
    """Those of the user's password; where there is none, those of one that nobody knows."""
    call, user = turn.call, turn.user
    verifier = passwords.verifier_of(call.vault, user)
    if user.salt is not None and verifier is not None:
        return user.salt, verifier
    name = turn.attempt.name if turn.attempt.stranger else user.username
    return decoys.salt(call, name), decoys.verifier(call, name)
