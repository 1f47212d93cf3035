"""A sign-in under way: what it has shown so far, sealed into the Session string, or what a challenge has instead.

Nothing of it lies in the store, unless it is too large (waiting.py). It names the pool and client it began with, and counts
for no other; it says until when it may be answered, and names its turn, so that an answer counts once (store/spent.py). No
code of ours, verifier or password is in it; what a function of the pool's owner keeps in private is.
"""

from __future__ import annotations

import base64

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.challenge_names import (
    CUSTOM_CHALLENGE,
    EMAIL_OTP,
    PASSWORD_VERIFIER,
    SMS_MFA,
    SOFTWARE_TOKEN_MFA,
)
from cognomen.clock import MINUTE
from cognomen.crypto.sealing import CannotUnseal
from cognomen.risk import history
from cognomen.risk.assessing import Assessment
from cognomen.store.users import User

PURPOSE = "sign-in"
TURN = "turn"
"""The kind of a turn's row among what is spent once."""

MINUTES_ON_PAGES = 3
"""How long a page waits for an answer, whatever the client says of its apps (developer guide, "Authentication")."""

ISSUED = "ISSUED"
"""What stands for the next challenge once the pool's function has said that there is none, and that tokens are issued."""

_TOLD = frozenset({PASSWORD_VERIFIER, CUSTOM_CHALLENGE, SMS_MFA, SOFTWARE_TOKEN_MFA, EMAIL_OTP})
"""The challenges that functions are told of (developer guide, "Define Auth challenge Lambda trigger")."""


class Custom(msgspec.Struct, frozen=True, array_like=True):
    """What belongs to a custom sign-in.

    `shown` is what the pool's functions are told of it: challenges in order, whether each was answered well, and their word for
    it. `next` is the challenge they have asked for, or ISSUED; empty when they are to be asked.
    """

    shown: tuple[tuple[str, bool, str | None], ...] = ()
    next: str = ""

    def __repr__(self) -> str:
        """Without the function's words."""
        return f"Custom(next={self.next!r})"


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a sign-in under way; moments in milliseconds.

    `challenge`, `turn`, `expires_at`, `kept` are of the question that waits for its answer; empty where none does.
    `name` is what was typed, as rows hold a name (`key` in users/names.py), `sub` whom it found; `stranger` says that it
    found nobody, and `sub` is a decoy's. `credential_version` is the user's when the attempt was last looked at.
    `proven` are the challenges answered well, in order; `chosen` is the one that the last of them chose, if that was the
    question. `failed` are the kinds of failures that the user has, to be forgotten when it is done. `custom` is there in custom
    sign-ins. `row` is not empty in one that stands for another, which lies in a row (waiting.py). `device_key` is of the device
    that it is on, where that is remembered. `levels` are those of which one is to be reached, the most wanted first. `held` is the
    turn of the question before, where that is spent only with this one. `event` is the id of the sign-in in the user's history,
    empty where none is kept; `risk` is what it was judged to be, once the first factor was proven there.
    """

    pool_id: str
    client_id: str
    flow: str
    name: str
    sub: str
    stranger: bool
    credential_version: int
    proven: tuple[str, ...] = ()
    chosen: str = ""
    failed: tuple[str, ...] = ()
    challenge: str = ""
    turn: str = ""
    expires_at: int = 0
    kept: bytes = b""
    custom: Custom | None = None
    row: str = ""
    device_key: str = ""
    levels: tuple[str, ...] = ()
    held: str = ""
    event: str = ""
    risk: Assessment | None = None

    def __repr__(self) -> str:
        """No name, and nothing that was kept; the default would tell all."""
        return f"Attempt(flow={self.flow!r}, sub={self.sub!r}, proven={self.proven!r}, challenge={self.challenge!r})"


_decoder = msgspec.msgpack.Decoder(Attempt)


def new(
    call: Call,
    flow: str,
    name: str,
    user: User,
    *,
    stranger: bool,
    proven: tuple[str, ...] = (),
    chosen: str = "",
    custom: Custom | None = None,
    levels: tuple[str, ...] = (),
) -> Attempt:
    """An attempt that begins; `chosen` is what the client would like to be asked first, `proven` what counts from before."""
    return Attempt(
        call.pool.id,
        call.client.id,
        flow,
        name,
        user.sub,
        stranger,
        user.credential_version,
        proven=proven,
        chosen=chosen,
        custom=custom,
        levels=levels,
        event=history.begun(call),
    )


def asked(call: Call, attempt: Attempt, challenge: str) -> Attempt:
    """The attempt with a new turn, which asks for `challenge`, and may be answered as long as the client says; on our pages not."""
    minutes = MINUTES_ON_PAGES if call.on_page else call.client.settings.auth_session_validity
    return msgspec.structs.replace(
        attempt,
        challenge=challenge,
        turn=clock.uuid4(),
        expires_at=call.now + minutes * MINUTE,
    )


def keeping(attempt: Attempt, kept: bytes) -> Attempt:
    """The attempt with what its challenge must know again to check the answer."""
    return msgspec.structs.replace(attempt, kept=kept)


def spent(attempt: Attempt) -> Attempt:
    """The attempt when its turn is spent, and the answer still to be checked."""
    return msgspec.structs.replace(attempt, turn="")


def expecting(attempt: Attempt, challenge: str) -> Attempt:
    """The attempt when the answer to `challenge` came along unasked: there is no turn to spend."""
    return msgspec.structs.replace(attempt, challenge=challenge)


def after(attempt: Attempt, user: User, *, chosen: str) -> Attempt:
    """The attempt when its challenge was answered well and its turn is spent; `user` is as it is then."""
    return msgspec.structs.replace(
        attempt,
        credential_version=user.credential_version,
        proven=(*attempt.proven, attempt.challenge),
        chosen=chosen,
        challenge="",
        turn="",
        expires_at=0,
        kept=b"",
        custom=_showing(attempt, right=True),
    )


def holding(attempt: Attempt, turn: str) -> Attempt:
    """The attempt when the turn of the question before is still to be spent."""
    return msgspec.structs.replace(attempt, held=turn)


def judged(attempt: Attempt, *, right: bool, metadata: str | None) -> Attempt:
    """The attempt when a function has judged the answer to its challenge, whose turn is spent."""
    return msgspec.structs.replace(
        attempt,
        proven=(*attempt.proven, attempt.challenge) if right else attempt.proven,
        challenge="",
        turn="",
        expires_at=0,
        kept=b"",
        custom=_showing(attempt, right=right, metadata=metadata),
    )


def defined(attempt: Attempt, challenge: str) -> Attempt:
    """The attempt when a function has said what comes next. Once tokens are issued no function is told of it again."""
    before = attempt.custom or Custom()
    shown = () if challenge == ISSUED else before.shown
    return msgspec.structs.replace(attempt, custom=Custom(shown, challenge))


def on_device(attempt: Attempt, key: str) -> Attempt:
    """The attempt on a device that the user has remembered, or on none where the key is empty."""
    return msgspec.structs.replace(attempt, device_key=key)


def at_risk(attempt: Attempt, risk: Assessment) -> Attempt:
    """The attempt when it was judged, which it is once."""
    return msgspec.structs.replace(attempt, risk=risk)


def lying_in(attempt: Attempt, row: str) -> Attempt:
    """What a Session carries in place of an attempt that lies in a row."""
    return msgspec.structs.replace(attempt, kept=b"", custom=None, row=row)


def is_asked(attempt: Attempt) -> bool:
    """Whether its challenge was asked, also when the turn is spent; else the answer came along."""
    return attempt.expires_at > 0


def failing(attempt: Attempt, kind: str) -> Attempt:
    """The attempt of a user who has failures of that kind."""
    failed = attempt.failed if kind in attempt.failed else (*attempt.failed, kind)
    return msgspec.structs.replace(attempt, failed=failed)


def packed(attempt: Attempt) -> bytes:
    return msgspec.msgpack.encode(attempt)


def unpacked(call: Call, packed: bytes) -> Attempt:
    """The attempt in bytes that we have packed; SESSION_INVALID unless it is of call.client, SESSION_EXPIRED."""
    try:
        attempt = _decoder.decode(packed)
    except msgspec.DecodeError:  # of another release, which packed other members
        raise errors.SESSION_INVALID() from None
    if (attempt.pool_id, attempt.client_id) != (call.pool.id, call.client.id):
        raise errors.SESSION_INVALID()
    if attempt.expires_at <= call.now:
        raise errors.SESSION_EXPIRED()
    return attempt


async def find_client(call: Call, session: str) -> None:
    """Fill the call's pool and client by a Session string alone. Raises SESSION_INVALID."""
    try:
        attempt = _decoder.decode(call.vault.unseal_text(PURPOSE, session, b""))
    except (CannotUnseal, msgspec.DecodeError):
        raise errors.SESSION_INVALID() from None
    found = await call.configurations.of_client(attempt.client_id, call.now)
    if found is None:
        raise errors.SESSION_INVALID()
    call.found_pool, call.found_client = found


