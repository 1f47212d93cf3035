"""Identity providers on loopback, good and bad, and the documents they publish.

listening       a server with answers of any kind
site            a server with the answers it is given; `Site.url(path)` is where they are
discovery       the document of an OpenID Connect issuer
metadata        that of a SAML provider; `certificate` is one it may sign with
run             a provider from the command line, until it is interrupted
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

from cognomen.crypto import certificates, rsa_keys

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

KEY = rsa_keys.generate()


@dataclass(frozen=True)
class Answer:
    """`never`: nothing is answered until the server ends; `meanwhile` happens before anything is answered."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    never: bool = False
    meanwhile: Callable[[], object] = lambda: None


@dataclass
class Site:
    """`asked` are the paths that were asked for, in order."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    scheme: str = "http"

    def url(self, path: str = "") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"


@dataclass(frozen=True)
class Request:
    """What came; `target` is path and query, `headers` are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@contextmanager
def site(tls: SSLContext | None = None) -> Iterator[Site]:
    """A server that answers 404 until it is given answers."""

    def answer(request: Request) -> Answer:
        served.asked.append(request.target)
        return served.answers.get(request.target, Answer(status=404))

    served = Site(0, scheme="https" if tls else "http")
    with listening(answer, tls) as served.port:
        yield served


@contextmanager
def listening(
    answering: Callable[[Request], Answer], tls: SSLContext | None = None, port: int = 0
) -> Iterator[int]:
    """The port of a server that answers so, until the block ends; any that is free, unless it is named."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = answering(Request(self.command, self.path, headers, body))
            answer.meanwhile()
            if answer.never:
                ended.wait(30)
                return
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def run(serving: Callable[[int, str], AbstractContextManager[dict[str, object]]]) -> None:
    """`serving` is given a port and an e-mail address, and gives what CreateIdentityProvider is to be told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0, help="where it listens on 127.0.0.1; any free one")
    parser.add_argument("--email", default="ann@example.com", help="whom it signs in, without asking")
    given = parser.parse_args()
    with serving(given.port, given.email) as settings:
        sys.stdout.write(json.dumps(settings, indent=2) + "\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


def discovery(issuer: str, /, **changed: object) -> bytes:
    """Members that are None are left out."""
    document: dict[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks.json",
        "response_types_supported": ["code"],
    } | changed
    return json.dumps({name: value for name, value in document.items() if value is not None}).encode()


def certificate(now: int) -> str:
    serial = secrets.token_bytes(certificates.SERIAL_BYTES)
    return base64.b64encode(certificates.self_signed(KEY, "a provider", serial, now, 3_650)).decode()


def metadata(entity_id: str, *signing: str, sso: str = "", slo: str = "", more: str = "") -> str:
    """Metadata of a provider, much as products write it; `more` stands in its IDPSSODescriptor."""
    keys = "".join(_key_descriptor(each) for each in signing)
    sso = sso or _service("SingleSignOnService", REDIRECT, f"{entity_id}/sso")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{keys}{slo}{_service('SingleSignOnService', POST, f'{entity_id}/post')}{sso}{more}"
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def single_logout(url: str) -> str:
    return _service("SingleLogoutService", REDIRECT, url)


def _service(name: str, binding: str, url: str) -> str:
    return f'<md:{name} Binding="{binding}" Location="{url}"/>'


def _key_descriptor(text: str, use: str = "signing") -> str:
    return (
        f'<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>\n{text}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
