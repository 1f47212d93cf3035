"""What an app client may say of OAuth: its grants and scopes, and the URLs that browsers are sent to.

    check(settings, has_secret)         grants, scopes and URLs as far as they can be judged alone
    refuse_unknown(settings, ...)       scopes and providers that the pool does not have
    refuse_mixed(settings, ...)         providers that cannot stand beside one another
    refuse_duplicates(request)          a URL named twice

Its caller is app_clients.py. How a redirect URL of a request is compared with these is oauth/'s business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from cognomen import errors
from cognomen.pools import domains
from cognomen.pools.identity_providers import NATIVE, SAML
from cognomen.store.app_client_settings import AppClientSettings
from cognomen.store.identity_providers import Kind

STANDARD_SCOPES = frozenset({"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"})

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):.+", re.DOTALL)
_LOOPBACK = frozenset({domains.LOOPBACK, "127.0.0.1", "::1"})
# A page that links to its sign-out or callback URL must not be made to run one.
_ACTIVE_SCHEMES = frozenset({"javascript", "data", "vbscript"})
# What these name is the browser's own, and no app's.
_BROWSERS_SCHEMES = frozenset({"about", "blob", "file", "filesystem", "view-source"})
# A host goes into the policy of pages too, where a semicolon or a comma would begin another rule.
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")


def check(settings: AppClientSettings, *, has_secret: bool) -> None:
    """Raise the first fault of grants, scopes and URLs."""
    flows = frozenset(settings.allowed_oauth_flows or ())
    if "client_credentials" in flows:
        _check_client_credentials(flows, has_secret=has_secret)
    if settings.allowed_oauth_flows_user_pool_client:
        if not flows or not settings.allowed_oauth_scopes:
            raise errors.OAUTH_NEEDS_FLOWS_AND_SCOPES()
        if flows & {"code", "implicit"} and not settings.callback_urls:
            raise errors.OAUTH_NEEDS_CALLBACK()
    for url in (*(settings.callback_urls or ()), *(settings.logout_urls or ())):
        _check_url(url)
    default = settings.default_redirect_uri
    if default is not None and default not in (settings.callback_urls or ()):
        raise errors.DEFAULT_REDIRECT_UNLISTED(url=default)


def refuse_unknown(
    settings: AppClientSettings, pool_id: str, custom_scopes: Collection[str], providers: Collection[str]
) -> None:
    """Refuse scopes and providers the pool does not have. Raises SCOPE_DOES_NOT_EXIST, PROVIDER_DOES_NOT_EXIST.

    A client for client_credentials acts for no user, so the standard scopes say nothing to it.
    """
    standard = () if "client_credentials" in (settings.allowed_oauth_flows or ()) else STANDARD_SCOPES
    for scope in settings.allowed_oauth_scopes or ():
        if scope not in standard and scope not in custom_scopes:
            raise errors.SCOPE_DOES_NOT_EXIST(scope=scope)
    for provider in settings.supported_identity_providers or ():
        if provider != NATIVE and provider not in providers:
            raise errors.PROVIDER_DOES_NOT_EXIST(name=provider, id=pool_id)


def refuse_mixed(settings: AppClientSettings, providers: Mapping[str, Kind]) -> None:
    """Refuse whoever else beside a SAML provider whose users come unasked. Raises PROVIDERS_MIXED.

    Developer guide, "SAML session initiation": such a client may have only SAML providers.
    """
    named = settings.supported_identity_providers or ()
    known = [providers[name] for name in named if name in providers]
    others = NATIVE in named or any(provider.type != SAML for provider in known)
    if others and any(provider.starts_sign_in for provider in known):
        raise errors.PROVIDERS_MIXED()


def refuse_duplicates(request: Mapping[str, Any]) -> None:
    """Refuse a URL that stands twice in one list of a request (measured; the constraint's wording is chosen)."""
    for member, path in (("CallbackURLs", "callbackURLs"), ("LogoutURLs", "logoutURLs")):
        urls = request.get(member, [])
        if len(set(urls)) < len(urls):
            raise errors.DUPLICATE_ELEMENTS(values=", ".join(urls), path=path)


def _check_client_credentials(flows: Collection[str], *, has_secret: bool) -> None:
    if len(flows) > 1:
        raise errors.CLIENT_CREDENTIALS_ALONE()
    if not has_secret:
        raise errors.CLIENT_CREDENTIALS_NEEDS_SECRET()


def _check_url(url: str) -> None:
    if "#" in url:
        raise errors.URL_HAS_FRAGMENT(url=url)
    found = _SCHEME.fullmatch(url)
    scheme = found[1].lower() if found else None
    if scheme is None or scheme in _ACTIVE_SCHEMES | _BROWSERS_SCHEMES:
        raise errors.INVALID_URL(url=url)
    if scheme not in {"http", "https"}:
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname if HOST.fullmatch(parts.netloc) else None
    except ValueError:
        host = None
    # Browsers read a backslash as a slash, urlsplit does not: what is the host to one is a path to the other.
    if not host or "\\" in url:
        raise errors.INVALID_URL(url=url)
    # Names below .localhost are loopback to browsers (RFC 6761), and the pools' own domains of a laptop.
    if scheme == "http" and host not in _LOOPBACK and not host.endswith(f".{domains.LOOPBACK}"):
        raise errors.URL_USES_HTTP(url=url)
