"""The history of users where threat protection is on: sign-ins, sign-ups, and what became of passwords.

The id of an event begins with its moment (a version 7 UUID), so the primary key keeps a user's events in the order of time.
What a later request adds to an event (the second factor of a sign-in) is put into the same row. What strangers do is written
too, under the sub of a decoy, and is swept much earlier: nobody can ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Index, Table, bindparam, case, delete, select, update

from cognomen import clock
from cognomen.store.database import Db, Row
from cognomen.store.tables import expired, insert, key, metadata, number, text


class Context(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a request came from, as far as it is known; `fingerprint` is what an app's library has found out of the device."""

    ip_address: str | None = None
    device_name: str = ""
    timezone: str | None = None
    city: str | None = None
    country: str | None = None
    fingerprint: str | None = None


class Feedback(msgspec.Struct, frozen=True):
    """Whether the user or an administrator (`provider`) says that it was the user: `Valid` or `Invalid`; in milliseconds."""

    value: str
    provider: str
    given_at: int


@dataclass(frozen=True, slots=True)
class LogTo:
    """Where an event is also told of, in the pool's logs (store/log_records.py), and when it is; in milliseconds."""

    destination: str
    moment: int


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """An event; what `type`, `response`, `decision`, `level` and the parts of `challenges` may be is risk/events.py's.

    `level` and `decision` are empty where nobody has judged the event. `challenges` are what was asked for and how that went,
    in order. `failures` is how often an answer was wrong, `reason` what the caller was told then. `expires_at` in milliseconds. `log` is not kept.
    """

    pool_id: str
    sub: str
    id: str
    type: str
    response: str
    client_id: str
    request_id: str
    expires_at: int
    decision: str = ""
    level: str = ""
    compromised: bool = False
    challenges: tuple[tuple[str, str], ...] = ()
    failures: int = 0
    reason: str | None = None
    context: Context = Context()  # noqa: RUF009  it is frozen
    feedback: Feedback | None = None
    log: LogTo | None = None

    @property
    def created_at(self) -> int:
        return clock.moment_of(self.id)


auth_events = Table(
    "auth_events",
    metadata,
    key("pool_id"),
    key("sub"),
    key("id"),
    text("type"),
    text("response"),
    text("client_id"),
    text("request_id"),
    number("expires_at"),
    text("decision"),
    text("level"),
    number("compromised"),
    text("challenges"),
    number("failures"),
    text("reason", optional=True),
    text("context"),
    text("feedback", optional=True),
    number("weight", optional=True),
    sqlite_with_rowid=False,
)
Index("auth_events_by_expiry", auth_events.c.expires_at)
_has_weight = auth_events.c.weight.is_not(None)
Index(
    "auth_events_by_weight",
    auth_events.c.pool_id,
    auth_events.c.sub,
    auth_events.c.weight,
    auth_events.c.id,
    sqlite_where=_has_weight,
    postgresql_where=_has_weight,
)

_told = [column for column in auth_events.c if column is not auth_events.c.weight]
_of_user = (auth_events.c.pool_id == bindparam("of_pool"), auth_events.c.sub == bindparam("of_sub"))
_one = (*_of_user, auth_events.c.id == bindparam("of_id"))

_insert = insert(auth_events)
# Once judged, an event stays so, whatever else becomes of it.
_PUT = _insert.on_conflict_do_update(
    index_elements=[auth_events.c.pool_id, auth_events.c.sub, auth_events.c.id],
    set_={
        "response": _insert.excluded.response,
        "decision": case(
            (_insert.excluded.level == "", auth_events.c.decision), else_=_insert.excluded.decision
        ),
        "level": case((_insert.excluded.level == "", auth_events.c.level), else_=_insert.excluded.level),
        "compromised": case((_insert.excluded.compromised == 1, 1), else_=auth_events.c.compromised),
        "challenges": _insert.excluded.challenges,
        "failures": auth_events.c.failures + _insert.excluded.failures,
        "reason": _insert.excluded.reason,
        "weight": case(
            (auth_events.c.feedback.is_not(None), auth_events.c.weight), else_=_insert.excluded.weight
        ),
    },
).returning(*_told)
_PAGE = (
    select(*_told)
    .where(*_of_user)
    .where(auth_events.c.id < bindparam("before"))
    .order_by(auth_events.c.pool_id.desc(), auth_events.c.sub.desc(), auth_events.c.id.desc())
    .limit(bindparam("limit"))
)
# The ids come from the index alone: else SQLite would rather read the user's rows from end to end.
_weighty = (
    select(auth_events.c.id)
    .where(*_of_user, auth_events.c.weight == bindparam("of_weight"))
    .order_by(auth_events.c.id.desc())
    .limit(bindparam("limit"))
)
_OF_WEIGHT = select(*_told).where(*_of_user, auth_events.c.id.in_(_weighty)).order_by(auth_events.c.id.desc())
_PAGE_SINCE = _PAGE.where(auth_events.c.id >= bindparam("since"))
_BY_ID = select(*_told).where(*_one)
_PUT_FEEDBACK = (
    update(auth_events)
    .where(*_one)
    .values(feedback=bindparam("new_feedback"), weight=bindparam("new_weight"))
)
_REMOVE_ALL = delete(auth_events).where(*_of_user)
_SWEEP = expired(auth_events, auth_events.c.expires_at)

