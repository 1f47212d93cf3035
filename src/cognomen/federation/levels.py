"""How surely a provider shall know a person, in its own words. Pure.

What its answer says of that, relying_party.py makes a level of the pool again.
"""

from __future__ import annotations

from collections.abc import Iterable

from cognomen.store.identity_providers import IdentityProvider

LOWEST = "Level1"


def asked(provider: IdentityProvider, levels: Iterable[str]) -> tuple[str, ...]:
    """What the provider calls these levels, the most wanted first; nothing for those that its AcrMapping does not have."""
    mapping = provider.acr_mapping
    return tuple(dict.fromkeys(mapping[level] for level in levels if level in mapping))
