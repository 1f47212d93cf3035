"""/eventFeedback: a person says whether a sign-in was theirs, by a link of the mail that told of it (risk/notices.py).

The link asks, and the form that it shows says so: mail programs follow links too, and what one of them said would count against
its reader. The token of the link is good for one event alone; nothing else is known of who comes.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.oauth import forms, places
from cognomen.oauth.places import Visit
from cognomen.pages import acting, protection, screens, showing
from cognomen.pages.contexts import Feedback, Notice, Result
from cognomen.risk import events, notices

PATH = notices.PATH

_VALUES = {"valid": events.VALID, "invalid": events.INVALID}
_TEXTS = {"valid": "feedback_valid", "invalid": "feedback_invalid"}
_CARRIED = ("client_id", "user_name", "event_id", "value", "token")


async def feedback(visit: Visit, request: Request) -> Response:
    """Nothing is recorded, and nothing looked at: whether the link is good is told to whoever sends the form."""
    sent, _ = forms.of_query(request.url.query)
    await _find_client(visit, sent)
    return await _question(visit, request, sent)


async def feedback_sent(visit: Visit, request: Request) -> Response:
    fields = await forms.once(request, visit.call.settings.request_timeout_s)
    await _find_client(visit, fields)
    if not protection.is_genuine(visit, request, fields):
        return await _question(
            visit, request, fields, notice=Notice("error", "fault_form"), status=showing.FORBIDDEN
        )
    if fields.get("value") not in _VALUES:
        return await _no_use(visit, request)
    try:
        await acting.give_feedback(
            visit.call,
            fields.get("user_name", ""),
            fields.get("event_id", ""),
            fields.get("token", ""),
            _VALUES[fields["value"]],
        )
    except Refusal:  # expired, altered, or of somebody who is no more: a person can do the same about each
        return await _no_use(visit, request)
    return await screens.alone(visit, request, Result(title="feedback_done", text="feedback_done_text"), 200)


async def _find_client(visit: Visit, sent: Mapping[str, str]) -> None:
    """Raises OAUTH_CLIENT_UNKNOWN."""
    client_id = sent.get("client_id", "")
    if not await places.find_client(visit.call, client_id):
        raise errors.OAUTH_CLIENT_UNKNOWN(id=client_id[:128])


async def _question(
    visit: Visit,
    request: Request,
    sent: Mapping[str, str],
    *,
    notice: Notice | None = None,
    status: int = 200,
) -> Response:
    text = _TEXTS.get(sent.get("value", ""))
    if text is None:
        return await _no_use(visit, request)
    carrying = {name: sent.get(name, "") for name in _CARRIED}
    page = Feedback(text=text)
    return await screens.alone(visit, request, page, status, action=PATH, carrying=carrying, notice=notice)


async def _no_use(visit: Visit, request: Request) -> Response:
    return await screens.alone(visit, request, Result(title="link_invalid_heading"), screens.BAD_REQUEST)