_challenges = msgspec.json.Decoder(tuple[tuple[str, str], ...])
_context = msgspec.json.Decoder(Context)
_feedback = msgspec.json.Decoder(Feedback)

_PLAIN = 10  # columns that are read as they are
_MOMENT = 13  # characters of an id that are its moment

NEWER_THAN_ALL = "~"  # behind every UUID

WENT_WELL, WITH_FEEDBACK = 1, 2
"""The weight of an event that others are compared with; all that strangers can bring about has none, however much of it there is."""

_WENT_WELL = ("SignIn", "Pass")


def put(db: Db, event: AuthEvent) -> AuthEvent:
    """Write an event, or what has become of it since: the same id is the same event, and its wrong answers add up. The whole of it then.

    Of what was written first, where it came from, the moment and the feedback stay.
    """
    row = db.one(
        _PUT,
        pool_id=event.pool_id,
        sub=event.sub,
        id=event.id,
        type=event.type,
        response=event.response,
        client_id=event.client_id,
        request_id=event.request_id,
        expires_at=event.expires_at,
        decision=event.decision,
        level=event.level,
        compromised=int(event.compromised),
        challenges=_text(event.challenges),
        failures=event.failures,
        reason=event.reason,
        context=_text(event.context),
        feedback=None if event.feedback is None else _text(event.feedback),
        weight=_weight(event),
    )
    if row is None:
        raise AssertionError("an upsert returns its row")
    return _from_row(row)


def all_of_user(
    db: Db, pool_id: str, sub: str, limit: int, *, before: str = NEWER_THAN_ALL
) -> list[AuthEvent]:
    """The newest events of a user first, beginning behind the one with the id `before`."""
    rows = db.all(_PAGE, of_pool=pool_id, of_sub=sub, before=before, limit=limit)
    return [_from_row(row) for row in rows]


def all_of_weight(db: Db, pool_id: str, sub: str, weight: int, limit: int) -> list[AuthEvent]:
    """The newest events of a user that have this weight."""
    rows = db.all(_OF_WEIGHT, of_pool=pool_id, of_sub=sub, of_weight=weight, limit=limit)
    return [_from_row(row) for row in rows]


def all_since(db: Db, pool_id: str, sub: str, moment: int, limit: int) -> list[AuthEvent]:
    """The newest events of a user, none of them from before `moment` (milliseconds)."""
    since = clock.uuid7(moment)[:_MOMENT]
    rows = db.all(_PAGE_SINCE, of_pool=pool_id, of_sub=sub, before=NEWER_THAN_ALL, since=since, limit=limit)
    return [_from_row(row) for row in rows]


def by_id(db: Db, pool_id: str, sub: str, id: str) -> AuthEvent | None:
    row = db.one(_BY_ID, of_pool=pool_id, of_sub=sub, of_id=id)
    return _from_row(row) if row else None


def put_feedback(db: Db, pool_id: str, sub: str, id: str, feedback: Feedback) -> bool:
    """What is said of the event counts from now on; False when there is none with this id."""
    changed = db.run(
        _PUT_FEEDBACK,
        of_pool=pool_id,
        of_sub=sub,
        of_id=id,
        new_feedback=_text(feedback),
        new_weight=WITH_FEEDBACK,
    )
    return changed == 1


def remove_all(db: Db, pool_id: str, sub: str) -> None:
    db.run(_REMOVE_ALL, of_pool=pool_id, of_sub=sub)


def sweep(db: Db, now: int, limit: int) -> int:
    return db.run(_SWEEP, now=now, limit=limit)


def _from_row(row: Row) -> AuthEvent:
    plain, (compromised, challenges, failures, reason, context, feedback) = row[:_PLAIN], row[_PLAIN:]
    read: tuple[Any, ...] = (
        bool(compromised),
        _challenges.decode(challenges),
        failures,
        reason,
        _context.decode(context),
        None if feedback is None else _feedback.decode(feedback),
    )
    return AuthEvent(*plain, *read)


def _weight(event: AuthEvent) -> int | None:
    if event.feedback is not None:
        return WITH_FEEDBACK
    return WENT_WELL if (event.type, event.response) == _WENT_WELL else None


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
