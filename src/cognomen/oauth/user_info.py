"""GET and POST /oauth2/userInfo: what an access token with the scope `openid` may read of its user.

Developer guide, "UserInfo endpoint": values are texts, `email_verified` too, and errors stand in WWW-Authenticate as well.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.errors import Refusal
from cognomen.oauth import answers, places
from cognomen.oauth.places import Visit
from cognomen.tokens import access_tokens, scopes
from cognomen.users import attributes


async def user_info(visit: Visit, request: Request) -> Response:
    call = visit.call
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        return _refused(errors.OAUTH_USER_INFO_REQUEST())
    pool_id = visit.call.pool.id if visit.domain is not None else None
    try:
        await access_tokens.verify(call, text.strip(), scopes.OPENID)
    except Refusal as refusal:
        lacks_scope = refusal.is_(errors.ACCESS_TOKEN_SCOPES)
        return _refused(errors.OAUTH_TOKEN_SCOPE() if lacks_scope else errors.OAUTH_TOKEN())
    places.refuse_blocked(call)
    if pool_id not in (None, call.pool.id) or not places.is_served(call, call.configuration):
        return _refused(errors.OAUTH_TOKEN())
    readable = attributes.readable(call.client, call.user)
    shown = scopes.attributes_of(" ".join(call.access_token.scopes), readable)
    return answers.json(shown | {"username": call.user.username})


def _refused(refusal: Refusal) -> Response:
    said = f'error="{refusal.type}", error_description="{refusal.message}"'
    document = {"error": refusal.type, "error_description": refusal.message}
    return answers.json(document, refusal.status, {"www-authenticate": said})
