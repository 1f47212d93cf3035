"""POST /oauth2/revoke: the sign-in that a refresh token comes from counts no more (RFC 7009, developer guide)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.oauth import answers, clients, forms, places
from cognomen.oauth.places import Visit
from cognomen.tokens import revocation

_TOLD = (
    (errors.REVOCATION_OFF, errors.OAUTH_REQUEST),
    (errors.REVOKE_TOKEN_TYPE, errors.OAUTH_TOKEN_TYPE),
    (errors.REVOKE_UNAUTHORIZED, errors.OAUTH_FLOW_OFF),
)
"""What OAuth says where the API says the first."""


async def revoke(visit: Visit, request: Request) -> Response:
    """A token that nobody issued, or that is revoked already, is as good as revoked."""
    call = visit.call
    sent = await forms.once(request, call.settings.request_timeout_s)
    try:
        await clients.authenticate(call, request, sent)
    except Refusal as refusal:
        unproven = refusal.type == errors.OAUTH_CLIENT.type
        raise Refusal(refusal.type, refusal.message, 401 if unproven else refusal.status) from None
    if "token" not in sent:
        raise errors.OAUTH_REQUEST()
    places.admit(call, "RevokeToken")
    try:
        await revocation.revoke(call, sent["token"])
    except Refusal as refusal:
        raise next((told() for sentence, told in _TOLD if refusal.is_(sentence)), refusal) from None
    return answers.empty()
