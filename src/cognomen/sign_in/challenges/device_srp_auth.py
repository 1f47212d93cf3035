"""DEVICE_SRP_AUTH: a device that its user has remembered begins to prove itself; what it says leads to DEVICE_PASSWORD_VERIFIER.

Clients answer with no Session, or with that of a challenge before (pycognito, amazon-cognito-identity-js). So the attempt waits in
a row, and the device's key finds it. Whoever knows that key, which is in every access token of the device, may answer too, while the
row waits for a user who has proven the password. So an answer spends nothing: the turn is held until the device has proven itself.
"""

from __future__ import annotations

from cognomen.sign_in import handshake
from cognomen.sign_in.turn import Carrier, Challenge, Proven, Question, Turn, Wrong


async def ask(turn: Turn) -> Question:
    return Question({"USERNAME": turn.user.username})


async def check(turn: Turn) -> Proven | Wrong:
    """Raises what `handshake.public_a` does; nothing is proven yet."""
    handshake.public_a(turn)
    return Proven()


CHALLENGE = Challenge(ask=ask, check=check, carrier=Carrier("", "DEVICE_KEY", None, waits=True))
