"""A browser as the tests have it: it asks one server under any host name, keeps cookies by host, and follows nothing."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from starlette.requests import Request

from cognomen.oauth import authorization, finishing, places
from cognomen.oauth.finishing import Finished
from cognomen.sign_in.engine import SignedIn
from cognomen.store import users
from tests.server import Server


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def location(self) -> str:
        return str(self.headers["location"])

    @property
    def told(self) -> dict[str, str]:
        """The parameters of the location, in its query or its fragment."""
        parts = urlsplit(self.location)
        found = parse_qs(parts.query, keep_blank_values=True) | parse_qs(
            parts.fragment, keep_blank_values=True
        )
        return {name: values[0] for name, values in found.items()}

    @property
    def document(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass
class Browser:
    """`host` is what it calls the server, `forwarded` what a proxy adds; its cookies are kept by name."""

    server: Server
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    forwarded: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = urlsplit(self.server.endpoint).port
        self.host = self.host or f"127.0.0.1:{self.port}"

    def get(self, path: str, **query: str) -> Answer:
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, headers: dict[str, str] | None = None, /, **form: str) -> Answer:
        sent = {"content-type": "application/x-www-form-urlencoded"} | (headers or {})
        return self.send("POST", path, sent, urlencode(form).encode())

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port or 0, timeout=30)
        try:
            connection.request(method, path, body, self._headers() | (headers or {}))
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        self._keep(answer.headers.get_all("set-cookie") or [])
        return answer

    def sign_in(self, sub: str, proven: tuple[str, ...] = ("PASSWORD",), /, **query: str) -> Finished:
        """What comes of an authorization request when a person has proven, on some page, to be the user `sub`."""
        finished = self.server.run(self._sign_in(sub, proven, urlencode(query)))
        self._keep(finished.cookies)
        return finished

    async def _sign_in(self, sub: str, proven: tuple[str, ...], query: str) -> Finished:
        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": "/login",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in self._headers().items()],
            "client": ("127.0.0.1", 1),
        }
        visit = await places.arrive(self.server.node, Request(scope))
        asked = await authorization.read(visit.call, query)
        user = await self.server.store.read(users.by_sub, visit.call.pool.id, sub)
        assert user is not None
        return await finishing.finish(visit, asked, SignedIn(user, proven))

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"host": self.host} | self.forwarded | ({"cookie": cookies} if cookies else {})

    def _keep(self, headers: Any) -> None:
        for header in headers:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if "Max-Age=0;" not in header:
                self.cookies[name] = value
