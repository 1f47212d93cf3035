"""WEB_AUTHN: the user proves to hold a passkey (crypto/passkeys.py).

Which passkeys a user has is told before any proof, since a browser must know. A name that nobody has is answered for with
passkeys that are derived from it.
"""

from __future__ import annotations

from functools import partial

import msgspec

from cognomen import clock, errors
from cognomen.crypto import base64url
from cognomen.crypto import passkeys as ceremonies
from cognomen.crypto.passkeys import Asked, Unfit
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong
from cognomen.store import passkeys as stored
from cognomen.store.database import Db
from cognomen.store.passkeys import Passkey
from cognomen.users import decoys, passkeys
from cognomen.users.decoys import Decoy

_CHALLENGE_BYTES = 32


async def ask(turn: Turn) -> Question:
    """PublicKeyCredentialRequestOptions as a JSON text; a browser waits as long as the session counts."""
    call = turn.call
    challenge = clock.random_bytes(_CHALLENGE_BYTES)
    relying_party = _relying_party(turn)
    options = {
        "challenge": base64url.encode(challenge),
        "timeout": turn.attempt.expires_at - call.now,
        "rpId": relying_party,
        "allowCredentials": [
            {"type": "public-key", "id": passkey.id, "transports": passkey.transports}
            for passkey in await _passkeys(turn, relying_party)
        ],
        "userVerification": "required" if passkeys.verify_users(call.pool) else "preferred",
    }
    return Question({"CREDENTIAL_REQUEST_OPTIONS": msgspec.json.encode(options).decode()}, kept=challenge)


async def check(turn: Turn) -> Proven | Wrong:
    """A stranger's proof costs the same arithmetic and is never right."""
    text = turn.required("CREDENTIAL")
    relying_party = _relying_party(turn)
    asked = Asked(turn.attempt.kept, relying_party, passkeys.verify_users(turn.call.pool))
    known = {passkey.id: passkey for passkey in await _passkeys(turn, relying_party)}
    try:
        passkey = known.get(ceremonies.id_of(text))
        if passkey is None:
            return Wrong(errors.PASSKEY_NOT_PROVEN())
        handle = turn.user.sub.encode()
        counter = ceremonies.verify(text, asked, passkey.public_key, passkey.counter, handle)
    except Unfit:
        return Wrong(errors.PASSKEY_NOT_PROVEN())
    if turn.attempt.stranger:
        return Wrong(errors.PASSKEY_NOT_PROVEN())
    return Proven(partial(_count_up, turn=turn, passkey=passkey, counter=counter))


CHALLENGE = Challenge(ask=ask, check=check)  # no failures count: there is nothing to guess


def _relying_party(turn: Turn) -> str:
    """There is one, or no passkey would be offered."""
    return passkeys.relying_party(turn.call) or ""


async def _passkeys(turn: Turn, relying_party: str) -> list[Passkey]:
    call = turn.call
    known = await call.store.read(stored.all_of_user, call.pool.id, turn.user.sub)
    if isinstance(turn.user, Decoy):
        return decoys.passkeys(turn.user, relying_party)
    return [passkey for passkey in known if passkey.relying_party == relying_party]


def _count_up(db: Db, turn: Turn, passkey: Passkey, counter: int) -> None:
    """Raises PASSKEY_NOT_PROVEN where the passkey was deleted, or another proof came between with this counter."""
    call = turn.call
    if not stored.count_up(db, call.pool.id, turn.user.sub, passkey, counter):
        raise errors.PASSKEY_NOT_PROVEN()
