"""A sign-in is judged by threat protection, where that is on: once, when its first factor is proven, and before all that follows.

    assessed            the turn with what it was judged to be

What comes of it stands in next_step.py's table. Nobody is judged who has proven nothing, so a name that nobody has never is. A
custom sign-in without a password is judged when the pool's functions want tokens issued: until then nobody knows who it is.
"""

from __future__ import annotations

from msgspec.structs import replace

from cognomen.risk import assessing, notices
from cognomen.sign_in import attempt as attempts
from cognomen.sign_in import levels, recording, risks
from cognomen.sign_in.attempt import ISSUED, Attempt
from cognomen.sign_in.flows import CUSTOM
from cognomen.sign_in.next_step import Refuse, step_of
from cognomen.sign_in.turn import Turn


async def assessed(turn: Turn) -> Turn:
    """A risk that the user is told of is written at once, with the notice: what the mail tells of can be found from then on.

    What is refused whatever the risk is not judged, so that nobody is told that it went on.
    """
    call, attempt = turn.call, turn.attempt
    if not attempt.event or attempt.risk is not None or not _is_proven(attempt):
        return turn
    if isinstance(step_of(turn), Refuse):
        return turn
    risk = await assessing.assess(call, turn.user.sub, attempt.event, custom=attempt.flow == CUSTOM)
    turn = replace(turn, attempt=attempts.at_risk(attempt, risk))
    response = risks.response(risks.standing_of(turn))
    if risk.level:
        call.node.risk_counts[risk.level.lower(), response] += 1
    if risk.notifies:
        event = recording.found_risky(turn)
        notice = notices.of(call, turn.user, event, response, client_metadata=turn.client_metadata)
        if notice is not None:
            await notices.send(call, event, response, notice)
    return turn


def _is_proven(attempt: Attempt) -> bool:
    if attempt.stranger:
        return False
    is_issued = attempt.custom is not None and attempt.custom.next == ISSUED
    return is_issued or levels.is_first_proven(attempt.proven)
