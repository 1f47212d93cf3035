"""The end of an authorization request: the app gets its code, or its tokens, at its redirect URL.

finish(visit, request, signed_in)   a person has signed in: the browser's session begins
check_level(call, request, proven)  whether what they have proven is enough for the app
begin(visit, signed_in)             the same without an answer, where the person is shown more before
go_on(visit, request, session)      nobody had to: the browser's session goes on

An app that registered itself is nobody's choice: each time, the browser is led to a page that asks the person first, at CONSENT,
and that page goes on when they have agreed.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from cognomen import errors
from cognomen.call import Call
from cognomen.errors import Refusal
from cognomen.federation.asserted import SamlSession
from cognomen.oauth import answers, authorization, browser_sessions, codes
from cognomen.oauth.authorization import CODE, NONE, AuthorizationRequest
from cognomen.oauth.places import Visit
from cognomen.pools import app_clients
from cognomen.pools.identity_providers import NATIVE
from cognomen.sign_in.engine import SignedIn
from cognomen.store import authorization_codes
from cognomen.store.authorization_codes import AuthorizationCode
from cognomen.store.browser_sessions import BrowserSession
from cognomen.store.database import Db
from cognomen.store.users import User
from cognomen.tokens import assurance, minting, user_sessions
from cognomen.tokens.scopes import Grant
from cognomen.triggers import pre_token_generation

CONSENT = "/consent"
"""The path of the page that asks; it takes the authorization request as its query."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Where the browser goes with the answer, and the Set-Cookie headers that it gets; both are secrets."""

    location: str = field(repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)


async def finish(
    visit: Visit,
    request: AuthorizationRequest,
    signed_in: SignedIn,
    *,
    provider: str = NATIVE,
    saml_session: SamlSession | None = None,
) -> Finished:
    """Answer a request whose user has just signed in; `provider` is who vouched for it, `saml_session` the session there.

    The browser gets a session of its own, whatever it had before. Raises SentBack where a trigger refuses tokens, and where
    the app wants the person to be known more surely than by what was proven.
    """
    user = signed_in.user
    check_level(visit.call, request, signed_in.proven)
    try:
        if app_clients.registered_itself(visit.call.client):
            cookie = await begin(visit, signed_in, provider=provider, saml_session=saml_session)
            return Finished(_to_consent(visit, request), (cookie,))
        session, cookie = await browser_sessions.begun(visit, user, provider, signed_in.proven, saml_session)
        location = await _answer(visit, request, user, session, begins=True, event=signed_in.event)
    except Refusal as refusal:
        raise authorization.told_of(request, refusal) from None
    return Finished(location, (cookie,))


def check_level(call: Call, request: AuthorizationRequest, proven: tuple[str, ...]) -> None:
    """Raises SentBack where what was proven reaches none of the levels that the app wants."""
    levels = assurance.wanted(call.pool, request.acr_values)
    if levels and not assurance.reaches(proven, min(levels)):
        raise authorization.sent_back(request, errors.OAUTH_LEVEL())


async def begin(
    visit: Visit,
    signed_in: SignedIn,
    *,
    provider: str = NATIVE,
    saml_session: SamlSession | None = None,
) -> str:
    """Begin the browser's session, with which the request is answered later; the Set-Cookie header, a secret."""
    user, proven = signed_in.user, signed_in.proven
    session, cookie = await browser_sessions.begun(visit, user, provider, proven, saml_session)
    await visit.call.store.write(_keep, visit, session, None)
    return cookie


async def go_on(
    visit: Visit,
    request: AuthorizationRequest,
    user: User,
    session: BrowserSession,
    *,
    is_agreed: bool = False,
) -> Finished:
    """Answer a request without a sign-in: `browser_sessions.living` found the session. Raises SentBack, as `finish`.

    `is_agreed`: the person has just agreed that the app learns who they are.
    """
    if app_clients.registered_itself(visit.call.client) and not is_agreed:
        if NONE in request.prompt:
            raise authorization.sent_back(request, errors.OAUTH_CONSENT_REQUIRED())
        return Finished(_to_consent(visit, request))
    try:
        return Finished(await _answer(visit, request, user, session, begins=False))
    except Refusal as refusal:
        raise authorization.told_of(request, refusal) from None


def _to_consent(visit: Visit, request: AuthorizationRequest) -> str:
    return f"{visit.base_url}{CONSENT}?{authorization.query_of(request)}"


async def _answer(
    visit: Visit,
    request: AuthorizationRequest,
    user: User,
    session: BrowserSession,
    *,
    begins: bool,
    event: str = "",
) -> str:
    """The redirect URL with a code, or with tokens in its fragment; raises what a trigger raises."""
    call, begun = visit.call, session if begins else None
    origin = minting.new_origin(call, user)
    if request.response_type == CODE:
        code, row = codes.new(call, request, session, origin, event)
        await call.store.write(_keep, visit, begun, row)
        told = {"code": code, "state": request.state}
        return answers.with_parameters(request.redirect_uri, _sent(told))
    tokens = await minting.after_sign_in(
        call,
        user,
        source=pre_token_generation.HOSTED,
        grant=Grant(request.scope, is_oauth=True, resource=request.resource),
        nonce=request.nonce,
        origin=origin,
        auth_time=session.authenticated_at,
        browser_session=session.id,
        proven=session.proven,
        event=event,
        with_refresh=False,
        beside=functools.partial(_keep, visit=visit, begun=session, code=None) if begins else None,
    )
    told = {
        "id_token": tokens.id,
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": str(tokens.expires_in),
        "state": request.state,
    }
    return answers.with_parameters(request.redirect_uri, _sent(told), in_fragment=True)


def _sent(told: Mapping[str, str | None]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in told.items() if value is not None]


def _keep(db: Db, visit: Visit, begun: BrowserSession | None, code: AuthorizationCode | None) -> None:
    if begun is not None:
        browser_sessions.put(db, visit, begun)
        if user_sessions.is_tracked(visit.call):
            user_sessions.began_in_browser(db, visit.call, begun)
    if code is not None:
        authorization_codes.add(db, visit.call.pool.id, code)
