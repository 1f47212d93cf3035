"""Codes that are sent to users and come back: how they are made, kept, counted and spent.

    holder              whose code a name means; a stranger's where the client hides who exists
    new, kept           a code, and what is put into the store of it
    count               one more request of a limited kind
    refuse_beyond, is_used_up   before a function of the pool's owner is asked: whether that would be one too many
    is_right            the comparison alone, where tries are counted otherwise
    attempt             one try at a code, in the transaction that goes on when it is right
    spend               the end of a right code, once
    void_recovery       the end of a code for a forgotten password that something newer has made worthless

A code belongs to a user, a purpose and the client that asked for it. One that an administrator asked for is of no client, and
one of a sign-in needs none, since the session that it comes back with has one. Only its keyed digest is kept, so that whoever reads
the database cannot try all million of them. Requests of a kind are counted per user before the code is looked at: the row that counts is
locked until the transaction ends, so the limits hold however many come at once, on however many nodes.

Where nobody has a name, everything is done and counted all the same, under the sub of its decoy.
"""

from __future__ import annotations

from dataclasses import dataclass

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.clock import DAY, HOUR, MINUTE
from cognomen.crypto import hashes, sealing
from cognomen.errors import Refusal, Sentence
from cognomen.pools import app_clients
from cognomen.store import codes as stored
from cognomen.store import failures
from cognomen.store.codes import Code
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import decoys, lockout, lookup, names
from cognomen.users.lockout import Quota

SIGN_UP = "sign-up"
FORGOT_PASSWORD = "forgot-password"
VERIFY = {attribute: f"verify-{attribute}" for attribute in names.VERIFIED}
"""The purposes of codes that verify an attribute."""

# Developer guide, "Quotas": how long codes are good for.
_LIFE = {SIGN_UP: DAY, FORGOT_PASSWORD: HOUR, **dict.fromkeys(VERIFY.values(), DAY)}

# Developer guide, "Authentication": how long those are that a person asks for on a page.
_LIFE_ON_PAGES = {**_LIFE, FORGOT_PASSWORD: 8 * MINUTE}

# "Quotas" again: requests of one user in an hour. Of the two about forgotten passwords together, 5 to 20 "by risk".
RESEND_QUOTA = Quota("resend-code", an_hour=5)
_CONFIRM_QUOTA = Quota("confirm-sign-up", an_hour=15)
FORGOT_QUOTA = Quota("forgot-password", an_hour=10)
# Of an administrator's, which the guide does not name (seen: github.com/amazon-archives/amazon-cognito-identity-js, issue 376).
RESET_QUOTA = Quota("reset-password", an_hour=FORGOT_QUOTA.an_hour)
MIGRATE_QUOTA = Quota("migrate-forgotten", an_hour=FORGOT_QUOTA.an_hour)
ASK_QUOTA = Quota("ask-attribute-code", an_hour=5)
UPDATE_QUOTA = Quota("update-attribute-code", an_hour=10)  # ours, as the guide names none
_VERIFY_QUOTA = Quota("verify-attribute", an_hour=15)
# E-mail by the guide "5 to 20 by address and requester"; SMS, which costs its sender, alike.
SIGN_IN_QUOTAS = {
    "EMAIL": Quota("sign-in-email", an_hour=20),
    "SMS": Quota("sign-in-sms", an_hour=20),
}
_QUOTAS = {
    SIGN_UP: _CONFIRM_QUOTA,
    FORGOT_PASSWORD: FORGOT_QUOTA,
    **dict.fromkeys(VERIFY.values(), _VERIFY_QUOTA),
}


@dataclass(frozen=True, slots=True)
class Form:
    """How long a code is, and until when it is good; None for as long as codes of its purpose are."""

    digits: int
    expires_at: int | None = None


