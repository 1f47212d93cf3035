"""What the settings of an app client mean, and what they must satisfy.

    flows_of, hides_unknown_users, rotates, gets_own_tokens, may_exchange     effective settings: defaults and legacy names resolved
    hiding_unknown_users                                        a client as though it hid who exists
    registered_itself                                           who says what the client is
    access_token_seconds, id_token_seconds, refresh_token_seconds, retry_seconds
    readable_attributes, may_read, writable_attributes          what the client's users may read and write
    settings_of(request)                                        the settings that a request asks for
    check(settings, pool, has_secret)                           their faults; those of URLs and OAuth are in oauth_settings.py

Sources: developer guide, "Application-specific settings with app clients"; measured texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec

from cognomen import errors
from cognomen.pools import oauth_settings, plans
from cognomen.pools.schema import DEVELOPER_ONLY
from cognomen.store.app_client_settings import REGISTERED, AppClientSettings, TokenValidityUnits
from cognomen.store.app_clients import AppClient
from cognomen.store.user_pools import UserPool

CLIENTS_MAX = 1_000
CLIENTS_KEPT = 200
"""Of those, the places that clients which register themselves leave to the owner's own."""
SECRETS_MAX = 2

REFRESH = "ALLOW_REFRESH_TOKEN_AUTH"
CLIENT_TOKEN = "ALLOW_CLIENT_TOKEN_AUTH"
IMPERSONATION = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"
DELEGATION = "ALLOW_TOKEN_EXCHANGE_DELEGATION"

_ALWAYS = frozenset({REFRESH, "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"})
_CUSTOM_ONLY = "CUSTOM_AUTH_FLOW_ONLY"
_LEGACY_FLOWS = {
    "ADMIN_NO_SRP_AUTH": _ALWAYS | {"ALLOW_ADMIN_USER_PASSWORD_AUTH"},
    "USER_PASSWORD_AUTH": _ALWAYS | {"ALLOW_USER_PASSWORD_AUTH"},
    _CUSTOM_ONLY: _ALWAYS,
}

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_SHORT_LIVED = range(300, 86_400 + 1)
_LONG_LIVED = range(3_600, 315_360_000 + 1)
_DEFAULT_SECONDS = 3_600
_REFRESH_DEFAULT_SECONDS = 30 * 86_400

# Nobody may say of himself that an address is verified, or who he is.
_NEVER_WRITTEN = frozenset({"sub", "email_verified", "phone_number_verified"})

_ANALYTICS_BY_ID = frozenset({"ApplicationId", "RoleArn", "ExternalId"})
_SERVICE_ROLE = ":role/aws-service-role/cognito-idp.amazonaws.com/"

_SETS = (
    "ReadAttributes",
    "WriteAttributes",
    "ExplicitAuthFlows",
    "SupportedIdentityProviders",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
    "CallbackURLs",
    "LogoutURLs",
)


# -- effective settings ------------------------------------------------------------------------------------------------


def flows_of(client: AppClient) -> frozenset[str]:
    """The sign-in flows of the client in their present names, `ALLOW_…`.

    Without any it has SRP, custom and refresh. Under legacy names SRP stays allowed (not with CUSTOM_AUTH_FLOW_ONLY), as
    do custom and refresh. A client that rotates its refresh tokens has no refresh flow.
    """
    flows = _flows(client.settings.explicit_auth_flows or ())
    return flows - {REFRESH} if rotates(client) else flows


@lru_cache(maxsize=1_000)
def _flows(given: tuple[str, ...]) -> frozenset[str]:
    flows = frozenset(_ALWAYS) if not given else frozenset()
    for flow in given:
        flows |= _LEGACY_FLOWS.get(flow, {flow})
    return flows - {"ALLOW_USER_SRP_AUTH"} if _CUSTOM_ONLY in given else flows


def is_custom_only(client: AppClient) -> bool:
    """Whether custom sign-ins of the client cannot begin with a password, by a legacy name of what it may do."""
    return _CUSTOM_ONLY in (client.settings.explicit_auth_flows or ())


def rotates(client: AppClient) -> bool:
    """Whether refresh tokens are replaced when they are used."""
    return client.settings.rotates_refresh_tokens


