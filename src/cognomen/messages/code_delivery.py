"""Codes on their way to users, for everything that sends one: made, queued with what they are for, carried.

    delivery = await code_delivery.to_user(call, user, ...)     # or to_nobody
    queued = await call.store.write(f)                      # f ends with code_delivery.queue(db, call, delivery)
    await code_delivery.carry(call, queued)
    return {"CodeDeliveryDetails": code_delivery.details(delivery)}

What a message says is decided in `to_user`, before the transaction; the pool owner's function is asked there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.messages import compose, courier
from cognomen.messages.carriers.failures import Undelivered
from cognomen.messages.compose import ADDRESS_ATTRIBUTES, Composed, Medium
from cognomen.messages.courier import Queued
from cognomen.store import codes as stored
from cognomen.store.codes import Code
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.users import User
from cognomen.triggers import custom_message
from cognomen.triggers.custom_message import Source, Texts
from cognomen.users import codes, decoys, names
from cognomen.users.codes import Form, Holder
from cognomen.users.decoys import Decoy
from cognomen.users.lockout import Quota
from cognomen.wire import model

_MEDIUMS: dict[str, Medium] = {attribute: medium for medium, attribute in ADDRESS_ATTRIBUTES.items()}
_BY_LINK = frozenset({compose.SIGN_UP, compose.RESEND_CODE})


_SOURCES: dict[str, Source] = {
    compose.SIGN_UP: "CustomMessage_SignUp",
    compose.RESEND_CODE: "CustomMessage_ResendCode",
    compose.FORGOT_PASSWORD: "CustomMessage_ForgotPassword",
    compose.UPDATE_ATTRIBUTE: "CustomMessage_UpdateUserAttribute",
    compose.VERIFY_ATTRIBUTE: "CustomMessage_VerifyUserAttribute",
    compose.AUTHENTICATION: "CustomMessage_Authentication",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A code as it is kept, and the message that brings it."""

    code: Code
    message: Composed


async def to_user(
    call: Call,
    user: User,
    purpose: str,
    message: str,
    attribute: str,
    *,
    client_metadata: Mapping[str, str] | None,
    address: str | None = None,
    pending: bool = False,
    form: Form = codes.USUAL,
) -> Delivery:
    """A new code of a purpose (users/codes.py) in a message of a purpose (messages/compose.py), to an address of the user.

    `address` is given where it is not the attribute's present value; `pending` where it becomes that with the code.
    Raises what the function of CustomMessage fails with.
    """
    by_link = _MEDIUMS[attribute] == compose.EMAIL and message in _BY_LINK and _confirms_by_link(call.pool)
    texts = Texts()
    if not compose.is_for_sender(call.pool, _MEDIUMS[attribute]):  # that words its messages itself
        texts = await custom_message.compose(
            call, _SOURCES[message], user, client_metadata=client_metadata, with_link=by_link
        )
    return _made(
        call,
        user,
        purpose,
        message,
        attribute,
        address,
        texts,
        form,
        client_metadata=client_metadata,
        pending=pending,
    )


def _made(
    call: Call,
    user: User,
    purpose: str,
    message: str,
    attribute: str,
    address: str | None,
    texts: Texts,
    form: Form,
    *,
    client_metadata: Mapping[str, str] | None = None,
    pending: bool = False,
    of_nobody: str | None = None,
) -> Delivery:
    """`of_nobody` is the sub that a code is kept for which no code is, and whose message goes nowhere."""
    to = user.attributes[attribute] if address is None else address
    code = codes.new(form)
    medium = _MEDIUMS[attribute]
    link = _link(call, user, code) if medium == compose.EMAIL and message in _BY_LINK else None
    is_nobodys = of_nobody is not None
    kept = codes.kept(
        call,
        of_nobody or user.sub,
        purpose,
        clock.uuid4() if is_nobodys else code,
        attribute,
        to,
        form,
        pending=pending,
    )
    composed = msgspec.structs.replace(
        compose.verification(call.pool, user, message, code, medium, to, link, texts),
        expires_at=kept.expires_at,
        to_nobody=is_nobodys,
    )
    whole = compose.for_sender(
        call.pool, user, composed, client_id=call.client_id, client_metadata=client_metadata
    )
    return Delivery(kept, whole)


