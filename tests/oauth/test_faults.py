"""What nobody foresaw: an answer all the same, and a line of the log that quotes nothing of the request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.responses import Response

from cognomen.oauth.authorize import authorize
from cognomen.oauth.front import Endpoint, for_apps, for_browsers
from cognomen.oauth.places import Visit
from tests.oauth_app import CALLBACK, App
from tests.server import Server
from tests.watched_store import WatchedStore

SECRET = "hunter2-of-ada"


class BrokenStore(WatchedStore):
    """A store with a fault that nobody foresaw, and that quotes what it was given."""

    async def read(self, f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(SECRET, f, args, kwargs)


async def broken(_visit: Visit, _request: Request) -> Response:
    raise RuntimeError(SECRET)


def a_request(path: str, query: str = "", cookie: str = "") -> Request:
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    return Request(scope)


async def answered(endpoint: Endpoint, request: Request) -> Response:
    return await endpoint(request)


def told(caplog: pytest.LogCaptureFixture, response: Response) -> str:
    """The one line of the log, which names the request and the place and not what was wrong."""
    (record,) = [record for record in caplog.records if record.name.startswith("cognomen.oauth")]
    assert record.levelno == logging.ERROR
    assert record.exc_info is None
    line = record.getMessage()
    assert SECRET not in line
    assert SECRET not in bytes(response.body).decode() + str(response.headers)
    return line


def test_an_app_is_told_that_it_is_the_servers_fault(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    response = server.run(answered(for_apps(server.node, broken), a_request("/oauth2/token")))
    assert (response.status_code, bytes(response.body)) == (500, b'{"error":"server_error"}')
    line = told(caplog, response)
    assert response.headers["x-amz-cognito-request-id"] in line
    assert "RuntimeError" in line


def test_a_person_is_led_to_the_page_of_errors(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    response = server.run(answered(for_browsers(server.node, broken), a_request("/login")))
    assert response.status_code == 302
    assert "/error?" in response.headers["location"]
    assert "error=server_error" in response.headers["location"]
    assert "RuntimeError" in told(caplog, response)


def test_an_app_whose_request_was_valid_is_told_at_its_own_address(
    server: Server, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    node = replace(server.node, store=BrokenStore(server.store))
    request = a_request("/oauth2/authorize", urlencode(app.asks()), f"cognito-{app.pool_id}=a session")
    response = server.run(answered(for_browsers(node, authorize), request))
    assert response.status_code == 302
    assert response.headers["location"].startswith(f"{CALLBACK}?")
    assert "error=server_error" in response.headers["location"]
    assert "RuntimeError" in told(caplog, response)
