"""New tokens, and the end of tokens.

They are for a refresh token (GetTokensFromRefreshToken), for the client itself (GetClientToken), or for a token that it presents
(GetDerivedToken). The end is that of one sign-in (RevokeToken), or of all a user's (GlobalSignOut and its admin twin).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from cognomen import errors
from cognomen.call import Call
from cognomen.federation import presented
from cognomen.operations.registry import operation
from cognomen.pools import app_clients
from cognomen.pools.oauth_settings import STANDARD_SCOPES
from cognomen.store.database import Db
from cognomen.tokens import assurance, exchange, minting, refresh_tokens, revocation
from cognomen.tokens.exchange import Party, TokenUse
from cognomen.users import codes, rows, status

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import (
        AdminUserGlobalSignOutRequestTypeDef,
        GetClientTokenRequestTypeDef,
        GetTokensFromRefreshTokenRequestTypeDef,
        GlobalSignOutRequestTypeDef,
        RevokeTokenRequestTypeDef,
    )


ACCESS_TOKEN, ID_TOKEN = "ACCESS_TOKEN", "ID_TOKEN"
_TOKEN_USES: Mapping[str, TokenUse] = {ACCESS_TOKEN: "access", ID_TOKEN: "id"}

Role = Literal["Subject", "Actor"]


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
        raise errors.CLIENT_FLOW_OFF(flow=app_clients.CLIENT_TOKEN, id=call.client.id)
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


@operation("GetDerivedToken")
async def get_derived_token(call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever names an actor needs another right than who does not, since nobody sees then that it was not the user."""
    _require_secret(call, request.get("ClientSecret"))
    flow = app_clients.DELEGATION if "ActorToken" in request else app_clients.IMPERSONATION
    if not app_clients.may_exchange(call.client, flow):
        raise errors.CLIENT_FLOW_OFF(flow=flow, id=call.client.id)
    audience = await _audience(call, request)
    subject = await _presented(call, request, "Subject")
    actor = await _presented(call, request, "Actor") if "ActorToken" in request else None
    if actor is not None and not actor.is_machine:
        await exchange.check(call, actor)
    known = call.configuration.custom_scopes | STANDARD_SCOPES
    issued_type = request.get("RequestedTokenType", ACCESS_TOKEN)
    issued = await minting.derived(
        call,
        subject,
        actor,
        token_use=_TOKEN_USES[issued_type],
        scope=exchange.scope_of(subject, call.client, known, request.get("Scopes", ())),
        audience=audience,
    )
    return {
        "IssuedToken": issued.text,
        "IssuedTokenType": issued_type,
        "TokenType": "Bearer" if issued_type == ACCESS_TOKEN else "N_A",
        "ExpiresIn": issued.expires_in,
        "Scopes": issued.scopes or None,
    }


@operation("GlobalSignOut", "AdminUserGlobalSignOut")
async def global_sign_out(
    call: Call,
    request: GlobalSignOutRequestTypeDef | AdminUserGlobalSignOutRequestTypeDef,  # noqa: ARG001  dispatch found the user
) -> dict[str, Any]:
    def sign_out(db: Db) -> None:
        codes.void_recovery(db, call, call.user.sub)
        rows.change(db, call.pool, call.user.sub, partial(status.signed_out, now=call.now))

    await call.store.write(sign_out)
    return {}


@operation("RevokeToken", unknown_client=errors.REVOKE_UNAUTHORIZED)
async def revoke_token(call: Call, request: RevokeTokenRequestTypeDef) -> dict[str, Any]:
    """The operation declares neither that a client is unknown nor that it is not authorized, so both are one error here."""
    if not call.configuration.proves(call.client, request.get("ClientSecret")):
        raise errors.REVOKE_UNAUTHORIZED()
    await revocation.revoke(
        call, request["Token"], with_browser=request.get("RevokeAssociatedSessions") == "LINKED"
    )
    return {}


async def _audience(call: Call, request: Mapping[str, Any]) -> str | None:
    """Whom the token is for: a service by a name of the client's own, or a resource server of the pool.

    An id token whose audience is an app client is a sign-in to that app, and none of the client's to give.
    """
    audiences, resources = request.get("Audiences", []), request.get("Resources", [])
    if audiences and resources:
        raise errors.AUDIENCE_AND_RESOURCE()
    for identifier in resources:
        if identifier not in call.configuration.resource_servers:
            raise errors.RESOURCE_SERVER_NOT_FOUND(id=identifier)
    for name in audiences:
        other = name != call.client.id and await call.configurations.client(call.configuration, name)
        if other:
            raise errors.AUDIENCE_IS_A_CLIENT()
    return next(iter([*audiences, *resources]), None)


async def _presented(call: Call, request: Mapping[str, Any], role: Role) -> Party:
    """The party behind one of the request's two tokens."""
    name, kind = request.get(f"{role}TokenProviderName"), request.get(f"{role}TokenType")
    if kind is None:
        raise errors.MISSING_PARAMETER(name=f"{role}TokenType")
    token = request[f"{role}Token"]
    if name is not None:
        found = await presented.read(call, name, token, role, is_id_token=kind == ID_TOKEN)
        return exchange.of_provider(call, role, found.sub, found.claims, assurance.vouched(found.level))
    if kind not in _TOKEN_USES:
        raise errors.MISSING_PARAMETER(name=f"{role}TokenProviderName")
    return await exchange.read(call, token, _TOKEN_USES[kind], role)


def _require_secret(call: Call, sent: str | None) -> None:
    """Raises CLIENT_SECRET_MISSING, CLIENT_SECRET_WRONG."""
    if call.client.secrets and sent is None:
        raise errors.CLIENT_SECRET_MISSING(id=call.client.id)
    if not call.configuration.proves(call.client, sent):
        raise errors.CLIENT_SECRET_WRONG(id=call.client.id)
