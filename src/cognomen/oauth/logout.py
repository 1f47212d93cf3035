"""GET /logout: the browser's session ends, and the browser goes to a sign-out URL or signs in anew.

A session that a SAML provider vouched for may have to end there too: then the browser takes the way over the provider (saml_logout.py).
Developer guide, "Logout endpoint". Refresh tokens go on: an app that wants them gone revokes them.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.oauth import answers, authorization, browser_sessions, forms, places, saml_logout
from cognomen.oauth.places import Visit
from cognomen.store.app_clients import AppClient

_NOT_FOR_LOGIN = frozenset({"logout_uri", "identity_provider", "idp_identifier"})


async def logout(visit: Visit, request: Request) -> Response:
    """Raises OAUTH_LOGOUT_MISSING, OAUTH_REPEATED, OAUTH_CLIENT_UNKNOWN, OAUTH_REDIRECT_MISMATCH; then nothing has ended."""
    sent, repeated = forms.of_query(request.url.query)
    forms.refuse_repeated(repeated)
    client_id = sent.get("client_id")
    if client_id is None:
        raise errors.OAUTH_LOGOUT_MISSING(name="client_id")
    if not await places.find_client(visit.call, client_id):
        raise errors.OAUTH_CLIENT_UNKNOWN(id=client_id[:128])
    location = _location(visit, visit.call.client, sent)
    session = await browser_sessions.held(visit)
    if session is not None:
        location = await saml_logout.url(visit, session, location) or location
    return answers.redirect(location, (await browser_sessions.end(visit),))


def _location(visit: Visit, client: AppClient, sent: dict[str, str]) -> str:
    """A sign-out URL, exactly as it is registered, or the page with what the app asks for."""
    settings = client.settings
    logout_uri = sent.get("logout_uri")
    if logout_uri is not None:
        if logout_uri not in (settings.logout_urls or ()):
            raise authorization.mismatch(client, "logout_uri", logout_uri)
        return logout_uri
    for name in ("redirect_uri", "response_type"):
        if name not in sent:
            raise errors.OAUTH_LOGOUT_MISSING(name=name)
    if sent["redirect_uri"] not in (settings.callback_urls or ()):
        raise authorization.mismatch(client, "redirect_uri", sent["redirect_uri"])
    asked = {name: value for name, value in sent.items() if name not in _NOT_FOR_LOGIN}
    asked.setdefault("scope", " ".join(settings.allowed_oauth_scopes or ()))
    return f"{visit.base_url}/login?{urlencode(asked)}"
