"""Authorization codes: what an app is handed at its redirect URL, to be exchanged once for tokens.

    new(call, request, ...)     a code, and the row to be kept of it
    redeem(call, code, verifier)    what a code was given for; a code that comes again takes back all it ever gave

A code is a UUID of 122 random bits, of which only a digest is kept. Developer guide, "Authorize endpoint": it lives five
minutes and counts once. RFC 6749, 4.1.2: whoever brings it a second time may be a thief, or come after one. But an app that
sends its request twice is neither, where a challenge or a secret proves that it is the same app; and whoever cannot answer the
challenge has nothing to take back.
"""

from __future__ import annotations

import hashlib

import msgspec

from cognomen import clock
from cognomen.call import Call
from cognomen.clock import MINUTE, SECOND
from cognomen.crypto import base64url, hashes
from cognomen.oauth.authorization import AuthorizationRequest
from cognomen.pools import app_clients
from cognomen.store import authorization_codes, tokens
from cognomen.store.authorization_codes import AuthorizationCode
from cognomen.store.browser_sessions import BrowserSession
from cognomen.tokens import refresh_tokens

LIFE = 5 * MINUTE

# How much later the same app may bring the code again: a page that is mounted twice, a retry.
SENT_TWICE = 10 * SECOND


class Granted(msgspec.Struct, frozen=True, array_like=True):
    """What a code was given for: whom, by which sign-in, and what the app asked for; `auth_time` in milliseconds.

    `session_id` is what the browser's session is called, `proven` are the challenges that were answered when it began.
    """

    sub: str
    auth_time: int
    session_id: str
    redirect_uri: str
    redirect_uri_sent: bool
    scope: str
    nonce: str | None
    code_challenge: str | None
    resource: str | None
    proven: tuple[str, ...] = ()


_decoder = msgspec.msgpack.Decoder(Granted)


def new(
    call: Call, request: AuthorizationRequest, session: BrowserSession, origin: str
) -> tuple[str, AuthorizationCode]:
    """A code for the user of a session; `origin` is what the tokens that come of it are told by."""
    code = clock.uuid4()
    granted = Granted(
        sub=session.sub,
        auth_time=session.authenticated_at,
        session_id=session.id,
        redirect_uri=request.redirect_uri,
        redirect_uri_sent=request.redirect_uri_sent,
        scope=request.scope,
        nonce=request.nonce,
        code_challenge=request.code_challenge,
        resource=request.resource,
        proven=session.proven,
    )
    row = AuthorizationCode(
        digest=hashes.digest(code),
        client_id=request.client_id,
        origin=origin,
        document=msgspec.msgpack.encode(granted),
        expires_at=call.now + LIFE,
    )
    return code, row


async def redeem(call: Call, code: str, verifier: str | None) -> tuple[Granted, str] | None:
    """What a code of call.client was given for, and the origin of its tokens; None where it does not count.

    The code is spent, whatever else is wrong with the request. A code of another client is left alone.
    """
    pool_id, now = call.pool.id, call.now
    known = await call.store.read(authorization_codes.by_digest, pool_id, hashes.digest(code))
    if known is None or known.client_id != call.client.id:
        return None  # who guesses makes nobody wait who writes
    granted = _decoder.decode(known.document)
    is_proven = _is_proven(granted, verifier)
    if known.redeemed:
        is_sent_twice = _is_same_app(call, granted) and now - known.redeemed < SENT_TWICE
        if is_proven and not is_sent_twice:
            expires_at = now + app_clients.refresh_token_seconds(call.client) * SECOND
            forgotten_at = refresh_tokens.forgotten_at(call, expires_at)
            await call.store.write(tokens.revoke, pool_id, known.origin, forgotten_at)
        return None
    # Whoever is second here has read the code before the first had redeemed it.
    is_first = await call.store.write(authorization_codes.redeem, pool_id, known.digest, now)
    return (granted, known.origin) if is_first and is_proven and known.expires_at > now else None


def _is_proven(granted: Granted, verifier: str | None) -> bool:
    """RFC 7636: a code that was asked for with a challenge is for whoever can answer it, and for nobody else."""
    if granted.code_challenge is None or verifier is None:
        return granted.code_challenge is None and verifier is None
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return hashes.matches(base64url.encode(digest), granted.code_challenge)


def _is_same_app(call: Call, granted: Granted) -> bool:
    """Whether who brings the code again, with all that belongs to it, must be the app that brought it first.

    It had to know the verifier, or has shown the client's secret. Without either the code is all there is to know.
    """
    return granted.code_challenge is not None or bool(call.configuration.secrets[call.client.id])
