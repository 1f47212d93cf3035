"""GET /oauth2/authorize: where an app sends a browser. Nobody is shown anything here, it always leads on.

It leads back to the app where the browser's session will do or the request will not, and to /login otherwise.
"""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors, logs
from cognomen.errors import Refusal
from cognomen.oauth import answers, authorization, browser_sessions, finishing
from cognomen.oauth.authorization import NONE, AuthorizationRequest, SentBack
from cognomen.oauth.places import Visit
from cognomen.pools.identity_providers import NATIVE

log = logging.getLogger(__name__)


async def authorize(visit: Visit, request: Request) -> Response:
    query = request.url.query
    asked = await authorization.read(visit.call, query)
    try:
        finished = await _without_asking(visit, asked)
    except SentBack:
        raise
    except Refusal as refusal:
        raise authorization.sent_back(asked, refusal) from None
    except Exception as fault:  # noqa: BLE001  whatever it is, the app gets an answer and the log the place
        log.error("request %s failed: %s", visit.call.request_id, logs.place(fault))  # noqa: TRY400  the message may quote the request
        raise authorization.sent_back(asked, errors.OAUTH_SERVER_ERROR()) from None
    if finished is not None:
        return answers.redirect(finished.location, finished.cookies)
    return answers.redirect(f"{visit.base_url}/login?{query}")


async def _without_asking(visit: Visit, asked: AuthorizationRequest) -> finishing.Finished | None:
    """The answer where the browser's session will do; None where a person must be asked. Raises OAUTH_LOGIN_REQUIRED."""
    found = await browser_sessions.living(visit, asked)
    if found is not None:
        return await finishing.go_on(visit, asked, *found)
    if NONE in asked.prompt:
        raise errors.OAUTH_LOGIN_REQUIRED()
    if asked.identity_provider not in (None, NATIVE):
        raise errors.OAUTH_PROVIDERS_NOT_YET()
    return None
