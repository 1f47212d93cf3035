"""`./dev bench --existence`: whether the time of an answer tells that a user exists.

A small pool whose client hides who exists is asked about users and about names that nobody has, in random order, one request
after the other on one connection, so that times are as clean as an attacker on the same machine could have them. Each
user is asked about once a request, so that no lock-out and no limit an hour is met. SignUp is asked with an address, since a taken name is
told in words; custom sign-ins cost what the pool's functions do. For every request stands how often
somebody who sees two times, one of each kind, tells them apart (0.5: never; 1: always), the range that chance alone
gives in 19 of 20 runs, and the difference of the medians.
"""

from __future__ import annotations

import itertools
import random
import re
import socket
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from benchmarks import databases, fill, requests, serve
from benchmarks.fill import Filled, username
from benchmarks.requests import post
from cognomen import settings
from cognomen.crypto import powers, srp

WARM_UP = 50
PAIRS = 1_000
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


POOL = {
    "AutoVerifiedAttributes": ["email"],
    "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
}
"""A pool that sends codes for everything."""

SRP_A = srp.to_hex(powers.power_of_generator(random.Random(1).getrandbits(256)))  # noqa: S311  no secret

Make = Callable[[Filled, str], bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about a name, or about an e-mail address that is an alias; `answer`, where there is one, answers it, and is timed alone."""

    name: str
    make: Make
    by_email: bool = False
    answer: Callable[[Filled, str, dict[str, Any]], bytes] | None = None

    def typed(self, name: str) -> str:
        return f"{name}@example.com" if self.by_email else name


@dataclass(frozen=True, slots=True)
class Told:
    """What the times of a request tell; `apart` is the difference of the medians in seconds, `chance` the half range."""

    name: str
    telling: float
    chance: float
    median: float
    apart: float

    @property
    def tells(self) -> bool:
        return abs(self.telling - 0.5) > self.chance


def _initiate(flow: str, **parameters: str) -> Make:
    def make(filled: Filled, name: str) -> bytes:
        given = {"USERNAME": name} | parameters
        return post(
            "InitiateAuth",
            {"ClientId": filled.hiding_client_id, "AuthFlow": flow, "AuthParameters": given},
        )

    return make


def _respond(challenge: str, **responses: str) -> Callable[[Filled, str, dict[str, Any]], bytes]:
    def make(filled: Filled, name: str, asked: dict[str, Any]) -> bytes:
        block = asked["ChallengeParameters"].get("SECRET_BLOCK")
        carried = {"PASSWORD_CLAIM_SECRET_BLOCK": block} if block else {}
        body = {
            "ClientId": filled.hiding_client_id,
            "ChallengeName": challenge,
            "ChallengeResponses": {"USERNAME": name} | carried | responses,
        }
        return post(
            "RespondToAuthChallenge", body | {"Session": asked["Session"]} if "Session" in asked else body
        )

    return make


def _about(operation: str, **members: str) -> Make:
    def make(filled: Filled, name: str) -> bytes:
        return post(operation, {"ClientId": filled.hiding_client_id, "Username": name} | members)

    return make


def _of_device(filled: Filled, name: str) -> bytes:
    """As a client sends it that remembers a device, when nothing waits for that."""
    given = {
        "USERNAME": name,
        "DEVICE_KEY": f"{filled.pool_id.partition('_')[0]}_{uuid.UUID(int=1)}",
        "SRP_A": SRP_A,
    }
    body = {
        "ClientId": filled.hiding_client_id,
        "ChallengeName": "DEVICE_SRP_AUTH",
        "ChallengeResponses": given,
    }
    return post("RespondToAuthChallenge", body)


def _sign_up(filled: Filled, email: str) -> bytes:
    """Under a name that nobody has."""
    return post(
        "SignUp",
        {
            "ClientId": filled.hiding_client_id,
            "Username": f"new-{email.partition('@')[0]}",
            "Password": "N3w-horse-",
            "UserAttributes": [{"Name": "email", "Value": email}],
        },
    )


ASKED = (
    Asked("USER_PASSWORD_AUTH, wrong password", _initiate("USER_PASSWORD_AUTH", PASSWORD="Wr0ng-horse")),
    Asked("USER_SRP_AUTH, first call", _initiate("USER_SRP_AUTH", SRP_A=SRP_A)),
    Asked(
        "USER_SRP_AUTH, wrong proof",
        _initiate("USER_SRP_AUTH", SRP_A=SRP_A),
        answer=_respond(
            "PASSWORD_VERIFIER",
            TIMESTAMP="Mon Jan 5 09:08:07 UTC 2026",
            PASSWORD_CLAIM_SIGNATURE="mEgMQcqMIfG9TeSWO6Vty1zxny1sF40Ri7jfjYRRs8k=",
        ),
    ),
    Asked("USER_AUTH, what may be chosen", _initiate("USER_AUTH")),
    Asked(
        "USER_AUTH, wrong password",
        _initiate("USER_AUTH", PREFERRED_CHALLENGE="PASSWORD", PASSWORD="Wr0ng-horse"),
    ),
    Asked(
        "USER_AUTH, a code by e-mail",
        _initiate("USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP"),
        by_email=True,
    ),
    Asked(
        "USER_AUTH, wrong code",
        _initiate("USER_AUTH", PREFERRED_CHALLENGE="EMAIL_OTP"),
        by_email=True,
        answer=_respond("EMAIL_OTP", EMAIL_OTP_CODE="00000000"),
    ),
    Asked(
        "USER_AUTH, a password chosen and wrong",
        _initiate("USER_AUTH"),
        answer=_respond("SELECT_CHALLENGE", ANSWER="PASSWORD", PASSWORD="Wr0ng-horse"),
    ),
    Asked("DEVICE_SRP_AUTH of no device", _of_device),
    Asked("ForgotPassword", _about("ForgotPassword")),
    Asked(
        "ConfirmForgotPassword, wrong code",
        _about("ConfirmForgotPassword", ConfirmationCode="000000", Password="N3w-horse-"),
    ),
    Asked("ResendConfirmationCode", _about("ResendConfirmationCode")),
    Asked("ConfirmSignUp, wrong code", _about("ConfirmSignUp", ConfirmationCode="000000")),
    Asked("SignUp with an address", _sign_up, by_email=True),
)


def measured(engine: str, say: Callable[[str], None], pairs: int = PAIRS) -> list[Told]:
    """The figures of every request, on a database of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="cognomen-bench-") as name,
        databases.empty(engine, Path(name)) as database,
    ):
        given = settings.load({"data": name, "database": database.url}, {})
        filled = fill.fill(given, pairs + WARM_UP, lambda text: say(f"{engine}: filling, {text}"), **POOL)
        found = []
        with serve.serving(given, 1, requests.probe(filled)) as server:
            for asked in ASKED:
                told = _told(asked.name, *_times(server.port, filled, asked, pairs))
                say(f"{engine}: {line(told)}")
                found.append(told)
        return found


