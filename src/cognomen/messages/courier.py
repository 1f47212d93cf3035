"""The outbox: a message is queued in the transaction of what it tells of, and carried after that has committed.

    queue       in the transaction: the message waits, sealed, already claimed by the request that queued it
    carry       after the commit, by the same request: the first attempt
    carry_due   by jobs.py on any node: what a crash or a failed attempt left behind

Whoever tries to carry a message has claimed it first: until `due_at` nobody else does. An attempt ends well before that.
A message may arrive twice, when a node dies between handing it over and noting so; it is never lost.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import msgspec

from cognomen import clock
from cognomen.clock import HOUR, MINUTE
from cognomen.crypto.sealing import CannotUnseal
from cognomen.master_key.vault import Vault
from cognomen.messages.carriers import CARRIERS
from cognomen.messages.compose import Composed
from cognomen.store import messages
from cognomen.store.database import Db, Store, Unavailable
from cognomen.store.messages import Message, Waiting

PURPOSE = "message"

ATTEMPT_SECONDS = 20
CLAIMED_FOR = MINUTE  # longer than an attempt and what surrounds it
BACKOFF_MAX = HOUR
ATTEMPTS_MAX = 30  # about a day; codes and most temporary passwords are worth nothing then
BATCH = 20

log = logging.getLogger(__name__)

_document = msgspec.json.Decoder(Composed)


class Undelivered(Exception):  # noqa: N818  it says what happened
    """An attempt to carry a message failed; it stays in the outbox and is tried again."""


def queue(db: Db, vault: Vault, pool_id: str, message: Composed, now: int) -> Message:
    """Put a message into the outbox, in the transaction of what it tells of; returns what `carry` wants."""
    id = clock.uuid7(now)
    sealed = vault.seal(PURPOSE, msgspec.json.encode(message), binding(pool_id, id))
    queued = Message(pool_id, id, sealed, now)
    messages.queue(db, queued, due_at=now + CLAIMED_FOR)
    return queued


async def carry(store: Store, vault: Vault, message: Message, now: int) -> None:
    """The first attempt, after the commit, by the request that queued the message.

    Raises Undelivered when it failed, so that the answer can tell; the message is tried again all the same.
    """
    try:
        await _attempt(store, vault, message)
    except Undelivered:
        with suppress(Unavailable):  # then the claim of `queue` ends by itself
            await store.write(messages.claim, Waiting(message, 0), now + _pause_after(1))
        raise


async def carry_due(store: Store, vault: Vault, now: int) -> bool:
    """One batch of what is due; whether there may be more."""
    due = await store.read(messages.all_due, now, BATCH)
    await asyncio.gather(*(_carry_again(store, vault, waiting, now) for waiting in due))
    return len(due) == BATCH


def opened(vault: Vault, message: Message) -> Composed:
    """What a sealed message of the outbox or the inbox says; CannotUnseal when its master key is gone."""
    return _document.decode(
        vault.unseal(PURPOSE, message.sealed_document, binding(message.pool_id, message.id))
    )


def binding(pool_id: str, id: str) -> bytes:
    """What a sealed message is bound to, so that it opens nowhere else."""
    return f"{pool_id}/{id}".encode()


async def _carry_again(store: Store, vault: Vault, waiting: Waiting, now: int) -> None:
    attempts = waiting.attempts + 1
    if not await store.write(messages.claim, waiting, now + _pause_after(attempts)):
        return  # another node was faster
    if attempts > ATTEMPTS_MAX:
        log.error(
            "message %s was not delivered in %d attempts and is given up", waiting.message.id, ATTEMPTS_MAX
        )
        await store.write(messages.carried, waiting.message)
        return
    with suppress(Undelivered):  # told in the log; its next attempt is due when the claim ends
        await _attempt(store, vault, waiting.message)


async def _attempt(store: Store, vault: Vault, message: Message) -> None:
    try:
        composed = opened(vault, message)
        if composed.to_nobody:
            await store.write(messages.carried, message)
            return
        async with asyncio.timeout(ATTEMPT_SECONDS):
            await CARRIERS[composed.medium](store, message, composed)
    except CannotUnseal as error:
        log.error("message %s cannot be opened: %s", message.id, error)  # noqa: TRY400  the sentence says it all
        raise Undelivered("The message cannot be opened.") from None
    except Exception as error:
        log.warning("message %s was not delivered: %s", message.id, type(error).__name__)
        raise Undelivered(type(error).__name__) from error


def _pause_after(attempts: int) -> int:
    """Milliseconds a claim lasts, and so until the next attempt: twice as long each time."""
    return min(CLAIMED_FOR << (attempts - 1), BACKOFF_MAX)
