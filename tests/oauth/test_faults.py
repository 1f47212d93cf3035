"""What nobody foresaw: an answer all the same, and a line of the log that quotes nothing of the request."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.responses import Response
from types_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito

from cognomen.crypto import base64url
from cognomen.oauth.authorize import authorize
from cognomen.oauth.front import Endpoint, for_apps, for_browsers
from cognomen.oauth.places import Visit
from tests.browser import Browser
from tests.oauth_app import CALLBACK, App
from tests.refused import refused
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


def unverified(client_id: str) -> str:
    """A token that names a client and that nobody has signed."""
    parts = ({"alg": "RS256", "kid": "k"}, {"token_use": "access", "client_id": client_id})
    return ".".join([*(base64url.encode(json.dumps(part).encode()) for part in parts), "AAAA"])


def test_a_nul_is_nobodys_name(
    server: Server, browser: Browser, app: App, anonymous: Cognito, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL keeps none, and refuses a statement that asks for one."""
    asks = urlencode(app.asks())
    for path, status in {
        "/oauth2/authorize?client_id=%00": 302,
        f"/oauth2/authorize?{asks}&idp_identifier=%00": 302,
        f"/oauth2/authorize?{asks}&%00=1": 302,
        "/login?client_id=%00": 302,
        "/logout?client_id=%00&logout_uri=https://a.example": 302,
        "/error?client_id=%00": 302,
        "/_pages/style/%00/managed.css": 404,
        "/_pages/assets/%00/FORM_LOGO/LIGHT": 404,
        f"/_pages/assets/{app.client_id}/%00/LIGHT": 404,
        f"/_pages/assets/{app.client_id}/FORM_LOGO/%00": 404,
        f"/_pages/assets/{app.client_id}/FORM_LOGO/LIGHT?slot=%00": 404,
        f"/us-east-1_a%00/{app.client_id}/1/assets/images/image.png": 404,
        f"/{app.pool_id}/%00/1/assets/images/image.png": 404,
        "/us-east-1_a%00/.well-known/jwks.json": 404,
        "/user-imports/us-east-1_a%00/import-1?expires=1&signature=a": 403,
    }.items():
        answer = browser.get(path)
        assert answer.status == status, path
        assert "server_error" not in answer.headers.get("location", "")
    told = browser.get(f"/oauth2/authorize?{asks}&idp_identifier=%00").told
    assert (told["error"], told["error_description"]) == (
        "invalid_request",
        "The request cannot be read: it has a NUL, which no database keeps.",
    )
    form = {"username": "ada\0", "password": "p"}
    assert browser.post(f"/login?{asks}", **form).told["error"] == "invalid_request"
    assert browser.post("/oauth2/token", client_id="\0").document["error"] == "invalid_request"
    header = {"authorization": f"Basic {base64.b64encode(b'a%00:b').decode()}"}
    answer = browser.post("/oauth2/token", header, grant_type="client_credentials")
    assert answer.document == {"error": "invalid_client"}
    bearer = {"authorization": f"Bearer {unverified('a' + chr(0))}"}
    assert browser.send("GET", "/oauth2/userInfo", bearer).status == 401
    with refused("NotAuthorizedException"):
        anonymous.get_user(AccessToken=unverified("a\0"))
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
