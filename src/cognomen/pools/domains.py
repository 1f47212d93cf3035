"""What the domain of a pool may be called and say: a prefix below a name of the server's, or a name of its owner's.

    kind_of(name, has_certificate)      which of the two, its fault raised if it is neither
    is_own(settings, kind, name)        whether the server itself is called so, which no pool's domain may be
    check(settings, pool)               certificate, version of the pages, routing
    features_of(settings)               what of the feature plans it uses
    public_host(settings, domains)      where the world finds the pages of a pool
    names_of(domains)                   how a pool's description tells them

Sources: developer guide, "Configuring a user pool domain"; measured texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from cognomen import errors
from cognomen.pools import plans
from cognomen.settings import Settings
from cognomen.store.domains import CUSTOM, PREFIX, Domain, DomainSettings
from cognomen.store.user_pools import UserPool

MANAGED_LOGIN = 2
_VERSIONS = (1, MANAGED_LOGIN)
LOOPBACK = "localhost"
_RESERVED = ("aws", "amazon", "cognito")

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?")
_LABELS_MIN = 2
_CERTIFICATE = re.compile(r"arn:[^:]+:acm:us-east-1:[0-9]+:certificate/.+")


def kind_of(name: str, *, has_certificate: bool) -> str:
    """PREFIX, or CUSTOM where there is a certificate. Raises INVALID_DOMAIN, RESERVED_WORD_IN_DOMAIN, NO_SUBDOMAIN.

    The service resolves the parent of a custom domain; here it must only have one, and not be an IP address. Reserved
    words count where they stand alone between hyphens, as measured, not wherever they occur.
    """
    if has_certificate:
        labels = name.split(".")
        if not all(map(_LABEL.fullmatch, labels)):
            raise errors.INVALID_DOMAIN()
        if len(labels) < _LABELS_MIN or labels[-1].isdigit():
            raise errors.NO_SUBDOMAIN()
        return CUSTOM
    if not _LABEL.fullmatch(name):
        raise errors.INVALID_DOMAIN()
    for word in _RESERVED:
        if word in name.split("-"):
            raise errors.RESERVED_WORD_IN_DOMAIN(word=word)
    return PREFIX


def is_own(settings: Settings, kind: str, name: str) -> bool:
    """Whether a domain would be at the server's own name, where it is never looked for (oauth/places.py)."""
    own = urlsplit(settings.own_url).hostname
    if kind == CUSTOM:
        return name == own
    return own in {f"{name}.{suffix}".lower() for suffix in suffixes(settings)}


def suffixes(settings: Settings) -> tuple[str, ...]:
    """The names below which prefixes are served."""
    local = (f"auth.{settings.region}.{LOOPBACK}", LOOPBACK)
    return (settings.domain_suffix, *local) if settings.domain_suffix else local


def check(settings: DomainSettings, pool: UserPool) -> None:
    """Raise the first fault of the settings of a domain of `pool`."""
    custom = settings.custom_domain_config
    if custom is not None and not _CERTIFICATE.fullmatch(custom["CertificateArn"]):
        raise errors.CERTIFICATE_NOT_USABLE()
    if custom is None and settings.routing:
        raise errors.ROUTING_NEEDS_CUSTOM_DOMAIN()
    if settings.managed_login_version not in _VERSIONS:
        raise errors.MANAGED_LOGIN_VERSION(version=settings.managed_login_version)
    for feature in features_of(settings):
        plans.require(pool.settings, feature)


def features_of(settings: DomainSettings) -> tuple[plans.Feature, ...]:
    return (plans.MANAGED_LOGIN,) if settings.managed_login_version == MANAGED_LOGIN else ()


def names_of(domains: Sequence[Domain]) -> dict[str, str]:
    """The names of a pool's domains under the members of DescribeUserPool that tell them."""
    members = {PREFIX: "Domain", CUSTOM: "CustomDomain"}
    return {members[domain.kind]: domain.name for domain in domains}


def public_host(settings: Settings, domains: Sequence[Domain]) -> str | None:
    """The host of a pool's pages: its custom domain before its prefix, which stands below the setting `domain_suffix`.

    Without that setting there are prefixes below `localhost` alone, which is no public name unless the server has it too.
    None where there is none.
    """
    names = {domain.kind: domain.name for domain in domains}
    if CUSTOM in names:
        return names[CUSTOM]
    is_at_home = urlsplit(settings.own_url).hostname == LOOPBACK
    suffix = settings.domain_suffix or (LOOPBACK if is_at_home else None)
    return f"{names[PREFIX]}.{suffix}" if suffix and PREFIX in names else None
