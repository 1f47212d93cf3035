"""New tokens for a refresh token (GetTokensFromRefreshToken) or for the client itself (GetClientToken), and the end of tokens.

The latter is that of one sign-in (RevokeToken), or of all a user's (GlobalSignOut and its admin twin).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import DAY
from cognomen.crypto import jws
from cognomen.operations import regions
from cognomen.operations.registry import operation
from cognomen.pools import app_clients
from cognomen.store import tokens
from cognomen.store.database import Db
from cognomen.tokens import minting, refresh_tokens, user_sessions
from cognomen.users import rows, status

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminUserGlobalSignOutRequestTypeDef,
        GetClientTokenRequestTypeDef,
        GetTokensFromRefreshTokenRequestTypeDef,
        GlobalSignOutRequestTypeDef,
        RevokeTokenRequestTypeDef,
    )


@operation("GetTokensFromRefreshToken")
async def get_tokens_from_refresh_token(
    call: Call, request: GetTokensFromRefreshTokenRequestTypeDef
) -> dict[str, Any]:
    """For every client; one that rotates its refresh tokens gets a new one too, and has no other operation for it."""
    _require_secret(call, request.get("ClientSecret"))
    token, user, its_groups = await refresh_tokens.verify(
        call,
        request["RefreshToken"],
        device_key=request.get("DeviceKey"),
        invalid=errors.INVALID_REFRESH_TOKEN_GIVEN,
    )
    issued = await minting.after_refresh(
        call, token, user, its_groups, client_metadata=request.get("ClientMetadata")
    )
    return {
        "AuthenticationResult": {
            "AccessToken": issued.access,
            "ExpiresIn": issued.expires_in,
            "IdToken": issued.id,
            "RefreshToken": issued.refresh,
            "TokenType": "Bearer",
        }
    }


@operation("GetClientToken")
async def get_client_token(call: Call, request: GetClientTokenRequestTypeDef) -> dict[str, Any]:
    """Whoever has the client's secret may ask; the operation knows no signature (developer guide, "Scopes, M2M")."""
    _require_secret(call, request["Secret"])
    if app_clients.CLIENT_TOKEN not in app_clients.flows_of(call.client):
        raise errors.CLIENT_TOKEN_FLOW_OFF(id=call.client.id)
    issued = await minting.for_client(
        call, request.get("Scopes"), client_metadata=request.get("ClientMetadata")
    )
    return {
        "ClientAuthenticationResult": {
            "AccessToken": issued.access,
            "ExpiresIn": issued.expires_in,
            "TokenType": "Bearer",
        }
    }


@operation("GlobalSignOut", "AdminUserGlobalSignOut")
async def global_sign_out(
    call: Call,
    request: GlobalSignOutRequestTypeDef | AdminUserGlobalSignOutRequestTypeDef,  # noqa: ARG001  dispatch found the user
) -> dict[str, Any]:
    await call.store.write(rows.change, call.pool, call.user.sub, partial(status.signed_out, now=call.now))
    return {}


@operation("RevokeToken", finds_client=False)
async def revoke_token(call: Call, request: RevokeTokenRequestTypeDef) -> dict[str, Any]:
    """The sign-in a refresh token comes from counts no more; what is no token of this pool changes nothing.

    The operation declares neither that a client is unknown nor that it is not authorized, so both are one error here.
    """
    found = await call.configurations.of_client(request["ClientId"], call.now)
    if found is None:
        raise errors.REVOKE_UNAUTHORIZED()
    call.configuration, call.client = found
    regions.admit(call)
    if not call.configuration.proves(call.client, request.get("ClientSecret")):
        raise errors.REVOKE_UNAUTHORIZED()
    if not call.client.settings.enable_token_revocation:
        raise errors.REVOCATION_OFF()
    if _is_signed_token(request["Token"]):
        raise errors.REVOKE_TOKEN_TYPE()
    token = refresh_tokens.read(call.vault, call.pool.id, request["Token"])
    if token is None:
        return {}
    if token.client_id != call.client.id:
        raise errors.REVOKE_UNAUTHORIZED()
    # An access token may be issued in the refresh token's last moment, and lives for a day at most.
    forgotten_at = max(token.expires_at, call.now) + DAY
    browser_session = token.browser_session if request.get("RevokeAssociatedSessions") == "LINKED" else None

    def revoke(db: Db) -> None:
        tokens.revoke(db, call.pool.id, token.origin, forgotten_at)
        if browser_session is not None and user_sessions.is_tracked(call):
            user_sessions.end_browser(db, call, token.sub, browser_session)

    await call.store.write(revoke)
    return {}


def _require_secret(call: Call, sent: str | None) -> None:
    """Raises CLIENT_SECRET_MISSING, CLIENT_SECRET_WRONG."""
    if call.client.secrets and sent is None:
        raise errors.CLIENT_SECRET_MISSING(id=call.client.id)
    if not call.configuration.proves(call.client, sent):
        raise errors.CLIENT_SECRET_WRONG(id=call.client.id)


def _is_signed_token(text: str) -> bool:
    """Whether this is an access or id token, whoever signed it."""
    try:
        jws.parse(text)
    except ValueError:
        return False
    return True
