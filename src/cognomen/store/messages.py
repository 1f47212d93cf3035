"""Messages: where one waits to be carried, where it stays to be read here, and where it ends when nobody takes it.

    outbox          what waits, and why its last attempt failed
    inbox           what is kept instead of carried: the way of development and tests
    undelivered     what was given up, and why

A message is sealed wherever it is, since it may hold a code or a temporary password. One to nobody is written as a user's is, by
the same statements, under an id that no list of messages comes to, so that however many there are, they hide none. Inbox and undelivered are swept after
some days. Reasons say no address, and nothing of a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, Select, Table, bindparam, delete, func, literal, select, tuple_, update

from cognomen.store.database import Db, Row
from cognomen.store.replicas import user_pool_replicas
from cognomen.store.tables import blob, expired, home_of, insert, key, metadata, number, text

NEWER_THAN_ALL = "~"  # sorts behind every id of a message to somebody
TO_NOBODY = "~"  # the ids of the others begin so, and sort behind that

Place = tuple[int, str, str]
"""Where a message stands among those that are due: when it is due, its pool, its id."""

BEFORE_ALL: Place = (-(2**62), "", "")


@dataclass(frozen=True, slots=True)
class Message:
    """A sealed message; `id` is a version 7 UUID, so ids sort by time. Of one to nobody it begins with TO_NOBODY."""

    pool_id: str
    id: str
    sealed_document: bytes
    created_at: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in the outbox, how often it was tried, when it is due, and why the last attempt failed."""

    message: Message
    attempts: int
    due_at: int = 0
    reason: str | None = None

    @property
    def place(self) -> Place:
        return self.due_at, self.message.pool_id, self.message.id


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that was given up, after how many attempts, when and why."""

    message: Message
    attempts: int
    given_up_at: int
    reason: str


outbox = Table(
    "outbox",
    metadata,
    key("pool_id"),
    key("id"),
    blob("sealed_document"),
    number("created_at"),
    number("due_at"),
    number("attempts"),
    text("reason", optional=True),
)
Index("outbox_by_home", home_of(outbox.c.pool_id), outbox.c.due_at)
Index("outbox_by_pool", outbox.c.pool_id, outbox.c.due_at)
inbox = Table("inbox", metadata, key("pool_id"), key("id"), blob("sealed_document"), number("created_at"))
Index("inbox_by_age", inbox.c.created_at)
undelivered = Table(
    "undelivered",
    metadata,
    key("pool_id"),
    key("id"),
    blob("sealed_document"),
    number("created_at"),
    number("attempts"),
    number("given_up_at"),
    text("reason"),
)
Index("undelivered_by_age", undelivered.c.given_up_at)

_QUEUE = insert(outbox)
_place = (outbox.c.due_at, outbox.c.pool_id, outbox.c.id)


def _due(some: Select[Any]) -> Select[Any]:
    return (
        some.where(outbox.c.due_at <= bindparam("now"))
        .where(outbox.c.due_at >= bindparam("after_due_at"))
        .where(tuple_(*_place) > tuple_(*map(bindparam, ("after_due_at", "after_pool", "after_id"))))
        .order_by(*_place)
        .limit(bindparam("limit"))
    )


_DUE = _due(select(outbox).where(home_of(outbox.c.pool_id) == bindparam("home")))
_DUE_OF_REPLICAS = _due(
    select(outbox)
    .join(user_pool_replicas, user_pool_replicas.c.pool_id == outbox.c.pool_id)
    .where(user_pool_replicas.c.region == bindparam("region"))
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
_POSTPONE = (
    update(outbox)
    .where(*_of_one)
    .where(outbox.c.attempts == bindparam("known_attempts"))
    .values(due_at=bindparam("new_due_at"), reason=bindparam("new_reason"))
)
_REMOVE = delete(outbox).where(*_of_one)
_REMOVE_CLAIMED = _REMOVE.where(outbox.c.attempts == bindparam("known_attempts"))
_GIVE_UP = insert(undelivered).on_conflict_do_nothing()
_OUTBOX_OF_POOL = (
    select(outbox)
    .where(outbox.c.pool_id == bindparam("pool_id"))
    .where(outbox.c.id < bindparam("before"))
    .order_by(outbox.c.id.desc())
    .limit(bindparam("limit"))
)
_UNDELIVERED = (
    select(undelivered)
    .where(undelivered.c.pool_id == bindparam("pool_id"))
    .where(undelivered.c.id < bindparam("before"))
    .order_by(undelivered.c.id.desc())
    .limit(bindparam("limit"))
)
_SWEEP_UNDELIVERED = expired(undelivered, undelivered.c.given_up_at)
_KEEP = insert(inbox).on_conflict_do_nothing()
_INBOX = (
    select(inbox)
    .where(inbox.c.pool_id == bindparam("pool_id"))
    .where(inbox.c.id < bindparam("before"))
    .order_by(inbox.c.id.desc())
    .limit(bindparam("limit"))
)
_INBOX_SOME = select(inbox.c.id).where(inbox.c.pool_id == bindparam("pool_id")).limit(bindparam("limit"))
_INBOX_EMPTY = delete(inbox).where(inbox.c.pool_id == bindparam("pool_id")).where(inbox.c.id.in_(_INBOX_SOME))
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
        reason=None,
    )


def all_due(db: Db, region: str, now: int, limit: int, after: Place = BEFORE_ALL) -> list[Waiting]:
    """What should be carried by now, over all pools of a region, the longest due first, beginning behind the place `after`."""
    due_at, pool_id, id = after
    rows = db.all(
        _DUE,
        home=f"{region}_",
        now=now,
        limit=limit,
        after_due_at=due_at,
        after_pool=pool_id,
        after_id=id,
    )
    return [_waiting(row) for row in rows]


def all_due_of_replicas(
    db: Db, region: str, now: int, limit: int, after: Place = BEFORE_ALL
) -> list[Waiting]:
    """As `all_due`, of the pools of other regions that have a replica in this one."""
    due_at, pool_id, id = after
    rows = db.all(
        _DUE_OF_REPLICAS,
        region=region,
        now=now,
        limit=limit,
        after_due_at=due_at,
        after_pool=pool_id,
        after_id=id,
    )
    return [_waiting(row) for row in rows]


def all_waiting(db: Db, pool_id: str, before: str, limit: int) -> list[Waiting]:
    """A pool's messages in the outbox, newest first, beginning behind the id `before` (NEWER_THAN_ALL for the newest)."""
    return [_waiting(row) for row in db.all(_OUTBOX_OF_POOL, pool_id=pool_id, before=before, limit=limit)]


