"""POST /oauth2/revoke: the sign-in that a refresh token comes from counts no more (RFC 7009, developer guide)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.crypto import jws
from cognomen.errors import Refusal
from cognomen.oauth import answers, clients, forms
from cognomen.oauth.places import Visit
from cognomen.store import tokens
from cognomen.tokens import refresh_tokens


async def revoke(visit: Visit, request: Request) -> Response:
    """A token that nobody issued, or that is revoked already, is as good as revoked."""
    call = visit.call
    sent = await forms.once(request, call.settings.request_timeout_s)
    try:
        await clients.authenticate(call, request, sent)
    except Refusal as refusal:
        unproven = refusal.type == errors.OAUTH_CLIENT.type
        raise Refusal(refusal.type, refusal.message, 401 if unproven else refusal.status) from None
    if "token" not in sent or not call.client.settings.enable_token_revocation:
        raise errors.OAUTH_REQUEST()
    if jws.is_one(sent["token"]):
        raise errors.OAUTH_TOKEN_TYPE()
    if call.limiter is not None:
        call.limiter.admit("RevokeToken", call.now, pool_id=call.pool.id, username=None, challenge=None)
    token = refresh_tokens.read(call.vault, call.pool.id, sent["token"])
    if token is None:
        return answers.empty()
    if token.client_id != call.client.id:
        raise errors.OAUTH_FLOW_OFF()
    forgotten_at = refresh_tokens.forgotten_at(call, token.expires_at)
    await call.store.write(tokens.revoke, call.pool.id, token.origin, forgotten_at)
    return answers.empty()
