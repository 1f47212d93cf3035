"""The pool owner's functions, on loopback: behind AWS Lambda's API, behind a URL, and in this process.

serving     a server that speaks both, and proves the signature of each request as AWS and a receiver would
Functions   what each function does, and the events that came
handle      the function in this process, which does what the one of its name does

An ARN ends with the way by which it is reached and a name of the test's own: `arn("api", name)`.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

Event = dict[str, Any]
Act = Callable[[Event], object]

WAYS = ("api", "url", "python")
SECRET = "what receivers know"
PATIENCE_MS = 20_000
"""Longer than a busy machine takes for anything: a function that is asked again for its slowness is asked twice."""
KEY_ID, KEY_SECRET = "AKIAFUNCTIONS", "the secret of it"


class Failure(Exception):  # noqa: N818  it is what a function says
    """What a function raises: an error of its own."""


@dataclass(frozen=True)
class Raw:
    """An answer as it stands, instead of an event."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Functions:
    """`does`: what the function of a name returns for an event; one that is not there returns the event as it came."""

    port: int = 0
    does: dict[str, Act] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def settings(self) -> dict[str, Any]:
        endpoint = f"http://127.0.0.1:{self.port}"
        return {
            "functions": {
                arn("api", "*"): f"lambda:{endpoint}",
                arn("url", "*"): f"{endpoint}/url",
                arn("python", "*"): "python:tests.functions:handle",
                arn("async", "*"): "python:tests.functions:handle_async",
                arn("closed", "*"): "http://127.0.0.1:9/S3cret",
                arn("lost", "*"): "python:tests.nowhere:handle",
            },
            "function_secret": SECRET,
            "function_timeout_ms": PATIENCE_MS,
            "function_attempts": 2,
            "aws_access_key_id": KEY_ID,
            "aws_secret_access_key": KEY_SECRET,
        }

    def run(self, name: str, event: Event) -> object:
        self.events.append(copy.deepcopy(event))
        act = self.does.get(name.partition("-")[2])
        return act(event) if act else event

    def answer_with(self, name: str, /, **response: object) -> None:
        """Let the function fill in the response so."""
        self.does[name] = lambda event: event | {"response": response}

    def sources(self) -> list[str]:
        return [event["triggerSource"] for event in self.events]

    def wait(self, event: Event) -> Event:
        """Answer when the test says so."""
        self.release.wait(30)
        return event

    def clear(self) -> None:
        self.does.clear()
        self.events.clear()
        self.release = threading.Event()


current = Functions()


def arn(way: str, name: str) -> str:
    return f"arn:aws:lambda:us-east-1:000000000000:function:{way}-{name}"


def handle(event: Event, context: Any) -> object:
    assert context.get_remaining_time_in_millis() <= PATIENCE_MS
    return current.run(context.function_name, event)


async def handle_async(event: Event, context: Any) -> object:
    return current.run(context.function_name, event)


@contextmanager
def serving() -> Iterator[Functions]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.startswith("/2015-03-31/functions/"):
                name = unquote(self.path.split("/")[3]).rpartition(":")[2]
                current.problems.extend(_problems_of_lambda(self, body))
            else:
                name = self.headers["X-Cognomen-Function"].rpartition(":")[2]
                current.problems.extend(_problems_of_url(self, body))
            self._answer(_answered(name, body))

        def _answer(self, answer: Raw) -> None:
            self.send_response(answer.status)
            for header, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Cognomen hangs up where an answer is too slow or too large."""

    server = Server(("127.0.0.1", 0), Handler)
    former, current.port = current.port, server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield current
    finally:
        current.release.set()
        current.port = former  # another module's server may be there for longer
        server.shutdown()
        thread.join()
        server.server_close()


def _answered(name: str, body: bytes) -> Raw:
    try:
        returned = current.run(name, json.loads(body))
    except Failure as failure:
        error = json.dumps({"errorMessage": str(failure), "errorType": "Error", "trace": []}).encode()
        return Raw(error, headers={"X-Amz-Function-Error": "Unhandled"})
    return returned if isinstance(returned, Raw) else Raw(json.dumps(returned).encode())


def _problems_of_lambda(handler: BaseHTTPRequestHandler, body: bytes) -> list[str]:
    """Whether botocore would have signed the request so."""
    sent = handler.headers["Authorization"]
    names = sent.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = AWSRequest(
        "POST",
        f"http://{handler.headers['Host']}{handler.path}",
        data=body,
        headers={name: handler.headers[name] for name in names if name != "x-amz-date"},
    )
    timestamp = handler.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(KEY_ID, KEY_SECRET), "lambda", "us-east-1")
    request.context["timestamp"] = timestamp
    request.headers["X-Amz-Date"] = timestamp
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    return [] if sent.endswith(f"Signature={signature}") else [f"signed otherwise: {sent}"]


def _problems_of_url(handler: BaseHTTPRequestHandler, body: bytes) -> list[str]:
    function, moment = handler.headers["X-Cognomen-Function"], handler.headers["X-Cognomen-Timestamp"]
    signed = f"{moment}.{function}.".encode() + body
    expected = f"v1={hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()}"
    sent = handler.headers["X-Cognomen-Signature"]
    return [] if sent == expected else [f"signed otherwise: {sent}"]