USUAL = Form(digits=6)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose codes and attempts: a user, or nobody (None), for whom all is done alike. `key` is what counts go by.

    `shown` is whom answers tell of: the user, or a decoy.
    """

    sub: str
    key: str
    user: User | None
    shown: User


async def holder(call: Call, typed: str) -> Holder:
    """Whoever is called `typed`, as at sign-in; where the client hides who exists, a disabled user counts as nobody.

    Raises USERNAME_CLIENT_NOT_FOUND, USER_DISABLED where it does not.
    """
    hides = app_clients.hides_unknown_users(call.client)
    user = await lookup.at_sign_in(call, typed)
    if user is None:
        if not hides:
            raise errors.USERNAME_CLIENT_NOT_FOUND()
        return stranger(call, typed)
    if user.enabled:
        return of_user(call, user)
    if not hides:
        raise errors.USER_DISABLED()
    shown = decoys.decoy(call, names.key(call.pool, typed))
    return Holder(user.sub, lockout.key_of_user(call, user.sub), None, shown)


def stranger(call: Call, typed: str) -> Holder:
    """Nobody, called `typed`."""
    name = names.key(call.pool, typed)
    return of_decoy(call, decoys.decoy(call, name), name)


def of_decoy(call: Call, decoy: User, name: str) -> Holder:
    """Nobody, whose decoy there is; `name` as rows hold it (`key` in names.py)."""
    return Holder(decoy.sub, lockout.key_of_stranger(call, name), None, decoy)


def of_user(call: Call, user: User) -> Holder:
    return Holder(user.sub, lockout.key_of_user(call, user.sub), user, user)


def new(form: Form = USUAL) -> str:
    """Digits, zeros in front included."""
    return clock.random_text("0123456789", form.digits)


def of_sign_in(turn: str) -> str:
    """The purpose of a code that one turn of one sign-in asks for."""
    return f"sign-in {turn}"


def shared_by_sign_ins(medium: str) -> str:
    """The purpose of the code that all further sign-ins of an hour ask for, when so many have asked for one of their own."""
    return f"sign-in by {medium}"


def kept(
    call: Call,
    sub: str,
    purpose: str,
    code: str,
    attribute: str,
    address: str,
    form: Form = USUAL,
    *,
    pending: bool = False,
) -> Code:
    """A code as it is put into the store; it goes to `address`. It is the client's that the request names, if there is one."""
    digest = _digest(call, sub, purpose, code, *_asker(call, purpose))
    lives = _LIFE_ON_PAGES if call.on_page else _LIFE
    expires_at = call.now + lives[purpose] if form.expires_at is None else form.expires_at
    return Code(sub, purpose, digest, attribute, address, pending, expires_at)


def count(
    db: Db, call: Call, holder: Holder, quota: Quota, beyond: Sentence = errors.ATTEMPT_LIMIT_EXCEEDED
) -> None:
    """One more request in this hour of the clock. Raises `beyond`; such a one is not counted."""
    if lockout.in_this_hour(db, call, holder.key, quota) > quota.an_hour:
        raise beyond()


async def refuse_beyond(
    call: Call, holder: Holder, quota: Quota, beyond: Sentence = errors.ATTEMPT_LIMIT_EXCEEDED
) -> None:
    """Raises `beyond` where this hour's quota is used up; nothing is counted.

    A request is counted with what it writes, which is after a function of the pool's owner was asked. Asking it must not be
    free of limits meanwhile.
    """
    if await is_used_up(call, holder, quota):
        raise beyond()


async def is_used_up(call: Call, holder: Holder, quota: Quota) -> bool:
    id = lockout.id_of_hour(holder.key, call.now)
    known = await call.store.read(failures.by_id, call.pool.id, quota.kind, id)
    return known is not None and known.count >= quota.an_hour


def attempt(db: Db, call: Call, holder: Holder, purpose: str, given: str) -> Code | Refusal:
    """The code that `given` is, or why it is none: the transaction must end well, for the attempt to be counted.

    CODE_EXPIRED where none is outstanding, CODE_MISMATCH where it is another. Raises ATTEMPT_LIMIT_EXCEEDED.
    """
    count(db, call, holder, _QUOTAS[purpose])
    code = stored.by_purpose(db, call.pool.id, holder.sub, purpose)
    if code is None or code.expires_at <= call.now:
        return errors.CODE_EXPIRED()
    return code if is_right(call, code, given) else errors.CODE_MISMATCH()


def is_right(call: Call, code: Code, given: str) -> bool:
    """Whether it is this code, and either no client's or the one's that the request names; which of it fails takes no time."""
    of_nobody = _digest(call, code.sub, code.purpose, given)
    of_client = _digest(call, code.sub, code.purpose, given, *_asker(call, code.purpose))
    return hashes.matches(code.digest, of_nobody) | hashes.matches(code.digest, of_client)


def spend(db: Db, call: Call, code: Code) -> None:
    """Raises CODE_EXPIRED for all but the first who comes with it."""
    if not stored.spend(db, call.pool.id, code):
        raise errors.CODE_EXPIRED()


def void_recovery(db: Db, call: Call, sub: str) -> None:
    """A code for a forgotten password does not outlive a password that is set after it, a disabling or a sign-out everywhere.

    Whoever does these wants others out, and one of them may have read the message. In the transaction this comes before the
    user is changed, as store/codes.py says.

    Its place is taken by what is no code, and not left empty: so whoever is putting one at the same time is waited for, or waits
    until the user is changed.
    """
    stored.put(db, call.pool.id, Code(sub, FORGOT_PASSWORD, b"", "", "", pending=False, expires_at=0))


def is_current(code: Code, user: User) -> bool:
    """Whether the code went to an address that the user still has, or shall have with it."""
    return code.pending or user.attributes.get(code.attribute) == code.address


def _asker(call: Call, purpose: str) -> tuple[str, ...]:
    """The id of the client that codes of this request belong to, if they belong to one."""
    return (call.client_id,) if call.client_id is not None and purpose in _LIFE else ()


def _digest(call: Call, sub: str, purpose: str, code: str, *client: str) -> bytes:
    """Keyed with the pool's own secret, which no rotation of master keys changes."""
    key = call.configuration.decoy_key
    bound_to = (sub.encode(), code.encode("utf-8", "surrogatepass"), *(id.encode() for id in client))
    return sealing.mac(key, f"code {purpose}", *bound_to)
