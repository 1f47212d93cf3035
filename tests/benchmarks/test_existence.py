"""What times are said to tell."""

from __future__ import annotations

import random
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import msgspec

from benchmarks import existence, fill
from cognomen.errors import Refusal
from tests.late import sent
from tests.server import Server
from tests.watched_store import WatchedStore


def test_times_that_have_nothing_to_do_with_who_is_asked_about_tell_nothing() -> None:
    times = [number / 1_000 for number in range(1_000)]
    told = existence._told("a request", times[::2], times[1::2])
    assert not told.tells
    assert abs(told.telling - 0.5) < 0.01


def test_times_that_differ_a_little_are_told_apart() -> None:
    draw = random.Random(1)  # noqa: S311  times, no secrets
    users = [draw.gauss(1.03, 0.1) for _ in range(1_000)]
    strangers = [draw.gauss(1, 0.1) for _ in range(1_000)]
    told = existence._told("a request", users, strangers)
    assert told.tells
    assert 0.02 < told.apart < 0.04
    assert f"| a request | {told.telling:.3f} ** |" in existence.page("sqlite", [told])


def test_times_that_never_overlap_are_always_told_apart() -> None:
    assert existence._told("a request", [2.0] * 10, [1.0] * 10).telling == 1


# What the requests are answered, about users and strangers alike: the name of a challenge, of a refusal, or a member.
ANSWERED = {
    "USER_PASSWORD_AUTH, wrong password": "NotAuthorizedException",
    "USER_SRP_AUTH, first call": "PASSWORD_VERIFIER",
    "USER_SRP_AUTH, wrong proof": "NotAuthorizedException",
    "USER_AUTH, what may be chosen": "SELECT_CHALLENGE",
    "USER_AUTH, wrong password": "NotAuthorizedException",
    "USER_AUTH, a code by e-mail": "EMAIL_OTP",
    "USER_AUTH, wrong code": "CodeMismatchException",
    "USER_AUTH, a password chosen and wrong": "NotAuthorizedException",
    "DEVICE_SRP_AUTH of no device": "NotAuthorizedException",
    "ForgotPassword": "CodeDeliveryDetails",
    "ConfirmForgotPassword, wrong code": "CodeMismatchException",
    "ResendConfirmationCode": "CodeDeliveryDetails",
    "ConfirmSignUp, wrong code": "CodeMismatchException",
    "SignUp with an address": "CodeDeliveryDetails",
}


def test_every_request_is_answered_as_meant_and_alike(server: Server) -> None:
    filled = fill.fill(server.settings, 10, lambda _: None, **existence.POOL)
    told = []
    with socket.create_connection(("127.0.0.1", urlsplit(server.endpoint).port or 0)) as connection:
        (stranger,) = existence.strangers(connection, filled, 1)
        for asked in existence.ASKED:
            names = (asked.typed(fill.username(3)), asked.typed(stranger))
            bodies = [existence.exchanged(connection, filled, asked, typed)[0] for typed in names]
            told.append([name_of(msgspec.json.decode(body)) for body in bodies])
    assert told == [[answered, answered] for answered in ANSWERED.values()]
    assert [asked.name for asked in existence.ASKED] == list(ANSWERED)


def test_every_request_asks_the_same_of_the_store(server: Server) -> None:
    """What happens to nobody is what happens to a user, statement by statement; only so can it take the same time."""
    filled = fill.fill(server.settings, 10, lambda _: None, **existence.POOL)
    with socket.create_connection(("127.0.0.1", urlsplit(server.endpoint).port or 0)) as connection:
        (stranger,) = existence.strangers(connection, filled, 1)
    for asked in existence.ASKED:
        of_user, of_stranger = (
            ran_for(server, filled, asked, asked.typed(name)) for name in (fill.username(3), stranger)
        )
        assert of_user == of_stranger, asked.name
        assert of_user, asked.name


def ran_for(server: Server, filled: fill.Filled, asked: existence.Asked, typed: str) -> list[str]:
    store = WatchedStore(server.store)
    answer = told(server, asked.make(filled, typed), store)
    if asked.answer is not None:
        told(server, asked.answer(filled, typed, answer), store)
    return store.ran


def told(server: Server, request: bytes, store: WatchedStore) -> dict[str, Any]:
    """The answer to a request as the benchmark sends it; nothing where it is a refusal."""
    head, _, body = request.partition(b"\r\n\r\n")
    operation = re.search(rb"AWSCognitoIdentityProviderService\.(\w+)", head)
    assert operation is not None
    try:
        answer: dict[str, Any] = sent(server, operation[1].decode(), msgspec.json.decode(body), store)[0]
    except Refusal:
        return {}
    return answer


def name_of(answer: dict[str, Any]) -> str:
    named: str | None = answer.get("ChallengeName") or answer.get("__type")
    return named or next(member for member in answer if member == "CodeDeliveryDetails")
