"""POST /oauth2/token: a code, a refresh token or a client's own secret, exchanged for tokens.

Developer guide, "Token endpoint". What is wrong is told in the terms of RFC 6749, seldom with a reason: whoever tries a
stolen code shall not learn what is missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cognomen import clock, errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.oauth import answers, clients, codes, forms, places
from cognomen.oauth.codes import Granted
from cognomen.oauth.places import Visit
from cognomen.pools import app_clients
from cognomen.store import tokens
from cognomen.store.users import User
from cognomen.tokens import minting, refresh_tokens, scopes, standing
from cognomen.tokens.minting import Tokens
from cognomen.tokens.scopes import Grant
from cognomen.triggers import pre_token_generation


async def token(visit: Visit, request: Request) -> Response:
    call = visit.call
    sent = await forms.once(request, call.settings.request_timeout_s)
    if "grant_type" not in sent:
        raise errors.OAUTH_MISSING(name="grant_type")
    grant = GRANTS.get(sent["grant_type"])
    if grant is None:
        raise errors.OAUTH_GRANT_TYPE()
    await clients.authenticate(call, request, sent)
    places.refuse_blocked(call)
    issued = await grant(call, sent)
    document = {
        "id_token": issued.id,
        "access_token": issued.access,
        "refresh_token": issued.refresh,
        "expires_in": issued.expires_in,
        "token_type": "Bearer",
    }
    return answers.json({name: value for name, value in document.items() if value is not None})


# -- a code -------------------------------------------------------------------------------------------------------------


async def _for_code(call: Call, sent: Mapping[str, str]) -> Tokens:
    settings = call.client.settings
    if not settings.allowed_oauth_flows_user_pool_client or "code" not in (
        settings.allowed_oauth_flows or ()
    ):
        raise errors.OAUTH_FLOW_OFF()
    if "code" not in sent:
        raise errors.OAUTH_MISSING(name="code")
    if call.limiter is not None:
        call.limiter.admit_code(call.now)
    found = await codes.redeem(call, sent["code"], sent.get("code_verifier"))
    if found is None:
        raise errors.OAUTH_GRANT()
    granted, origin = found
    _check_redirect(granted, sent.get("redirect_uri"))
    user = await _user(call, granted, origin)
    if scopes.unreadable(granted.scope, app_clients.readable_attributes(call.pool, call.client)):
        raise errors.OAUTH_GRANT()
    try:
        return await minting.after_sign_in(
            call,
            user,
            source=pre_token_generation.HOSTED,
            grant=Grant(granted.scope, is_oauth=True, resource=granted.resource),
            nonce=granted.nonce,
            origin=origin,
            auth_time=granted.auth_time,
            browser_session=granted.session_id,
            proven=granted.proven,
            event=granted.event,
        )
    except Refusal as refusal:
        raise _refused(refusal) from None


def _check_redirect(granted: Granted, redirect_uri: str | None) -> None:
    """The URL must be the one that the code went to; it may be left out where it was left out then."""
    if redirect_uri is None and not granted.redirect_uri_sent:
        return
    if redirect_uri != granted.redirect_uri:
        raise errors.OAUTH_REDIRECT()


async def _user(call: Call, granted: Granted, origin: str) -> User:
    """The user as it is now; the sign-in must still count."""
    holder = await call.store.read(tokens.holder, call.pool.id, granted.sub, origin)
    try:
        return standing.user_of(holder, clock.moment_of(origin), errors.OAUTH_GRANT)
    except Refusal:
        raise errors.OAUTH_GRANT() from None


# -- a refresh token ----------------------------------------------------------------------------------------------------


async def _for_refresh_token(call: Call, sent: Mapping[str, str]) -> Tokens:
    """Tokens of API sign-ins too, but for those that belong to a device: its key cannot be told here."""
    if "refresh_token" not in sent:
        raise errors.OAUTH_MISSING(name="refresh_token")
    places.admit(call, "GetTokensFromRefreshToken")
    try:
        found, user, its_groups = await refresh_tokens.verify(call, sent["refresh_token"])
    except Refusal:
        raise errors.OAUTH_GRANT() from None
    try:
        return await minting.after_refresh(call, found, user, its_groups)
    except Refusal as refusal:
        raise _refused(refusal) from None


# -- a client's own secret ----------------------------------------------------------------------------------------------


async def _for_client(call: Call, sent: Mapping[str, str]) -> Tokens:
    if not app_clients.gets_own_tokens(call.client):
        raise errors.OAUTH_FLOW_OFF()
    metadata = _metadata(sent.get("aws_client_metadata"))
    places.admit(call, "GetClientToken")
    asked = sent["scope"].split(" ") if "scope" in sent else None
    try:
        return await minting.for_client(call, asked, client_metadata=metadata)
    except Refusal as refusal:
        raise _refused(refusal) from None


def _metadata(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    try:
        return _metadata_decoder.decode(text)
    except msgspec.DecodeError:
        raise errors.OAUTH_MALFORMED(reason="aws_client_metadata is not a JSON object of texts") from None


_metadata_decoder = msgspec.json.Decoder(dict[str, str])

# -- for all of them ----------------------------------------------------------------------------------------------------

GRANTS: Mapping[str, Callable[[Call, Mapping[str, str]], Awaitable[Tokens]]] = {
    "authorization_code": _for_code,
    "refresh_token": _for_refresh_token,
    "client_credentials": _for_client,
}

# By type, since each has several sentences.
_SIGN_IN_IS_OVER = frozenset(
    sentence.type for sentence in (errors.USER_DISABLED, errors.USER_NOT_FOUND, errors.REFRESH_TOKEN_REUSED)
)
_TRIGGERS = frozenset(
    sentence.type
    for sentence in (errors.TRIGGER_FAILED, errors.TRIGGER_NOT_INVOKED, errors.TRIGGER_ANSWER_NOT_JSON)
)


def _refused(refusal: Refusal) -> Refusal:
    """What the API would refuse, in the terms of OAuth: of a trigger its words, of anything else none."""
    if refusal.type in _TRIGGERS:
        return errors.OAUTH_REFUSED(reason=refusal.message or refusal.type)
    if refusal.type in _SIGN_IN_IS_OVER:
        return errors.OAUTH_GRANT()
    return errors.OAUTH_SCOPE_UNKNOWN()
