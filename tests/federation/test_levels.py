"""Levels of a pool, as a provider calls them."""

from __future__ import annotations

from cognomen.federation import levels
from cognomen.store.identity_providers import IdentityProvider


def test_a_provider_is_asked_for_what_it_calls_a_level() -> None:
    mapping = {"Level2": "mfa", "Level3": "mfa", "Level4": "phr"}
    provider = IdentityProvider("p", "corp", "OIDC", b"", False, {}, (), mapping, 0, 0, 1)
    assert levels.asked(provider, ("Level4", "Level3", "Level2", "Level1")) == ("phr", "mfa")
