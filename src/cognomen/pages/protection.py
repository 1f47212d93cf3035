"""What keeps a page and its forms to the browser and the person they are for.

    headers(...)            the policy of every page
    token(visit)            the token against forged forms: a cookie of the browser, which every form repeats
    is_genuine(...)         whether a form that came in is one of ours, from this browser

A page loads style sheets, scripts and images of this server and nothing else; it runs and holds nothing inline, stands in no
frame, is kept by nobody, and tells no other site where it was left from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request

from cognomen import clock
from cognomen.crypto import base64url, hashes
from cognomen.oauth import cookies
from cognomen.oauth.places import Visit
from cognomen.pools import oauth_settings

FIELD = "_csrf"

_COOKIE = "XSRF-TOKEN"
_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_OF_OUR_PAGES = frozenset({"same-origin", "none"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")


def headers(redirect_uri: str = "", *, is_secure: bool) -> dict[str, str]:
    """The headers of a page that may lead to `redirect_uri`; `is_secure` where the browser got it by HTTPS.

    Browsers apply `form-action` to the redirects that follow a form too, and where an app sends its user after its
    redirect URL is its own: any HTTPS address is let through, besides the URL itself. A page that came without TLS is a
    developer's, whose providers and further apps have none either: what is typed there is read on its way in any case.
    """
    schemes = ["https:"] if is_secure else ["https:", "http:"]
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "form-action": " ".join(dict.fromkeys(["'self'", *schemes, *_source(redirect_uri)])),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "permissions-policy": "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    }


def token(visit: Visit) -> str:
    """The browser's token; a new one where it has none."""
    held = visit.cookies.get(_name(visit), "")
    return held if _TOKEN.fullmatch(held) else base64url.encode(clock.random_bytes(_TOKEN_BYTES))


def cookie(visit: Visit, value: str) -> str:
    """The Set-Cookie header of a token."""
    return cookies.header(visit, _name(visit), value)


def is_genuine(visit: Visit, request: Request, fields: Mapping[str, str]) -> bool:
    """Whether a form repeats its browser's token, and comes from a page of this origin as far as the browser says."""
    held = visit.cookies.get(_name(visit), "")
    if request.headers.get("sec-fetch-site", "none") not in _OF_OUR_PAGES:
        return False
    origin = request.headers.get("origin")
    if origin is not None and origin not in _own_origins(visit, request):
        return False
    return _TOKEN.fullmatch(held) is not None and hashes.matches(held, fields.get(FIELD, ""))


def _own_origins(visit: Visit, request: Request) -> frozenset[str]:
    """What a browser that is on one of our pages says it is at; a proxy may speak HTTPS for us without saying so."""
    own = {urlsplit(visit.base_url).netloc, request.headers.get("host", "").lower()}
    schemes = ("https",) if visit.is_secure else ("http", "https")
    return frozenset(f"{scheme}://{host}" for scheme in schemes for host in own)


def _name(visit: Visit) -> str:
    return cookies.of_host(visit, _COOKIE)


def _source(redirect_uri: str) -> list[str]:
    """What a policy calls the place of a redirect URL: the origin of a web address, the scheme of an app's own."""
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"}:
        return [f"{parts.scheme}://{parts.netloc}"] if oauth_settings.HOST.fullmatch(parts.netloc) else []
    return [f"{parts.scheme}:"] if _SCHEME.fullmatch(parts.scheme) else []