def retry_seconds(client: AppClient) -> int:
    """How long a refresh token that was replaced still counts, so that a client whose answer was lost may ask again."""
    rotation = client.settings.refresh_token_rotation
    return (rotation and rotation.retry_grace_period_seconds) or 0


def gets_own_tokens(client: AppClient) -> bool:
    """Whether the client may get tokens for itself at the token endpoint: by its grants, or by its only flow."""
    return bool(client.secrets) and (
        CLIENT_TOKEN in flows_of(client)
        or "client_credentials" in (client.settings.allowed_oauth_flows or ())
    )


def may_exchange(client: AppClient, flow: str) -> bool:
    """Whether the client may exchange tokens in that way. Anybody may name a client without a secret, so none of those may."""
    return bool(client.secrets) and flow in flows_of(client)


def registered_itself(client: AppClient) -> bool:
    """Whether nobody but the app itself says what the client is called and where it lives (RFC 7591)."""
    return client.settings.client_type == REGISTERED


def hiding_unknown_users(client: AppClient) -> AppClient:
    """The same client, as though its owner had said so."""
    return replace(
        client, settings=msgspec.structs.replace(client.settings, prevent_user_existence_errors="ENABLED")
    )


def hides_unknown_users(client: AppClient) -> bool:
    """Whether answers about a user who does not exist look like those about one who does; not by default."""
    return client.settings.prevent_user_existence_errors == "ENABLED"


def access_token_seconds(client: AppClient) -> int:
    settings = client.settings
    return _seconds(settings.access_token_validity, _units(settings).access_token) or _DEFAULT_SECONDS


def id_token_seconds(client: AppClient) -> int:
    settings = client.settings
    return _seconds(settings.id_token_validity, _units(settings).id_token) or _DEFAULT_SECONDS


def refresh_token_seconds(client: AppClient) -> int:
    settings = client.settings
    return _seconds(settings.refresh_token_validity, _units(settings).refresh_token)


def readable_attributes(pool: UserPool, client: AppClient) -> frozenset[str]:
    """What users of the client may read: all standard and custom attributes unless it names its own; always `sub`.

    Developer-only attributes are never among them.
    """
    return frozenset(found.name for found in pool.schema if may_read(client, found.name))


def may_read(client: AppClient, attribute: str) -> bool:
    """Whether users of the client may read this attribute of the schema."""
    named = client.settings.read_attributes
    if named is None:
        return not attribute.startswith(DEVELOPER_ONLY)
    return attribute == "sub" or (attribute in named and not attribute.startswith(DEVELOPER_ONLY))


def writable_attributes(pool: UserPool, client: AppClient) -> frozenset[str]:
    """What users of the client may write: all standard and custom attributes unless it names its own.

    Immutable ones are among them, since sign-up may set them; that they do not change is the schema's business.
    """
    named = client.settings.write_attributes
    possible = _writable(pool)
    return possible if named is None else possible.intersection(named)


# -- what a request asks for -------------------------------------------------------------------------------------------


def settings_of(request: Mapping[str, Any]) -> AppClientSettings:
    """The settings asked for by a checked CreateUserPoolClient or UpdateUserPoolClient; the rest are defaults."""
    members = dict(request)
    for name in _SETS:
        if name in request:
            members[name] = list(dict.fromkeys(request[name])) or None
    oauth_settings.refuse_duplicates(request)
    members["TokenValidityUnits"] = request.get("TokenValidityUnits") or None
    members["AnalyticsConfiguration"] = request.get("AnalyticsConfiguration") or None
    if not request.get("RefreshTokenValidity"):
        # 0 counts as not given, and that is 30 days in whatever unit (API reference, RefreshTokenValidity).
        unit = request.get("TokenValidityUnits", {}).get("RefreshToken", "days")
        members["RefreshTokenValidity"] = _REFRESH_DEFAULT_SECONDS // _SECONDS[unit]
    rotation = request.get("RefreshTokenRotation")
    if rotation and rotation["Feature"] == "ENABLED":
        members["RefreshTokenRotation"] = {"RetryGracePeriodSeconds": 0} | rotation
    return msgspec.convert(members, AppClientSettings)


