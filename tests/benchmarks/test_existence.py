"""What times are said to tell."""

from __future__ import annotations

import random
import socket
from typing import Any
from urllib.parse import urlsplit

import msgspec

from benchmarks import existence, fill
from tests.server import Server


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
        for asked in existence.ASKED:
            names = (asked.typed(fill.username(3)), asked.typed(existence.stranger(3)))
            bodies = [existence.exchanged(connection, filled, asked, typed)[0] for typed in names]
            told.append([name_of(msgspec.json.decode(body)) for body in bodies])
    assert told == [[answered, answered] for answered in ANSWERED.values()]
    assert [asked.name for asked in existence.ASKED] == list(ANSWERED)


def name_of(answer: dict[str, Any]) -> str:
    named: str | None = answer.get("ChallengeName") or answer.get("__type")
    return named or next(member for member in answer if member == "CodeDeliveryDetails")
