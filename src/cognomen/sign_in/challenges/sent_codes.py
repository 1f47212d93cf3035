"""SMS_MFA, SMS_OTP, EMAIL_OTP: a code that is sent to the user's phone number or e-mail address.

    challenge   one of them
    ask         a code is made, queued with its message, carried; the parameters tell where it went, masked
    check       whether an answer has it

SMS_OTP is a first factor, SMS_MFA a second one, EMAIL_OTP is either.

A code belongs to one turn of one sign-in: no other sign-in of the user takes it, and none replaces it. It is good as long as
the turn. How many may be sent is limited by user and medium. Where nobody has the name, all is done alike and nothing is sent.

Whoever asks for a code that comes first has proven nothing, so a stranger may use up what a user has in an hour. All further
sign-ins of that hour then share one code. It is sent once, and again only when it was used or is about to expire: the user gets in,
and the messages stay few.
"""

from __future__ import annotations

from functools import partial

from cognomen import errors
from cognomen.challenge_names import MFA_SETUP
from cognomen.errors import Refusal
from cognomen.messages import code_delivery, compose
from cognomen.messages.code_delivery import Delivery
from cognomen.messages.compose import ADDRESS_ATTRIBUTES, Medium
from cognomen.messages.courier import Queued
from cognomen.sign_in.levels import is_first_proven
from cognomen.sign_in.turn import Challenge, Proven, Question, Turn, Wrong
from cognomen.store import codes as stored
from cognomen.store.codes import Code
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.users import attributes, codes, first_factors, lockout, names, passwords, rows, status
from cognomen.users.codes import Form, Holder

FIRST_FACTOR_DIGITS = 8
SECOND_FACTOR_DIGITS = 6


def challenge(name: str, medium: Medium) -> Challenge:
    return Challenge(
        ask=partial(ask, medium=medium), check=partial(check, member=f"{name}_CODE"), failures=name
    )


async def ask(turn: Turn, medium: Medium) -> Question:
    """Raises MESSAGE_NOT_DELIVERED, ATTEMPT_LIMIT_EXCEEDED of a second factor, and what the pool owner's function fails with."""
    call, user, quota = turn.call, turn.user, codes.SIGN_IN_QUOTAS[medium]
    is_stranger = turn.attempt.stranger
    holder = codes.of_decoy(call, user, turn.attempt.name) if is_stranger else codes.of_user(call, user)
    if _is_second(turn):
        await codes.refuse_beyond(call, holder, quota)
        form = Form(SECOND_FACTOR_DIGITS, turn.attempt.expires_at)
        delivery = await _delivery(turn, holder, medium, _purpose(turn), form)
        await code_delivery.carry(
            call, await call.store.write(code_delivery.queue_counted, call, delivery, holder, quota)
        )
        return Question(_told(medium, delivery.code) | {"USER_ID_FOR_SRP": user.username})
    if not await codes.is_used_up(call, holder, quota):
        form = Form(FIRST_FACTOR_DIGITS, turn.attempt.expires_at)
        delivery = await _delivery(turn, holder, medium, _purpose(turn), form)
        try:
            queued = await call.store.write(code_delivery.queue_counted, call, delivery, holder, quota)
        except Refusal as refusal:
            if not refusal.is_(errors.ATTEMPT_LIMIT_EXCEEDED):
                raise
            # Others were faster, and have used up what there was.
            return await _ask_for_shared(turn, holder, medium)
        return await _sent(turn, medium, delivery, queued)
    return await _ask_for_shared(turn, holder, medium)


async def _ask_for_shared(turn: Turn, holder: Holder, medium: Medium) -> Question:
    """As `ask`, where this hour's codes are used up; two at the same moment send one message."""
    call, purpose = turn.call, codes.shared_by_sign_ins(medium)
    seen = await call.store.read(stored.by_purpose, call.pool.id, holder.sub, purpose)
    if seen is not None and _will_do(turn, holder, seen):
        return Question(_told(medium, seen), kept=purpose.encode())
    life = turn.attempt.expires_at - call.now
    form = Form(FIRST_FACTOR_DIGITS, lockout.end_of_hour(call.now) + life)
    delivery = await _delivery(turn, holder, medium, purpose, form)
    queued = await call.store.write(code_delivery.queue_after, call, delivery, seen)
    return await _sent(turn, medium, delivery, queued, kept=purpose.encode())


