"""Amazon SES, SNS, STS and AWS End User Messaging on loopback, as far as carriers ask them, in the protocols of AWS."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

ASSUMED = "ASIAASSUMED"


@dataclass
class Asked:
    """`signed`: the access key, region and service of the signature."""

    action: str
    members: dict[str, Any]
    signed: tuple[str, str, str]


@dataclass
class Aws:
    """`errors`: what is answered to an action, as its code, message and status; `meanwhile`: what happens before it is."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    errors: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    meanwhile: dict[str, Callable[[], None]] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def actions(self) -> list[str]:
        return [each.action for each in self.asked]


class Handler(BaseHTTPRequestHandler):
    aws: Aws
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v2/email/outbound-emails":
            self._answer_json("SendEmail", json.loads(body), {"MessageId": "ses-1"})
        elif "X-Amz-Target" in self.headers:
            action = self.headers["X-Amz-Target"].rpartition(".")[2]
            self._answer_json(action, json.loads(body), {"MessageId": "eums-1"})
        else:
            members = dict(parse_qsl(body.decode()))
            self._answer_xml(members.pop("Action"), members)

    def _note(self, action: str, members: dict[str, Any]) -> tuple[str, str, int] | None:
        scope = self.headers["Authorization"].partition("Credential=")[2].partition(",")[0].split("/")
        self.aws.asked.append(Asked(action, members, (scope[0], scope[2], scope[3])))
        self.aws.meanwhile.get(action, lambda: None)()
        return self.aws.errors.get(action)

    def _answer_json(self, action: str, members: dict[str, Any], answer: dict[str, str]) -> None:
        if error := self._note(action, members):
            code, message, status = error
            document = {"__type": code, "message": message}
            self._answer(status, json.dumps(document), {"x-amzn-ErrorType": code})
        else:
            self._answer(200, json.dumps(answer), {})

    def _answer_xml(self, action: str, members: dict[str, Any]) -> None:
        if error := self._note(action, members):
            code, message, status = error
            told = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            self._answer(status, f"<ErrorResponse>{told}</ErrorResponse>", {})
            return
        result = "<MessageId>sns-1</MessageId>"
        if action == "AssumeRole":
            result = (
                f"<Credentials><AccessKeyId>{ASSUMED}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            )
        self._answer(
            200, f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>", {}
        )

    def _answer(self, status: int, text: str, headers: dict[str, str]) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Aws]:
    aws = Aws()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), type("Speaker", (Handler,), {"aws": aws}))
    aws.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield aws
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
