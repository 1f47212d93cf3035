"""What pools have logged and nobody has taken yet: records on their way to where SetLogDeliveryConfiguration sends them.

A record is queued in the transaction of what it tells of, claimed by whoever hands it over, and removed once it was taken. One
about a name that nobody has is written in the same way, to NOWHERE, and goes without being told.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Index, Table, bindparam, delete, func, literal, select, update

from cognomen.store.database import Db
from cognomen.store.tables import insert, key, metadata, number, text

NOWHERE = ""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record: `destination` is an ARN, `document` the JSON that goes there, `attempts` how often it was tried."""

    pool_id: str
    id: str
    destination: str
    document: str
    due_at: int
    attempts: int = 0


log_records = Table(
    "log_records",
    metadata,
    key("pool_id"),
    key("id"),
    text("destination"),
    text("document"),
    number("due_at"),
    number("attempts"),
)
Index("log_records_by_destination", log_records.c.destination, log_records.c.due_at)

_of_one = (log_records.c.pool_id == bindparam("of_pool"), log_records.c.id == bindparam("of_id"))
_claimed = (*_of_one, log_records.c.attempts == bindparam("known_attempts"))

_QUEUE = insert(log_records)
_NEXT_DESTINATION = (
    select(log_records.c.destination)
    .where(log_records.c.destination > bindparam("last"))
    .order_by(log_records.c.destination)
    .limit(1)
)
_DUE = (
    select(log_records)
    .where(log_records.c.destination == bindparam("of_destination"), log_records.c.due_at <= bindparam("now"))
    .order_by(log_records.c.destination, log_records.c.due_at)
    .limit(bindparam("limit"))
)
_CLAIM = (
    update(log_records)
    .where(*_claimed)
    .values(due_at=bindparam("new_due_at"), attempts=log_records.c.attempts + 1)
)
_POSTPONE = update(log_records).where(*_claimed).values(due_at=bindparam("new_due_at"))
_REMOVE = delete(log_records).where(*_of_one)
_WAITING = select(func.count()).select_from(
    select(literal(1)).select_from(log_records).limit(bindparam("limit")).subquery()
)


def queue(db: Db, record: LogRecord) -> None:
    db.run(
        _QUEUE,
        pool_id=record.pool_id,
        id=record.id,
        destination=record.destination,
        document=record.document,
        due_at=record.due_at,
        attempts=record.attempts,
    )


def all_due(db: Db, now: int, limit: int, *, paused: Container[str] = ()) -> list[LogRecord]:
    """What should be handed over by now, over all pools, the longest due first: `limit` of each destination that is not `paused`.

    Two statements a destination, however much waits for the others.
    """
    return [
        LogRecord(*row)
        for destination in _destinations(db)
        if destination not in paused
        for row in db.all(_DUE, of_destination=destination, now=now, limit=limit)
    ]


def _destinations(db: Db) -> Iterator[str]:
    yield NOWHERE
    found: str | None = db.value(_NEXT_DESTINATION, last=NOWHERE)
    while found is not None:
        yield found
        found = db.value(_NEXT_DESTINATION, last=found)


def claim(db: Db, records: Iterable[LogRecord], until: int) -> list[LogRecord]:
    """Take records to hand them over, not to be taken again before `until`; those that another node did not take before."""
    return [
        LogRecord(each.pool_id, each.id, each.destination, each.document, until, each.attempts + 1)
        for each in records
        if db.run(_CLAIM, **_known(each), new_due_at=until) == 1
    ]


def postpone(db: Db, claimed: Iterable[LogRecord], due_at: int) -> None:
    """They were not taken, and are due again then. What is another's by now stays as it is."""
    for each in claimed:
        db.run(_POSTPONE, **_known(each), new_due_at=due_at)


def remove(db: Db, records: Iterable[LogRecord]) -> None:
    for each in records:
        db.run(_REMOVE, of_pool=each.pool_id, of_id=each.id)


def count_waiting(db: Db, limit: int) -> int:
    """How many records there are, `limit` at most."""
    return db.value(_WAITING, limit=limit) or 0


def _known(record: LogRecord) -> dict[str, str | int]:
    return {"of_pool": record.pool_id, "of_id": record.id, "known_attempts": record.attempts}
