"""A sign-in judged by what is kept of its user: no more suspicion lowers its level, and no stranger can push out of sight what is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognomen import clock
from cognomen.call import Call
from cognomen.clock import DAY, MINUTE
from cognomen.risk import assessing, events, judging
from cognomen.store import auth_events
from cognomen.store.auth_events import AuthEvent, Context, Feedback
from cognomen.store.database import Db
from tests.adaptive import in_mode
from tests.calls import call_of
from tests.server import Server

Make = Callable[..., Any]

ORDER = (events.NONE, events.LOW, events.MEDIUM, events.HIGH)
HOME = Context("192.0.2.1", "Chrome 126, Windows 10")
HERE = Context("127.0.0.1")
INVALID = Feedback("Invalid", "ada", 1)


@pytest.fixture
def call(server: Server, make_pool: Make, make_client: Make) -> Call:
    pool_id = make_pool(**in_mode("AUDIT"))["Id"]
    made = server.run(call_of(server.node, pool_id, make_client(pool_id)["ClientId"]))
    made.client_ip = HERE.ip_address or ""
    return made


def an_event(call: Call, sub: str, ago: int, context: Context = HOME, **members: Any) -> AuthEvent:
    known: dict[str, Any] = {"type": events.SIGN_IN, "response": events.PASS} | members
    return AuthEvent(
        call.pool.id,
        sub,
        clock.uuid7(call.now - ago),
        client_id=call.client.id,
        request_id="r",
        expires_at=call.now + DAY,
        context=context,
        **known,
    )


def level_of(server: Server, call: Call, sub: str, known: Sequence[AuthEvent]) -> int:
    def write(db: Db) -> None:
        for event in known:
            auth_events.put(db, replace(event, sub=sub))

    server.run(server.store.write(write))
    return ORDER.index(server.run(assessing.assess(call, sub, "")).level)


_knocks = st.sampled_from(
    [
        {"type": events.FORGOT_PASSWORD, "response": events.IN_PROGRESS},
        {"type": events.RESEND_CODE, "response": events.PASS},
        {"type": events.PASSWORD_CHANGE, "response": events.FAIL, "failures": 1},
        {"response": events.FAIL, "failures": 1},
        {"response": events.FAIL},
    ]
)
_places = st.sampled_from([HOME, HERE, Context("198.51.100.1", "Firefox 127, Linux"), Context()])
_known = st.lists(
    st.tuples(
        st.integers(2 * MINUTE, 2 * DAY),
        _places,
        st.sampled_from([{}, {"feedback": INVALID}, {"level": events.HIGH}, {"failures": 4}]),
    ),
    max_size=5,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=_known, knock=_knocks, place=_places, ago=st.sampled_from([MINUTE, DAY]))
def test_whatever_strangers_do_and_however_often_never_lowers_a_level(
    server: Server,
    call: Call,
    known: list[tuple[int, Context, dict[str, Any]]],
    knock: dict[str, Any],
    place: Context,
    ago: int,
) -> None:
    sub = clock.uuid7(call.now)
    before = level_of(
        server, call, sub, [an_event(call, sub, when, where, **members) for when, where, members in known]
    )
    knocks = [an_event(call, sub, ago, place, **knock) for _ in range(judging.MOST_RECENT + 1)]
    assert level_of(server, call, sub, knocks) >= before


def test_a_report_of_theft_is_remembered_behind_all_that_went_well_since(server: Server, call: Call) -> None:
    """Whoever has the password can sign in as often as he likes."""
    stolen = an_event(call, "eve", 2 * DAY, HERE, feedback=INVALID)
    since = [an_event(call, "eve", DAY, HERE) for _ in range(judging.LOOKED_AT + 1)]
    assert level_of(server, call, "eve", [stolen, *since]) >= ORDER.index(events.MEDIUM)
