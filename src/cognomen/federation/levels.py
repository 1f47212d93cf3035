"""How surely a provider knows a person: the levels of the pool, and the provider's own words for them. Pure.

An OpenID Connect provider has an AcrMapping; the others have no levels (API reference, AcrMappingType).
"""

from __future__ import annotations

from collections.abc import Iterable

from cognomen.store.identity_providers import IdentityProvider

LOWEST = "Level1"


def asked(provider: IdentityProvider, levels: Iterable[str]) -> tuple[str, ...]:
    """What the provider calls these levels, the most wanted first; nothing for those that its AcrMapping does not have."""
    mapping = provider.acr_mapping
    return tuple(dict.fromkeys(mapping[level] for level in levels if level in mapping))


def highest(provider: IdentityProvider) -> str:
    """The most that it can vouch for."""
    return max(provider.acr_mapping, default=LOWEST)


def reached(provider: IdentityProvider, acr: object) -> str:
    """The level that the `acr` of an ID token stands for: the lowest where it says nothing that is mapped."""
    return max((level for level, name in provider.acr_mapping.items() if name == acr), default=LOWEST)
