"""How surely a provider knows a person: its own names for that, and the levels of the pool. Pure.

An OpenID Connect provider has an AcrMapping; the others have no levels (API reference, AcrMappingType).
"""

from __future__ import annotations

from collections.abc import Iterable

from cognomen.store.identity_providers import IdentityProvider

LOWEST = "Level1"


def asked(provider: IdentityProvider, levels: Iterable[str]) -> tuple[str, ...]:
    """What the provider is asked for where one of these levels is wanted, the most wanted first."""
    mapping = provider.acr_mapping
    return tuple(dict.fromkeys(mapping[level] for level in levels if level in mapping))


def reached(provider: IdentityProvider, acr: str | None) -> str:
    """The level that the provider's answer stands for: the lowest where it says nothing that is mapped."""
    return max((level for level, value in provider.acr_mapping.items() if value == acr), default=LOWEST)
