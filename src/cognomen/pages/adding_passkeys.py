"""/passkeys/add: whoever has signed in a while ago makes a passkey, and goes on to the app.

Managed login only. An app links here with its authorization request, or with `client_id` and `redirect_uri` alone; the former
ends with a code as /oauth2/authorize would give it, the latter at the redirect URL itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.oauth import answers, browser_sessions, forms
from cognomen.oauth.places import Visit
from cognomen.pages import acting, protection, refusals, screens, showing
from cognomen.pages.contexts import Notice, Passkey
from cognomen.pages.screens import Screen

PATH = "/passkeys/add"
_RESPONSE_TYPE = "response_type"
_OF_ASKING = frozenset({"prompt", "max_age"})  # whoever comes here has been asked


async def passkey(visit: Visit, request: Request) -> Response:
    """Raises OAUTH_LOGIN_REQUIRED, and what the operation is refused with."""
    return await _page(await _opened(visit, request))


async def passkey_sent(visit: Visit, request: Request) -> Response:
    fields = await forms.once(request, visit.call.settings.request_timeout_s)
    screen = await _opened(visit, request)
    if not protection.is_genuine(visit, request, fields):
        return await _page(screen, Notice("error", "fault_form"), showing.FORBIDDEN)
    try:
        credential: Any = msgspec.json.decode(fields.get("credential", ""))
        await acting.add_passkey(visit.call, credential)
    except (Refusal, msgspec.DecodeError) as fault:
        told = refusals.notice(fault) if isinstance(fault, Refusal) else Notice("error", "passkey_add_failed")
        return await _page(screen, told)
    return answers.redirect(_next(screen))


async def _opened(visit: Visit, request: Request) -> Screen:
    """The screen of a browser whose session lives; its user is the call's."""
    sent, _ = forms.of_query(request.url.query)
    asked = {name: value for name, value in sent.items() if name not in _OF_ASKING}
    screen = await screens.of_query(visit, request, urlencode({_RESPONSE_TYPE: "code"} | asked))
    found = await browser_sessions.living(visit, screen.asked)
    if found is None or not screen.look.is_managed:
        raise errors.OAUTH_LOGIN_REQUIRED()
    visit.call.found_user = found[0]
    return replace(screen, query=urlencode(asked))


async def _page(screen: Screen, notice: Notice | None = None, status: int | None = None) -> Response:
    page = Passkey(
        title="passkey_add_heading",
        text="passkey_add_text",
        button="passkey_add",
        failed="passkey_add_failed",
        ceremony="create",
        options=await acting.passkey_options(screen.visit.call),
        later_url=_next(screen),
    )
    return screen.show(page, path=PATH, notice=notice, status=status)


def _next(screen: Screen) -> str:
    sent, _ = forms.of_query(screen.query)
    return screen.to("/oauth2/authorize") if _RESPONSE_TYPE in sent else screen.asked.redirect_uri
