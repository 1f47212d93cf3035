"""POST /oauth2/register: an app registers itself as a client of a pool (RFC 7591), where the pool's DcrConfiguration lets it.

With an access token of the pool that has the scope `aws.cognito/dcr/register`, or without any where registration is open. Which
grants and scopes such a client may have is the pool owner's choice (API reference, DcrConfigurationType). Nobody vouches for
such an app: it needs PKCE, and each person is asked before it learns who signed in (pages/consenting.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from cognomen import errors
from cognomen.call import Call
from cognomen.clock import SECOND
from cognomen.errors import Refusal
from cognomen.oauth import answers, forms, places
from cognomen.oauth.places import Visit
from cognomen.pools import (
    app_clients,
    client_rows,
    client_secrets,
    ids,
    lookup,
    oauth_settings,
    resource_servers,
    turned_on,
)
from cognomen.pools.identity_providers import NATIVE
from cognomen.store.app_client_settings import REGISTERED, AppClientSettings
from cognomen.store.app_clients import AppClient
from cognomen.store.database import Db
from cognomen.store.user_pools import UserPool
from cognomen.tokens import access_tokens
from cognomen.wire import checks, model

CREATED = 201

_UNUSABLE = re.compile(r"[^\w+=,.@-]+", re.ASCII)

_IDENTITY_SCOPES = ("openid", "email", "phone", "profile")
_GRANTS = {"authorization_code": "code", "client_credentials": "client_credentials"}
_OF_REDIRECTS = (
    errors.OAUTH_NEEDS_CALLBACK,
    errors.URL_HAS_FRAGMENT,
    errors.URL_USES_HTTP,
    errors.INVALID_URL,
)
_BASIC, _NONE = "client_secret_basic", "none"
_METHODS = (_BASIC, "client_secret_post", _NONE)
_SHOWN = 256  # characters of a scope, the longest that a pool has


class Metadata(msgspec.Struct, frozen=True):
    """What an app says of itself; anything else it says is passed over, as RFC 7591 has it."""

    redirect_uris: tuple[str, ...] = ()
    token_endpoint_auth_method: str = _BASIC
    grant_types: tuple[str, ...] = ("authorization_code",)
    response_types: tuple[str, ...] = ("code",)
    client_name: str | None = None
    scope: str | None = None


async def register(visit: Visit, request: Request) -> Response:
    """Raises OAUTH_REGISTRATION_TOKEN, OAUTH_METADATA and its kin, OAUTH_REDIRECT_URI, TOO_MANY_REQUESTS."""
    call = visit.call
    flows = await _allowed_flows(visit, request)
    if call.limiter is not None:
        call.limiter.admit_registration(call.now, call.pool.id, visit.client_ip)
    places.admit(call, "CreateUserPoolClient")
    try:
        metadata = _decoder.decode(await forms.body(request, call.settings.request_timeout_s))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise errors.OAUTH_METADATA_MALFORMED() from None
    grants = _grants(metadata, flows)
    secret = None if metadata.token_endpoint_auth_method == _NONE else client_secrets.generated()
    client = await _add(call, metadata, grants, secret)
    told = {
        "client_id": client.id,
        "client_id_issued_at": call.now // SECOND,
        "client_name": client.name,
        "grant_types": list(metadata.grant_types),
        "redirect_uris": list(client.settings.callback_urls or ()),
        "response_types": ["code"] if "code" in grants else [],
        "scope": " ".join(client.settings.allowed_oauth_scopes or ()),
        "token_endpoint_auth_method": metadata.token_endpoint_auth_method,
    }
    if secret is not None:
        told |= {"client_secret": secret, "client_secret_expires_at": 0}
    return answers.json(told, CREATED)


_decoder = msgspec.json.Decoder(Metadata)


async def _allowed_flows(visit: Visit, request: Request) -> frozenset[str]:
    """The grants that this registration may ask for; puts the pool into the call: the host's, or the token's.

    Raises OAUTH_REGISTRATION_TOKEN where a token is needed or does not count. A list without any grant lets nobody in.
    """
    call = visit.call
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    is_open = not scheme
    if is_open and visit.domain is None:
        raise errors.OAUTH_REGISTRATION_TOKEN()  # nothing says which pool it would be
    if not is_open:
        of_host = call.pool.id if visit.domain is not None else None
        try:
            if scheme.lower() != "bearer":
                raise errors.INVALID_ACCESS_TOKEN()
            await access_tokens.verify_scope(call, token.strip(), resource_servers.REGISTER)
        except Refusal:
            raise errors.OAUTH_REGISTRATION_TOKEN() from None
        if of_host not in (None, call.pool.id):
            raise errors.OAUTH_REGISTRATION_TOKEN()
    configuration: Mapping[str, Any] = call.pool.settings.dcr_configuration or {}
    at_home = call.configuration.replica is None
    if not (at_home and turned_on.registers_clients(call.pool.settings)) or (
        is_open and not configuration.get("OpenDcrEnabled")
    ):
        raise errors.OAUTH_REGISTRATION_TOKEN()
    if is_open:
        flows = configuration.get("OpenDcrGrantTypes", ["code"])
    else:
        flows = configuration.get("AuthenticatedGrantTypes", ["code", "client_credentials"])
    usable = frozenset(flows) & frozenset(_GRANTS.values())
    if not usable:
        raise errors.OAUTH_REGISTRATION_TOKEN()
    return usable


def _grants(metadata: Metadata, allowed: frozenset[str]) -> list[str]:
    """The grants of the client, as app clients name them. Raises OAUTH_METADATA_… for what it may not have."""
    usable = [grant for grant, flow in _GRANTS.items() if flow in allowed]
    wanted = [grant for grant in dict.fromkeys(metadata.grant_types) if grant != "refresh_token"]
    if not wanted or not set(wanted).issubset(usable):
        raise errors.OAUTH_METADATA_GRANTS(allowed=" or ".join(usable))
    if metadata.token_endpoint_auth_method not in _METHODS:
        raise errors.OAUTH_METADATA_METHOD(allowed=" or ".join(_METHODS))
    if "authorization_code" in wanted and set(metadata.response_types) != {"code"}:
        raise errors.OAUTH_METADATA_RESPONSES()
    return [_GRANTS[grant] for grant in wanted]


def _scopes(pool: UserPool, metadata: Metadata, *, signs_in: bool) -> list[str]:
    """What it asks for of the scopes of identity, where users sign in, and those of the pool's list.

    An app that signs users in and asks for nothing is told who they are and no more; a machine gets the whole list.
    Raises OAUTH_METADATA_SCOPE, OAUTH_METADATA_NO_SCOPES.
    """
    listed: list[str] = (pool.settings.dcr_configuration or {}).get("AllowedScopes", [])
    more = (
        scope
        for scope in listed
        if scope != resource_servers.REGISTER and (signs_in or scope not in oauth_settings.STANDARD_SCOPES)
    )
    identity = _IDENTITY_SCOPES if signs_in else ()
    allowed = list(dict.fromkeys([*identity, *more]))
    wanted = list(dict.fromkeys((metadata.scope or "").split())) or list(identity) or allowed
    if not wanted:
        raise errors.OAUTH_METADATA_NO_SCOPES()
    for scope in wanted:
        if scope not in allowed:
            raise errors.OAUTH_METADATA_SCOPE(name=scope[:_SHOWN])
    return wanted


async def _add(call: Call, metadata: Metadata, flows: list[str], secret: str | None) -> AppClient:
    """The client, kept: one that CreateUserPoolClient would make too. Raises OAUTH_REDIRECT_URI, OAUTH_METADATA."""
    client_id = ids.of_client(None)
    name = _clean(metadata.client_name or "") or client_id
    request = {
        "UserPoolId": call.pool.id,
        "ClientName": name,
        "AllowedOAuthFlows": flows,
        "AllowedOAuthScopes": _scopes(call.pool, metadata, signs_in="code" in flows),
        "AllowedOAuthFlowsUserPoolClient": True,
        "CallbackURLs": list(metadata.redirect_uris),
        "ExplicitAuthFlows": [app_clients.REFRESH],
        "PreventUserExistenceErrors": "ENABLED",
        "SupportedIdentityProviders": [NATIVE],
    }

    def add(db: Db) -> None:
        pool = lookup.locked(db, call.pool.id)
        if not turned_on.registers_clients(pool.settings):
            raise errors.OAUTH_REGISTRATION_TOKEN()
        client_rows.add(db, pool, client, limit=app_clients.CLIENTS_MAX - app_clients.CLIENTS_KEPT)

    try:
        settings = msgspec.structs.replace(_settings(request), client_type=REGISTERED)
        client = client_rows.new(call, client_id, name, settings, secret)
        await call.configurations.write(call.pool.id, add)
    except Refusal as refusal:
        raise _in_terms_of_oauth(refusal) from None
    return client


def _clean(name: str) -> str:
    """What an app calls itself, in the letters that names of clients have: RFC 7591, 2, lets a server replace what it cannot keep."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(_UNUSABLE.sub(" ", plain).split())


def _in_terms_of_oauth(refusal: Refusal) -> Refusal:
    """RFC 7591, 3.2.2: what is wrong with a redirect URL has an error of its own."""
    if refusal.is_(errors.OAUTH_REGISTRATION_TOKEN, errors.OAUTH_REDIRECT_URI):
        return refusal
    told = refusal.message or refusal.type
    if refusal.is_(*_OF_REDIRECTS):
        return errors.OAUTH_REDIRECT_URI(reason=told)
    return errors.OAUTH_METADATA(reason=told)


def _settings(request: dict[str, Any]) -> AppClientSettings:
    """As CreateUserPoolClient reads the request. Raises OAUTH_REDIRECT_URI where it would not take the URLs by themselves."""
    check = checks.compile_input(model.load().operations["CreateUserPoolClient"].input)
    alone = {name: request[name] for name in ("UserPoolId", "CallbackURLs")} | {"ClientName": "a client"}
    try:
        app_clients.settings_of(check(alone))
    except Refusal as refusal:
        raise errors.OAUTH_REDIRECT_URI(reason=refusal.message or refusal.type) from None
    return app_clients.settings_of(check(request))
