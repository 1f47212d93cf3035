"""What is answered over HTTP: JSON to apps, redirects to browsers, and the headers that each of them carries.

json, empty         to an app; any web page may read it (CORS), nobody keeps it
redirect            to a browser, with cookies
plain               a sentence to a person, until there is a page for it
with_parameters     a redirect URL with what the client is told
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from starlette.responses import Response

from cognomen.errors import Refusal
from cognomen.wire import cors

REQUEST_ID = "x-amz-cognito-request-id"

# Developer guide, "userInfo endpoint": what the service sends with every answer. A page may add a stricter policy.
_SECURITY = {
    "x-content-type-options": "nosniff",
    "x-xss-protection": "1; mode=block",
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
    "pragma": "no-cache",
    "expires": "0",
    "x-frame-options": "DENY",
}
_PAGE = _SECURITY | {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
}
FOUND = 302
SEE_OTHER = 303
UNAUTHORIZED = 401
_SCHEMES = {
    "invalid_client": "Basic",
    "invalid_token": 'Bearer error="invalid_token"',
}  # RFC 6749, 5.2; RFC 6750, 3
_CORS = {"access-control-allow-origin": "*"}

_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


def json(document: Mapping[str, Any], status: int = 200, more: Mapping[str, str] | None = None) -> Response:
    return Response(
        msgspec.json.encode(document),
        status,
        {**_SECURITY, **_CORS, "content-type": "application/json;charset=UTF-8", **(more or {})},
    )


def empty() -> Response:
    return Response(b"", 200, {**_SECURITY, **_CORS})


def error(refusal: Refusal) -> Response:
    """The error document of RFC 6749; browser SDKs of the service read `error_message`."""
    document = {"error": refusal.type}
    if refusal.message is not None:
        document |= {"error_description": refusal.message, "error_message": refusal.message}
    scheme = _SCHEMES.get(refusal.type) if refusal.status == UNAUTHORIZED else None
    return json(document, refusal.status, {"www-authenticate": scheme} if scheme else None)


def preflight(asked: str) -> Response:
    """What a web page of any origin may send to an app's endpoints: nothing there rests on its cookies."""
    more = {"access-control-allow-methods": "GET, POST, OPTIONS", "access-control-max-age": "86400"}
    return Response(
        b"", 200, {**_CORS, **more, "access-control-allow-headers": ", ".join(cors.sendable(asked))}
    )


def redirect(location: str, cookies: Iterable[str] = (), *, status: int = FOUND) -> Response:
    """To where a browser goes next; a registered URL stays as it was registered, byte for byte."""
    response = Response(b"", status, {**_PAGE, "location": quote(location, safe=_VISIBLE)})
    for cookie in cookies:
        response.headers.append("set-cookie", cookie)
    return response


def plain(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, {**_PAGE, "content-type": "text/plain; charset=utf-8"})


def with_parameters(url: str, parameters: Iterable[tuple[str, str]], *, in_fragment: bool = False) -> str:
    """The URL with the parameters behind those it has, or in a fragment; it has no fragment of its own."""
    joint = "#" if in_fragment else "&" if "?" in url else "?"
    return f"{url}{joint}{urlencode(list(parameters))}"
