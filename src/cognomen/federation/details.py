"""The ProviderDetails of a request, checked and completed; and as answers show them.

    checked(...)            what is kept of a request's details: what an issuer or a metadata document says is asked for
    described(...)          the details of an answer: what was given, and what the service adds
    effective(...)          the details that count when somebody signs in

What a type needs and what is added is in the description of ProviderDetails in the API reference. Social providers have
fixed addresses; one of the same names given in a request counts instead where it is on another host, for tests that
cannot reach the vendor. Names that are not of the type are left out. Two are ours: `nonce` says that an OpenID Connect provider
does not return what it was sent, `own_redirect_uri` that a provider has a redirect URI which no other of its pool has.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cognomen import clock, errors
from cognomen.crypto import rsa_keys
from cognomen.errors import Sentence
from cognomen.federation import discovery, saml_metadata
from cognomen.federation.configuration import Configuration, EncryptionKey
from cognomen.outgoing import Outgoing
from cognomen.pools.identity_providers import AMAZON, APPLE, FACEBOOK, GOOGLE, OIDC, SAML

FACEBOOK_VERSION = "v17.0"
ENCRYPTION_KEY_DAYS = 3_650
"""Nobody looks at more of this certificate than its key (developer guide, "Signing and encryption")."""

CONTINUED = "continued"
"""What stands below the redirect URI of a pool otherwise."""

_PATH = re.compile(r"[A-Za-z0-9._~-]+")
_VERSION = re.compile(r"v[0-9]{1,4}\.[0-9]{1,4}")

_ENDPOINTS = ("authorize_url", "token_url", "attributes_url", "jwks_uri")
_URLS = ("oidc_issuer", *_ENDPOINTS)
_CLIENT = ("client_id", "client_secret", "authorize_scopes")
_OWN_REDIRECT_URI = "own_redirect_uri"
_SWITCHES = ("IDPSignout", "IDPInit", "EncryptedResponses")


@dataclass(frozen=True, slots=True)
class _Type:
    """What details a type of provider takes, which it needs, and what is said when one of those is missing."""

    takes: tuple[str, ...]
    needs: tuple[str, ...] = ()
    missing: Sentence = errors.SOCIAL_DETAILS_REQUIRED


_SOCIAL = _Type((*_CLIENT, _OWN_REDIRECT_URI, *_URLS), _CLIENT)
_TYPES = {
    OIDC: _Type(
        (*_CLIENT, "attributes_request_method", "nonce", _OWN_REDIRECT_URI, *_URLS),
        ("client_id", "authorize_scopes", "oidc_issuer", "attributes_request_method"),
        errors.OIDC_DETAILS_REQUIRED,
    ),
    SAML: _Type(("MetadataURL", "MetadataFile", "RequestSigningAlgorithm", *_SWITCHES)),
    GOOGLE: _SOCIAL,
    FACEBOOK: _Type((*_CLIENT, "api_version", _OWN_REDIRECT_URI, *_URLS), _CLIENT),
    AMAZON: _SOCIAL,
    APPLE: _Type(
        ("client_id", "team_id", "key_id", "private_key", "authorize_scopes", _OWN_REDIRECT_URI, *_URLS),
        ("client_id", "private_key", "team_id", "key_id"),
        errors.APPLE_DETAILS_REQUIRED,
    ),
}


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose details are checked: `former` is what is kept of it so far, None for a new one."""

    pool_id: str
    name: str
    type: str
    former: Configuration | None = None


async def checked(
    outgoing: Outgoing, provider: Provider, given: Mapping[str, str], now: int
) -> Configuration:
    """What is kept of a request's details, which replace the former ones.

    Raises the sentences about details, discovery and metadata.
    """
    rule = _TYPES[provider.type]
    details = {name: given[name] for name in rule.takes if given.get(name)}
    if provider.type == APPLE and provider.former is not None:
        # No answer shows it, so whoever changes a description that he was given does not have it.
        details.setdefault("private_key", provider.former.details["private_key"])
    if not details.keys() >= set(rule.needs):
        raise rule.missing()
    if provider.type == SAML:
        return await _saml(outgoing, provider, details, now)
    _check_redirect_uri(provider.name, details)
    if provider.type == OIDC:
        return await _oidc(outgoing, details)
    return _social(outgoing, provider.type, details)


def described(provider_type: str, configuration: Configuration) -> dict[str, str]:
    """ProviderDetails of an answer. Secrets are in it, as in the service's own, but for Apple's private key."""
    if provider_type == SAML:
        details = dict(configuration.details)
        metadata, key = configuration.saml, configuration.encryption_key
        if metadata is not None:
            details["SSORedirectBindingURI"] = metadata.sso_url
            if metadata.slo_url is not None:
                details["SLORedirectBindingURI"] = metadata.slo_url
        if key is not None and details.get("EncryptedResponses") == "true":
            details["ActiveEncryptionCertificate"] = key.certificate
        return details
    shown = effective(provider_type, configuration)
    shown.pop("private_key", None)
    return shown


def effective(provider_type: str, configuration: Configuration) -> dict[str, str]:
    """What was given, what the issuer told, and what is fixed for the type; for all types but SAML. Secrets are in it."""
    details = configuration.details
    if provider_type == OIDC:
        return configuration.endpoints | details | {"attributes_url_add_attributes": "false"}
    return _added(provider_type, details.get("api_version", FACEBOOK_VERSION)) | details


# -- OpenID Connect and social providers -------------------------------------------------------------------------------


