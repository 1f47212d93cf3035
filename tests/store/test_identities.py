"""Rows of identities: each leads to one user."""

from __future__ import annotations

import pytest

from cognomen.store import identities
from cognomen.store.database import AlreadyThere, Store
from cognomen.store.identities import IdentityKey

ADA = IdentityKey("corp", "Cognito_Subject", "ada")


async def test_an_identity_leads_to_one_user(store: Store, pool_id: str) -> None:
    await store.write(identities.add, pool_id, ADA, "sub")
    with pytest.raises(AlreadyThere):
        await store.write(identities.add, pool_id, ADA, "other")
    assert await store.read(identities.owner_of, pool_id, ADA) == "sub"
    for other in (IdentityKey("Google", "Cognito_Subject", "ada"), IdentityKey("corp", "email", "ada")):
        assert await store.read(identities.owner_of, pool_id, other) is None


async def test_an_identity_is_removed_once(store: Store, pool_id: str) -> None:
    await store.write(identities.add, pool_id, ADA, "sub")
    assert await store.write(identities.remove, pool_id, ADA)
    assert not await store.write(identities.remove, pool_id, ADA)


async def test_all_identities_of_a_user_are_removed_and_those_of_others_stay(
    store: Store, pool_id: str
) -> None:
    bob = IdentityKey("corp", "Cognito_Subject", "bob")
    await store.write(identities.add, pool_id, ADA, "sub")
    await store.write(identities.add, pool_id, bob, "other")
    await store.write(identities.remove_all, pool_id, "sub")
    assert await store.read(identities.owner_of, pool_id, ADA) is None
    assert await store.read(identities.owner_of, pool_id, bob) == "other"
