"""The score as a table, and what must hold of it whatever is known: more suspicion never lowers the level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognomen import clock
from cognomen.clock import DAY, MINUTE
from cognomen.risk import events, judging
from cognomen.risk.judging import Judgement
from cognomen.store.auth_events import AuthEvent, Context, Feedback

NOW = 1_700_000_000_000
HOME = Context("192.0.2.1", "Chrome 126, Windows 10", timezone="+01:00")
PHONE = Context("192.0.2.1", "Safari 17, iOS 17", timezone="+01:00")
ELSEWHERE = Context("198.51.100.1", "Chrome 126, Windows 10", timezone="+01:00")
STRANGE = Context("198.51.100.1", "Firefox 127, Linux", timezone="+01:00")
ORDER = (events.NONE, events.LOW, events.MEDIUM, events.HIGH)

CLIENT = "1example23456789"

INVALID, VALID = Feedback("Invalid", "ada", NOW), Feedback("Valid", "ada", NOW)


def event(context: Context = HOME, ago: int = DAY, **members: Any) -> AuthEvent:
    known: dict[str, Any] = {
        "type": events.SIGN_IN,
        "response": events.PASS,
        "client_id": CLIENT,
    } | members
    return AuthEvent(
        "us-east-1_AbCdEf123",
        "11111111-2222-4333-8444-555555555555",
        clock.uuid7(NOW - ago),
        request_id="r",
        expires_at=NOW + DAY,
        context=context,
        **known,
    )


def failed(count: int, ago: int = MINUTE, context: Context = HOME) -> AuthEvent:
    return event(context, ago=ago, response=events.FAIL, failures=count)


def judge(context: Context, history: list[AuthEvent], now: int) -> Judgement:
    return judging.judge(context, CLIENT, history, now)


@pytest.mark.parametrize(
    ("context", "history", "level"),
    [
        pytest.param(HOME, [], "None", id="a first sign-in"),
        pytest.param(STRANGE, [failed(2)], "None", id="a first one that went well, after two that did not"),
        pytest.param(HOME, [event()], "None", id="as before"),
        pytest.param(Context("192.0.2.200", HOME.device_name), [event()], "None", id="the same network"),
        pytest.param(Context(None, HOME.device_name), [event()], "None", id="the address is not known"),
        pytest.param(ELSEWHERE, [event(Context(None, HOME.device_name))], "None", id="it was not known"),
        pytest.param(ELSEWHERE, [event()], "Low", id="a new network"),
        pytest.param(PHONE, [event()], "Low", id="a new device"),
        pytest.param(STRANGE, [event()], "Medium", id="both at once"),
        pytest.param(STRANGE, [event(), event(ELSEWHERE)], "Low", id="a network that is known"),
        pytest.param(
            msgspec.structs.replace(HOME, timezone="-07:00"), [event()], "Low", id="a new time zone"
        ),
        pytest.param(HOME, [event(), failed(3)], "Low", id="three failures before"),
        pytest.param(HOME, [event(), failed(3, ago=2 * judging.RECENT)], "None", id="long ago"),
        pytest.param(STRANGE, [event(), failed(10)], "High", id="guessed from elsewhere"),
        pytest.param(
            PHONE,
            [event(Context(f"203.0.{n}.1", "Firefox"), ago=MINUTE, response="Fail") for n in (1, 2)]
            + [event()],
            "Low",
            id="three networks in an hour, and a new device",
        ),
        pytest.param(
            HOME,
            [failed(5, context=Context(f"203.0.{n}.1", HOME.device_name)) for n in range(9)] + [event()],
            "None",
            id="at home, whatever others do",
        ),
        pytest.param(
            HOME,
            [failed(10, context=ELSEWHERE), event(ELSEWHERE), event(PHONE)],
            "Low",
            id="a network and a device that are known, and not together",
        ),
        pytest.param(
            STRANGE,
            [event()] + [event(ago=MINUTE, response=events.FAIL)] * judging.MOST_RECENT,
            "High",
            id="an hour that is too full to be looked through",
        ),
        pytest.param(ELSEWHERE, [event(), event(ELSEWHERE, feedback=INVALID)], "High", id="reported"),
        pytest.param(
            STRANGE,
            [event(), event(STRANGE), event(ELSEWHERE, feedback=INVALID)],
            "Medium",
            id="another device in a network that was reported",
        ),
        pytest.param(
            STRANGE, [event(), event(STRANGE, response="Fail", feedback=VALID)], "None", id="owned up to"
        ),
        pytest.param(
            STRANGE, [event(), event(STRANGE, level="High")], "Medium", id="high risk is not trusted"
        ),
        pytest.param(
            STRANGE,
            [event(), event(STRANGE, level="High", challenges=(("Password", "Success"), ("Mfa", "Success")))],
            "None",
            id="but with a second factor",
        ),
        pytest.param(
            STRANGE,
            [event(), event(STRANGE, level="High", challenges=(("Mfa", "Success"),))],
            "Medium",
            id="a code or a passkey that came first is not one",
        ),
        pytest.param(
            STRANGE,
            [event(), event(STRANGE, level="High", challenges=(("Mfa", "Success"), ("Mfa", "Failure")))],
            "Medium",
            id="nor is a wrong answer",
        ),
        pytest.param(
            STRANGE,
            [event(), event(STRANGE, level="High", challenges=(("Mfa", "Success"), ("Mfa", "Success")))],
            "None",
            id="but two codes are two",
        ),
        pytest.param(
            HOME,
            [event(msgspec.structs.replace(HOME, fingerprint="one"))],
            "Low",
            id="the fingerprint was left out",
        ),
        pytest.param(
            HOME,
            [event(msgspec.structs.replace(HOME, fingerprint="one")), event()],
            "None",
            id="as it was before",
        ),
        pytest.param(
            HOME,
            [event(msgspec.structs.replace(HOME, fingerprint="one"), client_id="another")],
            "None",
            id="only another client sends it",
        ),
        pytest.param(
            msgspec.structs.replace(STRANGE, ip_address="192.0.2.1", fingerprint="one"),
            [event(msgspec.structs.replace(HOME, fingerprint="one"))],
            "None",
            id="the fingerprint of a device counts more than its name",
        ),
        pytest.param(
            msgspec.structs.replace(HOME, fingerprint="two"),
            [event(msgspec.structs.replace(HOME, fingerprint="one"))],
            "Low",
            id="in both ways",
        ),
        pytest.param(
            msgspec.structs.replace(HOME, fingerprint="two"),
            [event(msgspec.structs.replace(HOME, fingerprint="one")), event()],
            "Low",
            id="also where it once came without one",
        ),
        pytest.param(
            Context("2001:db8:1:2::1", HOME.device_name),
            [event(Context("2001:db8:1:3::9", HOME.device_name))],
            "None",
            id="one network of IPv6",
        ),
    ],
)
def test_levels(context: Context, history: list[AuthEvent], level: str) -> None:
    assert judge(context, history, NOW).level == level


def test_the_reasons_are_told() -> None:
    assert judge(STRANGE, [event(), failed(10)], NOW).reasons == (
        judging.NEW_NETWORK,
        judging.NEW_DEVICE,
        judging.NEW_BOTH,
        judging.FAILURES,
        judging.MANY_FAILURES,
    )


_contexts = st.builds(
    Context,
    ip_address=st.sampled_from(
        [None, "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "no address"]
    ),
    device_name=st.sampled_from(["Chrome 126, Windows 10", "Firefox 127, Linux"]),
    timezone=st.sampled_from([None, "+01:00", "-07:00"]),
    fingerprint=st.sampled_from([None, "one", "two"]),
)
_events = st.builds(
    event,
    _contexts,
    st.integers(0, 2 * judging.RECENT),
    type=st.sampled_from([events.SIGN_IN, events.SIGN_UP]),
    response=st.sampled_from([events.PASS, events.FAIL, events.IN_PROGRESS]),
    level=st.sampled_from(["", *ORDER]),
    failures=st.integers(0, 12),
    challenges=st.sampled_from([(), (("Password", "Success"), ("Mfa", "Success"))]),
    feedback=st.sampled_from([None, VALID, INVALID]),
    client_id=st.sampled_from([CLIENT, "another"]),
)
_histories = st.lists(_events, max_size=8)

_MORE_SUSPICIOUS: dict[str, Callable[[AuthEvent], AuthEvent]] = {
    "more failures": lambda known: replace(known, failures=known.failures + 5),
    "reported": lambda known: replace(known, feedback=INVALID),
    "of high risk": lambda known: replace(known, level=events.HIGH),
    "without a second factor": lambda known: replace(known, challenges=()),
}


def rank(context: Context, history: list[AuthEvent]) -> int:
    return ORDER.index(judge(context, history, NOW).level)


@pytest.mark.parametrize("change", _MORE_SUSPICIOUS.values(), ids=_MORE_SUSPICIOUS)
@given(context=_contexts, history=_histories, changed=_events)
def test_more_suspicion_never_lowers_the_level(
    change: Callable[[AuthEvent], AuthEvent], context: Context, history: list[AuthEvent], changed: AuthEvent
) -> None:
    assert rank(context, [*history, change(changed)]) >= rank(context, [*history, changed])


@given(context=_contexts, history=_histories, more=_contexts)
def test_one_more_failure_from_anywhere_never_lowers_it(
    context: Context, history: list[AuthEvent], more: Context
) -> None:
    wrong = event(more, ago=MINUTE, response=events.FAIL, failures=1)
    assert rank(context, [*history, wrong]) >= rank(context, history)


@given(context=_contexts)
def test_a_first_sign_in_is_no_risk(context: Context) -> None:
    assert judge(context, [], NOW) == judging.Judgement(events.NONE)