def page(engine: str, found: Sequence[Told]) -> str:
    head = "| request | told apart | by chance | median, ms | difference, ms |\n| --- | --- | --- | --- | --- |\n"
    rows = "".join(
        f"| {told.name} | {told.telling:.3f}{' **' if told.tells else ''} | 0.5 ± {told.chance:.3f} "
        f"| {1000 * told.median:.2f} | {1000 * told.apart:+.3f} |\n"
        for told in found
    )
    return f"## {engine}\n\n{head}{rows}\n"


def line(told: Told) -> str:
    return (
        f"{told.name}: told apart {told.telling:.3f} (by chance 0.5 ± {told.chance:.3f}), "
        f"{1000 * told.median:.2f} ms, {1000 * told.apart:+.3f} ms for users"
    )


def strangers(connection: socket.socket, filled: Filled, count: int) -> list[str]:
    """Names that nobody has, as long as users', and of those only such as are offered codes at their addresses, as all users here are.

    They are the same ones for all requests, so that both kinds wait for the same codes.
    """
    asked = Asked("", _initiate("USER_AUTH"), by_email=True)
    found: list[str] = []
    for number in itertools.count():
        if len(found) == count:
            return found
        name = f"none{number:07}"
        body, _ = exchanged(connection, filled, asked, asked.typed(name))
        if "EMAIL_OTP" in msgspec.json.decode(body)["AvailableChallenges"]:
            found.append(name)
    raise AssertionError("numbers end")


def _times(port: int, filled: Filled, asked: Asked, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds to the answers about users, and about strangers."""
    draw = random.Random()  # noqa: S311  an order, no secret
    numbers = draw.sample(range(filled.users), pairs + WARM_UP)
    times: dict[bool, list[float]] = {True: [], False: []}
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        unknown = strangers(connection, filled, pairs + WARM_UP)
        order = [(username(number), True) for number in numbers] + [(name, False) for name in unknown]
        draw.shuffle(order)
        for number, (name, exists) in enumerate(order):
            _, seconds = exchanged(connection, filled, asked, asked.typed(name))
            if number >= 2 * WARM_UP:
                times[exists].append(seconds)
    return times[True], times[False]


def exchanged(connection: socket.socket, filled: Filled, asked: Asked, typed: str) -> tuple[bytes, float]:
    """The body of the answer, and how long it took."""
    request = asked.make(filled, typed)
    if asked.answer is not None:
        connection.sendall(request)
        request = asked.answer(filled, typed, msgspec.json.decode(_answer(connection)))
    started = time.perf_counter()
    connection.sendall(request)
    answer = _answer(connection)
    return answer, time.perf_counter() - started


def _answer(connection: socket.socket) -> bytes:
    """The body of one answer, a refusal too."""
    data = b""
    while True:
        received = connection.recv(65_536)
        if not received:
            raise ConnectionError("the server closed the connection")
        data += received
        head, end, body = data.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and length and len(body) >= int(length[1]):
            return body


def _told(name: str, users: list[float], strangers: list[float]) -> Told:
    """The area under the curve, which is Mann and Whitney's U of all pairs, with its normal approximation."""
    ranks = sorted([*((each, 1) for each in users), *((each, 0) for each in strangers)])
    of_users = sum(rank for rank, (_, exists) in enumerate(ranks, start=1) if exists)
    many, few = len(users), len(strangers)
    telling = (of_users - many * (many + 1) / 2) / (many * few)
    deviation = ((many + few + 1) / (12 * many * few)) ** 0.5
    return Told(
        name=name,
        telling=telling,
        chance=1.96 * deviation,
        median=median(strangers),
        apart=median(users) - median(strangers),
    )
