"""The session of a browser at a pool's pages: a cookie, after which nobody is asked to sign in for a while.

    living(visit, request)      the session a request may use, and its user; None where a person must be asked
    short(visit, request)       one that it may use if more is proven
    begun(visit, ...)           a new session, the cookie for it
    held(visit)                 the session of the cookie, whatever it counts for
    end(visit)                  the session ended, the cookie taken back
    saml_session_of(...)        what a session is called at the SAML provider that vouched

Developer guide, "Managed login: session cookies": an hour from the sign-in on, which use does not extend, or as long as the
client that asks says where the pool tracks sessions; for all clients of the pool. The cookie is random and only a digest of
it is kept. Unlike the service's, a session ends too when its user is signed out everywhere, is disabled or gets another
password (docs/oauth.md), and counts no more once the provider that vouched is deleted.
"""

from __future__ import annotations

import msgspec

from cognomen import clock
from cognomen.call import Call
from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import base64url, hashes
from cognomen.crypto.sealing import CannotUnseal
from cognomen.federation.asserted import SamlSession
from cognomen.oauth import cookies
from cognomen.oauth.authorization import LOGIN, AuthorizationRequest
from cognomen.oauth.places import Visit
from cognomen.pools.identity_providers import NATIVE
from cognomen.store import browser_sessions, identity_providers, user_sessions
from cognomen.store.browser_sessions import BrowserSession
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.store.user_sessions import DEFAULT_MINUTES
from cognomen.store.users import User
from cognomen.tokens import assurance, standing

COOKIE = "cognito"
_SAML = "saml-session"
_saml_decoder = msgspec.msgpack.Decoder(SamlSession)
_COOKIE_BYTES = 32
_ID_PREFIX = "sso"
_ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID_LENGTH = 25


async def living(visit: Visit, request: AuthorizationRequest) -> tuple[User, BrowserSession] | None:
    """The session of the browser that counts for this request, and its user as it is now."""
    found = await _found(visit, request)
    return found if found is not None and _is_sure_enough(visit.call.pool, found[1], request) else None


async def short(visit: Visit, request: AuthorizationRequest) -> tuple[User, BrowserSession] | None:
    """The session, where it would count if it reached the level that the app wants. Nobody else's proofs are ours to add to."""
    if not assurance.wanted(visit.call.pool, request.acr_values):
        return None
    found = await _found(visit, request)
    if found is None or found[1].provider != NATIVE or _is_sure_enough(visit.call.pool, found[1], request):
        return None
    return found


async def _found(visit: Visit, request: AuthorizationRequest) -> tuple[User, BrowserSession] | None:
    cookie = visit.cookies.get(_name(visit))
    if cookie is None or LOGIN in request.prompt:
        return None
    call = visit.call
    found, minutes = await call.store.read(_holder_and_minutes, call, hashes.digest(cookie))
    if found is None:
        return None
    user, session = found
    age = call.now - session.authenticated_at
    counts = (
        standing.browser_session_counts(session, user, call.now)
        and age < minutes * MINUTE
        and (request.max_age is None or age <= request.max_age * SECOND)
        and request.identity_provider in (None, session.provider)
        and session.provider in (call.client.settings.supported_identity_providers or ())
    )
    return found if counts else None


async def begun(
    visit: Visit, user: User, provider: str, proven: tuple[str, ...], saml_session: SamlSession | None = None
) -> tuple[BrowserSession, str]:
    """A session for a user who has just signed in, and the Set-Cookie header for it; `put` keeps it."""
    call = visit.call
    value = base64url.encode(clock.random_bytes(_COOKIE_BYTES))
    digest = hashes.digest(value)
    life = await _longest_reuse(call)
    session = BrowserSession(
        digest=digest,
        id=_ID_PREFIX + clock.random_text(_ID_ALPHABET, _ID_LENGTH),
        sub=user.sub,
        provider=provider,
        proven=proven,
        credential_version=user.credential_version,
        authenticated_at=call.now,
        moment=max(call.now, user.signed_out_at + 1),
        expires_at=call.now + life * MINUTE,
        sealed_saml_session=None if saml_session is None else _sealed(call, digest, saml_session),
    )
    return session, cookies.header(visit, _name(visit), value, life * MINUTE // SECOND)


def put(db: Db, visit: Visit, session: BrowserSession) -> None:
    """Keep a session in the place of the one that the browser had."""
    former = visit.cookies.get(_name(visit))
    if former is not None:
        browser_sessions.remove(db, visit.call.pool.id, hashes.digest(former))
    browser_sessions.add(db, visit.call.pool.id, session)


async def held(visit: Visit) -> BrowserSession | None:
    cookie = visit.cookies.get(_name(visit))
    if cookie is None:
        return None
    call = visit.call
    found = await call.store.read(browser_sessions.holder, call.pool.id, hashes.digest(cookie))
    return None if found is None else found[1]


def saml_session_of(call: Call, session: BrowserSession) -> SamlSession | None:
    """None for a session of another kind of provider, or that a lost master key has sealed."""
    if session.sealed_saml_session is None:
        return None
    try:
        packed = call.vault.unseal(_SAML, session.sealed_saml_session, _binding(call, session.digest))
    except CannotUnseal:
        return None
    return _saml_decoder.decode(packed)


def _sealed(call: Call, digest: str, session: SamlSession) -> bytes:
    return call.vault.seal(_SAML, msgspec.msgpack.encode(session), _binding(call, digest))


def _binding(call: Call, digest: str) -> bytes:
    return f"{call.pool.id}/{digest}".encode()


async def end(visit: Visit) -> str:
    """End the browser's session, if it has one; the header that takes the cookie back."""
    former = visit.cookies.get(_name(visit))
    if former is not None:
        await visit.call.store.write(browser_sessions.remove, visit.call.pool.id, hashes.digest(former))
    return cookies.header(visit, _name(visit), "", 0)


def _is_sure_enough(pool: UserPool, session: BrowserSession, request: AuthorizationRequest) -> bool:
    """Whether the session reaches the level that the app wants most of those that the pool knows, if it wants any.

    Where a provider vouched for the person, any of them counts: it would say the same again.
    """
    levels = assurance.wanted(pool, request.acr_values)
    if not levels:
        return True
    enough = levels[0] if session.provider == NATIVE else min(levels)
    return assurance.reaches(session.proven, enough)


def _name(visit: Visit) -> str:
    """What the cookie is called: at the address that pools share, each has its own."""
    name = COOKIE if visit.domain is not None else f"{COOKIE}-{visit.call.pool.id}"
    return cookies.of_host(visit, name)


def _holder_and_minutes(db: Db, call: Call, digest: str) -> tuple[tuple[User, BrowserSession] | None, int]:
    found = browser_sessions.holder(db, call.pool.id, digest)
    if found is not None and not _is_still_vouched_for(db, call, found[1]):
        return None, DEFAULT_MINUTES
    if found is None or not call.configuration.tracking.is_on:
        return found, DEFAULT_MINUTES
    return found, user_sessions.reuse_minutes(db, call.pool.id, call.client.id)


def _is_still_vouched_for(db: Db, call: Call, session: BrowserSession) -> bool:
    """A provider that is gone vouches for nobody, nor does another that was given its name."""
    if session.provider == NATIVE:
        return True
    made_at = identity_providers.created_at(db, call.pool.id, session.provider)
    return made_at is not None and made_at <= session.authenticated_at


async def _longest_reuse(call: Call) -> int:
    if not call.configuration.tracking.is_on:
        return DEFAULT_MINUTES
    return await call.store.read(user_sessions.longest_reuse, call.pool.id)