def seal(call: Call, attempt: Attempt) -> str:
    """The Session string, in URL-safe characters; waiting.py sees to it that there are not too many."""
    return call.vault.seal_text(PURPOSE, packed(attempt), b"")


def unseal(call: Call, session: str) -> Attempt:
    """The attempt in a Session string of call.client; SESSION_INVALID for any other text, SESSION_EXPIRED."""
    try:
        return unpacked(call, call.vault.unseal_text(PURPOSE, session, b""))
    except CannotUnseal:
        raise errors.SESSION_INVALID() from None


def seal_as_block(call: Call, attempt: Attempt) -> str:
    """The attempt as a client takes it apart that signs the bytes of a base64 text: in characters of both alphabets.

    Clients decode the text as standard or as URL-safe base64. Of the bytes that `seal` writes (letters, digits, `-`, `_`)
    none gives a character in which the two differ.
    """
    return base64.b64encode(seal(call, attempt).encode()).decode()


def unseal_block(call: Call, block: str) -> Attempt:
    """As `unseal`, of `seal_as_block`'s text or any other."""
    try:
        session = base64.b64decode(block, validate=True).decode("ascii")
    except ValueError:
        raise errors.SESSION_INVALID() from None
    return unseal(call, session)


def _showing(attempt: Attempt, *, right: bool, metadata: str | None = None) -> Custom | None:
    """What functions will be told of a custom sign-in when its challenge was answered, and that they are to be asked again."""
    custom = attempt.custom
    if custom is None or custom.next == ISSUED or attempt.challenge not in _TOLD:
        return custom
    return Custom(shown=(*custom.shown, (attempt.challenge, right, metadata)))
