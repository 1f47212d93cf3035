"""Custom sign-ins: the functions of the pool's owner say what comes next, and whether an answer is right.

    begun       what they are told of an attempt that begins: with a password (SRP_A), or nothing
    defined     the turn once DefineAuthChallenge has said what comes next
    is_answered whether an answer was judged

The challenge itself is challenges/custom_challenge.py. Developer guide, "Custom authentication challenge Lambda triggers".
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from cognomen import errors
from cognomen.call import Call
from cognomen.challenge_names import CUSTOM_CHALLENGE, PASSWORD_VERIFIER
from cognomen.pools import app_clients
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in import opening
from cognomen.sign_in.attempt import ISSUED, Custom
from cognomen.sign_in.turn import Turn
from cognomen.triggers import custom_challenge
from cognomen.triggers.custom_challenge import Ask, Fail, Issue

SRP_A = "SRP_A"
"""What functions are told of a sign-in that begins with a password: no challenge, but as if one were answered."""

MOST_CHALLENGES = 100
"""In one sign-in; a function that goes on asking is at fault."""


def begun(call: Call, given: Mapping[str, str]) -> Custom:
    """Raises MISSING_PARAMETER, and SRP_OR_CUSTOM_NOT_ENABLED for a client that may do nothing else."""
    if given.get("CHALLENGE_NAME") != SRP_A:
        return Custom()
    if app_clients.is_custom_only(call.client):
        raise errors.SRP_OR_CUSTOM_NOT_ENABLED(flow="USER_SRP_AUTH")
    if not given.get(SRP_A):
        raise errors.MISSING_PARAMETER(name=SRP_A)
    return Custom(shown=((SRP_A, True, None),))


async def defined(turn: Turn) -> Turn:
    """Before tokens the user is looked at again.

    Raises INCORRECT_USERNAME_OR_PASSWORD where the sign-in is over, TRIGGER_ANSWER_UNRECOGNIZABLE for a challenge that cannot be.
    """
    said = await custom_challenge.define(
        turn.call,
        turn.user.username,
        turn.known_user,
        turn.shown,
        client_metadata=turn.client_metadata,
    )
    match said:
        case Fail():
            raise errors.INCORRECT_USERNAME_OR_PASSWORD()
        case Issue():
            if turn.attempt.stranger:
                raise errors.INCORRECT_USERNAME_OR_PASSWORD()
            issued = attempts.defined(turn.attempt, ISSUED)
            return replace(turn, attempt=issued, user=await opening.still_there(turn))
        case Ask(challenge):
            if not _can_be_asked(turn, challenge):
                raise errors.TRIGGER_ANSWER_UNRECOGNIZABLE()
            return replace(turn, attempt=attempts.defined(turn.attempt, challenge))


def is_answered(turn: Turn) -> bool:
    return any(each.challenge_name != SRP_A for each in turn.shown)


def _can_be_asked(turn: Turn, challenge: str) -> bool:
    """The owner's own challenge; a password, once, where the request that leads there begins to prove it."""
    shown = turn.shown
    if len(shown) >= MOST_CHALLENGES:
        return False
    if challenge == PASSWORD_VERIFIER:
        return SRP_A in turn.given and PASSWORD_VERIFIER not in (each.challenge_name for each in shown)
    return challenge == CUSTOM_CHALLENGE
