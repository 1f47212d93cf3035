"""The requests that are measured: what each may cost, and the bytes that the driver sends.

A request is for a random user of the whole pool (one of those who have a password or a token, where it takes one). Its
bytes are made before or between the measured seconds, never by the server's leave: SigV4 signatures and SRP answers are
ready when the load begins. Budgets are CPU in units of one RSA-2048 signature, for SQLite at 100,000 users.
"""

from __future__ import annotations

import hmac
import itertools
import random
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import gmpy2
import msgspec

from benchmarks.fill import GROUP, PASSWORD, Filled, email, username
from cognomen import clock
from cognomen.crypto import powers, srp
from cognomen.crypto.powers import GENERATOR, MODULUS

Exchange = Callable[[Iterator[bytes]], list[bytes]]
"""Sends requests outside the measurement; the bodies of their answers, in any order."""

REGION = "us-east-1"
PAGES_BEFORE = 200
OPEN = f"AWS4-HMAC-SHA256 Credential=any/20260101/{REGION}/cognito-idp/aws4_request, SignedHeaders=host, Signature=0"
TARGET = "AWSCognitoIdentityProviderService."


@dataclass(frozen=True, slots=True)
class Source:
    """What requests are made of; `key` is an access key's id and secret, None in open mode."""

    filled: Filled
    draw: random.Random
    exchange: Exchange
    key: tuple[str, str] | None = None

    def anyone(self) -> int:
        return self.draw.randrange(self.filled.users)

    def someone_with_a_password(self) -> int:
        step = self.filled.password_step
        return self.draw.randrange((self.filled.users + step - 1) // step) * step


@dataclass(frozen=True, slots=True)
class Measured:
    """A request; `count` of them are a second or so of CPU. `floor` is what its cryptography takes by itself."""

    name: str
    floor: float
    budget: float
    count: int
    make: Callable[[Source, int], Iterator[bytes]]
    signed: bool = False


def post(operation: str, body: dict[str, Any], **headers: str) -> bytes:
    """A whole HTTP request."""
    content = msgspec.json.encode(body)
    sent = {
        "Host": "127.0.0.1",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": TARGET + operation,
        "User-Agent": "benchmarks",
        "Content-Length": str(len(content)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode() + content


def admin(operation: str, body: dict[str, Any]) -> bytes:
    """With what an SDK sends to a server in open mode, which looks no further than at the form."""
    return post(operation, body, **{"X-Amz-Date": "20260101T000000Z", "Authorization": OPEN})


def signed(operation: str, body: dict[str, Any], key: tuple[str, str]) -> bytes:
    """With a SigV4 signature over everything an SDK signs."""
    id, secret = key
    timestamp = datetime.fromtimestamp(clock.now() / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    date = timestamp[:8]
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": "127.0.0.1",
        "x-amz-date": timestamp,
        "x-amz-target": TARGET + operation,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(msgspec.json.encode(body)).hexdigest()}"
    scope = f"{date}/{REGION}/cognito-idp/aws4_request"
    signing_key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        signing_key = hmac.digest(signing_key, part.encode(), "sha256")
    to_sign = f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(signing_key, to_sign.encode(), "sha256").hex()
    authorization = f"AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return post(operation, body, **{"X-Amz-Date": timestamp, "Authorization": authorization})


def probe(filled: Filled) -> bytes:
    """A request that any server that is up answers, whether it is open or not."""
    return post("GetUser", {"AccessToken": filled.access_tokens[0]})


# -- signing in -------------------------------------------------------------------------------------------------------


def refresh(source: Source, count: int) -> Iterator[bytes]:
    for _ in range(count):
        token = source.draw.choice(source.filled.refresh_tokens)
        yield _initiate(source, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)


def password(source: Source, count: int) -> Iterator[bytes]:
    for _ in range(count):
        name = username(source.someone_with_a_password())
        yield _initiate(source, "USER_PASSWORD_AUTH", USERNAME=name, PASSWORD=PASSWORD)


def srp_first(source: Source, count: int) -> Iterator[bytes]:
    public = srp.to_hex(powers.power_of_generator(_secret(source)))
    for _ in range(count):
        name = username(source.someone_with_a_password())
        yield _initiate(source, "USER_SRP_AUTH", USERNAME=name, SRP_A=public)


def srp_second(source: Source, count: int) -> Iterator[bytes]:
    """The answers to first calls that are made, and calculated upon, before the first answer is sent."""
    a = _secret(source)
    public = powers.power_of_generator(a)
    first = (
        _initiate(
            source,
            "USER_SRP_AUTH",
            USERNAME=username(source.someone_with_a_password()),
            SRP_A=srp.to_hex(public),
        )
        for _ in range(count)
    )
    answers = [_srp_answer(source, msgspec.json.decode(body), a, public) for body in source.exchange(first)]
    yield from answers


def _initiate(source: Source, flow: str, **parameters: str) -> bytes:
    return post(
        "InitiateAuth",
        {"ClientId": source.filled.client_id, "AuthFlow": flow, "AuthParameters": parameters},
    )


def _secret(source: Source) -> int:
    return source.draw.getrandbits(256)


def _srp_answer(source: Source, asked: dict[str, Any], a: int, public_a: int) -> bytes:
    parameters = asked["ChallengeParameters"]
    pool_name = source.filled.pool_id.partition("_")[2]
    user = parameters["USER_ID_FOR_SRP"]
    timestamp = srp.format_timestamp(clock.now())
    key = client_session_key(
        pool_name,
        user,
        PASSWORD,
        bytes.fromhex(parameters["SALT"]),
        int(parameters["SRP_B"], 16),
        a,
        public_a,
    )
    block = parameters["SECRET_BLOCK"]
    body = {
        "ClientId": source.filled.client_id,
        "ChallengeName": asked["ChallengeName"],
        "ChallengeResponses": {
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": srp.claim_signature(
                key, pool_name, user, b64decode(block), timestamp
            ),
            "TIMESTAMP": timestamp,
        },
    }
    if "Session" in asked:
        body["Session"] = asked["Session"]
    return post("RespondToAuthChallenge", body)


def client_session_key(
    pool_name: str, user: str, password: str, salt: bytes, public_b: int, a: int, public_a: int
) -> bytes:
    """The client's half of the key: (B - k·g^x)^(a + u·x)."""
    x = srp.private_exponent(pool_name, user, password, salt)
    u = srp.scrambler(public_a, public_b)
    base = (public_b - _MULTIPLIER * powers.power_of_generator(x)) % MODULUS
    return srp.session_key(int(gmpy2.powmod(base, a + u * x, MODULUS)), u)


_MULTIPLIER = int.from_bytes(sha256(srp.pad(MODULUS) + srp.pad(GENERATOR)).digest())


# -- users ------------------------------------------------------------------------------------------------------------


def get_user(source: Source, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield post("GetUser", {"AccessToken": source.draw.choice(source.filled.access_tokens)})


def admin_get_user(source: Source, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield admin("AdminGetUser", _named(source))


def admin_get_user_signed(source: Source, count: int) -> Iterator[bytes]:
    if source.key is None:
        raise ValueError("signed requests need an access key")
    for _ in range(count):
        yield signed("AdminGetUser", _named(source), source.key)


def list_users(source: Source, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield _listed(source, Filter=f'email = "{email(source.anyone())}"')


def list_users_by_beginning(source: Source, count: int) -> Iterator[bytes]:
    """One of the ten whose addresses begin alike."""
    for _ in range(count):
        yield _listed(source, Filter=f'email ^= "{username(source.anyone())[:-1]}"', Limit=1)


def list_users_by_state(source: Source, count: int) -> Iterator[bytes]:
    """One of all there are."""
    return itertools.repeat(_listed(source, Filter='cognito:user_status = "CONFIRMED"', Limit=1), count)


def list_users_page(source: Source, count: int) -> Iterator[bytes]:
    """A page of one user, after some hundred others where there are so many."""
    token: dict[str, str] = {}
    for _ in range(min(PAGES_BEFORE, source.filled.users - 1)):
        [body] = source.exchange(iter([_listed(source, Limit=1, **token)]))
        token = {"PaginationToken": msgspec.json.decode(body)["PaginationToken"]}
    return itertools.repeat(_listed(source, Limit=1, **token), count)


def list_users_in_group(source: Source, count: int) -> Iterator[bytes]:
    asked = {"UserPoolId": source.filled.pool_id, "GroupName": GROUP, "Limit": 1}
    return itertools.repeat(admin("ListUsersInGroup", asked), count)


def _listed(source: Source, **members: Any) -> bytes:
    return admin("ListUsers", {"UserPoolId": source.filled.pool_id, **members})


def admin_create_user(source: Source, count: int) -> Iterator[bytes]:
    series = source.draw.getrandbits(48)
    for number in range(count):
        name = f"new-{series:x}-{number}"
        yield admin(
            "AdminCreateUser",
            {
                "UserPoolId": source.filled.pool_id,
                "Username": name,
                "TemporaryPassword": "Temp0rary-horse",
                "MessageAction": "SUPPRESS",
                "UserAttributes": [
                    {"Name": "email", "Value": f"{name}@example.com"},
                    {"Name": "email_verified", "Value": "true"},
                ],
            },
        )


def client_credentials(source: Source, count: int) -> Iterator[bytes]:
    """At the token endpoint, as an OAuth library asks: the secret in the header, the rest in a form."""
    id, secret = source.filled.machine
    form = b"grant_type=client_credentials&scope=orders%2Fread"
    head = (
        "POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: benchmarks\r\n"
        f"Authorization: Basic {b64encode(f'{id}:{secret}'.encode()).decode()}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    )
    return itertools.repeat(head.encode() + form, count)


def _named(source: Source) -> dict[str, str]:
    return {"UserPoolId": source.filled.pool_id, "Username": username(source.anyone())}


MEASURED = (
    Measured("client_credentials", 1, 2, 2_000, client_credentials),
    Measured("refresh", 2, 3, 1_500, refresh),
    Measured("USER_PASSWORD_AUTH", 2.4, 4, 1_500, password),
    Measured("USER_SRP_AUTH, first call", 0.4, 1.5, 3_000, srp_first),
    Measured("USER_SRP_AUTH, second call", 7.9, 9.5, 500, srp_second),
    Measured("GetUser", 0, 0.8, 6_000, get_user),
    Measured("AdminGetUser", 0, 0.8, 6_000, admin_get_user),
    Measured("ListUsers by e-mail", 0, 1, 5_000, list_users),
    Measured("ListUsers by beginning of e-mail", 0, 1, 5_000, list_users_by_beginning),
    Measured("ListUsers by state", 0, 1, 5_000, list_users_by_state),
    Measured("ListUsers, a later page", 0, 1, 5_000, list_users_page),
    Measured("ListUsersInGroup", 0, 1, 5_000, list_users_in_group),
    Measured("AdminCreateUser", 0.4, 2.5, 2_000, admin_create_user),
    Measured("AdminGetUser, SigV4 verified", 0, 0.8, 6_000, admin_get_user_signed, signed=True),
)
BY_NAME = {measured.name: measured for measured in MEASURED}