def _waiting(row: Row) -> Waiting:
    return Waiting(Message(*row[:4]), attempts=row[5], due_at=row[4], reason=row[6])


def count_waiting(db: Db, limit: int) -> int:
    """How many messages are in the outbox, `limit` at most."""
    return db.value(_WAITING, limit=limit) or 0


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


def postpone(db: Db, claimed: Waiting, due_at: int, reason: str) -> None:
    """The attempt failed, and the next is due then. `claimed` has the attempts after the claim; if it is another's by now, nothing changes."""
    db.run(
        _POSTPONE,
        of_pool=claimed.message.pool_id,
        of_id=claimed.message.id,
        known_attempts=claimed.attempts,
        new_due_at=due_at,
        new_reason=reason,
    )


def give_up(db: Db, claimed: Waiting, now: int, reason: str) -> bool:
    """No attempt is made any more, and the message can be looked at; False when it is another's by now."""
    message = claimed.message
    gone = db.run(_REMOVE_CLAIMED, of_pool=message.pool_id, of_id=message.id, known_attempts=claimed.attempts)
    if gone == 0:
        return False
    db.run(
        _GIVE_UP,
        pool_id=message.pool_id,
        id=message.id,
        sealed_document=message.sealed_document,
        created_at=message.created_at,
        attempts=claimed.attempts,
        given_up_at=now,
        reason=reason,
    )
    return True


def all_undelivered(db: Db, pool_id: str, before: str, limit: int) -> list[Undelivered]:
    """A pool's messages that were given up, as `all_waiting`."""
    rows = db.all(_UNDELIVERED, pool_id=pool_id, before=before, limit=limit)
    return [
        Undelivered(Message(*row[:4]), attempts=row[4], given_up_at=row[5], reason=row[6]) for row in rows
    ]


def sweep_undelivered(db: Db, before: int, limit: int) -> int:
    return db.run(_SWEEP_UNDELIVERED, now=before, limit=limit)


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


def empty_inbox(db: Db, pool_id: str, limit: int) -> bool:
    """Remove up to `limit` messages of a pool's inbox; True when nothing is left.

    Another node may be sweeping the same ones, so how many went here says nothing: what is left is looked for.
    """
    db.run(_INBOX_EMPTY, pool_id=pool_id, limit=limit)
    return db.one(_INBOX_SOME, pool_id=pool_id, limit=1) is None


def sweep_inbox(db: Db, before: int, limit: int) -> int:
    return db.run(_SWEEP_INBOX, now=before, limit=limit)
