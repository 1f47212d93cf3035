"""/consent: whether an app that registered itself may learn who has signed in (oauth/finishing.py leads here).

Its name is its own invention, so the page shows where its redirect URL leads. The answer is kept nowhere: each authorization
request of such an app is asked for anew, also where it sends `prompt=consent`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import Response

from cognomen import errors
from cognomen.oauth import answers, authorization, browser_sessions, finishing
from cognomen.pages import refusals
from cognomen.pages.contexts import Consent
from cognomen.pages.screens import Screen
from cognomen.pools import app_clients

ALLOW = "allow"


async def consent(screen: Screen) -> Response:
    """Whoever has no session signs in first, and comes back."""
    if not app_clients.registered_itself(screen.visit.call.client):
        return answers.redirect(screen.to("/login"))
    if await browser_sessions.living(screen.visit, screen.asked) is None:
        return answers.redirect(screen.to("/login"))
    return _page(screen)


async def consent_sent(screen: Screen) -> Response:
    """Raises SentBack where the person does not agree."""
    found = await browser_sessions.living(screen.visit, screen.asked)
    if found is None:
        return answers.redirect(screen.to("/login"))
    if screen.is_late:
        return _page(screen, is_late=True)
    if screen.fields.get("answer") != ALLOW:
        raise authorization.sent_back(screen.asked, errors.OAUTH_ACCESS_DENIED())
    finished = await finishing.go_on(screen.visit, screen.asked, *found, is_agreed=True)
    return answers.redirect(finished.location)


def _page(screen: Screen, *, is_late: bool = False) -> Response:
    page = Consent(
        client=screen.visit.call.client.name,
        place=_place(screen.asked.redirect_uri),
        scopes=tuple(screen.asked.scope.split()),
    )
    notice = refusals.notice(errors.SESSION_EXPIRED()) if is_late else None
    return screen.show(page, path=finishing.CONSENT, notice=notice)


def _place(redirect_uri: str) -> str:
    """Who gets the answer: a host with its port, since another port is another program, or the app that a scheme belongs to."""
    parts = urlsplit(redirect_uri)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return f"{parts.scheme}:"
    return parts.netloc.rpartition("@")[2].lower()
