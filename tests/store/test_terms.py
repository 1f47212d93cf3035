from __future__ import annotations

from dataclasses import replace

import pytest

from cognomen.store import terms
from cognomen.store.database import AlreadyThere, Store
from cognomen.store.terms import Terms


def a_document(pool_id: str, id: str = "t1", client_id: str = "c1", name: str = "terms-of-use") -> Terms:
    return Terms(pool_id, id, client_id, name, "LINK", "NONE", {"cognito:default": "https://a.example"}, 1, 2)


async def test_a_document_comes_back_as_it_was_given(store: Store, pool_id: str) -> None:
    document = a_document(pool_id)
    await store.write(terms.add, document)
    assert await store.read(terms.by_id, pool_id, "t1") == document
    assert await store.read(terms.of_client, pool_id, "c1", "terms-of-use") == document
    changed = replace(document, name="privacy-policy", links={}, modified_at=9)
    assert await store.write(terms.change, changed)
    assert await store.read(terms.by_id, pool_id, "t1") == changed
    assert await store.read(terms.of_client, pool_id, "c1", "terms-of-use") is None
    assert await store.write(terms.remove, pool_id, "t1")
    assert not await store.write(terms.remove, pool_id, "t1")
    assert not await store.write(terms.change, changed)
    assert await store.read(terms.by_id, pool_id, "t1") is None


async def test_a_client_has_one_document_of_a_name(store: Store, pool_id: str) -> None:
    await store.write(terms.add, a_document(pool_id))
    privacy = a_document(pool_id, "t2", name="privacy-policy")
    await store.write(terms.add, privacy)
    with pytest.raises(AlreadyThere):
        await store.write(terms.add, a_document(pool_id, "t3"))
    with pytest.raises(AlreadyThere):
        await store.write(terms.change, replace(privacy, name="terms-of-use"))


async def test_a_page_is_of_one_pool_in_the_order_of_ids(store: Store, pool_id: str) -> None:
    other_pool = f"{pool_id}x"
    for number in (3, 1, 2):
        await store.write(terms.add, a_document(pool_id, f"t{number}", f"c{number}"))
    await store.write(terms.add, a_document(other_pool, "t1"))
    assert [each.id for each in await store.read(terms.all_of_pool, pool_id, "", 2)] == ["t1", "t2"]
    assert [each.id for each in await store.read(terms.all_of_pool, pool_id, "t2", 2)] == ["t3"]
    assert await store.read(terms.count, pool_id) == 3
    assert await store.read(terms.by_id, other_pool, "t2") is None
