"""Rows of identity providers: unique names and identifiers, one change at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cognomen.store import identity_providers, user_pools
from cognomen.store.database import AlreadyThere, Store
from cognomen.store.identity_providers import IdentityProvider, Kind
from tests.store.test_user_pools import a_pool


def a_provider(pool_id: str, name: str, *identifiers: str) -> IdentityProvider:
    return IdentityProvider(pool_id, name, "SAML", b"sealed", True, {"a": "b"}, identifiers, {}, 1, 1, 1)


async def test_a_provider_is_found_by_its_name_and_its_identifiers(store: Store, pool_id: str) -> None:
    added = a_provider(pool_id, "corp", "x", "y")
    await store.write(identity_providers.add, added)
    assert await store.read(identity_providers.by_name, pool_id, "corp") == added
    assert await store.read(identity_providers.by_identifier, pool_id, "y") == added
    assert await store.read(identity_providers.by_identifier, f"{pool_id}x", "y") is None
    assert await store.read(identity_providers.kinds_of, pool_id) == {"corp": Kind("SAML", True, True)}


async def test_a_name_and_an_identifier_are_one_providers(store: Store, pool_id: str) -> None:
    await store.write(identity_providers.add, a_provider(pool_id, "corp", "x"))
    for other in (a_provider(pool_id, "corp"), a_provider(pool_id, "other", "x")):
        with pytest.raises(AlreadyThere):
            await store.write(identity_providers.add, other)
    assert await store.read(identity_providers.by_name, pool_id, "other") is None


async def test_a_change_of_what_was_changed_since_is_not_written(store: Store, pool_id: str) -> None:
    added = a_provider(pool_id, "corp", "x")
    await store.write(identity_providers.add, added)
    changed = replace(added, starts_sign_in=False, idp_identifiers=("y",), modified_at=2)
    assert await store.write(identity_providers.change, changed)
    assert not await store.write(identity_providers.change, replace(added, idp_identifiers=("z",)))
    expected = replace(changed, version=2)
    assert await store.read(identity_providers.by_identifier, pool_id, "y") == expected
    for gone in ("x", "z"):
        assert await store.read(identity_providers.owner_of, pool_id, gone) is None


async def test_each_change_is_one_of_the_pool_s(store: Store, pool_id: str) -> None:
    await store.write(user_pools.add, a_pool(pool_id), ())
    seen = [await store.read(user_pools.version_of, pool_id)]
    added = a_provider(pool_id, "corp", "x")
    await store.write(identity_providers.add, added)
    seen.append(await store.read(user_pools.version_of, pool_id))
    await store.write(identity_providers.change, added)
    seen.append(await store.read(user_pools.version_of, pool_id))
    await store.write(identity_providers.remove, pool_id, "corp")
    seen.append(await store.read(user_pools.version_of, pool_id))
    assert len(set(seen)) == 4


async def test_what_is_removed_is_gone_with_its_identifiers(store: Store, pool_id: str) -> None:
    await store.write(identity_providers.add, a_provider(pool_id, "corp", "x"))
    assert await store.write(identity_providers.remove, pool_id, "corp")
    assert not await store.write(identity_providers.remove, pool_id, "corp")
    assert await store.read(identity_providers.owner_of, pool_id, "x") is None
