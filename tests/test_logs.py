"""What stands in the log, and what never does."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import pytest

from cognomen import logs
from tests import functions, oauth_app, srp_client
from tests.authenticator import Authenticator
from tests.browser import Browser
from tests.conftest import connect
from tests.functions import Functions, arn
from tests.person import Person
from tests.processes import Running, serving, until
from tests.writing import TARGET, ask

LINE_FEED = "\n"

Setup = dict[str, str]
KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/0b8e1f0a-0000-4000-8000-000000000001"


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


# -- the log of a server to which people have proven themselves -------------------------------------------------------

NO_SECRETS = {"USERNAME", "USER_ID_FOR_SRP", "TIMESTAMP", "ANSWER", "ChallengeName", "NextStep"}
"""Members of challenges that anybody may know."""


@dataclass
class Overheard:
    """Every text of the members that prove something, in requests and answers of a client."""

    texts: set[str] = field(default_factory=set)

    def listen(self, client: Any) -> None:
        client.meta.events.register("provide-client-params.cognito-identity-provider", self._asked)
        client.meta.events.register("after-call.cognito-identity-provider", self._answered)

    def _asked(self, params: Any, **_: object) -> None:
        self._note(params)

    def _answered(self, parsed: Any, **_: object) -> None:
        self._note(parsed)

    def _note(self, found: Any, is_secret: bool = False) -> None:
        if isinstance(found, dict):
            for name, value in found.items():
                self._note(value, name not in NO_SECRETS and (is_secret or name in PROVING))
        elif is_secret and isinstance(found, str) and len(found) >= len("123456"):
            self.texts.add(found)


PROVING = {
    "AuthParameters",
    "ChallengeResponses",
    "ChallengeParameters",
    "AuthenticationResult",
    "Session",
    "SecretCode",
    "UserCode",
    "AccessToken",
    "Credential",
    "CredentialCreationOptions",
}
"""Members whose texts prove something, or whose texts all do."""


def prove_everything(server: Running, received: Functions) -> set[str]:
    """Sign somebody in by password, SRP, a second factor, a passkey, the pages and OAuth; every secret that went by."""
    heard = Overheard()
    client: Any = connect(server.endpoint)
    heard.listen(client)
    sender = {"LambdaVersion": "V1_0", "LambdaArn": arn("url", "Sender")}
    pool_id = client.create_user_pool(
        PoolName="a pool",
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
        LambdaConfig={"CustomEmailSender": sender, "KMSKeyID": KEY_ARN},
    )["UserPool"]["Id"]
    client.set_user_pool_mfa_config(
        UserPoolId=pool_id,
        MfaConfiguration="OPTIONAL",
        SoftwareTokenMfaConfiguration={"Enabled": True},
        WebAuthnConfiguration={"RelyingPartyId": "localhost"},
    )
    client_id = client.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        **oauth_app.USUAL,
    )["UserPoolClient"]["ClientId"]
    password = SECRETS["password"]
    user = {"UserPoolId": pool_id, "Username": "ada"}
    client.admin_create_user(**user, MessageAction="SUPPRESS")
    client.admin_set_user_password(**user, Password=password, Permanent=True)

    def sign_in(flow: str, **parameters: str) -> Any:
        given = {"USERNAME": "ada", **parameters}
        return client.initiate_auth(ClientId=client_id, AuthFlow=flow, AuthParameters=given)

    def answer(asked: Any, responses: dict[str, str]) -> Any:
        named = {name: asked[name] for name in ("ChallengeName", "Session") if name in asked}
        return client.respond_to_auth_challenge(ClientId=client_id, ChallengeResponses=responses, **named)

    token = sign_in("USER_PASSWORD_AUTH", PASSWORD=password)["AuthenticationResult"]["AccessToken"]
    options = client.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    credential = Authenticator().create(options, "http://localhost")
    with suppress(client.exceptions.ClientError):
        client.complete_web_authn_registration(AccessToken=token, Credential=credential)
    secret = client.associate_software_token(AccessToken=token)["SecretCode"]
    totp = pyotp.TOTP(secret)
    client.verify_software_token(AccessToken=token, UserCode=totp.now())
    client.sign_up(
        ClientId=client_id,
        Username="bo",
        Password=password,
        UserAttributes=[{"Name": "email", "Value": SECRETS["address"]}],
    )
    until(lambda: bool(_codes(received)))
    heard.texts.update(_codes(received))

    person = Person(Browser(server))  # type: ignore[arg-type]  # it needs no more than where the server is
    person.browser.host = f"{oauth_app.new_domain(client, pool_id)}.auth.us-east-1.localhost:{server.port}"
    asks = {"client_id": client_id, "response_type": "code", "redirect_uri": oauth_app.CALLBACK}
    person.open("/login", **asks)
    heard.texts.update(value for form in person.forms for value in form.fields.values() if len(value) > 40)
    person.send(username="ada", password=SECRETS["wrong password"])
    person.send(username="ada", password=password)
    code = person.answer.told["code"]
    heard.texts.update({code, *person.browser.cookies.values()})
    form = {"grant_type": "authorization_code", "client_id": client_id, "redirect_uri": oauth_app.CALLBACK}
    tokens = person.browser.post("/oauth2/token", None, code=code, **form).document
    person.browser.post("/oauth2/token", None, code=code, **form)
    heard.texts.update(tokens[each] for each in ("access_token", "id_token", "refresh_token"))
    person.browser.get("/oauth2/userInfo", access_token=tokens["access_token"])
    person.browser.post("/oauth2/revoke", None, token=tokens["refresh_token"], client_id=client_id)

    client.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    asked = sign_in("USER_SRP_AUTH", SRP_A=srp_client.SRP_A)
    now = time.time_ns() // 1_000_000  # as the server has it, whichever way other tests moved ours
    asked = answer(asked, srp_client.answer_to(asked["ChallengeParameters"], pool_id, password, now))
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    for shown in (totp.at(now // 1_000 + 3_000), totp.at(now // 1_000 + 30)):
        with suppress(client.exceptions.ClientError):
            answer(asked, {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": shown})
    client.close()
    return heard.texts


def _codes(received: functions.Functions) -> list[str]:
    """Of the events of messages; one of a test before may come late, also a notice, which has none."""
    return [event["request"]["code"] for event in received.events if event["request"].get("code")]


def test_no_proof_of_who_somebody_is_reaches_the_log(tmp_path: Path) -> None:
    with functions.serving() as received:
        given = received.settings()
        talkative = {
            "COGNOMEN_ACCESS_LOG": "true",
            "COGNOMEN_LOG_LEVEL": "debug",
            "COGNOMEN_FUNCTIONS": json.dumps({arn("url", "*"): given["functions"][arn("url", "*")]}),
            "COGNOMEN_FUNCTION_SECRET": given["function_secret"],
        }
        with serving(tmp_path, environment=talkative) as server:
            secrets = prove_everything(server, received)
            log = server.log
        received.clear()
    assert log.count("cognomen.access") > 20
    assert len(secrets) > 25
    assert [secret for secret in secrets if secret in log] == []
    for what in ("password", "wrong password", "address"):
        assert SECRETS[what] not in log, what