def _will_do(turn: Turn, holder: Holder, shared: Code) -> bool:
    """Whether the code is good as long as the turn, and went where it would go now."""
    is_current = holder.user is None or codes.is_current(shared, holder.user)
    return is_current and shared.expires_at >= turn.attempt.expires_at


async def _sent(
    turn: Turn, medium: Medium, delivery: Delivery, queued: Queued | None, kept: bytes = b""
) -> Question:
    """Who has not proven anything must not learn by a failure that there is somebody to write to, nor a name by an address."""
    if queued is not None:
        await code_delivery.carry(turn.call, queued, tells=False)
    return Question(_told(medium, delivery.code), kept=kept)


def _told(medium: Medium, code: Code) -> dict[str, str]:
    return {
        "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
        "CODE_DELIVERY_DESTINATION": compose.masked(medium, code.address),
    }


async def check(turn: Turn, member: str) -> Proven | Wrong:
    """A stranger's code costs the same and is never right."""
    call, given = turn.call, turn.required(member)
    purpose = turn.attempt.kept.decode() or _purpose(turn)
    code = await call.store.read(stored.by_purpose, call.pool.id, turn.user.sub, purpose)
    if code is None:
        raise errors.SESSION_SPENT()  # by another answer, since the turn was looked at
    if not codes.is_right(call, code, given) or turn.attempt.stranger:
        return Wrong(errors.SIGN_IN_CODE_MISMATCH())
    return Proven(partial(_spend, turn=turn, code=code))


async def _delivery(turn: Turn, holder: Holder, medium: Medium, purpose: str, form: Form) -> Delivery:
    call, attribute = turn.call, ADDRESS_ATTRIBUTES[medium]
    if holder.user is None:
        return code_delivery.to_decoy(call, holder, purpose, compose.AUTHENTICATION, attribute, form=form)
    is_set_up = turn.attempt.proven[-1:] == (MFA_SETUP,)
    return await code_delivery.to_user(
        call,
        turn.user,
        purpose,
        compose.AUTHENTICATION,
        attribute,
        client_metadata=turn.client_metadata,
        address=turn.required("EMAIL") if is_set_up else None,
        pending=is_set_up,
        form=form,
    )


def _is_second(turn: Turn) -> bool:
    """In a custom sign-in it is, whatever came first: a risk has it asked for when the pool's functions are content."""
    return turn.attempt.custom is not None or is_first_proven(turn.attempt.proven)


def _purpose(turn: Turn) -> str:
    return codes.of_sign_in(turn.attempt.turn)


# -- transactions -----------------------------------------------------------------------------------------------------


def _spend(db: Db, turn: Turn, code: Code) -> User | None:
    """Whoever has the code reads what is sent to the address, which so is verified; that is all that confirming asks for.

    The password of a sign-up that is confirmed so is forgotten: whoever chose it may be another than who reads the mail. The
    address stays as it was where it is another user's name by now, since a sign-in is no place to take that away.
    """
    call = turn.call
    codes.spend(db, call, code)

    is_first = not _is_second(turn)

    def edit(user: User) -> User:
        is_no_more = is_first and not first_factors.takes_codes(user, code.attribute)
        if is_no_more or not codes.is_current(code, user):
            raise errors.CODE_EXPIRED()
        verified = {code.attribute: code.address, names.VERIFIED[code.attribute]: "true"}
        if not verified.items() <= user.attributes.items():
            user = attributes.changed(user, verified, call.now)
        if user.status != status.UNCONFIRMED:
            return user
        return status.moved(passwords.without(user, call.now), status.CONFIRMED, call.now)

    try:
        return rows.change(db, call.pool, turn.user.sub, edit)
    except Refusal as refusal:
        must_change = code.pending or turn.user.status == status.UNCONFIRMED
        if must_change or refusal.type != errors.ALIAS_EXISTS.type:
            raise
        return None