def check(settings: AppClientSettings, pool: UserPool, *, has_secret: bool) -> None:
    """Raise the first fault of the settings of a client of `pool`.

    Whether the scopes and providers it names exist is asked separately: oauth_settings.refuse_unknown.
    """
    _check_flows(settings, has_secret=has_secret)
    _check_validity(settings)
    _check_attributes(settings, pool)
    oauth_settings.check(settings, has_secret=has_secret)
    if settings.enable_propagate_additional_user_context_data and not has_secret:
        raise errors.PROPAGATION_NEEDS_SECRET()
    _check_analytics(settings.analytics_configuration)
    plans.check_client(settings, pool.settings.user_pool_tier)


def _check_flows(settings: AppClientSettings, *, has_secret: bool) -> None:
    flows = frozenset(settings.explicit_auth_flows or ())
    legacy = flows.intersection(_LEGACY_FLOWS)
    if legacy and flows - legacy:
        raise errors.MIXED_FLOW_NAMES()
    if REFRESH in flows and settings.rotates_refresh_tokens:
        raise errors.ROTATION_EXCLUDES_REFRESH_FLOW()
    if CLIENT_TOKEN in flows and len(flows) > 1:
        raise errors.CLIENT_TOKEN_FLOW_ALONE()
    if CLIENT_TOKEN in flows and not has_secret:
        raise errors.CLIENT_TOKEN_FLOW_NEEDS_SECRET()
    for flow in (IMPERSONATION, DELEGATION):
        if flow in flows and not has_secret:
            raise errors.TOKEN_EXCHANGE_FLOW_NEEDS_SECRET(flow=flow)


def _check_validity(settings: AppClientSettings) -> None:
    units = _units(settings)
    short = [
        _seconds(validity, unit)
        for validity, unit in (
            (settings.access_token_validity, units.access_token),
            (settings.id_token_validity, units.id_token),
        )
        if validity is not None
    ]
    refresh = _seconds(settings.refresh_token_validity, units.refresh_token)
    if refresh not in _LONG_LIVED or any(seconds not in _SHORT_LIVED for seconds in short):
        raise errors.TOKEN_VALIDITY_RANGE()
    if any(seconds > refresh for seconds in short):
        raise errors.TOKEN_OUTLIVES_REFRESH()


def _check_attributes(settings: AppClientSettings, pool: UserPool) -> None:
    """A client that writes must be able to write what the pool requires (guide; the text is the measured one)."""
    known = {found.name for found in pool.schema}
    if settings.read_attributes is not None and not known.issuperset(settings.read_attributes):
        raise errors.INVALID_READ_ATTRIBUTES()
    if settings.write_attributes is None:
        return
    writable = _writable(pool)
    required = {found.name for found in pool.schema if found.required and found.name in writable}
    if not required.issubset(settings.write_attributes) or not writable.issuperset(settings.write_attributes):
        raise errors.INVALID_WRITE_ATTRIBUTES()


def _check_analytics(given: Mapping[str, Any] | None) -> None:
    """Either the ARN alone, or the id with role and external id. The role we add to an answer may come back."""
    if given is None:
        return
    by_id = _ANALYTICS_BY_ID.intersection(given)
    if "ApplicationArn" in given:
        is_valid = not by_id or (by_id == {"RoleArn"} and _SERVICE_ROLE in given["RoleArn"])
    else:
        is_valid = by_id == _ANALYTICS_BY_ID
    if not is_valid:
        raise errors.INVALID_ANALYTICS()


def _writable(pool: UserPool) -> frozenset[str]:
    return frozenset(
        found.name
        for found in pool.schema
        if found.name not in _NEVER_WRITTEN and not found.name.startswith(DEVELOPER_ONLY)
    )


def _units(settings: AppClientSettings) -> TokenValidityUnits:
    return settings.token_validity_units or _USUAL_UNITS


_USUAL_UNITS = TokenValidityUnits()


def _seconds(validity: int | None, unit: str) -> int:
    return (validity or 0) * _SECONDS[unit]
