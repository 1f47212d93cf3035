"""CUSTOM_CHALLENGE: a question that a function of the pool's owner makes up, and another one judges.

What the first says in private (the answer, mostly) is kept sealed until the second is asked. Each answer spends its turn before
anybody is asked about it, so a function sees no answer twice.
"""

from __future__ import annotations

import msgspec

from cognomen import errors
from cognomen.challenge_names import CUSTOM_CHALLENGE
from cognomen.sign_in.turn import Challenge, Judged, Question, Turn
from cognomen.sign_in.waiting import LARGEST
from cognomen.triggers import custom_challenge


class Kept(msgspec.Struct, frozen=True, array_like=True):
    private: dict[str, str]
    metadata: str | None

    def __repr__(self) -> str:
        """Neither: the answer is in there, mostly."""
        return "Kept()"


_decoder = msgspec.msgpack.Decoder(Kept)


async def ask(turn: Turn) -> Question:
    """Raises what a trigger raises; TRIGGER_ANSWER_UNRECOGNIZABLE for one that says too much."""
    made = await custom_challenge.create(
        turn.call,
        turn.user.username,
        turn.known_user,
        CUSTOM_CHALLENGE,
        turn.shown,
        client_metadata=turn.client_metadata,
    )
    public = (made.public_challenge_parameters or {}) | {"USERNAME": turn.user.username}
    if sum(len(name) + len(value) for name, value in public.items()) > LARGEST:
        raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE()
    kept = Kept(made.private_challenge_parameters or {}, made.challenge_metadata)
    return Question(public, kept=msgspec.msgpack.encode(kept))


async def check(turn: Turn) -> Judged:
    kept = _decoder.decode(turn.attempt.kept)
    right = await custom_challenge.verify(
        turn.call,
        turn.user.username,
        turn.known_user,
        kept.private,
        turn.required("ANSWER"),
        client_metadata=turn.client_metadata,
    )
    return Judged(right, kept.metadata)


CHALLENGE = Challenge(ask=ask, check=check, one_answer=True)
