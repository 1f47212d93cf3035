"""Messages: the outbox, where one waits to be carried, and the inbox, a carrier that keeps them to be read here.

A message in the outbox is sealed, since it may hold a code or a temporary password. The inbox is the carrier of
development and tests; what it keeps is sealed too, and swept after some days.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, delete, func, literal, select, update

from cognomen.store.database import Db
from cognomen.store.tables import blob, expired, insert, key, metadata, number

NEWER_THAN_ALL = "~"  # sorts behind every id


@dataclass(frozen=True, slots=True)
class Message:
    """A sealed message; `id` is a version 7 UUID, so ids sort by time."""

    pool_id: str
    id: str
    sealed_document: bytes
    created_at: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in the outbox that is due, and how often it was tried."""

    message: Message
    attempts: int


outbox = Table(
    "outbox",
    metadata,
    key("pool_id"),
    key("id"),
    blob("sealed_document"),
    number("created_at"),
    number("due_at"),
    number("attempts"),
)
Index("outbox_by_due", outbox.c.due_at)
inbox = Table("inbox", metadata, key("pool_id"), key("id"), blob("sealed_document"), number("created_at"))
Index("inbox_by_age", inbox.c.created_at)

_QUEUE = insert(outbox)
_DUE = (
    select(outbox)
    .where(outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at)
    .limit(bindparam("limit"))
)
_WAITING = select(func.count()).select_from(
    select(literal(1)).select_from(outbox).limit(bindparam("limit")).subquery()
)
_of_one = (outbox.c.pool_id == bindparam("of_pool"), outbox.c.id == bindparam("of_id"))
_CLAIM = (
    update(outbox)
    .where(*_of_one)
    .where(outbox.c.attempts == bindparam("known_attempts"))
    .values(due_at=bindparam("new_due_at"), attempts=outbox.c.attempts + 1)
)
_REMOVE = delete(outbox).where(*_of_one)
_KEEP = insert(inbox).on_conflict_do_nothing()
_INBOX = (
    select(inbox)
    .where(inbox.c.pool_id == bindparam("pool_id"))
    .where(inbox.c.id < bindparam("before"))
    .order_by(inbox.c.id.desc())
    .limit(bindparam("limit"))
)
_INBOX_EMPTY = delete(inbox).where(inbox.c.pool_id == bindparam("pool_id"))
_SWEEP_INBOX = expired(inbox, inbox.c.created_at)


def queue(db: Db, message: Message, due_at: int) -> None:
    """Put a message into the outbox, in the transaction of what it tells of."""
    db.run(
        _QUEUE,
        pool_id=message.pool_id,
        id=message.id,
        sealed_document=message.sealed_document,
        created_at=message.created_at,
        due_at=due_at,
        attempts=0,
    )


def all_due(db: Db, now: int, limit: int) -> list[Waiting]:
    """What should be carried by now, over all pools."""
    return [Waiting(Message(*row[:4]), row[5]) for row in db.all(_DUE, now=now, limit=limit)]


def count_waiting(db: Db, limit: int) -> int:
    """How many messages are in the outbox, `limit` at most."""
    row = db.one(_WAITING, limit=limit)
    return row[0] if row else 0


def claim(db: Db, waiting: Waiting, due_at: int) -> bool:
    """Take a message to carry it, not to be taken again before `due_at`; False when another node was faster."""
    return (
        db.run(
            _CLAIM,
            of_pool=waiting.message.pool_id,
            of_id=waiting.message.id,
            known_attempts=waiting.attempts,
            new_due_at=due_at,
        )
        == 1
    )


def carried(db: Db, message: Message) -> None:
    """The carrier has acknowledged the message: it leaves the outbox for good."""
    db.run(_REMOVE, of_pool=message.pool_id, of_id=message.id)


def keep(db: Db, message: Message) -> None:
    """Put a message into the inbox."""
    db.run(
        _KEEP,
        pool_id=message.pool_id,
        id=message.id,
        sealed_document=message.sealed_document,
        created_at=message.created_at,
    )


def all_kept(db: Db, pool_id: str, before: str, limit: int) -> list[Message]:
    """Messages of a pool's inbox, newest first, beginning behind the id `before` (NEWER_THAN_ALL for the newest)."""
    return [Message(*row) for row in db.all(_INBOX, pool_id=pool_id, before=before, limit=limit)]


def empty_inbox(db: Db, pool_id: str) -> None:
    db.run(_INBOX_EMPTY, pool_id=pool_id)


def sweep_inbox(db: Db, before: int, limit: int) -> int:
    return db.run(_SWEEP_INBOX, now=before, limit=limit)
