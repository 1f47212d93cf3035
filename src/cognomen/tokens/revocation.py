"""The end of a sign-in that is asked for with its refresh token (RFC 7009; API reference, RevokeToken)."""

from __future__ import annotations

from cognomen import errors
from cognomen.call import Call
from cognomen.crypto import jws
from cognomen.store import tokens
from cognomen.store.database import Db
from cognomen.tokens import refresh_tokens, user_sessions


async def revoke(call: Call, text: str, *, with_browser: bool = False) -> None:
    """Let nothing count any more that comes of the sign-in of a refresh token, which must be of call.client.

    What is no token of call.pool changes nothing. `with_browser`: its browser is signed out too, where the pool tracks sessions.
    Raises REVOCATION_OFF, REVOKE_TOKEN_TYPE, REVOKE_UNAUTHORIZED.
    """
    if not call.client.settings.enable_token_revocation:
        raise errors.REVOCATION_OFF()
    if jws.is_one(text):
        raise errors.REVOKE_TOKEN_TYPE()
    token = refresh_tokens.read(call.vault, call.pool.id, text)
    if token is None:
        return
    if token.client_id != call.client.id:
        raise errors.REVOKE_UNAUTHORIZED()
    forgotten_at = refresh_tokens.forgotten_at(call, token.expires_at)
    browser_session = token.browser_session if with_browser else None

    def write(db: Db) -> None:
        tokens.revoke(db, call.pool.id, token.origin, forgotten_at)
        if browser_session is not None and user_sessions.is_tracked(call):
            user_sessions.end_browser(db, call, token.sub, browser_session)

    await call.store.write(write)
