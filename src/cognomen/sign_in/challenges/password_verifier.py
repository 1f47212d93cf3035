"""PASSWORD_VERIFIER: the client proves that it knows the password, which never leaves it (SRP, handshake.py).

The question needs SRP_A, which comes along with the request that leads to it. What the answer is checked with is the
present verifier of the user. Every fault of the proof is told in the words for a wrong password.
"""

from __future__ import annotations

from cognomen import errors
from cognomen.sign_in import handshake
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong
from cognomen.users import decoys, lockout, names, passwords
from cognomen.users.decoys import Decoy


async def ask(turn: Turn) -> Question:
    """SRP_B and the salt; raises INVALID_SRP_A."""
    parameters, kept = handshake.begin(turn, *_salt_and_verifier(turn))
    username = turn.user.username
    return Question(parameters | {"USERNAME": username, "USER_ID_FOR_SRP": username}, kept=kept)


async def check(turn: Turn) -> Proven | Wrong:
    """A stranger's proof costs the same arithmetic and is never right."""
    _, verifier = _salt_and_verifier(turn)
    pool_name = passwords.pool_name(turn.call.pool.id)
    right = handshake.is_signed(turn, verifier, pool_name, turn.user.username)
    if right and turn.user.sealed_verifier is not None and not turn.attempt.stranger:
        return Proven()
    return Wrong(errors.INCORRECT_USERNAME_OR_PASSWORD())


CHALLENGE = Challenge(
    ask=ask, check=check, failures=lockout.PASSWORD, one_answer=True, carrier=handshake.CARRIER
)


def _salt_and_verifier(turn: Turn) -> tuple[bytes, bytes]:
    """Those of the user's password; where there is none, those of one that nobody knows."""
    call, user = turn.call, turn.user
    if user.sealed_verifier is None:
        user = decoys.decoy(call, names.key(call.pool, user.username))
    salt, verifier = user.salt, passwords.verifier_of(call.vault, user)
    if salt is None or verifier is None:
        raise AssertionError("a salt and a verifier are set together")
    return salt, decoys.verifier(user, verifier) if isinstance(user, Decoy) else verifier
