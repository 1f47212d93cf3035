"""Levels of a pool, as a provider calls them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cognomen.federation import levels
from cognomen.store.identity_providers import IdentityProvider

MAPPING = {"Level2": "mfa", "Level3": "mfa", "Level4": "phr"}
PROVIDER = IdentityProvider("p", "corp", "OIDC", b"", False, {}, (), MAPPING, 0, 0, 1)


def test_a_provider_is_asked_for_what_it_calls_a_level() -> None:
    assert levels.asked(PROVIDER, ("Level4", "Level3", "Level2", "Level1")) == ("phr", "mfa")


def test_it_vouches_for_the_highest_that_is_mapped() -> None:
    assert levels.highest(PROVIDER) == "Level4"
    assert levels.highest(replace(PROVIDER, acr_mapping={})) == "Level1"


@pytest.mark.parametrize(
    ("acr", "level"),
    [("phr", "Level4"), ("mfa", "Level3"), ("pwd", "Level1"), (None, "Level1"), (["phr"], "Level1")],
)
def test_what_a_provider_says_is_a_level_the_lowest_where_it_is_not_mapped(acr: object, level: str) -> None:
    assert levels.reached(PROVIDER, acr) == level