async def _oidc(outgoing: Outgoing, details: dict[str, str]) -> Configuration:
    method = details["attributes_request_method"]
    if method not in ("GET", "POST"):
        raise errors.NOT_IN_ENUM(value=method[:100], path="attributesRequestMethod", known="POST, GET")
    if details.get("nonce", "true") not in ("true", "false"):
        raise errors.INVALID_PROVIDER_DETAIL(name="nonce")
    _refuse_plain(outgoing, details)
    missing = [name for name in _ENDPOINTS if name not in details]
    if not missing:
        return Configuration(details)
    found = await discovery.discovered(outgoing, details["oidc_issuer"])
    endpoints = {name: found.endpoints[name] for name in missing if name in found.endpoints}
    return Configuration(details, endpoints, found.names_itself)


def _check_redirect_uri(name: str, details: Mapping[str, str]) -> None:
    """Raises INVALID_PROVIDER_DETAIL, also where the provider's name cannot stand in a URL as it is."""
    is_own = details.get(_OWN_REDIRECT_URI, "false")
    fits = _PATH.fullmatch(name) is not None and name != CONTINUED
    if is_own not in ("true", "false") or (is_own == "true" and not fits):
        raise errors.INVALID_PROVIDER_DETAIL(name=_OWN_REDIRECT_URI)


def _social(outgoing: Outgoing, provider_type: str, details: dict[str, str]) -> Configuration:
    if not _VERSION.fullmatch(details.get("api_version", FACEBOOK_VERSION)):
        raise errors.INVALID_PROVIDER_DETAIL(name="api_version")
    usual = _added(provider_type, details.get("api_version", FACEBOOK_VERSION))
    details = {
        name: value
        for name, value in details.items()
        if not (name in _URLS and name in usual and _host(value) == _host(usual[name]))
    }
    _refuse_plain(outgoing, details)
    return Configuration(details)


def _refuse_plain(outgoing: Outgoing, details: Mapping[str, str]) -> None:
    if any(outgoing.refusal(details[name]) for name in _URLS if name in details):
        raise errors.OIDC_NOT_HTTPS()


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _added(provider_type: str, version: str) -> dict[str, str]:
    """What the service adds to the details of a social provider; `version` is that of Facebook's interface."""
    if provider_type == FACEBOOK:
        return {
            "api_version": version,
            "attributes_url": f"https://graph.facebook.com/{version}/me?fields=",
            "attributes_url_add_attributes": "true",
            "authorize_url": f"https://www.facebook.com/{version}/dialog/oauth",
            "token_request_method": "GET",
            "token_url": f"https://graph.facebook.com/{version}/oauth/access_token",
        }
    return _ADDED[provider_type]


_ADDED = {
    GOOGLE: {
        "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
        "attributes_url_add_attributes": "true",
        "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "oidc_issuer": "https://accounts.google.com",
        "token_request_method": "POST",
        "token_url": "https://www.googleapis.com/oauth2/v4/token",
    },
    AMAZON: {
        "attributes_url": "https://api.amazon.com/user/profile",
        "attributes_url_add_attributes": "false",
        "authorize_url": "https://www.amazon.com/ap/oa",
        "token_request_method": "POST",
        "token_url": "https://api.amazon.com/auth/o2/token",
    },
    APPLE: {
        "attributes_url_add_attributes": "false",
        "authorize_url": "https://appleid.apple.com/auth/authorize",
        "oidc_issuer": "https://appleid.apple.com",
        "token_request_method": "POST",
        "token_url": "https://appleid.apple.com/auth/token",
    },
}


# -- SAML --------------------------------------------------------------------------------------------------------------


async def _saml(outgoing: Outgoing, provider: Provider, details: dict[str, str], now: int) -> Configuration:
    if "MetadataURL" in details and "MetadataFile" in details:
        raise errors.METADATA_TWICE()
    if "MetadataURL" not in details and "MetadataFile" not in details:
        raise errors.METADATA_MISSING()
    for name in _SWITCHES:
        if name in details:
            details[name] = details[name].lower()
            if details[name] not in ("true", "false"):
                raise errors.INVALID_PROVIDER_DETAIL(name=name)
    if details.get("RequestSigningAlgorithm", "rsa-sha256") != "rsa-sha256":
        raise errors.INVALID_PROVIDER_DETAIL(name="RequestSigningAlgorithm")
    if "MetadataURL" in details:
        metadata = await saml_metadata.fetched(outgoing, details["MetadataURL"], now)
    else:
        metadata = await asyncio.to_thread(saml_metadata.parsed, details["MetadataFile"], now)
    key = provider.former.encryption_key if provider.former is not None else None
    if key is None and details.get("EncryptedResponses") == "true":
        key = await asyncio.to_thread(_encryption_key, f"{provider.pool_id}/{provider.name}", now)
    return Configuration(
        details, saml=metadata, metadata_until=now + saml_metadata.KEPT_FOR, encryption_key=key
    )


def _encryption_key(name: str, now: int) -> EncryptionKey:
    """Takes some 50 ms, most of them without holding up other threads."""
    from cognomen.crypto import certificates  # noqa: PLC0415  as in saml_metadata.py

    key = rsa_keys.generate()
    serial = clock.random_bytes(certificates.SERIAL_BYTES)
    certificate = certificates.self_signed(key, name[:64], serial, now, ENCRYPTION_KEY_DAYS)
    return EncryptionKey(rsa_keys.to_der(key), base64.b64encode(certificate).decode())
