"""GET /oauth2/authorize: where an app sends a browser. Nobody is shown anything here, it always leads on.

It leads back to the app where the browser's session will do or the request will not, to an identity provider where one is meant, and
to /login otherwise.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.oauth import answers, authorization, browser_sessions, departing, finishing
from cognomen.oauth.authorization import NONE, AuthorizationRequest
from cognomen.oauth.places import Visit


async def authorize(visit: Visit, request: Request) -> Response:
    query = request.url.query
    asked = await authorization.read(visit.call, query)
    return await authorization.told(visit.call, asked, _led_on(visit, asked, query))


async def _led_on(visit: Visit, asked: AuthorizationRequest, query: str) -> Response:
    """Raises OAUTH_LOGIN_REQUIRED."""
    found = await browser_sessions.living(visit, asked)
    if found is not None:
        finished = await finishing.go_on(visit, asked, *found)
        return answers.redirect(finished.location, finished.cookies)
    if NONE in asked.prompt:
        raise errors.OAUTH_LOGIN_REQUIRED()
    provider = departing.wanted(visit.call.client, asked)
    if provider is not None:
        return await departing.to_provider(visit, asked, provider)
    return answers.redirect(f"{visit.base_url}/login?{query}")