def to_nobody(call: Call, holder: Holder, purpose: str, message: str, attributes: Sequence[str]) -> Delivery:
    """What looks like a code to the holder, and costs the same; it goes nowhere and no code is right.

    Of a user to whom nothing may be sent it tells the user's own address, as every other operation does. The function of
    CustomMessage is not asked about strangers, as by Cognito.
    """
    attribute, address = _told_of(call, holder.shown, attributes)
    return to_decoy(call, holder, purpose, message, attribute, address)


def to_decoy(
    call: Call,
    holder: Holder,
    purpose: str,
    message: str,
    attribute: str,
    address: str | None = None,
    form: Form = codes.USUAL,
) -> Delivery:
    """`to_nobody` where it is known what is told; `address` is given where it is not the attribute's value."""
    return _made(
        call, holder.shown, purpose, message, attribute, address, Texts(), form, of_nobody=holder.sub
    )


def _told_of(call: Call, known: User, attributes: Sequence[str]) -> tuple[str, str]:
    """A user without any address is told of as a decoy of one name, whichever of the user's names was typed."""
    if own := decoys.shown(known.attributes, attributes):
        return own
    name = names.key(call.pool, known.username)
    decoy = known if isinstance(known, Decoy) else decoys.decoy(call, name)
    return decoys.address(decoy, attributes)


def queue(db: Db, call: Call, delivery: Delivery) -> Queued:
    """The code counts, and its message waits to be carried, once this transaction is committed."""
    stored.put(db, call.pool.id, delivery.code)
    return courier.queue(db, call.vault, call.pool.id, delivery.message, call.now)


def queue_after(db: Db, call: Call, delivery: Delivery, seen: Code | None) -> Queued | None:
    """As `queue`, where the code that was `seen` (None: none) is still the last one of its purpose; else nothing is done."""
    if not stored.put_after(db, call.pool.id, delivery.code, seen):
        return None
    return courier.queue(db, call.vault, call.pool.id, delivery.message, call.now)


def queue_counted(db: Db, call: Call, delivery: Delivery, holder: Holder, quota: Quota) -> Queued:
    """As `queue`, counted among what the holder may ask for in an hour. Raises what codes.count does."""
    codes.count(db, call, holder, quota)
    return queue(db, call, delivery)


async def carry(call: Call, *queued: Queued, tells: bool = True) -> None:
    """The first attempt at each. What fails is tried again, and told as MESSAGE_NOT_DELIVERED or a sender's fault, if it `tells`.

    Not to be told is a failure where it would say that the user exists, and where the operation declares no such error. Where it
    is not told it is not waited for either (docs/decisions/0013).
    """
    try:
        await courier.carry(call.node, *queued, waits=tells)
    except Undelivered as fault:
        if tells:
            raise _told(call, fault) from None


def _told(call: Call, fault: Undelivered) -> Refusal:
    """What the sender's fault is called, where the operation declares that, or that it happened."""
    operation = model.load().operations.get(call.operation)
    if fault.sentence is not None and operation is not None and fault.sentence.type in operation.errors:
        return fault.sentence()
    return errors.MESSAGE_NOT_DELIVERED()


def details(delivery: Delivery) -> dict[str, str]:
    message = delivery.message
    return {
        "Destination": compose.masked(message.medium, message.destination),
        "DeliveryMedium": message.medium,
        "AttributeName": delivery.code.attribute,
    }


def _confirms_by_link(pool: UserPool) -> bool:
    return pool.settings.verification_message_template.default_email_option == "CONFIRM_WITH_LINK"


def _link(call: Call, user: User, code: str) -> str | None:
    """Where a user confirms with a click, in a pool whose users do (`/confirmUser`, developer guide)."""
    if not _confirms_by_link(call.pool):
        return None
    values = {"client_id": call.client.id, "user_name": user.username, "confirmation_code": code}
    return f"{call.settings.own_url}/confirmUser/?{urlencode(values)}"
