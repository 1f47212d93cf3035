"""What stands in the log, and what never does."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sqlite3
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cognomen import logs
from tests.processes import serving, until
from tests.writing import TARGET, ask

LINE_FEED = "\n"

Setup = dict[str, str]


def record(message: str, *arguments: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("cognomen.test", logging.WARNING, __file__, 1, message, arguments, None)
    made.created = 1_700_000_000.25
    made.__dict__.update(more)
    return made


def test_a_line_of_text_has_moment_level_logger_sentence_and_fields() -> None:
    line = logs.Text().format(record("it was %s", "late", request_id="1-2", pool_id=None, outcome="ok"))
    assert line == "2023-11-14T22:13:20.250Z WARNING cognomen.test it was late request_id=1-2 outcome=ok"


def test_a_line_of_json_is_one_object() -> None:
    line = logs.Json().format(record("it was\n%s", "late", duration_ms=1.5, operation="SignUp"))
    assert LINE_FEED not in line
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "warning",
        "logger": "cognomen.test",
        "message": "it was\nlate",
        "operation": "SignUp",
        "duration_ms": 1.5,
    }


def test_no_field_is_written_that_is_not_named() -> None:
    assert "hush" not in logs.Json().format(record("said", username="hush", password="hush"))


@pytest.mark.parametrize("form", [logs.Text(), logs.Json()])
def test_what_somebody_else_wrote_is_no_line_of_its_own(form: logging.Formatter) -> None:
    forged = "\n2023-11-14T22:13:20.250Z ERROR cognomen forged\x1b[2J\r\u2028"
    lines = form.format(record("%s", forged)).splitlines()
    assert [line for line in lines[1:] if not line.startswith("    ")] == []
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("form", [logs.Text(), logs.Json()])
def test_of_an_exception_the_place_is_told_and_not_the_text(form: logging.Formatter) -> None:
    try:
        int(SECRETS["password"])
    except ValueError:
        line = form.format(record("it failed", exc_info=sys.exc_info()))
    assert "ValueError" in line
    assert "test_logs.py" in line
    assert "Hush" not in line


async def test_an_exception_that_nobody_waits_for_is_told_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(logs.tell_of_lost)
    loop.call_soon(SECRETS.pop, "hush")
    await asyncio.sleep(0)
    loop.set_exception_handler(None)
    (told,) = caplog.records
    assert "KeyError" in logs.Text().format(told)
    assert "hush" not in told.getMessage()


# -- the log of a server that was sent secrets ------------------------------------------------------------------------

SECRETS = {
    "password": "Hush-Passw0rd-1!",
    "wrong password": "Hush-Wr0ng-2!",
    "temporary password": "Hush-Temp0rary-3!",
    "new password": "Hush-N3w-4!",
    "user name": "hush-ada",
    "address": "hush-ada@example.com",
    "body": "hush-body",
    "target": "HushOperation",
    "path": "hush-path",
    "query": "hush-query",
    "header": "hush-header",
    "code": "hush-123456",
    "session": "hush-session-of-twenty-characters",
}


def send_everything(port: int) -> Setup:
    """Requests that succeed and that fail in every way; returns what was answered, secrets among it."""
    s = SECRETS
    pool = ask(port, "CreateUserPool", {"PoolName": "a pool", "AutoVerifiedAttributes": ["email"]})[1][
        "UserPool"
    ]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = {"UserPoolId": pool, "ClientName": "app", "GenerateSecret": True}
    secret = ask(port, "CreateUserPoolClient", made)[1]["UserPoolClient"]["ClientSecret"]
    named = {"UserPoolId": pool, "ClientName": "app", "ExplicitAuthFlows": flows}
    client = ask(port, "CreateUserPoolClient", named)[1]["UserPoolClient"]["ClientId"]
    user = {"UserPoolId": pool, "Username": s["user name"]}
    email = [{"Name": "email", "Value": s["address"]}]
    new = user | {"TemporaryPassword": s["temporary password"], "UserAttributes": email}
    assert ask(port, "AdminCreateUser", new)[0] == 200
    assert ask(port, "AdminCreateUser", new)[0] == 400

    def sign_in(password: str, name: str = s["user name"]) -> Any:
        given = {"USERNAME": name, "PASSWORD": password}
        return ask(
            port,
            "InitiateAuth",
            {"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": given},
        )[1]

    session = sign_in(s["temporary password"])["Session"]
    answers = {"USERNAME": s["user name"], "NEW_PASSWORD": s["new password"]}
    challenge = {"ClientId": client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": answers}
    tokens = ask(port, "RespondToAuthChallenge", challenge | {"Session": session})[1]["AuthenticationResult"]
    ask(port, "RespondToAuthChallenge", challenge | {"Session": session})
    ask(port, "RespondToAuthChallenge", challenge | {"Session": s["session"]})
    sign_in(s["wrong password"])
    sign_in(s["password"], s["address"])
    ask(port, "AdminSetUserPassword", user | {"Password": s["password"], "Permanent": True})
    ask(port, "AdminSetUserPassword", user | {"Password": s["body"], "Permanent": True})
    ask(port, "GetUser", {"AccessToken": tokens["AccessToken"]})
    ask(port, "GetUser", {"AccessToken": tokens["IdToken"]})
    ask(port, "GetUser", {"AccessToken": tokens["AccessToken"][:-9]})
    ask(port, "RevokeToken", {"ClientId": client, "Token": tokens["RefreshToken"]})
    ask(
        port, "ConfirmSignUp", {"ClientId": client, "Username": s["user name"], "ConfirmationCode": s["code"]}
    )
    ask(port, "ListUsers", {"UserPoolId": pool, "Filter": f'email = "{s["address"]}"'})
    ask(port, "ListUsers", {"UserPoolId": pool, "Filter": s["body"]})
    ask(port, "DescribeUserPool", {"UserPoolId": s["body"]})
    ask(port, "DescribeUserPool", {"UserPoolId": f"us-east-1_{s['user name'].replace('-', '')}"})
    ask(port, s["target"], {})
    url = f"http://127.0.0.1:{port}"
    for path in (
        f"/{s['path']}",
        f"/{s['path']}/.well-known/jwks.json",
        f"/{pool}/.well-known/jwks.json",
        f"/_cognomen/inbox?pool={s['query']}",
        f"/?{s['query']}",
        f"/ready?{s['query']}",
    ):
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            send(f"{url}{path}", method)
    send(url, "POST", body=s["body"].encode(), target="GetUser")
    send(url, "POST", body=b'{"AccessToken": "' + s["body"].encode(), target="GetUser")
    send(url, "POST", body=s["body"].encode() * 100_000, target="GetUser")
    return {
        "pool": pool,
        "client": client,
        "secret": secret,
        "session": session,
        "access token": tokens["AccessToken"],
        "id token": tokens["IdToken"],
        "refresh token": tokens["RefreshToken"],
    }


def send(url: str, method: str, body: bytes = b"", target: str = "") -> None:
    basic = base64.b64encode(SECRETS["header"].encode()).decode()
    headers = {
        "x-amz-target": TARGET + target,
        "cookie": SECRETS["header"],
        "authorization": f"Basic {basic}",
    }
    try:
        urllib.request.urlopen(
            urllib.request.Request(url, body or None, headers, method=method), timeout=30
        ).close()
    except urllib.error.HTTPError as error:
        error.close()


def send_where_all_fails(port: int, known: Setup) -> None:
    """Requests to a server whose tables are gone."""
    s = SECRETS
    user = {"UserPoolId": known["pool"], "Username": s["user name"]}
    password = {"USERNAME": s["user name"], "PASSWORD": s["password"]}
    sign_in = {"ClientId": known["client"], "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": password}
    requests: dict[str, dict[str, Any]] = {
        "AdminGetUser": user,
        "AdminCreateUser": user | {"TemporaryPassword": s["temporary password"]},
        "AdminSetUserPassword": user | {"Password": s["password"], "Permanent": True},
        "InitiateAuth": sign_in,
        "GetUser": {"AccessToken": known["access token"]},
        "ListUsers": {"UserPoolId": known["pool"], "Filter": f'email = "{s["address"]}"'},
    }
    for operation, document in requests.items():
        assert ask(port, operation, document)[0] == 500, operation


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_and_no_name_reaches_the_log(tmp_path: Path, form: str) -> None:
    talkative = {
        "COGNOMEN_ACCESS_LOG": "true",
        "COGNOMEN_LOG_FORMAT": form,
        "COGNOMEN_LOG_LEVEL": "debug",
    }
    with serving(tmp_path, environment=talkative) as server:
        known = send_everything(server.port)
        with closing(sqlite3.connect(tmp_path / "cognomen.db")) as connection:
            connection.execute("ALTER TABLE users RENAME TO gone")
            connection.execute("ALTER TABLE aliases RENAME TO gone_too")
        send_where_all_fails(server.port, known)
        until(
            lambda: (
                server.log.count("outcome=InternalErrorException")
                + server.log.count('"outcome":"InternalErrorException"')
                == 6
            )
        )
        log = server.log
    assert log.count("cognomen.access") > 40
    assert known["pool"] in log
    assert known["client"] in log
    if form == "json":
        assert all(json.loads(line) for line in log.splitlines())
    for what, secret in SECRETS.items():
        assert secret.lower() not in log.lower(), what
    for what in ("secret", "session", "access token", "id token", "refresh token"):
        assert known[what] not in log, what
